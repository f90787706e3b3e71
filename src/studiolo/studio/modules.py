"""The modules of a workspace for a server that stays up: their files are looked at again when they change."""

from __future__ import annotations

import threading

from studiolo.domain.module import Declaration
from studiolo.domain.module_page import ModulePage, module_page
from studiolo.errors import StudioloError
from studiolo.studio.document_json import Json
from studiolo.workspace import Workspace

NOT_SHOWN = ("deterministic", "preload", "entry", "programs", "script_parameter", "passes_through")
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

    def page(self, name: str) -> ModulePage:
        """Give the help page of a module.

        Args:
            name: its id, or another name of it.

        Raises:
            UserError: `unknown-module` or `duplicate-module`.
        """
        self.refresh()
        return module_page(self._workspace.registry.get(name))

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
    for parameter in data["parameters"]:
        del parameter["accepts"]
    return {**{name: value for name, value in data.items() if name not in NOT_SHOWN}, "origin": origin}
