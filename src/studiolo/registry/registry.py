"""The registry: from a module's id or old name to its declaration and the file that defines it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from studiolo.domain.experiment import Script
from studiolo.domain.module import Declaration
from studiolo.domain.nearest import did_you_mean, nearest
from studiolo.errors import StudioloError, UserError, Where
from studiolo.registry.checking import checked_declarations
from studiolo.registry.installed import InstalledEntry, installed_entries
from studiolo.registry.saved_dataset import SAVED_DATASET

DECLARATIONS = Path(__file__).parent.parent / "modules" / "declarations.json"
BUILT_IN = "built in"
FILE_LIMIT = 4 * 1024 * 1024

Described = list[dict[str, Any]]
"""Declarations in JSON form, as a jailed `describe` job reports them."""


def _nothing(digest: str) -> Described | None:
    return None


def _forget(digest: str, declarations: Described) -> None:
    return None


class Registry:
    """All modules by id, with their old names as aliases. Satisfies `graph.resolving.Declarations`.

    Attributes:
        problems: files that could not be described and ids that are declared twice.
    """

    def __init__(self) -> None:
        self.problems: list[StudioloError] = []
        self._raw: dict[str, Mapping[str, Any] | Declaration] = {}
        self._origin: dict[str, str] = {}
        self._source: dict[str, Script] = {}
        self._names: dict[str, str] = {}
        self._disputed: dict[str, UserError] = {}

    @classmethod
    def load(
        cls,
        workspace: Path | None = None,
        *,
        describe: Callable[[str, str], Described] | None = None,
        describe_installed: Callable[[str], Described] | None = None,
        remembered: Callable[[str], Described | None] = _nothing,
        remember: Callable[[str, Described], None] = _forget,
        installed: list[InstalledEntry] | None = None,
    ) -> Registry:
        """Load the built-in modules, those of installed packages and those of a workspace, in this order.

        The host runs no module: texts and entries that are not remembered go to the callbacks, which describe
        them in a jail. What fails is in `problems` and the rest is loaded.

        Args:
            workspace: folder whose `modules/*.py` are loaded; None for none.
            describe: takes a module file's text and its path relative to the workspace; gives declarations.
            describe_installed: takes an entry such as `package.file:function`; gives declarations.
            remembered: gives what was described before for a digest, or None.
            remember: keeps what was described for a digest; called only with declarations of the right form.
            installed: entries of installed packages; found on `sys.path` when None.
        """
        registry = cls()
        for raw in _built_in():
            registry.add(raw, BUILT_IN)
        registry.add(SAVED_DATASET, BUILT_IN)
        describing = _Describing(registry, remembered, remember)
        if describe_installed is not None:
            for entry in installed_entries() if installed is None else installed:
                describing.add_installed(entry, describe_installed)
        if describe is not None and workspace is not None:
            for path in sorted((workspace / "modules").glob("[!_]*.py")):
                describing.add_file(path, f"modules/{path.name}", describe)
        return registry

    def add(
        self, declaration: Mapping[str, Any] | Declaration, origin: str, source: Script | None = None
    ) -> None:
        """Add a module.

        Args:
            declaration: the noun or its JSON form, which is read when it is first asked for.
            origin: the file or package it comes from, for errors.
            source: the file that the job must bring along, for modules of the workspace.
        """
        if isinstance(declaration, Declaration):
            id, names = declaration.id, (declaration.name, *declaration.aliases)
        else:
            id, names = declaration["id"], (declaration["name"], *declaration.get("aliases", ()))
        if id in self._raw:
            self._dispute(id, origin)
            return
        self._raw[id] = declaration
        self._origin[id] = origin
        if source is not None:
            self._source[id] = source
        for name in names:
            self._names.setdefault(name.casefold(), id)

    def get(self, name: str) -> Declaration:
        """Give the declaration of an id, or of a name or old name whatever its case.

        Raises:
            UserError: `unknown-module` with the nearest one, or `duplicate-module` when two files declare it.
        """
        id = self._id(name)
        if id is None:
            raise self._unknown(name)
        if id in self._disputed:
            raise self._disputed[id]
        raw = self._raw[id]
        if not isinstance(raw, Declaration):
            raw = self._raw[id] = Declaration.from_json(raw)
        return raw

    def find(self, name: str) -> Declaration | None:
        """Give what `get` gives, or None where that raises."""
        try:
            return self.get(name)
        except UserError:
            return None

    def origin(self, id: str) -> str:
        """Give where a module comes from: `built in`, a workspace's file, or a package with its version."""
        return self._origin[id]

    def source(self, id: str) -> Script | None:
        """Give the workspace's file that defines a module; None for built-in and installed ones."""
        return self._source.get(id)

    def ids(self) -> list[str]:
        """Give all ids, sorted."""
        return sorted(self._raw)

    def __iter__(self) -> Iterator[Declaration]:
        return (self.get(id) for id in self.ids() if id not in self._disputed)

    def _id(self, name: str) -> str | None:
        return name if name in self._raw else self._names.get(name.casefold())

    def _unknown(self, name: str) -> UserError:
        is_near = nearest(name, (*self._raw, *self._names)) is not None
        hint = did_you_mean(name, (*self._raw, *self._names) if is_near else sorted(self._raw), "module")
        named = self._names.get(hint.removeprefix('Did you mean "').removesuffix('"?'))
        if named is not None:
            hint = f'Did you mean "{named}"?'
        broken = [problem for problem in self.problems if problem.where.file and not is_near]
        if broken:
            file, summary = broken[0].where.file, broken[0].summary
            hint += f" {summary}" if summary.startswith(str(file)) else f" {file} is broken: {summary}"
        return UserError("unknown-module", f'There is no module "{name[:100]}".', hint)

    def _dispute(self, id: str, origin: str) -> None:
        first = self._origin[id]
        if first == origin:
            summary = f'The module "{id}" is declared twice in {origin}.'
        else:
            summary = f'The module "{id}" is declared twice: {_said(first)} and in {origin}.'
        where = Where(file=origin) if origin.startswith("modules/") else None
        problem = UserError(
            "duplicate-module", summary, 'Give one of them another id: @module(id="…").', where
        )
        self._disputed.setdefault(id, problem)
        self.problems.append(problem)


