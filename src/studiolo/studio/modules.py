"""The modules of a workspace for a server that stays up: their files are looked at again when they change."""

from __future__ import annotations

import threading

from studiolo.domain.module import Declaration
from studiolo.errors import StudioloError
from studiolo.studio.document_json import Json
from studiolo.workspace import Workspace

Looks = tuple[tuple[str, int, int], ...]


class Modules:
    """Every module that experiments can use.

    Args:
        workspace: whose `modules/` may have further ones.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._looks = self._look()

    def refresh(self) -> bool:
        """Load the modules again if files of the workspace have changed; say whether they have."""
        with self._lock:
            looks = self._look()
            if looks == self._looks:
                return False
            self._workspace.reload_registry()
            self._looks = looks
            return True

    def to_json(self) -> Json:
        """Give all modules and what is wrong with files that should give some, as `ModulesForm` has them."""
        self.refresh()
        registry = self._workspace.registry
        return {
            "modules": [_module(declaration, registry.origin(declaration.id)) for declaration in registry],
            "problems": [problem.to_json() for problem in self.problems()],
        }

    def problems(self) -> list[StudioloError]:
        """Give what is wrong with files that should give modules."""
        return list(self._workspace.registry.problems)

    def _look(self) -> Looks:
        found = []
        for path in sorted((self._workspace.path / "modules").glob("*.py")):
            try:
                facts = path.stat()
            except OSError:
                continue
            found.append((path.name, facts.st_mtime_ns, facts.st_size))
        return tuple(found)


def _module(declaration: Declaration, origin: str) -> Json:
    data = declaration.to_json()
    left_out = ("deterministic", "preload", "entry")
    return {**{name: value for name, value in data.items() if name not in left_out}, "origin": origin}
