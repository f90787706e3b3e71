"""Ctrl-C, SIGTERM, `studiolo cancel` and `logs --follow`: a run that is ended, or watched, from outside."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE_SECONDS = 30
WAITS = """\
import time


def azureml_main(dataframe1=None, dataframe2=None):
    print("waiting", flush=True)
    time.sleep(100)
"""
QUICK = "import pandas as pd\n\n\ndef azureml_main(a=None, b=None):\n    return pd.DataFrame({'a': [1]})\n"


@pytest.fixture(scope="module")
def shell(new_workspace, node_text):
    """A workspace with an experiment whose second node does not end by itself."""
    shell = new_workspace("endless")
    shell.experiment(
        "endless",
        node_text("quick")
        + node_text("waits", "inputs: {dataset1: quick.result_dataset}")
        + node_text("later", "inputs: {dataset1: waits.result_dataset}"),
        {"quick.py": QUICK, "waits.py": WAITS, "later.py": QUICK},
    )
    return shell


@pytest.fixture
def running(shell) -> Iterator[subprocess.Popen[str]]:
    """A run that waits in its second node."""
    process = shell.start("run", "endless", "--logs")
    assert process.stdout is not None
    seen = ""
    while "waits | waiting" not in seen:
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        seen += line
    yield process
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def children_of(pid: int) -> list[int]:
    """Give the processes that a process has started, and theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *children_of(int(child))]
    return found


def wait_until_gone(pids: list[int]) -> bool:
    """Wait until none of these processes is left."""
    until = time.monotonic() + PATIENCE_SECONDS
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int) -> bool:
    """Say whether a process does anything; one that waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def states(shell, number: int | None = None) -> dict[str, str]:
    """Give the state of each node in the latest run, or the one named."""
    args = ["show", "endless", "--json"] + (["--run", str(number)] if number else [])
    return {name: node["state"] for name, node in shell(*args).document["nodes"].items()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_one_signal_cancels_the_run_cleanly(
    shell, running: subprocess.Popen[str], number: signal.Signals
) -> None:
    """R-3.4: children gone, what finished is kept, the rest is cancelled; exit code 130."""
    children = children_of(running.pid)
    assert children
    running.send_signal(number)
    out, err = running.communicate(timeout=PATIENCE_SECONDS)
    assert (running.returncode, err) == (130, "")
    lines = out.splitlines()
    assert any(line.startswith("cancelled  waits") for line in lines)
    assert " cancelled in " in lines[-1] and lines[-1].endswith(("1 ran", "1 reused"))
    assert wait_until_gone(children)
    assert states(shell) == {"quick": states(shell)["quick"], "waits": "cancelled", "later": "cancelled"}
    assert states(shell)["quick"] in ("finished", "reused")


def test_a_signal_to_the_whole_group_is_what_a_terminal_sends(running: subprocess.Popen[str]) -> None:
    """Ctrl-C reaches workers too; they leave it to the host."""
    import os

    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=PATIENCE_SECONDS)
    assert (running.returncode, err) == (130, "")


def test_a_second_signal_ends_at_once_and_the_next_run_goes_on(shell, running: subprocess.Popen[str]) -> None:
    """Whoever presses twice does not want to wait; nothing that finished is lost."""
    children = children_of(running.pid)
    running.send_signal(signal.SIGINT)
    time.sleep(0.005)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 130
    assert wait_until_gone(children)
    assert shell("runs", "--limit", "1", "--json").document["runs"][0]["state"] in (
        "interrupted",
        "cancelled",
    )
    done = shell("run", "endless", "--to", "quick", "--json")
    assert (done.code, done.document["nodes"]["quick"]["state"]) == (0, "reused")


def test_cancel_ends_a_run_of_another_process(shell, running: subprocess.Popen[str]) -> None:
    """`studiolo cancel` from another terminal; the run itself says so and exits with 130."""
    number = shell("runs", "--limit", "1", "--json").document["runs"][0]["run"]
    done = shell("cancel", str(number))
    assert (done.code, done.out, done.err) == (0, f"Run {number}: cancelled.\n", "")
    running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 130
    again = shell("cancel", str(number))
    assert (again.code, again.out) == (0, f"Run {number} of endless has ended already: cancelled.\n")


def test_logs_follow_a_node_of_another_process_to_its_end(shell, running: subprocess.Popen[str]) -> None:
    """R-1.8: the log can be read while the node runs, from anywhere."""
    watching = shell.start("logs", "endless", "waits", "--follow")
    assert watching.stdout is not None
    assert watching.stdout.readline() == "waiting\n"
    assert watching.poll() is None
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=PATIENCE_SECONDS)
    out, err = watching.communicate(timeout=PATIENCE_SECONDS)
    assert (watching.returncode, out, err) == (0, "", "")
