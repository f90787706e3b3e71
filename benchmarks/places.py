"""Where benchmarks work, and the commands they start."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
OWN_FOLDER = ROOT / ".bench-venv"
STUDIOLO = str(Path(sys.executable).with_name("studiolo"))


def own_folder() -> Path:
    """Give the git-ignored folder for everything that benchmarks make.

    It lies on the disk of the repository: a temporary folder may lie in memory, where waiting for the disk
    costs nothing.
    """
    OWN_FOLDER.mkdir(exist_ok=True)
    (OWN_FOLDER / ".gitignore").write_text("*\n")
    return OWN_FOLDER


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """Give an empty folder that goes away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"work-{name}-", dir=own_folder()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plain_environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give environment variables without the caller's own, so that no setting of theirs is measured."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(home), **(extra or {})}


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, str]:
    """Run a command to its end; give its wall time in seconds and what it printed.

    Raises:
        RuntimeError: it failed; the text is what it said.
    """
    began = time.perf_counter()
    done = subprocess.run(list(command), env=dict(environment), cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return seconds, done.stdout
