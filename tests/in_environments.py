"""The environments that tests run scripts in: those of `--environment`, looked up and built where they are not yet.

A name is `current`, one of the ready-made, or the path of an interpreter or a virtual environment that holds pandas.
"""

from __future__ import annotations

import functools

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from studiolo.environments import Environment, packages
from studiolo.environments.adopting import interpreter_at
from studiolo.environments.current import described
from studiolo.environments.installed import normalised
from studiolo.environments.registry import Environments
from studiolo.errors import UserError

CURRENT = "current"
READY_MADE = ("designer-py36", "classic-py27", "classic-py35")


def environment_named(name: str) -> Environment:
    """Give an environment, built first where that is needed; skips the test when its Python is not on the machine.

    What cannot be built is tried once, not for every test.
    """
    found = _environment_named(name)
    if isinstance(found, UserError):
        raise found
    return found


@functools.cache
def _environment_named(name: str) -> Environment | UserError:
    if "/" in name:
        return described("adopted", interpreter_at(name), "Name another one.")
    environments = Environments()
    if name != CURRENT:
        try:
            environments.python_of(name)
        except UserError as error:
            if error.code == "missing-interpreter":
                pytest.skip(f"{name}: {error.summary}")
            return error
    try:
        return environments.get(name)
    except UserError as error:
        return error


@functools.cache
def versions(name: str) -> dict[str, str]:
    """Give the versions of `python` and of all packages of an environment, without building it."""
    if "/" in name or name == CURRENT:
        found = environment_named(name)
        return {**{normalised(one.name): one.version for one in packages(found)}, "python": found.version}
    locked = (one.split("==") for one in Environments().lock(name).requirements)
    return {
        **{normalised(package): version for package, version in locked},
        "python": Environments().recipe(name).python,
    }


def meets(name: str, needs: dict[str, str]) -> bool:
    """Say whether an environment has every package in a version such as `>=1.0`; an empty one means any."""
    has = versions(name)
    return all(
        package in has and SpecifierSet(wanted).contains(has[package], prereleases=True)
        for package, wanted in needs.items()
    )


def parameters(names: list[str]) -> list[object]:
    """Give names as parameters of a fixture; those of ready-made environments have the mark `ready_made`."""
    return [pytest.param(name, marks=pytest.mark.ready_made if name in READY_MADE else ()) for name in names]


def is_before(environment: Environment, version: str) -> bool:
    """Say whether the Python of an environment is older than a version."""
    return Version(environment.version) < Version(version)
