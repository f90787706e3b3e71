"""Looks at paths that an author wrote; whatever text they are, it gives an answer and never an exception."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path, PurePosixPath

_DRIVE = re.compile(r"[A-Za-z]:")
_LISTED = 2_000


def is_path(text: str) -> bool:
    """Say whether a text can be a path at all: it has no NUL and can be encoded."""
    try:
        return bool(text.strip()) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def inside(folder: Path, name: str) -> Path | None:
    r"""Give the path of `name` in `folder`, or None when it leads out of it, also through links.

    Args:
        folder: where it has to lie.
        name: relative to it; `\` counts as `/`.
    """
    name = name.replace("\\", "/")
    if not is_path(name) or PurePosixPath(name).is_absolute() or _DRIVE.match(name):
        return None
    path = folder / name
    return path if is_under(path, folder) else None


def is_under(path: Path, folder: Path) -> bool:
    """Say whether a path lies in a folder or is it, links followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def parts_of(path: Path, folder: Path) -> tuple[str, ...]:
    """Give the parts of a path below a folder that it lies in, links followed."""
    return Path(os.path.realpath(path)).relative_to(os.path.realpath(folder)).parts


def what_is(path: Path) -> str | None:
    """Give `file`, `folder` or `other` for what lies there, links followed; None when nothing can."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def names_in(folder: Path) -> list[str]:
    """Give the names in a folder, sorted, at most 2,000 of them; none when it cannot be read."""
    try:
        with os.scandir(folder) as found:
            return sorted(entry.name for entry, _ in zip(found, range(_LISTED), strict=False))
    except OSError:
        return []
