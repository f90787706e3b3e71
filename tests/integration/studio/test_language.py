"""An editor's language server knows the node's environment and bundle, and stays within its jail (R-1.9 (2))."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from studiolo import Workspace
from studiolo.environments import current_environment
from studiolo.errors import UserError
from studiolo.studio.languages_place import in_environment, place_of
from studiolo.studio.languages_talk import MOST_BYTES, LanguageServer, LanguageServerGone
from studiolo.studio.studio import Studio
from studiolo.worker.jobs import Job
from studiolo.worker.sending import Ends
from tests.integration.studio.served import Client, serving
from tests.integration.studio.speaking import Editor

SCRIPT = """\
import numpy as np
import pandas as pd

import mine


def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1.drop
    pd.read_csv(
    np.arang
    mine.gre
    __studiolo
    return dataframe1,
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, Client]]:
    folder = tmp_path_factory.mktemp("language") / "work"
    with Workspace.create(folder, "Test") as workspace:
        (folder / "code").mkdir()
        with zipfile.ZipFile(folder / "code" / "mine.zip", "w") as archive:
            archive.writestr(
                "mine.py", 'def greet(name):\n    """Say hello."""\n    return "hello " + name\n'
            )
        experiment = workspace.new_experiment("words")
        experiment.add("clean", script=SCRIPT, bundle="code/mine.zip")
        experiment.add("bare", script=SCRIPT)
        experiment.save()
        with serving(workspace) as opened:
            yield opened


@pytest.fixture
def studio(served: tuple[Studio, Client]) -> Studio:
    return served[0]


@pytest.fixture
def client(served: tuple[Studio, Client]) -> Client:
    return served[1]


def place_in(line: str) -> tuple[int, int]:
    """Give the place behind a piece of the script."""
    before = SCRIPT[: SCRIPT.index(line) + len(line)]
    return before.count("\n"), len(before.rpartition("\n")[2])


def test_it_completes_what_the_environment_has(client: Client) -> None:
    """Names come from the node's libraries; the parameters of azureml_main are known to be DataFrames."""
    with Editor(client.port, "words", "clean") as editor:
        told = editor.begin(SCRIPT)
        assert told == {
            "environment": "current",
            "python": current_environment().version,
            "is_complete": True,
            "note": "",
        }
        assert {"drop", "drop_duplicates", "dropna"} <= set(editor.completions(*place_in("dataframe1.drop")))
        assert editor.completions(*place_in("np.arang")) == ["arange"]


def test_the_files_of_the_bundle_are_known_where_there_is_one(client: Client) -> None:
    """R-1.5: what the script can import, the editor knows, and nothing else."""
    with Editor(client.port, "words", "clean") as editor:
        editor.begin(SCRIPT)
        assert editor.completions(*place_in("mine.gre")) == ["greet"]
    with Editor(client.port, "words", "bare") as editor:
        editor.begin(SCRIPT)
        assert editor.completions(*place_in("mine.gre")) == []


def test_it_explains_and_signs(client: Client) -> None:
    """Hovering and calls say what the library says."""
    with Editor(client.port, "words", "clean") as editor:
        editor.begin(SCRIPT)
        line, character = place_in("pd.read_csv(")
        label = editor.at("signatureHelp", line, character)["signatures"][0]["label"]
        assert label.startswith("def read_csv(filepath_or_buffer")
        assert "read_csv" in json.dumps(editor.at("hover", line, character - 3))


def test_what_was_added_behind_the_text_is_not_offered(client: Client) -> None:
    """The call of azureml_main that tells types is nobody's business."""
    with Editor(client.port, "words", "clean") as editor:
        editor.begin(SCRIPT)
        assert editor.completions(*place_in("__studiolo")) == []


def test_the_text_of_twenty_thousand_lines_is_completed(client: Client) -> None:
    """Large scripts stay usable."""
    lines = "\n".join(f"    value{number} = dataframe1['a{number}'] + {number}" for number in range(20_000))
    text = f"def azureml_main(dataframe1=None, dataframe2=None):\n{lines}\n    dataframe1.dropn\n"
    with Editor(client.port, "words", "bare") as editor:
        editor.begin(text)
        assert editor.completions(20_001, 20) == ["dropna"]


def test_an_unknown_node_and_what_is_no_message_are_refused(client: Client) -> None:
    """The page is told why, by the code that the socket is closed with."""
    with Editor(client.port, "words", "nothing") as editor, pytest.raises(ConnectionClosed) as ended:
        editor.hear()
    assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (4002, 'words has no node "nothing".')
    for text in ("[]", "no JSON", "1", '"text"', "{"):
        with Editor(client.port, "words", "bare") as editor:
            editor.begin("")
            editor.socket.send(text)
            with pytest.raises(ConnectionClosed) as ended:
                editor.hear()
            assert ended.value.rcvd.code == 4003


