"""Finds Python interpreters of a version on this machine: uv's, pyenv's, conda's, the system's."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studiolo.domain.requirements import python_fits
from studiolo.environments.asking import ask
from studiolo.environments.tools import UV_OLDEST
from studiolo.errors import UserError

VERSION = re.compile(r"[23](\.\d{1,3}){0,2}")
OWN_VARIABLE = "STUDIOLO_PYTHONS"
_NAME = re.compile(r"python(?P<version>\d(\.\d+)?)?")
_FOLDER = re.compile(r"(cpython-)?(?P<version>\d+\.\d+\.\d+)(-.*)?")


@dataclass(frozen=True)
class Interpreter:
    """A Python interpreter that is there and starts.

    Attributes:
        path: absolute path, through which it knows its folder.
        version: such as `3.6.15`.
        implementation: such as `cpython`.
        machine: such as `x86_64`.
        found_by: such as `pyenv`.
    """

    path: str
    version: str
    implementation: str
    machine: str
    found_by: str


def find(version: str) -> Interpreter:
    """Give the newest interpreter of a version; never one of another version.

    Args:
        version: such as `3.6`, `2.7` or `3.12.1`; what is left out may be anything.

    Raises:
        UserError: `missing-interpreter` with how to get it, or `wrong-value`.
    """
    if not VERSION.fullmatch(version):
        raise UserError(
            "wrong-value",
            f'"{version}" is no version of Python.',
            'Write it as in python = "3.6", "2.7" or "3.12.1".',
        )
    found = list(_of_version(version))
    if not found:
        raise _missing(version)
    return max(found, key=lambda one: _numbers(one.version))


def found_interpreters() -> list[Interpreter]:
    """Give every interpreter found, newest version first, one of each version."""
    known: dict[str, Interpreter] = {}
    for one in _of_version(""):
        known.setdefault(one.version, one)
    return sorted(known.values(), key=lambda one: _numbers(one.version), reverse=True)


def fitting(specifier: str) -> Interpreter:
    """Give the newest interpreter that a `requires-python` allows.

    Raises:
        UserError: `missing-interpreter` with how to get one.
    """
    known = found_interpreters()
    found = next((one for one in known if python_fits(specifier, one.version)), None)
    if found is None:
        there = ", ".join(one.version for one in known) or "none"
        named = re.search(r"[23]\.\d+", specifier)
        get = f"Install it with: {how_to_get(named[0])}\n" if named else ""
        raise UserError(
            "missing-interpreter",
            f'No Python on this machine fits requires-python "{specifier}". Found: {there}.',
            f"{get}Or name one that lies elsewhere: {OWN_VARIABLE}=/path/to/python",
            version=specifier,
        )
    return found


def how_to_get(version: str) -> str:
    """Give the command that installs an interpreter of a version.

    >>> how_to_get("3.6"), how_to_get("3.13")
    ('pyenv install 3.6.15', 'uv python install 3.13')
    """
    last = {"2.7": "2.7.18", "3.4": "3.4.10", "3.5": "3.5.10", "3.6": "3.6.15", "3.7": "3.7.17"}
    if _numbers(version)[:2] >= UV_OLDEST or version == "3":
        return f"uv python install {version}"
    return f"pyenv install {last.get(version, version)}"


def _missing(version: str) -> UserError:
    there = ", ".join(one.version for one in found_interpreters()) or "none"
    return UserError(
        "missing-interpreter",
        f"There is no Python {version} on this machine. Found: {there}.",
        f"Install it with: {how_to_get(version)}\n"
        f"Or name one that lies elsewhere: {OWN_VARIABLE}=/path/to/python",
        version=version,
    )


def _of_version(version: str) -> Iterator[Interpreter]:
    asked: set[str] = set()
    for path, found_by in _candidates(version):
        # Names save starting what cannot be it; what does not say is asked.
        told = _NAME.fullmatch(os.path.basename(path))  # noqa: PTH119
        named = told["version"] if told else None
        if named is None and found_by in ("pyenv", "uv"):
            told = _FOLDER.fullmatch(Path(path).parent.parent.name)
            named = told["version"] if told else None
        is_other = named and not (_begins(version, named) or _begins(named, version))
        real = os.path.realpath(path)
        if is_other or real in asked:
            continue
        asked.add(real)
        with contextlib.suppress(UserError):
            answer = ask(path, "")
            one = Interpreter(path, answer["version"], answer["implementation"], answer["machine"], found_by)
            if one.implementation == "cpython" and _begins(one.version, version):
                yield one


def _candidates(version: str) -> Iterator[tuple[str, str]]:
    """Give paths of programs that may be interpreters of a version, each with how it was found."""
    for path in os.environ.get(OWN_VARIABLE, "").split(os.pathsep):
        if path:
            yield os.path.abspath(path), OWN_VARIABLE  # noqa: PTH100
    home = Path(os.path.expanduser("~"))  # noqa: PTH111
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    uvs = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python")
    folders = [(folder, "pyenv") for folder in _inside(pyenv / "versions")]
    folders += [(folder, "uv") for folder in _inside(uvs)]
    for conda in _condas(home):
        folders += [(conda, "conda"), *((folder, "conda") for folder in _inside(conda / "envs"))]
    yield from ((str(folder / "bin/python"), found_by) for folder, found_by in folders)
    yield getattr(sys, "_base_executable", sys.executable), "studiolo's own"
    shims = os.path.realpath(pyenv / "shims")
    places = [(place, "PATH") for place in os.environ.get("PATH", "").split(os.pathsep)]
    places += [("/usr/bin", "the system"), ("/usr/local/bin", "the system")]
    places += [(str(folder / "bin"), "/opt") for folder in _inside(Path("/opt"))]
    for place, found_by in places:
        # A virtual environment would give its interpreter with its packages; pyenv's shims start others.
        is_own = Path(place, "../pyvenv.cfg").exists() or os.path.realpath(place) == shims
        if os.path.isabs(place) and not is_own:  # noqa: PTH117
            yield from ((path, found_by) for path in _programs(place, version))


def _programs(folder: str, version: str) -> list[str]:
    """Give the interpreters in a folder by their names; tries names where the version says which."""
    parts = version.split(".")
    if len(parts) > 1:
        names = ["python", f"python{parts[0]}", f"python{parts[0]}.{parts[1]}"]
    else:
        names = []
        with contextlib.suppress(OSError):
            names = sorted(name for name in os.listdir(folder) if _NAME.fullmatch(name))  # noqa: PTH208
    return [f"{folder}/{name}" for name in names if os.access(f"{folder}/{name}", os.X_OK)]


def _condas(home: Path) -> list[Path]:
    own = os.environ.get("CONDA_EXE")
    names = ("miniconda3", "anaconda3", "miniforge3", "mambaforge")
    found = [Path(own).parent.parent] if own else []
    return [folder for folder in [*found, *(home / name for name in names)] if folder.is_dir()]


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted((one for one in folder.iterdir() if (one / "bin").is_dir()), reverse=True)
    except OSError:
        return []


def _begins(version: str, beginning: str) -> bool:
    """Tell whether a version begins with the numbers of another: 3.12.1 with 3.12, not with 3.1."""
    return not beginning or f"{version}.".startswith(f"{beginning}.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
