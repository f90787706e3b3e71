"""Faults outside the scripts - listeners, logs, the database - end in a clear state, never in a run that hangs."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

from studiolo import Workspace
from studiolo.domain.run import NodeRun
from studiolo.errors import StudioloError
from studiolo.metadata import Metadata
from studiolo.scheduler.logs import NodeLog, log_path
from studiolo.scheduler.persisting import Finished, Persister
from studiolo.scheduler.progress import NodeEnded, NodeLogged, NodeStarted, Progress, RunEnded, RunStarted
from studiolo.store.blobs import BlobStore

from .conftest import START, chain


def test_a_listener_that_raises_does_not_disturb_the_run(workspace: Workspace) -> None:
    """`studiolo run | head` closes the pipe: the run ends as ever, the fault is told afterwards."""
    kinds: list[type[Progress]] = [RunStarted, NodeStarted, NodeLogged, NodeEnded, RunEnded]
    for kind in kinds:
        name = f"after-{kind.__name__.lower()}"
        chain(workspace, name, 3, "def azureml_main(df):\n    print('text')\n    return df\n")
        before = len(os.listdir("/proc/self/fd"))

        def listen(progress: Progress, kind: type[Progress] = kind) -> None:
            if isinstance(progress, kind):
                raise BrokenPipeError(kind.__name__)

        with pytest.raises(BrokenPipeError, match=kind.__name__):
            workspace.run(name, force=True, listener=listen)
        result = workspace.latest(name)
        assert result is not None
        assert [node.state for node in result.nodes.values()] == ["finished"] * 3
        if kind is not RunStarted:  # the first run opens the database and the pool
            assert len(os.listdir("/proc/self/fd")) == before


def test_nodes_may_be_called_anything_and_keep_their_logs(workspace: Workspace) -> None:
    """R-1.8: a name of 60 Chinese characters is short for a reader and too long for a file once escaped."""
    names = ["a/b", "c d", "\u65e5" * 60, "x" * 190]
    experiment = workspace.new_experiment("names").remove("script")
    for name in names:
        experiment.add(name, script="print('text')\n" + START)
    experiment.save()
    result = workspace.run("names")
    assert {name: node.log for name, node in result.nodes.items()} == dict.fromkeys(names, b"text\n")


def test_long_names_that_begin_alike_have_logs_of_their_own(tmp_path: Path) -> None:
    """What is cut from a name must not be what tells it from another."""
    first, second = (log_path(tmp_path, 1, "\u65e5" * 60 + end) for end in "ab")
    assert first != second
    NodeLog(first).close(b"text")
    assert first.read_bytes() == b"text"


def test_a_log_that_cannot_be_written_fails_its_node_clearly(workspace: Workspace) -> None:
    """The dispatcher's own thread closes logs: a fault there ended `run` in the middle and left the row `running`."""
    chain(workspace, "log", 2, "def azureml_main(df):\n    print('text')\n    return df\n")

    def listen(progress: Progress) -> None:
        if isinstance(progress, RunStarted):
            (workspace.places.runs / str(progress.number)).write_text(
                "a file where the logs' folder should be"
            )

    result = workspace.run("log", listener=listen)
    errors = {name: node.error and node.error.code for name, node in result.nodes.items()}
    assert (result.state, errors) == ("failed", {"n0": None, "n1": "internal"})


def test_a_last_row_is_stored_when_the_database_is_free_again(tmp_path: Path) -> None:
    """R-3.5: a failed node has nobody who could react to a locked database; its row must not be lost silently."""
    with Metadata(tmp_path / "db", busy_seconds=0.1) as metadata:
        number = metadata.create_run("e", {}, time.time())
        blocker = sqlite3.connect(tmp_path / "db", isolation_level=None, check_same_thread=False)
        blocker.execute("BEGIN IMMEDIATE")
        problems: list[StudioloError | None] = []

        def on_stored(problem: StudioloError | None) -> None:
            problems.append(problem)
            blocker.execute("ROLLBACK")

        persister = Persister(BlobStore(tmp_path / "blobs"), metadata)
        persister.put(Finished(NodeRun(number, "n", "failed"), (), on_stored, is_last=True))
        persister.close()
        blocker.close()
        assert [problem and problem.code for problem in problems] == ["metadata-locked"]
        assert [row.state for row in metadata.node_runs(number)] == ["failed"]
