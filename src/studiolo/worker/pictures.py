"""Collects the pictures that a script left in its working directory, after the job has gone.

Names come from the hostile child: no link is followed, nothing but a regular file is opened, nothing above the
working directory is reached, and counts and sizes are bounded.
"""

from __future__ import annotations

import os
import stat

from studiolo.worker.jobs import Picture

COUNT_LIMIT = 100
SIZE_LIMIT = 32 << 20
TOTAL_LIMIT = 128 << 20
DEPTH_LIMIT = 8

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def collect_pictures(work: int, names: tuple[str, ...]) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """Read the named pictures below the folder `work`; give them with a sentence for each one left out."""
    pictures: list[Picture] = []
    warnings: list[str] = []
    total = 0
    for name in names[:COUNT_LIMIT]:
        try:
            data = _read(work, name)
        except (OSError, ValueError) as error:
            warnings.append(f"The picture {name!r} was left out: {error}.")
            continue
        total += len(data)
        if total > TOTAL_LIMIT:
            warnings.append(
                f"The picture {name!r} and those after it were left out: more than {TOTAL_LIMIT >> 20} MiB."
            )
            break
        media_type = media_type_of(data)
        if media_type is None:
            warnings.append(f"The picture {name!r} was left out: it is no PNG, JPEG, SVG or HTML.")
            continue
        pictures.append(Picture(name, media_type, data))
    return tuple(pictures), tuple(warnings)


def media_type_of(data: bytes) -> str | None:
    """Tell a picture by its first bytes, not by its name; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    if start.startswith((b"<?xml", b"<svg", b"<!doctype svg")) and b"<svg" in data[:4096].lower():
        return "image/svg+xml"
    return None


def _read(work: int, name: str) -> bytes:
    parts = name.split("/")
    if not name or len(parts) > DEPTH_LIMIT or any(part in ("", ".", "..") for part in parts):
        raise ValueError("it is not a name below the working directory")
    opened: list[int] = []
    try:
        for part in parts[:-1]:
            opened.append(os.open(part, _FOLDER, dir_fd=opened[-1] if opened else work))
        descriptor = os.open(parts[-1], _FILE, dir_fd=opened[-1] if opened else work)
        opened.append(descriptor)
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise ValueError("it is not a regular file")
        if facts.st_size > SIZE_LIMIT:
            raise ValueError(f"it has {facts.st_size} bytes, more than {SIZE_LIMIT >> 20} MiB")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(SIZE_LIMIT)
    finally:
        for number in opened:
            os.close(number)
