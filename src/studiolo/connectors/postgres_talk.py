"""Waits for a PostgreSQL server without stopping this program: other threads go on, and a cancelled run ends the wait.

libpq's own waiting calls keep Python's lock, so that one slow query would stop the whole studio.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

from psycopg import NotSupportedError, OperationalError, pq

from studiolo.connectors.http import check_cancel

_LOOKING_MS = 200
_ENDING_SECONDS = 2.0
_STEPS = (pq.PollingStatus.READING, pq.PollingStatus.WRITING)
_IN_COPY = (pq.ExecStatus.COPY_IN, pq.ExecStatus.COPY_OUT, pq.ExecStatus.COPY_BOTH)


class Talk:
    """What goes over one connection to a server, which `connect` makes.

    Args:
        cancel: when set from another thread, the statement that runs is ended.
        silence_seconds: after which a server that says nothing is given up, as if it had broken off.
    """

    def __init__(self, cancel: threading.Event | None, silence_seconds: float) -> None:
        self._cancel = cancel
        self._silence = silence_seconds
        self.connection: pq.abc.PGconn

    def connect(self, parameters: bytes, seconds: float) -> str:
        """Connect and sign in; give what is wrong in the server's or the library's words, or an empty text.

        Raises:
            WorkerError: `cancelled`.
        """
        self.connection = pq.PGconn.connect_start(parameters)
        until = time.monotonic() + seconds
        status: int = pq.PollingStatus.WRITING
        while status in _STEPS:
            if self.connection.status == pq.ConnStatus.BAD:
                break
            if not self._wait(status == pq.PollingStatus.WRITING, until):
                return f"no answer within {seconds:g} seconds"
            status = self.connection.connect_poll()
        if status != pq.PollingStatus.OK or self.connection.status == pq.ConnStatus.BAD:
            return self.connection.error_message.decode("utf-8", "replace") or "the connection was refused"
        self.connection.nonblocking = 1
        return ""

    @property
    def is_alive(self) -> bool:
        """Whether the connection still stands."""
        return bool(self.connection.status == pq.ConnStatus.OK)

    def close(self) -> None:
        """End the connection; what was not committed is undone by the server."""
        self.connection.finish()

    def result(self) -> pq.abc.PGresult | None:
        """Give the last result of what was sent, or the first that is an error or the beginning of rows.

        Raises:
            WorkerError: `cancelled`.
        """
        last = None
        with suppress(OperationalError):  # the result tells it
            self._flush()
        while (found := self._next()) is not None:
            last = found
            if found.status in _IN_COPY:
                break
            if found.status == pq.ExecStatus.FATAL_ERROR:
                self._drain()
                break
        return last

    def rows(self) -> Iterator[bytes]:
        """Give the pieces of a `COPY … TO STDOUT`; what ended them is the next `result`.

        Raises:
            WorkerError: `cancelled`.
        """
        while True:
            count, data = self.connection.get_copy_data(1)
            if count > 0:
                yield bytes(data)
            elif count < 0 or not self._receive():
                return

    def put_rows(self, pieces: Iterable[bytes]) -> None:
        """Send the pieces of a `COPY … FROM STDIN`; whether they were taken is the next `result`.

        Raises:
            WorkerError: `cancelled`.
        """
        with suppress(OperationalError):  # the server says in its result why it takes no more
            for piece in pieces:
                while self.connection.put_copy_data(piece) == 0:
                    self._flush()
                self._flush()
            while self.connection.put_copy_end() == 0:
                self._flush()

    def _next(self) -> pq.abc.PGresult | None:
        while self.connection.is_busy() and self._receive():
            pass
        return self.connection.get_result()

    def _drain(self) -> None:
        for _ in range(100):  # after a lost connection the library may repeat itself
            if self._next() is None:
                return

    def _flush(self) -> None:
        while self.connection.flush():
            self._wait(True)
            self.connection.consume_input()

    def _wait(self, is_writing: bool, until: float | None = None) -> bool:
        """Wait until the server can be read or written; False when it took too long."""
        while True:
            # Each time, and not only while it is silent: a server may talk without end.
            if self._cancel is not None and self._cancel.is_set():
                self._end_statement()
                check_cancel(self._cancel)
            if _is_ready(self.connection.socket, is_writing, _LOOKING_MS):
                return True
            if until is not None and time.monotonic() > until:
                return False

    def _receive(self) -> bool:
        """Wait for the server and take in what it says; False when the connection is lost or given up."""
        if not self._wait(False, time.monotonic() + self._silence):
            with suppress(OSError), socket.socket(fileno=os.dup(self.connection.socket)) as line:
                line.shutdown(socket.SHUT_RDWR)  # else the library would wait on
        try:
            self.connection.consume_input()
        except OperationalError:
            return False
        return True

    def _end_statement(self) -> None:
        """Ask the server to end what it does, as long as it answers; else closing the connection has to do."""
        if not self.is_alive:
            return
        until = time.monotonic() + _ENDING_SECONDS
        with suppress(OperationalError, NotSupportedError):  # the second by libraries before version 17
            asking = self.connection.cancel_conn()
            try:
                asking.start()
                status: int = pq.PollingStatus.WRITING
                while status in _STEPS and time.monotonic() < until:
                    if _is_ready(asking.socket, status == pq.PollingStatus.WRITING, _LOOKING_MS):
                        status = asking.poll()
            finally:
                asking.finish()


def _is_ready(descriptor: int, is_writing: bool, wait_ms: int) -> bool:
    asking = select.poll()
    asking.register(descriptor, select.POLLIN | (select.POLLOUT if is_writing else 0))
    return bool(asking.poll(wait_ms))