class _Describing:
    """Adds modules that only a jail can describe to a registry."""

    def __init__(
        self,
        registry: Registry,
        remembered: Callable[[str], Described | None],
        remember: Callable[[str, Described], None],
    ) -> None:
        self.registry = registry
        self.remembered = remembered
        self.remember = remember

    def add_installed(self, entry: InstalledEntry, describe: Callable[[str], Described]) -> None:
        self._add(entry.package, entry.digest, lambda: describe(entry.entry), None)

    def add_file(self, path: Path, file: str, describe: Callable[[str, str], Described]) -> None:
        try:
            if not path.is_file() or path.stat().st_size > FILE_LIMIT:
                self._broken(file, f"it is no file or longer than {FILE_LIMIT} bytes.")
                return
            data = path.read_bytes()
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._broken(file, "it is not UTF-8 text.")
        except OSError as error:
            self._broken(file, f"it cannot be read ({error.strerror}).")
        else:
            digest = hashlib.sha256(data).hexdigest()
            self._add(file, digest, lambda: describe(text, file), Script(file, text))

    def _add(
        self, origin: str, digest: str, describe: Callable[[], Described], source: Script | None
    ) -> None:
        try:
            found = self.remembered(digest)
            declarations = checked_declarations(describe() if found is None else found)
        except StudioloError as problem:
            self.registry.problems.append(problem.at(file=origin))
            return
        except ValueError as problem:
            self._broken(origin, f"{problem}.")
            return
        if found is None:
            self.remember(digest, [declaration.to_json() for declaration in declarations])
        if not declarations:
            self._broken(origin, "it has no function with @module above it.")
        for declaration in declarations:
            self.registry.add(declaration, origin, source)

    def _broken(self, origin: str, reason: str) -> None:
        self.registry.problems.append(
            UserError(
                "broken-module",
                f"{origin} gives no modules: {reason}",
                "docs/errors/broken-module.md shows a module that works.",
                Where(file=origin),
            )
        )


def _built_in() -> list[dict[str, Any]]:
    declarations: list[dict[str, Any]] = json.loads(DECLARATIONS.read_bytes())
    return declarations


def _said(origin: str) -> str:
    return "it is built in" if origin == BUILT_IN else f"in {origin}"
