"""Lists what a page offers to choose from: environments with their packages, and files of the workspace."""

from __future__ import annotations

import os
from pathlib import Path

from studiolo.domain.reserved import reading_problem
from studiolo.environments.facts import EnvironmentFacts
from studiolo.environments.registry import Environments
from studiolo.errors import StudioloError, UserError
from studiolo.graph.paths import inside, parts_of, what_is
from studiolo.studio.document_json import Json
from studiolo.workspace import Workspace

MOST_FILES = 2_000


def environments_of(workspace: Workspace) -> list[Json]:
    """Give all environments without their packages, as `EnvironmentForm` has them."""
    known = Environments(workspace.path)
    return [{**_environment(workspace, known, name), "packages": []} for name in known.names()]


def environment_of(workspace: Workspace, name: str) -> Json:
    """Give an environment with its packages.

    Raises:
        UserError: `unknown-environment`.
    """
    known = Environments(workspace.path)
    if name not in known.names():
        known.recipe(name[:200])  # raises with the nearest name
    return _environment(workspace, known, name)


def files_of(workspace: Workspace, folder: str) -> list[Json]:
    """List a folder of the workspace: folders first, then files, without those that no node may read.

    Raises:
        UserError: `bad-path`.
    """
    root = workspace.path
    path = inside(root, folder) if folder.strip("/") else root
    if path is None or what_is(path) != "folder" or _is_reserved(root, path):
        raise UserError(
            "bad-path",
            f'"{folder[:200]}" is no folder of the workspace.',
            "Name a folder as in data/reference.",
        )
    found: list[Json] = []
    with os.scandir(path) as entries:
        for entry in entries:
            one = _file(root, Path(entry.path))
            if one is not None:
                found.append(one)
            if len(found) >= MOST_FILES:
                break
    return sorted(found, key=lambda one: (not one["is_folder"], one["path"]))


def _file(root: Path, path: Path) -> Json | None:
    kind = what_is(path)
    is_shown = path.name.isprintable() and inside(root, str(path.relative_to(root))) is not None
    if kind not in ("file", "folder") or not is_shown or _is_reserved(root, path):
        return None
    size = path.stat().st_size if kind == "file" else 0
    return {"path": path.relative_to(root).as_posix(), "is_folder": kind == "folder", "size": size}


def _is_reserved(root: Path, path: Path) -> bool:
    shown = path.relative_to(root).parts
    return bool(reading_problem(shown) or reading_problem(parts_of(path, root)))


def _facts(known: Environments, name: str) -> EnvironmentFacts:
    try:
        return known.show(name)
    except StudioloError as error:
        return EnvironmentFacts(name, "own", "", "", missing=error)


def _environment(workspace: Workspace, known: Environments, name: str) -> Json:
    facts = _facts(known, name)
    state = "ready" if facts.is_usable else "not-built"
    return {
        "name": name,
        "state": state if facts.missing is None else facts.missing.summary,
        "is_default": name == workspace.settings.environment,
        "python": facts.python,
        "summary": facts.description,
        "packages": [{"name": one.name, "version": one.version} for one in facts.packages],
    }
