"""Says what is alive: who runs it holds a lock on a file, which the kernel frees when the process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studiolo.store.failures import storing


class LifeLock:
    """The lock of one run or batch job.

    Args:
        folder: where the locks of its kind lie.
        name: of the run or job in it.
    """

    def __init__(self, folder: Path, name: int | str) -> None:
        self._path = folder / f"{name}.lock"
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

    def release(self, *, has_ended: bool = True) -> None:
        """Free the lock; its file goes when nobody can want it any more, so that all who look lock the same one."""
        if self._descriptor is not None:
            if has_ended:
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
