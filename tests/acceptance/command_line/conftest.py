"""What the tests of the command line share: a shell that runs the real command, and workspaces to run it in."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "studiolo.cli.main"]
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Done:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)

    def the_error(self) -> list[str]:
        """Standard error in lines."""
        return self.err.splitlines()


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Environment variables as a person has them; what would change the output or slow the start is left out."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(home), **more}


class Shell:
    """Runs `studiolo` in one folder."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home

    def __call__(self, *args: str, stdin: str | None = None, **environment: str) -> Done:
        done = subprocess.run(
            [*COMMAND, *args],
            cwd=self.folder,
            env=clean_environment(self.home, **environment),
            capture_output=True,
            text=True,
            input=stdin,
            timeout=TIMEOUT_SECONDS,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def inside(self, *args: str) -> Done:
        """Run a command in this process, which saves the start of Python: for the many that end at once."""
        from studiolo.cli.main import main

        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main.carry_out(list(args))
        for stream in (out, err):
            stream.seek(0)
        return Done(code, out.read(), err.read())

    def start(self, *args: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command with pipes, in a session of its own, so that signals reach it alone."""
        return subprocess.Popen(
            [*COMMAND, *args],
            cwd=self.folder,
            env=clean_environment(self.home, **environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file of the workspace."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            target.write_bytes(text)
        else:
            target.write_text(text, encoding="utf-8")
        return target

    def experiment(self, name: str, nodes: str, scripts: Mapping[str, str] | None = None) -> None:
        """Write an experiment: the text below `nodes:`, and scripts by file name."""
        self.write(f"experiments/{name}/experiment.yaml", f"name: {name}\nnodes:\n{nodes}")
        for file, text in (scripts or {}).items():
            self.write(f"experiments/{name}/scripts/{file}", text)


def script_node(name: str, *more: str) -> str:
    """Give the text of a script node, with further lines below it."""
    lines = [f"  {name}:", "    module: execute-python-script", f"    script: scripts/{name}.py"]
    return "\n".join([*lines, *(f"    {line}" for line in more)]) + "\n"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder without anybody's files."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Shell:
    """A shell in a folder that is no workspace."""
    return Shell(tmp_path_factory.mktemp("elsewhere"), home)


@pytest.fixture(scope="session")
def new_workspace(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Callable[[str], Shell]:
    """A function that gives a shell in a new workspace."""

    def make(name: str) -> Shell:
        shell = Shell(tmp_path_factory.mktemp(name), home)
        assert shell("init").code == 0
        return shell

    return make


@pytest.fixture(scope="session")
def node_text() -> Callable[..., str]:
    """A function that gives the text of a script node."""
    return script_node
