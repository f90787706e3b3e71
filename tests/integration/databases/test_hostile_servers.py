"""A server of a database, or who speaks in its place, gets no password, no endless wait and no stack trace (R-12.1)."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from studiolo.connectors.http import HttpLimits
from studiolo.connectors.postgres import Database, DatabaseLimits
from studiolo.connectors.postgres_reading import read_rows
from studiolo.errors import StudioloError
from studiolo.store.blobs import BlobStore

PASSWORD = "correct horse battery"
READY = b"Z" + struct.pack("!I", 5) + b"I"
Speak = Callable[[socket.socket], None]


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def heard(line: socket.socket, until: bytes) -> bytes:
    """Take in what a client says, up to a message of a kind; give all of it."""
    every = b""
    while True:
        head = _exactly(line, 5)
        body = _exactly(line, struct.unpack("!I", head[1:])[0] - 4)
        every += head + body
        if head[:1] == until:
            return every


def _exactly(line: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = line.recv(count - len(found))
        if not piece:
            raise ConnectionError("the client left")
        found += piece
    return found


def let_in(line: socket.socket) -> None:
    """Sign the client in without a password, and take its settings."""
    key = message(b"K", struct.pack("!II", 1, 2))
    line.sendall(message(b"R", struct.pack("!I", 0)) + key + READY)
    heard(line, b"Q")
    line.sendall(message(b"C", b"SET\0") + READY)


@contextmanager
def server(speak: Speak) -> Iterator[Database]:
    """Run a server that has no TLS and speaks to each client by `speak`; it never answers a wish to cancel."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        lines: list[socket.socket] = []

        def serve(line: socket.socket) -> None:
            with suppress(OSError):
                while True:
                    body = _exactly(line, struct.unpack("!I", _exactly(line, 4))[0] - 4)
                    if body[:4] == struct.pack("!I", 80877103):  # asks for TLS
                        line.sendall(b"N")
                    elif body[:4] == struct.pack("!I", 80877102):  # asks to cancel
                        return
                    else:
                        break
                speak(line)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    line, _ = listening.accept()
                    lines.append(line)
                    threading.Thread(target=serve, args=(line,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield Database("127.0.0.1", listening.getsockname()[1], "x", "ada", PASSWORD)
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for line in lines:
                line.close()


def reading(
    database: Database, folder: Path, cancel: threading.Event | None = None, seconds: int = 600
) -> str:
    """Read a query; give the code of the error."""
    limits = DatabaseLimits(statement_seconds=seconds)
    place = f"127.0.0.1:{database.tcp_port}"
    with pytest.raises(StudioloError) as caught:
        read_rows(
            database,
            BlobStore(folder / ".studiolo"),
            query="SELECT 1",
            network=[place],
            limits=limits,
            cancel=cancel,
        )
    assert PASSWORD not in str(caught.value)
    return caught.value.code


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once."""
    quick = HttpLimits(retries=1, backoff_seconds=0.001)
    monkeypatch.setattr("studiolo.connectors.postgres_reading.HttpLimits", lambda: quick)
    monkeypatch.setattr("studiolo.connectors.postgres._GRACE_SECONDS", 0)


def test_a_password_is_not_sent_as_it_is_over_an_unprotected_connection(tmp_path: Path) -> None:
    """Who sits between here and the server need only refuse TLS and ask for it."""
    got: list[bytes] = []

    def speak(line: socket.socket) -> None:
        line.sendall(message(b"R", struct.pack("!I", 3)))
        got.append(line.recv(4096))

    with server(speak) as database:
        assert reading(database, tmp_path) == "database-login"
    assert PASSWORD.encode() not in b"".join(got)


@pytest.mark.parametrize("talks", [False, True])
def test_a_cancelled_run_leaves_a_server_that_does_not_listen(tmp_path: Path, talks: bool) -> None:
    """Silent or talking without end, it must not keep the run, nor the whole studio, waiting (R-3.5)."""
    cancel, begun = threading.Event(), threading.Event()

    def speak(line: socket.socket) -> None:
        let_in(line)
        heard(line, b"Q")
        begun.set()
        notice = message(b"N", b"SNOTICE\0C00000\0Mhello\0\0")
        while talks:
            line.sendall(notice * 100)
        line.recv(1)

    with server(speak) as database:
        codes: list[str] = []
        thread = threading.Thread(target=lambda: codes.append(reading(database, tmp_path, cancel)))
        thread.start()
        assert begun.wait(60)
        cancel.set()
        thread.join(60)
        assert codes == ["cancelled"]


def test_a_server_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    """The bound of a statement holds also where the server does not heed it."""

    def speak(line: socket.socket) -> None:
        let_in(line)
        line.recv(4096)
        threading.Event().wait(600)

    with server(speak) as database:
        assert reading(database, tmp_path, seconds=1) == "database-unreachable"


def test_a_connection_that_breaks_in_the_middle_of_the_rows_is_tried_again_and_told(tmp_path: Path) -> None:
    """Half of the rows are never taken for all of them, and the error is no fault of ours."""
    tries: list[int] = []

    def speak(line: socket.socket) -> None:
        let_in(line)
        heard(line, b"Q")
        line.sendall(message(b"C", b"BEGIN\0") + READY)
        heard(line, b"S")
        line.sendall(message(b"1", b"") + READY)
        heard(line, b"S")
        column = b"x\0" + struct.pack("!IhIhih", 0, 0, 23, 4, -1, 0)
        line.sendall(message(b"t", b"\0\0") + message(b"T", b"\0\1" + column) + READY)
        heard(line, b"S")
        tries.append(1)
        copying = message(b"1", b"") + message(b"2", b"") + message(b"H", b"\0\0\1\0\0")
        line.sendall(copying + message(b"d", b"1\n") + b"d\0\0\1")
        line.shutdown(socket.SHUT_RDWR)

    with server(speak) as database:
        assert reading(database, tmp_path) == "database-unreachable"
    assert len(tries) == 2
