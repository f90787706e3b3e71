"""Watches a run on a terminal: a table that is drawn anew ten times a second, with log lines passing above it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from studiolo.cli.live_table import LiveTable
from studiolo.cli.log_lines import LogLines
from studiolo.cli.progress import is_of_interest, log_line
from studiolo.cli.region import Region
from studiolo.cli.screen import Screen
from studiolo.scheduler.progress import NodeEnded, NodeLogged, Progress

FRAME_SECONDS = 0.1
PATIENCE_SECONDS = 0.3
PENDING_LINES = 500


class LiveWatcher:
    """Shows a run while it goes on.

    A run that only reuses is over before anything is drawn. When the watcher is closed nothing is left but log lines.

    Args:
        screen: a terminal.
        has_logs: what the nodes print passes above the table, as `node | text`.
    """

    def __init__(self, screen: Screen, has_logs: bool) -> None:
        self._has_logs = has_logs
        self._began = time.monotonic()
        self._table = LiveTable(screen, self._began)
        self._region = Region(screen)
        self._logs = LogLines()
        self._passing: list[str] = []
        self._frame = 0
        self._is_at_work = False
        self._lock = threading.Lock()
        self._is_closed = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="studiolo-live", daemon=True)
        self._ticker.start()

    def __call__(self, event: Progress) -> None:
        """Take an event; the next frame shows it."""
        with self._lock:
            if self._is_closed.is_set():
                return
            if not isinstance(event, NodeLogged):
                self._table.take(event, time.monotonic())
            elif self._has_logs:
                self._pass(event.node, self._logs.add(event.node, event.text))
            if isinstance(event, NodeEnded):
                self._pass(event.node_run.node, self._logs.end(event.node_run.node))
            self._is_at_work = self._is_at_work or is_of_interest(event)
            if len(self._passing) >= PENDING_LINES:
                self._draw()

    def close(self) -> None:
        """Remove the table; log lines that have not been shown yet stay in its place."""
        self._is_closed.set()
        self._ticker.join()
        with self._lock:
            if self._passing or not self._region.is_empty:
                self._region.close(self._passing)
                self._passing = []

    def _pass(self, node: str, lines: Sequence[str]) -> None:
        self._passing += [log_line(node, line) for line in lines]

    def _tick(self) -> None:
        while not self._is_closed.wait(FRAME_SECONDS):
            with self._lock:
                self._frame += 1
                if self._is_at_work or time.monotonic() - self._began > PATIENCE_SECONDS:
                    self._draw()

    def _draw(self) -> None:
        self._region.draw(self._table.lines(time.monotonic(), self._frame), self._passing)
        self._passing = []
