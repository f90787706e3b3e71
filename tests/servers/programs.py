"""Finds and runs the programs of servers; what no Debian package has is installed into a cache the first time."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "studiolo-tests"


def free_port() -> int:
    """Give a TCP port that nobody listens on."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


def azurite_program() -> list[str]:
    """Give the command of the Azure emulator; it is installed by its name from npm into a cache the first time."""
    folder = CACHE / "azurite"
    program = folder / "node_modules" / ".bin" / "azurite-blob"
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is missing, which installs the Azure emulator")
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder), "azurite"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
        if done.returncode or not program.exists():
            pytest.skip(f"npm could not install azurite: {done.stderr[-300:]}")
    return [str(program)]


def moto_program() -> list[str]:
    """Give the command of the S3 server; it has an environment of its own, so that scripts do not see its packages."""
    python = CACHE / "moto" / "bin" / "python"
    uv = str(Path(sys.executable).parent / "uv")
    if not python.exists():
        for command in (
            [uv, "venv", "--quiet", "--python", sys.executable, str(CACHE / "moto")],
            [uv, "pip", "install", "--quiet", "--python", str(python), "moto[server]>=5"],
        ):
            done = subprocess.run(command, capture_output=True, text=True, timeout=600)
            if done.returncode:
                shutil.rmtree(CACHE / "moto", ignore_errors=True)
                pytest.skip(f"uv could not install moto: {done.stderr[-300:]}")
    return [str(python), "-m", "moto.server"]


def azurite_command(port: int, folder: Path) -> list[str]:
    """Give the command that serves blobs at a TCP port and keeps them in a folder."""
    words = ["--blobPort", str(port), "--location", str(folder), "--skipApiVersionCheck", "--silent"]
    return [*azurite_program(), *words]


@contextlib.contextmanager
def running(
    command: list[str], port: int, folder: Path, environment: dict[str, str] | None = None
) -> Iterator[None]:
    """Run a server until the end of the block, from when its TCP port is open."""
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, env={**os.environ, **(environment or {})}
        )
        try:
            wait_for(lambda: process.poll() is not None or is_open(port), 120)
            assert process.poll() is None, (folder / "output.txt").read_text()[-2000:]
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def is_open(port: int) -> bool:
    """Say whether somebody listens on a TCP port."""
    with socket.socket() as asking:
        asking.settimeout(1)
        return asking.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], Any], seconds: float = 120.0) -> Any:
    """Wait until a condition gives something true, and give that."""
    last = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < last, "it did not come to pass"
        time.sleep(0.05)
    return found
