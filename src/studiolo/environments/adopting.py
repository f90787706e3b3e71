"""Takes an interpreter that is there, with what is installed for it, as an environment.

A recipe that adopts starts a program of this machine by path. Workspaces may come from strangers, so only paths
that this user has adopted are started: they are written down in the user's data folder.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from studiolo.environments.current import described, packages
from studiolo.environments.environment import Environment
from studiolo.environments.failures import storage_error
from studiolo.environments.lock import Lock, make_lock
from studiolo.environments.recipe import Recipe
from studiolo.environments.tools import data_folder
from studiolo.errors import UserError
from studiolo.store.temporary import TemporaryFile

_HINT = "Mend it, or adopt another: studiolo env adopt NAME PATH"


def interpreter_at(path: str) -> str:
    """Give the absolute path of the interpreter that `path` means.

    Args:
        path: of an interpreter, or of the folder of a virtual or conda environment.

    Raises:
        UserError: `missing-interpreter`.
    """
    given = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111
    tried = [f"{given}/bin/python", f"{given}/bin/python3"] if os.path.isdir(given) else [given]  # noqa: PTH112
    for one in tried:
        if os.path.isfile(one) and os.access(one, os.X_OK):  # noqa: PTH113
            return one
    raise UserError(
        "missing-interpreter",
        f'There is no Python interpreter at "{path}".',
        "Name an interpreter, or the folder of a virtual or conda environment that has bin/python.",
    )


def trust(python: str) -> None:
    """Write down that the user wants an interpreter to be started for environments.

    Raises:
        UserError: `environments-unwritable`, `environment-disk-full` or `no-data-folder`.
    """
    file = _trust_file(python)
    try:
        with TemporaryFile(file.parent, 0o600) as made:
            made.write(os.fsencode(python))
            made.place(file)
    except OSError as error:
        raise storage_error(error, file.parent) from error


def adopted_environment(recipe: Recipe, cache_folder: Path | None = None) -> Environment:
    """Describe the environment of a recipe that adopts, as it is now.

    Raises:
        UserError: `not-adopted`, `missing-interpreter` or `broken-environment`.
    """
    python = interpreter_at(recipe.adopted or "")
    if not _trust_file(python).is_file():
        raise UserError(
            "not-adopted",
            f'Environment "{recipe.name}" would start {python}, which you have not adopted.',
            f"If you trust it: studiolo env adopt {recipe.name} {python}",
        ).at(file=recipe.file or None)
    return described(recipe.name, python, _HINT, cache_folder)


def lock_installed(recipe: Recipe, environment: Environment) -> Lock:
    """Give what is installed in an adopted environment as a lock."""
    lines = [f"{one.name}=={one.version}" for one in packages(environment) if one.version]
    return make_lock(lines, python=environment.version, recipe_digest=recipe.digest)


def changes(lock: Lock, environment: Environment) -> list[str]:
    """Give how what is installed differs from a lock, a line each: `numpy 1.26.4, was 2.0.0`."""
    before = dict(one.split("==", 1) for one in lock.requirements if "==" in one)
    now = {one.name: one.version for one in packages(environment) if one.version}
    told = [f"Python {environment.version}, was {lock.python}"] if environment.version != lock.python else []
    told += [
        f"{name} {now[name]}, was {before.get(name, 'not there')}"
        for name in sorted(now)
        if before.get(name) != now[name]
    ]
    return told + [f"{name} is gone, was {before[name]}" for name in sorted(before) if name not in now]


def _trust_file(python: str) -> Path:
    name = hashlib.sha256(os.fsencode(python)).hexdigest()
    return data_folder() / "environments" / "adopted" / name
