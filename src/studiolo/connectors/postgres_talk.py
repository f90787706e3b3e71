"""Waits for a PostgreSQL server without stopping this program: other threads go on, and a cancelled run ends the wait.

libpq's own waiting calls keep Python's lock, so that one slow query would stop the whole studio.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

from psycopg import OperationalError, pq

from studiolo.connectors.http import check_cancel

_LOOKING_MS = 200
_IN_COPY = (pq.ExecStatus.COPY_IN, pq.ExecStatus.COPY_OUT, pq.ExecStatus.COPY_BOTH)


class Talk:
    """What goes over one connection to a server, which `connect` makes.

    Args:
        cancel: when set from another thread, the statement that runs is ended.
    """

    def __init__(self, cancel: threading.Event | None) -> None:
        self._cancel = cancel
        self.connection: pq.abc.PGconn

    def connect(self, parameters: bytes, seconds: float) -> str:
        """Connect and sign in; give what is wrong in the server's or the library's words, or an empty text.

        Raises:
            WorkerError: `cancelled`.
        """
        self.connection = pq.PGconn.connect_start(parameters)
        until = time.monotonic() + seconds
        status: int = pq.PollingStatus.WRITING
        while status in (pq.PollingStatus.READING, pq.PollingStatus.WRITING):
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
            elif count == 0:
                self._wait(False)
                self.connection.consume_input()
            else:
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
        while self.connection.is_busy():
            self._wait(False)
            try:
                self.connection.consume_input()
            except OperationalError:
                break
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
        asking = select.poll()
        asking.register(self.connection.socket, select.POLLIN | (select.POLLOUT if is_writing else 0))
        while not asking.poll(_LOOKING_MS):
            if self._cancel is not None and self._cancel.is_set():
                with suppress(OperationalError):
                    self.connection.get_cancel().cancel()
                check_cancel(self._cancel)
            if until is not None and time.monotonic() > until:
                return False
        return True
