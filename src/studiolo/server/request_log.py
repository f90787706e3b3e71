"""Writes the request log from a thread of its own, many rows at a time, so that no request waits for the disk."""

from __future__ import annotations

import logging
import queue
import threading
import time

from studiolo.domain.service import RequestRow
from studiolo.services.registry import Services

FLUSH_SECONDS = 0.5
MOST_WAITING = 20_000
"""Rows that wait for the disk; further ones are dropped, and counted."""

log = logging.getLogger("studiolo.server")


class RequestLog:
    """The request log of one server process.

    Args:
        services: where the rows go.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._rows: queue.Queue[RequestRow | None] = queue.Queue(MOST_WAITING)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="request-log", daemon=True)
        self._thread.start()

    def add(self, row: RequestRow) -> None:
        """Note a request; never waits."""
        try:
            self._rows.put_nowait(row)
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Write what waits."""
        self._rows.put(None)
        self._thread.join(10)

    def _write(self) -> None:
        is_open = True
        while is_open:
            rows = [self._rows.get()]
            time.sleep(FLUSH_SECONDS if rows[0] is not None else 0)
            while not self._rows.empty():
                rows.append(self._rows.get_nowait())
            is_open = None not in rows
            try:
                self._services.log_requests([row for row in rows if row is not None])
            except Exception:  # a locked or full disk must not end the log
                log.exception("%d rows of the request log could not be written.", len(rows))
            if self._dropped:
                log.warning("%d rows of the request log were dropped: the disk is too slow.", self._dropped)
                self._dropped = 0
