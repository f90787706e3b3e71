"""Zips that lie: written byte by byte where the standard library writes only honest ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping


def zipped(files: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Give an honest zip of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return target.getvalue()


def with_modes(files: Iterable[tuple[str, int, bytes]]) -> bytes:
    """Give a zip whose entries have Unix modes: links, devices, pipes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, mode, content in files:
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, mode << 16
            archive.writestr(entry, content)
    return target.getvalue()


def entry(
    name: bytes, packed: bytes, size: int, offset: int, local: bytes | None = None, **more: int
) -> tuple[bytes, bytes]:
    """Give one entry's local part and its line in the directory.

    Args:
        name: in the directory.
        packed: deflated content.
        size: what the directory says of its length.
        offset: where the directory says that the local part begins.
        local: the name in the local part, when it is another.
        more: `crc`, `flags` and `packed_size` where they shall be wrong.
    """
    crc, flags, packed_size = more.get("crc", 0), more.get("flags", 0), more.get("packed_size", len(packed))
    own = name if local is None else local
    head = struct.pack(
        "<4s5H3L2H", b"PK\3\4", 20, flags, 8, 0, 0x21, crc, packed_size, size & 0xFFFFFFFF, len(own), 0
    )
    line = struct.pack(
        *("<4s4B4H3L5H2L", b"PK\1\2", 20, 3, 20, 0, flags, 8, 0, 0x21, crc, packed_size, size & 0xFFFFFFFF),
        *(len(name), 0, 0, 0, 0, 0o100644 << 16, offset & 0xFFFFFFFF),
    )
    return head + own + packed, line + name


def archive(parts: bytes, lines: list[bytes], count: int | None = None) -> bytes:
    """Join local parts and directory lines."""
    directory = b"".join(lines)
    number = len(lines) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, len(directory), len(parts), 0)
    return parts + directory + end


def deflated(data: bytes) -> bytes:
    """Give raw deflate, as zips hold it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def overlapping(count: int, size: int) -> bytes:
    """Give a zip of `count` entries that share the same compressed bytes."""
    content = bytes(size)
    packed, crc = deflated(content), zlib.crc32(content)
    part, _ = entry(b"0", packed, size, 0, crc=crc)
    return archive(part, [entry(b"%d" % n, packed, size, 0, crc=crc)[1] for n in range(count)])


def lying(size: int, claimed: int) -> bytes:
    """Give a zip whose one entry unpacks to `size` bytes where its directory says `claimed`."""
    content = bytes(size)
    part, line = entry(b"a", deflated(content), claimed, 0, crc=zlib.crc32(content))
    return archive(part, [line])


def nested(levels: int, fan: int) -> bytes:
    """Give a zip in a zip in a zip."""
    data = bytes(1 << 20)
    for _ in range(levels):
        data = zipped({f"{n}.zip": data for n in range(fan)})
    return data
