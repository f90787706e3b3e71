"""Reads frames on the host: schemas from headers alone, full checks of hostile bytes, Arrow tables in place.

Does not import pandas or numpy, and loads pyarrow only where a function says so.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Column, Schema
from studiolo.errors import InternalError, WorkerError
from studiolo.store.frame_values import check_values
from studiolo_child.frames import layout

if TYPE_CHECKING:
    import pyarrow

# Frames up to this size are read, larger ones mapped: below it a copy is cheaper than a mapping.
_READ_BYTES = 256 * 1024
_FIRST_READ = 8 * 1024
HOSTILE_HEADER_LIMIT = 32 << 20
"""Longest header of a frame that a job wrote; one of 100,000 columns has about 8 MB."""


def read_schema(source: Path | str | bytes) -> Schema:
    """Give rows and columns of a stored frame from its header alone, without pyarrow.

    Args:
        source: path of the frame, or its bytes.

    Raises:
        InternalError: `damaged-frame`, the content in the store is not what was put there.
    """
    try:
        if isinstance(source, bytes):
            header, _ = layout.read_header(source)
        else:
            descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
            try:
                header = _header_of(descriptor)
            finally:
                os.close(descriptor)
    except layout.FrameError as error:
        raise _damaged(error) from error
    return _schema(header)


def check_frame(descriptor: int, size: int) -> Schema:
    """Check every byte of a frame that decides whether reading it is safe, and give its schema.

    What a job wrote is hostile until this returned (R-6.3): header and bounds, counts of missing values,
    offsets of texts, UTF-8, codes of categories, digits of decimals. The bytes must not change any more, so
    the descriptor is sealed before. Small frames are checked without pyarrow, large ones with it.

    Args:
        descriptor: open for reading; its position does not matter.
        size: length of the frame in bytes.

    Raises:
        WorkerError: `bad-result`, with the column at fault.
    """
    problem = view = None
    try:
        if size <= _READ_BYTES:
            view = memoryview(os.pread(descriptor, size, 0))
        else:
            view = memoryview(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ))
        if len(view) != size:
            raise layout.FrameError("the frame is cut off")
        header, start = layout.read_header(view, limit=HOSTILE_HEADER_LIMIT)
        check_values(view, start, header)
    except (OSError, ValueError) as error:  # FrameError, or a file that is shorter than `size`
        problem = str(error)
    if (
        problem is not None
    ):  # raised here: with the first error as its context it would keep the mapping alive
        raise _no_dataset(problem)
    return _schema(header)


def check_frame_bytes(view: memoryview) -> dict[str, Any]:
    """Check a frame that a job wrote and that nobody can change any more; give its header.

    Raises:
        WorkerError: `bad-result`.
    """
    problem: str | None = None
    try:
        header, start = layout.read_header(view, limit=HOSTILE_HEADER_LIMIT)
        check_values(view, start, header)
        found: dict[str, Any] = header
        return found
    except ValueError as error:  # FrameError
        problem = str(error)
    raise _no_dataset(problem)


def open_table(source: Path | str | int) -> pyarrow.Table:
    """Open a stored frame as a pyarrow.Table that lies in a read-only mapping; nothing is copied.

    Missing floats are NaN; `with_missing` of studiolo_child.frames.arrow_frames turns them into nulls. Loads
    pyarrow.

    Args:
        source: path of the frame, or a descriptor open for reading, which may be closed afterwards.

    Raises:
        InternalError: `damaged-frame`, the content in the store is not what was put there.
    """
    from studiolo_child.frames.arrow_frames import table_from_frame

    descriptor = source if isinstance(source, int) else os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        mapped = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        return table_from_frame(mapped)
    except (layout.FrameError, ValueError) as error:  # ValueError: an empty file can't be mapped
        raise _damaged(error) from error
    finally:
        if descriptor is not source:
            os.close(descriptor)


def empty_frame() -> bytes:
    """Give the frame of a dataset without rows and columns: what a port holds that nothing was written to."""
    return layout.write_header(0, [])  # type: ignore[no-any-return]


def _no_dataset(problem: str) -> WorkerError:
    return WorkerError(
        "bad-result",
        f"The job left a result that is not a dataset: {problem}.",
        "Return the DataFrame from the function; do not write to the descriptors of the worker.",
    )


def _header_of(descriptor: int) -> dict[str, Any]:
    size = os.fstat(descriptor).st_size
    head = os.pread(descriptor, min(size, _FIRST_READ), 0)
    length = int.from_bytes(head[8:16], "little")
    if len(head) < 16 + length <= min(size, 16 + layout.HEADER_LIMIT):
        head = os.pread(descriptor, 16 + length, 0)
    header: dict[str, Any]
    header, _ = layout.read_header(head, size)
    return header


def _schema(header: dict[str, Any]) -> Schema:
    return Schema(
        rows=header["rows"],
        columns=tuple(
            Column(
                name=column["name"],
                type=column["type"],
                missing=column["nulls"] if column["nulls"] >= 0 else None,
                role=column.get("role"),
                category=column.get("category"),
            )
            for column in header["columns"]
        ),
    )


def _damaged(error: Exception) -> InternalError:
    return InternalError(
        "damaged-frame",
        f"A dataset in the store is damaged: {error}.",
        "Run the node again with `--force`; if it happens twice, check the disk.",
    )
