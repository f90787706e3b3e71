"""A plain virtual environment with PyTorch, made once: `python -m tests.torch_environment`.

It is what a person has who follows docs/environments.md: `python -m venv`, then pip; nothing of studiolo's. Kept in
the user's cache folder. Does not fetch a build with CUDA libraries, which are several gigabytes.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PACKAGES = ("torch==2.13.0", "numpy", "pandas", "matplotlib")


class TorchMissingError(Exception):
    """PyTorch cannot be had here."""


def torch_environment() -> Path:
    """Give the folder of the environment; makes it first, or waits for the process that does.

    Raises:
        TorchMissingError: the index that pip is set to has no build of it without CUDA for this Python.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "studiolo-tests"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"torch-{sys.version_info[0]}.{sys.version_info[1]}"
    done = folder / "done"
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.is_file() or done.read_text() != " ".join(PACKAGES):
            shutil.rmtree(folder, ignore_errors=True)
            _make(folder)
            done.write_text(" ".join(PACKAGES))
    return folder


def _make(folder: Path) -> None:
    python = str(folder / "bin/python")
    # A virtual environment of a virtual environment: its base is made one of.
    _run([getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(folder)])
    pip = [python, "-m", "pip", "install", "--quiet"]
    report = json.loads(_run([*pip, "--dry-run", "--ignore-installed", "--report", "-", *PACKAGES]))
    names = [one["metadata"]["name"].lower() for one in report["install"]]
    if any(name.startswith(("nvidia", "cuda", "triton")) for name in names):
        raise TorchMissingError(
            "pip would fetch a build of torch with CUDA libraries: set an index with CPU builds"
        )
    _run([*pip, *PACKAGES])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TorchMissingError(f"{' '.join(command[:4])}: {done.stderr.strip()[-500:]}")
    return done.stdout


if __name__ == "__main__":
    began = time.monotonic()
    try:
        print(f"PyTorch is ready in {torch_environment()} ({time.monotonic() - began:.0f} s).")
    except TorchMissingError as error:
        sys.exit(f"PyTorch cannot be had: {error}")
