"""The base of the built-in transformations, which is that of everybody's own ones (studiolo.sdk.transformation)."""

from studiolo.sdk.transformation import Transformation

__all__ = ["Transformation"]
