"""Lists a zip and checks that it can serve as a script bundle; the check itself is the jail's own."""

from __future__ import annotations

import datetime
import io
import tempfile
from typing import IO, Any

import pyarrow as pa

from studiolo.formats.reading import ReadResult, Source
from studiolo.sdk import ModuleError
from studiolo_child.bundle import Bundle
from studiolo_child.failing import JobError


def read(source: Source) -> ReadResult:
    """List a zip after checking it: one row per file with name, size, compressed_size and modified.

    Raises:
        ModuleError: as `check`.
    """
    infos = [(entry.name, entry.info) for entry in check(source) if not entry.is_folder]
    table = pa.table(
        {
            "name": pa.array([name for name, _ in infos], pa.string()),
            "size": pa.array([info.file_size for _, info in infos], pa.int64()),
            "compressed_size": pa.array([info.compress_size for _, info in infos], pa.int64()),
            "modified": pa.array([_modified(info) for _, info in infos], pa.timestamp("us")),
        }
    )
    return ReadResult(table, [])


def check(source: Source) -> list[Any]:
    """Check that a zip can be unpacked safely, as it will be when a script uses it.

    Refused, with the entry's name: absolute names and names that lead out of the folder, links and devices,
    encryption, too many entries, and content that grows as only a zip bomb does.

    Returns:
        Its entries, each with `name`, `is_folder` and zipfile's `info`.

    Raises:
        ModuleError: `empty-file`, `bundle-damaged`, `bundle-unsafe`, `bundle-encrypted`, `bundle-too-large`.
    """
    if source.size == 0:
        raise ModuleError(f"{source.name} is empty.", code="empty-file")
    with _as_file(source) as file:
        try:
            with Bundle(file.fileno()) as bundle:
                return list(bundle.entries)
        except JobError as fault:
            summary = fault.summary.replace("The script bundle", source.name)
            raise ModuleError(summary, fault.hint, code=fault.code) from None


def _as_file(source: Source) -> IO[bytes]:
    """Open a source as a file with a descriptor."""
    opened = source.open()
    try:
        opened.fileno()
    except io.UnsupportedOperation:
        file = tempfile.TemporaryFile()  # noqa: SIM115
        file.write(opened.read())
        file.flush()
        return file
    return opened


def _modified(info: Any) -> datetime.datetime | None:
    try:
        return datetime.datetime(*info.date_time)
    except ValueError:
        return None
