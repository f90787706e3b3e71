"""Ends the work of a batch job from another thread: what fetches and sends looks at an event, jailed jobs are ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stop:
    """The wish that the work of one job end."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self._lock = threading.Lock()
        self._ends: list[Callable[[], None]] = []

    def set(self) -> None:
        """Ask for the end; does nothing the second time."""
        with self._lock:
            self.event.set()
            ends, self._ends = self._ends, []
        for end in ends:
            end()

    @contextmanager
    def ending(self) -> Iterator[Callable[[Callable[[], None]], None]]:
        """Give what notes how to end something, for as long as the block; called at once if it is too late."""
        noted: list[Callable[[], None]] = []

        def note(end: Callable[[], None]) -> None:
            with self._lock:
                is_late = self.event.is_set()
                if not is_late:
                    noted.append(end)
                    self._ends.append(end)
            if is_late:
                end()

        try:
            yield note
        finally:
            with self._lock:
                self._ends = [end for end in self._ends if end not in noted]
