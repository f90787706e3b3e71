"""Checks a zip before it is used as a script bundle, and lists what is in it."""

from __future__ import annotations

import datetime
import io
import stat
import zipfile
import zlib

import pyarrow as pa

from studiolo.formats.reading import ReadResult, Source, shown, unreadable
from studiolo.sdk import ModuleError

MOST_ENTRIES = 20_000
MOST_BYTES = 2 * 1024**3
MOST_RATIO = 200
SMALL = 16 * 1024**2
STEP = 1024**2


def read(source: Source) -> ReadResult:
    """List a zip after checking it: one row per file with name, size, compressed_size and modified.

    Raises:
        ModuleError: as `check`.
    """
    entries = check(source)
    files = [item for item in entries if not item.is_dir()]
    table = pa.table(
        {
            "name": pa.array([item.filename for item in files], pa.string()),
            "size": pa.array([item.file_size for item in files], pa.int64()),
            "compressed_size": pa.array([item.compress_size for item in files], pa.int64()),
            "modified": pa.array([_modified(item) for item in files], pa.timestamp("us")),
        }
    )
    return ReadResult(table, [])


def check(source: Source) -> list[zipfile.ZipInfo]:
    """Check that a zip can be unpacked safely, reading all of it once.

    Refused, with the entry's name: absolute names, names that lead out of the folder, links, devices, two
    entries of one name, encryption, more than 20,000 entries, more than 2 GiB in all, and entries of more
    than 16 MiB that grow more than 200-fold. Sizes are those found by unpacking, not those stated.

    Returns:
        The entries in the zip's order.

    Raises:
        ModuleError: `unreadable-file`, `unsafe-zip`, `encrypted-zip`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(source.read())) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise _unsafe(source, f"it has {len(entries)} entries, more than {MOST_ENTRIES}")
            seen: set[str] = set()
            for item in entries:
                _check_name(source, item, seen)
            total = 0
            for item in entries:
                total += _unpacked_size(source, archive, item, MOST_BYTES - total)
            return entries
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as fault:
        raise unreadable(source, "a zip", fault, "Check that the file is whole and really a zip.") from None


def _check_name(source: Source, item: zipfile.ZipInfo, seen: set[str]) -> None:
    name = item.filename
    parts = name.replace("\\", "/").rstrip("/").split("/")
    kind = stat.S_IFMT(item.external_attr >> 16)
    if name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":"):
        raise _unsafe(source, f"the entry {shown(name)} has an absolute name")
    if ".." in parts:
        raise _unsafe(source, f"the entry {shown(name)} leads out of its folder")
    if "" in parts[:-1] or not parts[0] or any(ord(character) < 32 for character in name):
        raise _unsafe(source, f"the entry {shown(name)} has an unusable name")
    if kind and kind not in (stat.S_IFREG, stat.S_IFDIR):
        raise _unsafe(source, f"the entry {shown(name)} is a link or a device")
    if item.flag_bits & 1:
        raise ModuleError(
            f"{source.name} is encrypted, beginning with the entry {shown(name)}.",
            "Make the zip again without a password.",
            code="encrypted-zip",
        )
    if "/".join(parts) in seen:
        raise _unsafe(source, f"the entry {shown(name)} occurs twice")
    seen.add("/".join(parts))


def _unpacked_size(source: Source, archive: zipfile.ZipFile, item: zipfile.ZipInfo, left: int) -> int:
    size = 0
    with archive.open(item) as stream:
        while piece := stream.read(STEP):
            size += len(piece)
            if size > left:
                raise _unsafe(source, f"unpacked it is larger than {MOST_BYTES // 1024**3} GiB")
            if size > SMALL and size > MOST_RATIO * max(item.compress_size, 1):
                raise _unsafe(source, f"the entry {shown(item.filename)} grows more than {MOST_RATIO}-fold")
    return size


def _modified(item: zipfile.ZipInfo) -> datetime.datetime | None:
    try:
        return datetime.datetime(*item.date_time)
    except ValueError:
        return None


def _unsafe(source: Source, why: str) -> ModuleError:
    return ModuleError(
        f"{source.name} is no safe zip: {why}.",
        "Make the zip again from a plain folder of files.",
        code="unsafe-zip",
    )
