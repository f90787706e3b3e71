"""Lets a program leave a run where it is, as if its process had been killed."""

from __future__ import annotations

import threading
from collections.abc import Callable


class RunLeftError(Exception):
    """Somebody let go of a run: it stays unfinished, and the next run of the same work continues it."""


def leave_run() -> None:
    """Raise `RunLeftError`."""
    raise RunLeftError


class Leash:
    """Stops a run from another thread; its jobs are killed and it stays unfinished."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leave: Callable[[], None] | None = None
        self._is_left = False

    def leave(self) -> None:
        """Stop the run, or the one that is about to begin."""
        with self._lock:
            self._is_left = True
            if self._leave is not None:
                self._leave()

    def take(self, leave: Callable[[], None]) -> None:
        """Say how the run is stopped."""
        with self._lock:
            self._leave = leave
            if self._is_left:
                leave()
