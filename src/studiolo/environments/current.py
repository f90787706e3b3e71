"""The environment `current`: the interpreter that studiolo itself runs on, as jailed scripts see it."""

from __future__ import annotations

import sys
from pathlib import Path

from studiolo.environments.asking import ask, shown
from studiolo.environments.environment import Environment, Package
from studiolo.environments.installed import installed_packages, lock_digest

NAME = "current"


def current_environment(cache_folder: Path | None = None, python: str | None = None) -> Environment:
    """Describe the environment `current`.

    Takes under 5 ms when the answer is cached, some 40 otherwise. Packages added, removed or upgraded, in a
    virtual environment or outside, are noticed at once; changed sources of an editable install are not.

    Args:
        cache_folder: where the answer is kept; `studiolo` in the user's cache folder when None.
        python: the interpreter; the running one when None.

    Raises:
        UserError: `broken-environment`: the interpreter does not start.
    """
    return described(
        NAME, python or sys.executable, "Reinstall studiolo in a fresh virtual environment.", cache_folder
    )


def described(name: str, python: str, hint: str, cache_folder: Path | None = None) -> Environment:
    """Describe an interpreter with what is installed for it as an environment.

    Args:
        name: of the environment.
        python: absolute path of the interpreter.
        hint: what to do when it does not work.
        cache_folder: see `current_environment`.

    Raises:
        UserError: `broken-environment`.
    """
    answer = ask(python, hint, cache_folder)
    paths = tuple(answer["paths"])
    return Environment(
        name=name,
        python=python,
        version=answer["version"],
        implementation=answer["implementation"],
        prefix=answer["prefix"],
        base_prefix=answer["base_prefix"],
        paths=paths,
        read_only=shown(python, answer),
        lock_digest=lock_digest(answer["version"], installed_packages(paths)),
        flags=tuple(answer["flags"]),
    )


def packages(environment: Environment) -> list[Package]:
    """List the packages installed in an environment, sorted by name."""
    return installed_packages(environment.paths)
