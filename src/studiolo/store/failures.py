"""Turns what the operating system says about a disk into errors that a person can act on."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studiolo.errors import StudioloError, UserError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_HINT = "Free some space there and run again: what is finished already is kept and not computed again."


def size_text(size: int) -> str:
    """Give a size in bytes as people read it.

    >>> size_text(12), size_text(3_400_000), size_text(2_000_000_000)
    ('12 bytes', '3.4 MB', '2.0 GB')
    """
    for unit, length in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= length:
            return f"{size / length:.1f} {unit}"
    return f"{size} bytes"


def disk_full(folder: Path, needed: int | None, *, is_quota: bool = False) -> UserError:
    """Make the error of a full disk with its figures.

    Args:
        folder: where something was to be written; it, or a parent of it, exists.
        needed: bytes that were to be written, None when not known.
        is_quota: the user's quota is used up, not the disk.
    """
    facts = os.statvfs(_existing(folder))
    free = facts.f_bavail * facts.f_frsize
    if is_quota:
        what = "Your disk quota is used up"
    elif facts.f_files and not facts.f_favail:
        what = f"The disk of the workspace holds {facts.f_files} files and has no room for one more"
    else:
        what = "The disk of the workspace is full"
    asked = f"{size_text(needed)} to be written, " if needed is not None else ""
    summary = f'{what}: {asked}{size_text(free)} free at "{folder}".'
    return UserError(
        "workspace-disk-full", summary, _HINT, needed_bytes=needed, free_bytes=free, free_files=facts.f_favail
    )


def storage_error(error: OSError, folder: Path, needed: int | None = None) -> StudioloError:
    """Make the error that tells why nothing could be written to `folder`."""
    if error.errno in _FULL:
        return disk_full(folder, needed, is_quota=error.errno == errno.EDQUOT)
    reason = os.strerror(error.errno) if error.errno else str(error)
    hint = "Check that the folder exists, belongs to you and may be written."
    if error.errno == errno.EIO:
        hint = "The disk reported a fault; look at the system's log before you go on."
    return UserError("workspace-unwritable", f'Nothing can be written to "{folder}": {reason}.', hint)


@contextmanager
def storing(folder: Path, needed: int | None = None) -> Iterator[None]:
    """Turn an `OSError` of the block into the error that names `folder` and the figures.

    Raises:
        UserError: `workspace-disk-full` or `workspace-unwritable`.
    """
    try:
        yield
    except OSError as error:
        raise storage_error(error, folder, needed) from error


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