def test_what_only_looks_like_a_message_is_survived(client: Client) -> None:
    """A server that is sent nonsense of the right form goes on."""
    with Editor(client.port, "words", "clean") as editor:
        editor.begin(SCRIPT)
        for message in (
            {},
            {"method": 5},
            {"jsonrpc": "2.0", "id": {"a": 1}, "method": "no/such"},
            {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": None}},
        ):
            editor.socket.send(json.dumps(message))
        editor.socket.send(json.dumps({"jsonrpc": "2.0", "method": "x" * 1_000_000, "params": {}}))
        assert editor.completions(*place_in("np.arang")) == ["arange"]


def test_servers_end_with_their_editors(client: Client, tmp_path: Path) -> None:
    """No server outlives its editor, and eight at most are open at once."""
    editors = [Editor(client.port, "words", "bare") for _ in range(8)]
    for editor in editors:
        editor.begin("")
    with Editor(client.port, "words", "bare") as ninth, pytest.raises(ConnectionClosed) as ended:
        ninth.hear()
    assert ended.value.rcvd.code == 4002 and "8 script editors" in ended.value.rcvd.reason
    for editor in editors:
        editor.socket.close()
    for _ in range(100):
        try:
            with Editor(client.port, "words", "bare") as editor:
                editor.begin("")
                return
        except ConnectionClosed:
            time.sleep(0.1)
    raise AssertionError("the closed editors still count")


def test_an_environment_that_is_too_old_is_read_from_outside() -> None:
    """R-5: jedi-language-server needs Python 3.10; for older ones it runs in `current`, and says what is missing."""
    here = current_environment()
    assert not in_environment(here).is_read_only
    place = in_environment(here, can_run=False)
    assert place.runs_in.name == "current" and "from outside" in place.note


def test_a_node_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Errors say what is wrong, and what is near."""
    with Workspace.create(tmp_path / "work", "Test") as workspace:
        workspace.new_experiment("one")
        with pytest.raises(UserError) as told:
            place_of(workspace, "one", "scrpt")
        assert told.value.code == "unknown-node"


HOSTILE = {
    "no headers": b"x" * (1 << 21),
    "no length": b"Content-Type: text\r\n\r\n{}",
    "a huge length": b"Content-Length: %d\r\n\r\n" % (MOST_BYTES + 1),
    "a length of no number": b"Content-Length: 99999999999999999999\r\n\r\n",
    "a length below zero": b"Content-Length: -1\r\n\r\n",
    "no JSON": b"Content-Length: 3\r\n\r\n{{{",
    "no object": b"Content-Length: 2\r\n\r\n[]",
    "not Unicode": b"Content-Length: 4\r\n\r\n\xff\xfe\xff\xfe",
    "deep nesting": b"Content-Length: 100000\r\n\r\n" + b"[" * 100_000,
    "an end in the middle": b"Content-Length: 10\r\n\r\n{",
    "nothing": b"",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_no_language_server_says_ends_the_conversation(data: bytes) -> None:
    """The server runs in a jail: its words are those of whoever wrote its libraries (docs/security.md, 8)."""

    async def listen() -> None:
        ours, theirs = socket.socketpair()
        connection, other = socket.socketpair()
        other.close()
        log, status = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
        killed: list[str] = []
        ends = Ends(connection, log[0], -1, status[0], -1, {}, conversation=ours, kill=killed.append)
        server = LanguageServer(Job({}), ends)
        await server.attach()
        sending = asyncio.get_running_loop().run_in_executor(None, _send_and_close, theirs, data)
        with pytest.raises(LanguageServerGone):
            await asyncio.wait_for(server.receive(), 20)
        server.close()
        server.close()
        await sending
        os.close(log[1])
        os.close(status[1])
        assert killed == ["cancelled"]

    asyncio.run(listen())


def _send_and_close(connection: socket.socket, data: bytes) -> None:
    try:
        connection.sendall(data)
    except OSError:
        pass
    connection.close()


def test_a_server_that_dies_is_replaced(studio: Studio, client: Client) -> None:
    """The page opens the conversation again, and gets a new server from the same pool."""
    with Editor(client.port, "words", "bare") as editor:
        editor.begin("")
        for pid in studio.languages.process_ids():
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(ConnectionClosed) as ended:
            editor.hear()
        assert ended.value.rcvd.code == 4001
    with Editor(client.port, "words", "bare") as editor:
        editor.begin(SCRIPT)
        assert "dropna" in editor.completions(*place_in("dataframe1.drop"))
