"""Describes a built environment without starting its interpreter, which would run start-up files of its packages."""

from __future__ import annotations

from pathlib import Path

from studiolo.environments.added import FOLDER, site_folder
from studiolo.environments.asking import ask, outermost, shown
from studiolo.environments.environment import Environment
from studiolo.environments.interpreters import Interpreter

_OF_PACKAGES = ("site-packages", "dist-packages")


def closed_environment(
    name: str,
    folder: Path,
    interpreter: Interpreter,
    base: Environment | None,
    hint: str,
    cache_folder: Path | None = None,
) -> Environment:
    """Describe the environment that `added.install` has made in a folder; `lock_digest` is left empty.

    Args:
        name: of the environment.
        folder: of the environment.
        interpreter: that it was made of; this one is asked.
        base: environment that it adds to.
        hint: what to do when the interpreter does not work.
        cache_folder: see `current_environment`.

    Raises:
        UserError: `broken-environment`.
    """
    answer = dict(ask(interpreter.path, hint, cache_folder))
    python = str(folder / "bin/python")
    paths = [path for path in answer["paths"] if Path(path).name not in _OF_PACKAGES]
    paths += [str(site_folder(folder, interpreter.version)), str(folder / FOLDER)]
    paths += base.paths if base else ()
    answer |= {"prefix": str(folder), "exec_prefix": str(folder), "paths": paths, "editable": []}
    return Environment(
        name=name,
        python=python,
        version=answer["version"],
        implementation=answer["implementation"],
        prefix=str(folder),
        base_prefix=answer["base_prefix"],
        paths=tuple(dict.fromkeys(paths)),
        read_only=outermost([*shown(python, answer), *(base.read_only if base else ())]),
        lock_digest="",
        flags=tuple(answer["flags"]),
    )
