"""What is known of an environment without locking or building it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studiolo.environments.environment import Package
from studiolo.errors import StudioloError


@dataclass(frozen=True)
class EnvironmentFacts:
    """What is known of an environment without building it.

    Attributes:
        name: of the environment.
        kind: `current`, `ready-made`, `own` (of the workspace) or `adopted`.
        description: one line for people; may be empty.
        python: version; exact where an interpreter is there.
        packages: with their versions; empty while it was never locked.
        folder: where it is built or will be; None where nothing is built, or no interpreter is there.
        size_bytes: None when not built.
        missing: why it cannot be used here; None when it can.
        changed: for an adopted one, how it differs from its lock.
    """

    name: str
    kind: str
    description: str
    python: str
    packages: tuple[Package, ...] = ()
    folder: Path | None = None
    size_bytes: int | None = None
    missing: StudioloError | None = None
    changed: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether nothing has to be built before it is used."""
        return self.missing is None and (self.kind in ("current", "adopted") or self.size_bytes is not None)
