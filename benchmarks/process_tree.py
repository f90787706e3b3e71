"""Measures the memory of a process and all its descendants while it works."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.places import ROOT

PAUSE_SECONDS = 0.005


def peak_memory(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a command and give the highest sum, in MB (10^6 bytes), of its processes' proportional memory.

    PSS counts a page that several processes map once in all, pages of mapped files among them. Sampled
    without pause, so the very top of a short peak may be missed.

    Raises:
        RuntimeError: the command failed, or no process could be looked at.
    """
    process = subprocess.Popen(
        list(command),
        env=dict(environment),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    peaks: list[int] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(PAUSE_SECONDS):
            peaks.append(sum(map(kilobytes, tree(process.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    said = process.communicate()[0]
    is_over.set()
    watcher.join()
    if process.returncode != 0 or not any(peaks):
        raise RuntimeError(f"{Path(command[0]).name} failed, or can't be looked at:\n{said.decode()[-2000:]}")
    return max(peaks) * 1024 / 1e6


def tree(pid: int) -> list[int]:
    """Give a process and its descendants, as far as they live."""
    found = [pid]
    for parent in found:
        for task in _names(Path(f"/proc/{parent}/task")):
            try:
                found += map(int, Path(f"/proc/{parent}/task/{task}/children").read_text().split())
            except OSError:
                continue
    return found


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def kilobytes(pid: int) -> int:
    """Give the PSS of a process; 0 when it has just ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
