"""Chooses and installs packages on top of an environment, or of none, into a folder of their own.

Nothing here starts an interpreter that sees what was installed: a wheel may bring `.pth` files and files that stand in
for Python's own, and those run at every start. Packages go to a plain folder beside the virtual environment (pip's
`--target`), so that they can't replace a file of it either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from studiolo.environments.environment import Environment, Package
from studiolo.environments.failures import cannot_resolve, needs_building
from studiolo.environments.installed import installed_packages
from studiolo.environments.lock import Lock
from studiolo.environments.making import Maker
from studiolo.environments.recipe import requirement_name
from studiolo.environments.tools import Done, uv

FOLDER = "packages"
_ADDED = re.compile(r"^ \+ (?P<name>[^=\s@]+)==(?P<version>\S+)(?: \(from (?P<address>\S+?)\))?$")
_WHEELS_ONLY = ("--only-binary", ":all:")
_BUILDING_IS_OFF = re.compile(r"building from source is disabled|has no usable wheels|have no usable wheels")
_NO_WHEEL = re.compile(r"(?:all versions of )?(\S+?)(?:[=<>]=?\S+)? ha(?:s|ve) no usable wheels")
_PIP_ALONE = """
import os, runpy, subprocess, sys
def refused(*_, **__):
    raise OSError("studiolo lets pip start no other program here")
subprocess.Popen.__init__ = os.system = os.popen = refused
sys.path.insert(0, sys.argv.pop(1))
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""
_NOT_FOUND = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)")


def choose(
    maker: Maker, requirements: Sequence[str], base: tuple[Environment, Lock] | None, who: str, sources: bool
) -> list[str]:
    """Give what has to be installed for some requirements beside what the base has, each with one version.

    Args:
        maker: of a folder for a virtual environment, which is thrown away afterwards.
        requirements: as pip writes them.
        base: built environment with its lock, none of whose versions changes.
        who: whose packages they are, for errors: `node clean`.
        sources: also versions that have to be compiled, which runs code of their authors.

    Raises:
        UserError: `cannot-resolve`, `needs-building` and what a maker raises.
    """
    asked, fixed = maker.scratch / "asked.txt", maker.scratch / "fixed.txt"
    asked.write_text("".join(f"{one}\n" for one in requirements), encoding="utf-8")
    fixed.write_text("".join(f"{one}\n" for one in (base[1].requirements if base else ())), encoding="utf-8")
    given = ["-c", str(fixed), "-r", str(asked), *(() if sources else _WHEELS_ONLY)]
    if base is None or not maker.is_uv:
        maker.create(seeds=("pip",))
    python = base[0].python if base else maker.python
    if maker.is_uv:
        done = maker.run([uv(), "pip", "install", "--dry-run", "--python", python, *given])
        if done.code:
            raise _refused(done, who, maker.interpreter.version)
        return [_pin(line) for line in done.lines if _ADDED.match(line)]
    out = maker.scratch / "chosen"
    if maker.interpreter.version.startswith("2."):
        # The last pip for Python 2 has a resolver that minds the base, but does not use it unasked.
        given.append("--use-feature=2020-resolver")
    command = [*_pip(maker, python, sources), "install", "--prefix", str(out), "--no-compile", *given]
    done = maker.run([*command, "--use-pep517"] if sources else command)
    if done.code:
        raise _refused(_with_sources_told(done, maker, python), who, maker.interpreter.version)
    return _installed_pins(out, maker.interpreter.version)


def install(maker: Maker, requirements: Sequence[str], sources: bool, who: str) -> None:
    """Make the virtual environment, and install exactly these requirements into the folder `packages` in it.

    Raises:
        UserError: `cannot-build`, `needs-building` and what a maker raises.
    """
    maker.create(seeds=())
    target = maker.folder / FOLDER
    target.mkdir()
    if not requirements:
        return
    file = maker.scratch / "requirements.txt"
    file.write_text("".join(f"{one}\n" for one in requirements), encoding="utf-8")
    given = ["--no-deps", "--target", str(target), "-r", str(file), *(() if sources else _WHEELS_ONLY)]
    if maker.is_uv:
        done = maker.run([uv(), "pip", "install", "--python", maker.python, *given])
    else:
        pip = Maker(maker.scratch / "pip", maker.interpreter, maker.scratch, maker.told, maker.held)
        pip.create(seeds=("pip",))
        command = [*_pip(pip, pip.python, sources), "install", "--no-compile", *given]
        done = maker.run([*command, "--use-pep517"] if sources else command)
    if done.code:
        if not sources and _source_only(done):
            raise needs_building(_source_only(done), who, maker.interpreter.version)
        raise maker.failed(done)


def site_folder(environment: Path, version: str) -> Path:
    """Give the folder for packages of a virtual environment."""
    return environment / f"lib/python{'.'.join(version.split('.')[:2])}/site-packages"


def _pip(maker: Maker, python: str, sources: bool) -> list[str]:
    """Give the command of pip: that of a virtual environment, run by any interpreter of the version.

    Args:
        maker: of the virtual environment with pip.
        python: the interpreter; what is installed for it counts as there.
        sources: it may compile. Else it can start no program, so that it builds nothing and asks no git, not even for
            an address that a wheel names as what it needs: there pip's `--only-binary` does not count.
    """
    where = site_folder(maker.folder, maker.interpreter.version)
    if sources:
        return [python, *maker.flags, str(where / "pip")]
    return [python, *maker.flags, "-c", _PIP_ALONE, str(where)]


def _pin(line: str) -> str:
    found = _ADDED.match(line)
    assert found is not None
    address = found["address"]
    return f"{found['name']} @ {address}" if address else f"{found['name']}=={found['version']}"


def _installed_pins(prefix: Path, version: str) -> list[str]:
    folder = site_folder(prefix, version)
    return [_installed_pin(folder, one) for one in installed_packages([str(folder)])]


def _installed_pin(folder: Path, package: Package) -> str:
    """Give the version of a package, or the address that it came from (PEP 610)."""
    try:
        told = json.loads(
            (folder / f"{package.name}-{package.version}.dist-info/direct_url.json").read_bytes()
        )
        address = told.get("url") if isinstance(told, dict) else None
    except (OSError, ValueError):
        address = None
    return f"{package.name} @ {address}" if address else f"{package.name}=={package.version}"


def _with_sources_told(done: Done, maker: Maker, python: str) -> Done:
    """Find out of pip whether a package that it did not find exists as source; it says so only when asked."""
    found = next((match for match in map(_NOT_FOUND.search, done.lines) if match), None)
    if found is None:
        return done
    asked = [*_pip(maker, python, False), "download", "-vv", "--no-deps", *_WHEELS_ONLY, found[1]]
    told = maker.run([*asked, "-d", str(maker.scratch / "download")])
    # Where there is a wheel of some version, something else is wrong with the versions that were asked for.
    if told.code and any("No sources permitted for" in line for line in told.lines):
        return Done(done.code, (*done.lines, f"{found[1]} has no usable wheels"))
    return done


def _source_only(done: Done) -> str:
    """Give the package that exists only as source; empty when that is not what went wrong."""
    text = " ".join(done.lines)
    found = _NO_WHEEL.search(text) if _BUILDING_IS_OFF.search(text) else None
    return requirement_name(found[1]) or "" if found else ""


def _refused(done: Done, who: str, version: str) -> Exception:
    package = _source_only(done)
    return needs_building(package, who, version) if package else cannot_resolve(who, done, is_node=True)
