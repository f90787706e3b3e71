"""Bounds how many computations go on at once and how many may wait; the newest ones win."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from studiolo.errors import UserError


class Gate:
    """Lets `width` computations of Arrow in; of those that wait beyond `line`, the oldest is turned away.

    Somebody who sorts a long table by one column after another wants only the last answer: the page has given
    up the earlier requests, and their threads must not pile up.

    Args:
        width: computations at once.
        line: how many may wait.
    """

    def __init__(self, width: int, line: int) -> None:
        self._free = width
        self._line = line
        self._lock = threading.Lock()
        self._waiting: deque[_Place] = deque()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Wait for a place and hold it through the block.

        Raises:
            UserError: `table-busy`, newer requests have taken the places.
        """
        self._enter()
        try:
            yield
        finally:
            _give_memory_back()
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            place = _Place()
            self._waiting.append(place)
            if len(self._waiting) > self._line:
                oldest = self._waiting.popleft()
                oldest.is_turned_away = True
                oldest.called.set()
        place.called.wait()
        if place.is_turned_away:
            raise UserError(
                "table-busy",
                "The studio computes other figures of tables at the moment, and newer requests came.",
                "Ask again in a moment.",
            )

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().called.set()
            else:
                self._free += 1


def _give_memory_back() -> None:
    """Give the system what Arrow took for the computation: it would keep it for the next one, gigabytes of it."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


class _Place:
    """One that waits."""

    def __init__(self) -> None:
        self.called = threading.Event()
        self.is_turned_away = False
