"""Folders of built environments: made by one process at a time, used only when finished, write-protected."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from studiolo.store.temporary import TemporaryFile, sync_folder

_FINISHED = "built.json"


@contextlib.contextmanager
def locked(folder: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Keep other processes from making `folder`; waits for the one that is.

    Gives the descriptor that holds the lock. Programs that inherit it keep the lock should this process die.

    Args:
        folder: of an environment; the lock is a file beside it.
        waiting: is called once if another process has it.

    Raises:
        OSError: the lock cannot be made.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder.with_name(f"{folder.name}.lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def is_finished(folder: Path) -> bool:
    """Tell whether an environment was made to its end."""
    return facts_of(folder) is not None


def facts_of(folder: Path) -> dict[str, Any] | None:
    """Give what was written down when an environment was finished; None when it is not."""
    try:
        facts = json.loads((folder / _FINISHED).read_bytes())
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def finished(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write down that an environment is finished, so that it is used from now on, also after a crash.

    Raises:
        OSError: the disk is full or failed.
    """
    with TemporaryFile(folder) as file:
        file.write(json.dumps(facts, indent=1).encode())
        os.fsync(file.descriptor)
        file.place(folder / _FINISHED)
    sync_folder(folder)


def sweep(parent: Path) -> None:
    """Remove what killed processes have left half-built in `parent`; never what one is building, or finished."""
    for lock in sorted(parent.glob("*.lock")):
        folder = lock.with_suffix("")
        scratch = folder.with_name(f"{folder.name}.part")
        if scratch.exists() or (folder.is_dir() and not is_finished(folder)):
            with contextlib.suppress(OSError), lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not is_finished(folder):
                    remove_tree(folder)
                shutil.rmtree(scratch, ignore_errors=True)


def protect(folder: Path) -> int:
    """Take the right to write from all files and folders below `folder`, and give their size in bytes."""
    size = 0
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            path = f"{place}/{name}"
            facts = os.lstat(path)
            if stat.S_ISREG(facts.st_mode):
                size += facts.st_blocks * 512
                os.chmod(path, stat.S_IMODE(facts.st_mode) & ~0o222)  # noqa: PTH101
        if place != str(folder):
            os.chmod(place, stat.S_IMODE(os.lstat(place).st_mode) & ~0o222)  # noqa: PTH101
    return size


def remove_tree(folder: Path) -> None:
    """Remove an environment, finished or not; does nothing when it is not there.

    Raises:
        OSError: it cannot be removed.
    """
    if not folder.is_dir() or folder.is_symlink():
        return
    # First what makes it count: a removal that is cut short leaves nothing that would be used.
    folder.chmod(0o700)
    (folder / _FINISHED).unlink(missing_ok=True)
    for place, _, _ in os.walk(folder):
        os.chmod(place, 0o700)  # noqa: PTH101
    shutil.rmtree(folder)
