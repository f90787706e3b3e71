"""Says which runs are alive: a run's host holds a lock on a file, which the kernel frees when the host dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studiolo.store.failures import storing


class RunLock:
    """The lock of one run."""

    def __init__(self, runs: Path, number: int) -> None:
        self._path = runs / f"{number}.lock"
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take the lock; give False when another process holds it.

        Raises:
            UserError: `workspace-unwritable` or `workspace-disk-full`.
        """
        with storing(self._path.parent):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Free the lock and remove its file."""
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def numbering(runs: Path) -> Iterator[None]:
    """Hold the right to begin, continue or bury runs; one process of the workspace at a time has it.

    Raises:
        UserError: `workspace-unwritable` or `workspace-disk-full`.
    """
    with storing(runs):
        descriptor = os.open(runs / "numbering.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
