"""Lists the files of a zip from its central directory alone, whatever a hostile one claims."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

from studiolo.errors import UserError
from studiolo.studio.opened_tables import open_content

if TYPE_CHECKING:
    from studiolo.workspace import Workspace

MOST_ENTRIES = 10_000
MOST_DIRECTORY_BYTES = 32 << 20
NAME_CHARACTERS = 1_000
_COMMENT_BYTES = 65_535
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_IS_UTF8 = 1 << 11


def zip_listing(workspace: Workspace, digest: str) -> dict[str, Any]:
    """Give `entries`, at most 10,000 with name, size and is_folder, and `total`, how many the zip says it has.

    Reads the end of the file and at most 32 MiB of the directory; nothing is unpacked, so that sizes are what
    the zip claims.

    Raises:
        UserError: `unknown-content`, `missing-content`; `not-a-zip`, it is none or its directory is damaged.
    """
    descriptor = open_content(workspace, digest)
    try:
        return _listing(descriptor, os.fstat(descriptor).st_size)
    except (struct.error, ValueError, OverflowError) as error:
        reason = str(error) if type(error) is ValueError else "its directory is damaged"
        raise UserError(
            "not-a-zip",
            f"The files of the zip {digest[:12]} can't be listed: {reason}.",
            "Make the zip again, for example with `zip -r bundle.zip folder`.",
        ) from None
    finally:
        os.close(descriptor)


def _listing(descriptor: int, size: int) -> dict[str, Any]:
    total, length, offset = _directory(descriptor, size)
    data = os.pread(descriptor, min(length, MOST_DIRECTORY_BYTES), offset)
    is_whole = len(data) == length
    entries: list[dict[str, Any]] = []
    at = 0
    while len(entries) < min(total, MOST_ENTRIES):
        if not is_whole and at + _ENTRY.size + 3 * 65_535 > len(data):
            break
        entry, at = _entry(data, at)
        entries.append(entry)
    return {"entries": entries, "total": total}


def _directory(descriptor: int, size: int) -> tuple[int, int, int]:
    """Give number of entries, length and offset of the central directory."""
    tail_size = min(size, _END.size + _COMMENT_BYTES)
    tail = os.pread(descriptor, tail_size, size - tail_size)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise ValueError("it is no zip, or its end is missing")
    end = size - tail_size + at
    total, length, offset = _END.unpack_from(tail, at)[4:7]
    if 0xFFFF in (total,) or 0xFFFFFFFF in (length, offset):
        total, length, offset, end = _directory_64(descriptor, end, (total, length, offset))
    # Bytes may have been put before the zip; offsets count from its own beginning.
    start = end - length
    if start < 0 or offset > start or total * 46 > length:
        raise ValueError("its directory lies outside the file")
    return total, length, start


def _directory_64(descriptor: int, end: int, small: tuple[int, int, int]) -> tuple[int, int, int, int]:
    if end < _LOCATOR.size:
        return (*small, end)
    signature, _, offset, _ = _LOCATOR.unpack(os.pread(descriptor, _LOCATOR.size, end - _LOCATOR.size))
    if signature != b"PK\6\7":
        return (*small, end)
    place = end - _LOCATOR.size - _END_64.size  # where it is unless somebody extended it
    for candidate in (place, offset):
        if 0 <= candidate <= place:
            record = _END_64.unpack(os.pread(descriptor, _END_64.size, candidate))
            if record[0] == b"PK\6\6":
                return record[7], record[8], record[9], candidate
    raise ValueError("its directory is damaged")


def _entry(data: bytes, at: int) -> tuple[dict[str, Any], int]:
    record = _ENTRY.unpack_from(data, at)
    if record[0] != b"PK\1\2":
        raise ValueError("its directory is damaged")
    flags, size, name_length, extra_length, comment_length = record[5], record[11], *record[12:15]
    begin = at + _ENTRY.size
    name = data[begin : begin + name_length]
    if len(name) != name_length:
        raise ValueError("its directory is cut off")
    if size == 0xFFFFFFFF:
        size = _size_64(data[begin + name_length : begin + name_length + extra_length], size)
    text = name.decode("utf-8" if flags & _IS_UTF8 else "cp437", "replace")[:NAME_CHARACTERS]
    is_folder = text.endswith("/")
    entry = {"name": text, "size": size, "is_folder": is_folder}
    return entry, begin + name_length + extra_length + comment_length


def _size_64(extra: bytes, size: int) -> int:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1 and length >= 8 and at + 12 <= len(extra):
            return int(struct.unpack_from("<Q", extra, at + 4)[0])
        at += 4 + length
    return size
