"""The steps in which an environment is locked and built, as a watcher is told them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class BuildProgress:
    """What is going on while an environment is locked or built.

    Attributes:
        name: `waiting`, `resolving`, `creating`, `installing`, `compiling`, `checking` or `built`.
        detail: a package's name and the like; may be empty.
        fraction: how much of all is done, 0 to 1, None when not known.
    """

    name: str
    detail: str = ""
    fraction: float | None = None


Told = Callable[[BuildProgress], None]


def silent(step: BuildProgress) -> None:
    """Say nothing of a step."""
