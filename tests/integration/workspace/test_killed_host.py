"""A host killed by SIGKILL at any moment loses nothing that was finished (R-3.4, R-12.3)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studiolo import Workspace
from studiolo.store.digest import digest_bytes

from .conftest import chain

SLOW = """import time

def azureml_main(df):
    time.sleep(0.08)
    df["x"] = df["x"] + 1
    return df
"""
LENGTH = 8
PROGRAM = "import sys; from studiolo import Workspace; Workspace(sys.argv[1]).run('chain')"


def descendants(pid: int) -> list[int]:
    """Give all processes below one, by /proc."""
    found = []
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            children = [int(text) for text in task.read_text().split()]
            found += children
            waiting += children
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Workspace.create(tmp_path / "work") as workspace:
        chain(workspace, "chain", LENGTH, SLOW)
    return tmp_path / "work"


def test_a_run_goes_on_after_its_host_was_killed_at_many_points(folder: Path) -> None:
    """Each kill leaves a whole store; the run keeps its number and ends with the right result."""
    numbers = set()
    for delay in (0.05, 0.3, 0.7, 0.9, 1.1, 1.3, 1.5, 1.2, 1.0):
        host = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], start_new_session=True)
        time.sleep(delay)
        host.send_signal(signal.SIGKILL)
        host.wait()
        with Workspace(folder) as workspace:
            runs = workspace.runs("chain")
            numbers |= {run.number for run in runs}
            for blob in workspace.blobs.blobs():
                path = workspace.blobs.path(blob.digest)
                assert digest_bytes(path.read_bytes()) == blob.digest
            if runs and runs[0].state == "finished":
                break
            assert all(run.state in ("interrupted", "finished") for run in runs)
    with Workspace(folder) as workspace:
        result = workspace.run("chain")
        assert result.is_ok
        last = result[f"n{LENGTH - 1}"].result_dataset
        assert last.head() == [{"x": LENGTH}, {"x": LENGTH + 1}, {"x": LENGTH + 2}]
        assert len(workspace.runs("chain")) <= 2


def test_no_process_outlives_a_killed_host(folder: Path) -> None:
    """R-6.1: launcher, zygote and jobs end with the host, without anyone's help."""
    host = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], start_new_session=True)
    deadline = time.monotonic() + 20
    while len(descendants(host.pid)) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    below = descendants(host.pid)
    host.send_signal(signal.SIGKILL)
    host.wait()
    deadline = time.monotonic() + 2
    while any(is_alive(pid) for pid in below) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(below) >= 4
    assert [pid for pid in below if is_alive(pid)] == []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
