"""The database file opens, migrates, takes turns and fails in words."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studiolo.domain.run import NodeRun
from studiolo.errors import UserError
from studiolo.metadata import Metadata
from studiolo.metadata.schema import STEPS

PROCESSES = 4


def failure(path: Path, busy_seconds: float = 0.05) -> UserError:
    with pytest.raises(UserError) as caught:
        Metadata(path, busy_seconds=busy_seconds)
    return caught.value


def test_rows_survive_closing_and_opening(tmp_path: Path) -> None:
    """A run history that forgets is none (R-3.5)."""
    path = tmp_path / "with space & #.db"
    with Metadata(path) as metadata:
        metadata.create_run("churn", {"a": 1}, 1.0)
    for _ in range(2):
        with Metadata(path) as metadata:
            assert [run.number for run in metadata.runs()] == [1]


def test_rows_survive_a_process_that_never_closes(tmp_path: Path) -> None:
    """No acknowledged result is lost by kill -9 (R-12.3)."""
    code = (
        "import os, signal, sys; from pathlib import Path; from studiolo.metadata import Metadata\n"
        "metadata = Metadata(Path(sys.argv[1])); metadata.create_run('churn', {}, 1.0)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "studiolo.db"], timeout=60)
    with Metadata(tmp_path / "studiolo.db") as metadata:
        assert [(run.number, run.state) for run in metadata.runs()] == [(1, "running")]


def test_another_process_sees_a_change_at_once(tmp_path: Path) -> None:
    """`studiolo cancel` in another terminal has to reach the run (R-3.4)."""
    with Metadata(tmp_path / "studiolo.db") as host, Metadata(tmp_path / "studiolo.db") as other:
        number = host.create_run("churn", {}, 1.0)
        assert host.cancel_requested(number) is False
        assert other.request_cancel(number) is True
        assert host.cancel_requested(number) is True


def test_threads_share_one_object(tmp_path: Path) -> None:
    """The host's persister writes while others read."""
    failures: list[BaseException] = []
    with Metadata(tmp_path / "studiolo.db") as metadata:

        def work() -> None:
            try:
                for _ in range(20):
                    number = metadata.create_run("churn", {}, 1.0)
                    metadata.put_node_runs([NodeRun(number, "a", "finished", fingerprint="f")])
                    assert metadata.node_run(number, "a") is not None
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert [run.number for run in metadata.runs(limit=500)] == list(range(160, 0, -1))


def test_processes_make_and_use_one_database_at_once(tmp_path: Path) -> None:
    """Two terminals, one workspace, started at the same moment."""
    program = Path(__file__).with_name("write_beside_others.py")
    writers = [
        subprocess.Popen(
            [sys.executable, program, tmp_path / "studiolo.db"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    outcomes = [writer.communicate(timeout=60) for writer in writers]
    assert [told for _, told in outcomes] == [""] * PROCESSES
    numbers, versions = [], []
    for said, _ in outcomes:
        own = json.loads(said)
        numbers += own[0]
        versions += own[1]
    assert sorted(numbers) == sorted(versions) == list(range(1, 25 * PROCESSES + 1))
    with Metadata(tmp_path / "studiolo.db") as metadata:
        assert {run.state for run in metadata.runs(limit=500)} == {"finished"}
        assert sum(len(metadata.node_runs(number)) for number in numbers) == 5 * len(numbers)


def test_an_older_database_takes_the_missing_steps(tmp_path: Path) -> None:
    """An upgrade of studiolo keeps the history."""
    path = tmp_path / "studiolo.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA user_version = 0")
    connection.execute("CREATE TABLE unrelated (a)")
    connection.close()
    with Metadata(path) as metadata:
        assert metadata.create_run("churn", {}, 1.0) == 1
    connection = sqlite3.connect(path)
    facts = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "journal_mode")]
    connection.close()
    assert facts == [len(STEPS), "wal"]


def test_node_runs_of_before_there_were_metrics_are_read(tmp_path: Path) -> None:
    """The second step adds columns to rows that are there."""
    path = tmp_path / "studiolo.db"
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in STEPS[0]:
        connection.execute(statement)
    connection.execute("PRAGMA user_version = 1")
    connection.execute(
        "INSERT INTO runs (experiment, state, started, snapshot) VALUES ('churn', 'finished', 1, '{}')"
    )
    columns = "run, node, position, state, reason, parts, outputs, shapes, receipts, warnings, usage"
    row = "1, 'clean', 0, 'finished', 'first run', '{}', '{}', '{}', '{}', '[]', '{}'"
    connection.execute(f"INSERT INTO node_runs ({columns}) VALUES ({row})")
    connection.close()
    with Metadata(path) as metadata:
        assert metadata.node_runs(1) == [NodeRun(1, "clean", "finished", "first run")]


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    """An older studiolo must not write into tables that it does not know."""
    path = tmp_path / "studiolo.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    before = path.read_bytes()
    assert failure(path).code == "metadata-newer"
    assert path.read_bytes() == before


def test_a_locked_database_is_told_and_recovers(tmp_path: Path) -> None:
    """Database locked: a clear error, then recovery (R-12)."""
    path = tmp_path / "studiolo.db"
    with Metadata(path, busy_seconds=0.05) as metadata:
        number = metadata.create_run("churn", {}, 1.0)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError) as caught:
            metadata.create_run("churn", {}, 1.0)
        assert (caught.value.code, metadata.cancel_requested(number)) == ("metadata-locked", False)
        assert caught.value.summary.endswith("has been in use by another program for 0.05 seconds.")
        other.execute("ROLLBACK")
        other.close()
        assert metadata.create_run("churn", {}, 1.0) == 2


@pytest.mark.parametrize("damage", [b"not a database at all" * 100, None])
def test_a_damaged_database_is_told(tmp_path: Path, damage: bytes | None) -> None:
    """A failing disk or a stray program must not end in a stack trace."""
    path = tmp_path / "studiolo.db"
    with Metadata(path) as metadata:
        for _ in range(50):
            metadata.create_run("churn", {"text": "x" * 3000}, 1.0)
    shutil.copy(path, tmp_path / "copy.db")
    for rest in tmp_path.glob("studiolo.db-*"):
        shutil.copy(rest, tmp_path / rest.name.replace("studiolo", "copy"))
    connection = sqlite3.connect(tmp_path / "copy.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    broken = tmp_path / "copy.db"
    data = broken.read_bytes()
    broken.write_bytes(damage or data[:4096] + b"\xff" * (len(data) - 4096))
    with pytest.raises(UserError) as caught, Metadata(broken) as metadata:
        metadata.runs()
    assert caught.value.code == "metadata-damaged"


def test_a_place_that_cannot_hold_a_database_is_told(tmp_path: Path) -> None:
    """A workspace on a missing disk."""
    assert failure(tmp_path / "missing" / "studiolo.db").code == "metadata-unusable"
    assert failure(tmp_path).code == "metadata-unusable"
