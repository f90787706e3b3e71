"""The secrets of a workspace: passwords and keys by name, encrypted at rest, read by the host alone."""

from studiolo.secrets.store import SecretFacts, SecretStore

__all__ = ["SecretFacts", "SecretStore"]
