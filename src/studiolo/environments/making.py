"""Makes empty virtual environments and installs packages into them, by uv or, for old Pythons, virtualenv and pip."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from studiolo.environments.failures import cannot_build, checked_space
from studiolo.environments.interpreters import Interpreter
from studiolo.environments.tools import UV_OLDEST, VIRTUALENV, Done, data_folder, run, uv

Told = Callable[[str], None]
_TOOLS = ("pip", "setuptools", "wheel")


class Maker:
    """Makes one virtual environment.

    Args:
        folder: where it is to be; not there yet.
        interpreter: that it is made of.
        scratch: folder for temporary files, on the same disk.
        told: is given what is going on, a few words at a time.
        held: descriptors that programs keep open, see `tools.run`.
    """

    def __init__(
        self,
        folder: Path,
        interpreter: Interpreter,
        scratch: Path,
        told: Told,
        held: tuple[int, ...] = (),
    ) -> None:
        self.folder = folder
        self.python = str(folder / "bin/python")
        self.interpreter = interpreter
        self.scratch = scratch
        self.told = told
        self.held = held
        major, minor = (int(part) for part in interpreter.version.split(".")[:2])
        self.is_uv = (major, minor) >= UV_OLDEST
        self.flags = ["-I"] if major >= 3 else ["-E", "-s"]

    def create(self, seeds: Sequence[str] = _TOOLS) -> None:
        """Make the environment, empty but for pip where virtualenv makes it.

        Args:
            seeds: what virtualenv puts in of `pip`, `setuptools` and `wheel`; uv puts nothing in.

        Raises:
            UserError: `cannot-build`, `environment-disk-full` or `missing-uv`.
        """
        if self.is_uv:
            command = [uv(), "venv", "--no-project", "--python", self.interpreter.path, str(self.folder)]
        else:
            self.told("virtualenv")
            tools = self._virtualenv()
            command = [str(tools / "bin/python"), "-I", "-m", "virtualenv", "--no-periodic-update"]
            command += ["--no-download", "--app-data", str(tools / "app-data")]
            command += [f"--no-{name}" for name in _TOOLS if name not in seeds]
            command += ["--python", self.interpreter.path, str(self.folder)]
        done = self.run(command)
        if done.code:
            raise self._failed("The virtual environment", done)

    def install(
        self, requirements: Sequence[str], *, last: Sequence[str] = (), keeps_pip: bool = False
    ) -> None:
        """Install exactly these requirements, nothing that they depend on.

        Args:
            requirements: in any order.
            last: those that are compiled when all of the others are there, one after the other.
            keeps_pip: pip, setuptools and wheel stay as virtualenv brings them.

        Raises:
            UserError: `cannot-build`, `environment-disk-full`.
        """
        if self.is_uv:
            self._install([uv(), "pip", "install", "--python", self.python, "--no-deps"], requirements)
            for requirement in last:
                command = [
                    uv(),
                    "pip",
                    "install",
                    "--python",
                    self.python,
                    "--no-deps",
                    "--no-build-isolation",
                ]
                self._install(command, [requirement])
            return
        # What pip needs to work with comes at the end: it may be too old to install the rest.
        tools = [one for one in requirements if re.match(rf"({'|'.join(_TOOLS)})\b", one)]
        pip = [self.python, *self.flags, "-m", "pip", "install", "--no-deps"]
        self._install(pip, [one for one in requirements if one not in tools])
        for requirement in last:
            self._install(pip, [requirement])
        if not keeps_pip:
            self._install(pip, tools)

    def failed(self, done: Done) -> Exception:
        """Give the error of a program that could not install packages."""
        return self._failed(_package(done.lines), done)

    def run(self, command: Sequence[str]) -> Done:
        """Run a program of this making.

        Raises:
            UserError: `environment-disk-full`, or `cannot-build` when it cannot be started.
        """
        try:
            done = run(command, told=self._line, folder=self.scratch, held=self.held)
        except OSError as error:
            raise cannot_build(f"{command[0]}", str(error)) from None
        checked_space(done, self.folder)
        return done

    def _install(self, command: Sequence[str], requirements: Sequence[str]) -> None:
        if not requirements:
            return
        file = self.scratch / "requirements.txt"
        file.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        done = self.run([*command, "-r", str(file)])
        if done.code:
            raise self._failed(_package(done.lines), done)

    def _line(self, line: str) -> None:
        match = re.match(
            r"\s*(Collecting|Building wheels? for collected packages:|Building wheel for| \+) ?(\S+)", line
        )
        if match:
            self.told(match[2])

    def _failed(self, what: str, done: Done) -> Exception:
        return cannot_build(what, done.reason(), self.interpreter.version, done.lines)

    def _virtualenv(self) -> Path:
        """Give the environment that holds virtualenv, made the first time."""
        from studiolo.environments.folders import finished, is_finished, locked, remove_tree

        folder = data_folder() / "environments" / f"tool-{VIRTUALENV[0].replace('==', '-')}"
        with locked(folder, lambda: self.told("waiting for another studiolo")) as descriptor:
            if is_finished(folder):
                return folder
            remove_tree(folder)
            held = (*self.held, descriptor)
            python = getattr(sys, "_base_executable", sys.executable)
            own = str(folder / "bin/python")
            for command in (
                [uv(), "venv", "--no-project", "--python", python, str(folder)],
                [uv(), "pip", "install", "--python", own, "--no-deps", *VIRTUALENV],
            ):
                done = run(command, folder=self.scratch, held=held)
                checked_space(done, folder)
                if done.code:
                    remove_tree(folder)
                    raise cannot_build("virtualenv", done.reason(), lines=done.lines)
            finished(folder, {"packages": list(VIRTUALENV)})
        return folder


def _package(lines: Sequence[str]) -> str:
    """Give the package that pip or uv failed at, as far as they say."""
    patterns = (
        r"Failed building wheel for (\S+)",
        r"Could not build wheels for (\S+?),",
        r"No matching distribution found for (\S+)",
        r"Failed to (?:build|download|download and build|prepare) `([^`]+)`",
        r"Because there is no version of (\S+)",
        r"Because (\S+) was not found",
    )
    for pattern in patterns:
        for line in lines:
            match = re.search(pattern, line)
            if match:
                return match[1]
    return "A package"
