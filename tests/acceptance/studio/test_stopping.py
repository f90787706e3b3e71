"""The studio ends soon, whatever it is asked at that moment, and nothing that lies in a folder keeps it waiting."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.acceptance.studio.conftest import EXAMPLES
from tests.acceptance.studio.studio_process import Answer, StudioProcess, copy_of

MOST_SECONDS = 15
"""Less than the ten seconds that requests once had and the thirty of a batch job, on a machine that does other work."""

TITLE = {"base": "", "changes": [{"op": "set", "path": ["title"], "before": None, "value": "other"}]}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[StudioProcess]:
    """A studio of the test's own."""
    with StudioProcess(copy_of(EXAMPLES / "diabetes", tmp_path / "work")) as studio:
        yield studio


def test_it_ends_while_a_body_is_still_sent(studio: StudioProcess) -> None:
    """An upload from a slow line goes on when the studio is there again (issue 6, 7)."""
    begun = studio.call("POST", "/api/uploads", {"file_name": "a.csv", "size": 1_000_000}).document
    with socket.create_connection((studio.host, studio.tcp_port)) as slow:
        slow.sendall(
            f"PUT /api/uploads/{begun['id']}?offset=0 HTTP/1.1\r\nHost: {studio.host}\r\n"
            f"Authorization: Bearer {studio.token}\r\nContent-Length: 1000000\r\n\r\na,b\n".encode()
        )
        studio.process.terminate()
        assert studio.process.wait(MOST_SECONDS) == 0
        assert b"studio-stopping" in slow.recv(1 << 16)


def test_it_ends_while_a_thread_waits_for_another_program(studio: StudioProcess) -> None:
    """A program that holds an experiment's lock cannot keep the studio alive."""
    folder = os.open(studio.folder / "experiments" / "diabetes", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        asking = threading.Thread(
            target=_quietly, args=(studio, "POST", "/api/experiments/diabetes/changes", TITLE)
        )
        asking.start()
        asking.join(1)
        studio.process.terminate()
        assert studio.process.wait(MOST_SECONDS) == 0
        asking.join(MOST_SECONDS)
    finally:
        os.close(folder)


def _quietly(studio: StudioProcess, *request: object) -> None:
    with suppress(OSError):
        studio.call(*request)  # type: ignore[arg-type]


def _script(file: str) -> dict[str, object]:
    value = {"module": "execute-python-script", "script": {"file": file, "text": "x = 1\n"}}
    return {
        "base": "",
        "changes": [{"op": "set", "path": ["nodes", "fresh"], "before": None, "value": value}],
    }


@pytest.mark.parametrize(
    "file", ["scripts/" + "a" * 300 + ".py", "experiment.yaml/a.py", "scripts/pipe.py/a.py"]
)
def test_a_script_whose_file_cannot_be_is_refused(studio: StudioProcess, file: str) -> None:
    """No name is looked for endlessly, which would hold the experiment's lock (R-12.2)."""
    os.mkfifo(studio.folder / "experiments" / "diabetes" / "scripts" / "pipe.py")
    answer = studio.call("POST", "/api/experiments/diabetes/changes", _script(file))
    assert (answer.status, answer.document["error"]["code"]) == (422, "script-outside")


def _written_to(studio: StudioProcess) -> Answer:
    changes = [{"op": "set", "path": ["nodes", "a", "script", "text"], "before": "", "value": "x = 1\n"}]
    return studio.call("POST", "/api/experiments/pipes/changes", {"base": "", "changes": changes})


ASKED: dict[str, Callable[[StudioProcess], Answer]] = {
    "list": lambda studio: studio.call("GET", "/api/experiments"),
    "document": lambda studio: studio.call("GET", "/api/experiments/pipes"),
    "change": _written_to,
    "copy": lambda studio: studio.call(
        "POST", "/api/experiments", {"name": "b", "start": "copy", "copy_of": "pipes"}
    ),
}


@pytest.mark.parametrize("what", ASKED)
def test_pipes_among_the_files_of_an_experiment_keep_nobody_waiting(studio: StudioProcess, what: str) -> None:
    """An archive may bring one; reading or writing it would wait for ever (bad input)."""
    folder = studio.folder / "experiments" / "pipes"
    (folder / "scripts").mkdir(parents=True)
    (folder / "experiment.yaml").write_text(
        "nodes:\n  a: {module: execute-python-script, script: scripts/a.py}\n"
    )
    os.mkfifo(folder / "layout.json")
    os.mkfifo(folder / "scripts" / "a.py")
    assert ASKED[what](studio).status in (200, 409, 422)
    shutil.rmtree(folder)
