"""Checks the values of a hostile frame: what the header can't promise and readers in C rely on.

Does not check that values under nulls are zero: that only matters to the digest of whoever wrote them.
"""

from __future__ import annotations

import struct
import sys
from itertools import pairwise
from typing import Any

from studiolo_child.frames import layout

# Below these, plain Python is faster than pyarrow, and spares a cold host its import.
_SMALL_ROWS = 2_000
_COLD_ROWS = 20_000
_SMALL_BYTES = 4 * 1024 * 1024
_CHUNK = 64 * 1024


def check_values(view: memoryview, start: int, header: dict[str, Any]) -> None:
    """Check the values of every column whose header and bounds `layout.read_header` accepted.

    Args:
        view: the whole frame.
        start: where its data begins.
        header: what `read_header` gave.

    Raises:
        FrameError: naming the column.
    """
    for number, column in enumerate(header["columns"], 1):
        try:
            _check_column(view, start, column, header["rows"])
        except layout.FrameError as error:
            raise layout.FrameError(f"column {number} `{column['name'][:80]}`: {error}") from None


def _check_column(view: memoryview, start: int, column: dict[str, Any], rows: int) -> None:
    kind = column["type"]
    buffers = [view[start + offset : start + offset + length] for offset, length in column["buffers"]]
    if column["nulls"] > 0:
        _check_bits(buffers[0], rows, rows - column["nulls"])
    if kind == "bool":
        _check_bits(buffers[1], rows, None)
    elif kind == "string" or kind == "bytes":
        _check_texts(buffers, rows, kind == "string")
    elif kind == "categorical":
        values = column["dictionary"]
        _check_codes(buffers[1], column["index"], values["rows"])
        _check_column(view, start, values, values["rows"])
        _check_distinct(view, start, values)
    elif kind.startswith("decimal"):
        _check_decimals(buffers[1], kind, rows)


def _check_bits(bits: memoryview, rows: int, present: int | None) -> None:
    """Check that unused bits are 0 and, where `present` is given, that so many bits are 1."""
    if rows % 8 and bits[-1] >> rows % 8:
        raise layout.FrameError("bits after the last row are set")
    if present is not None:
        counted = sum(
            int.from_bytes(bits[first : first + _CHUNK], "little").bit_count()
            for first in range(0, len(bits), _CHUNK)
        )
        if counted != present:
            raise layout.FrameError("the number of missing values is not that of its bits")


def _by_python(rows: int, length: int) -> bool:
    limit = _SMALL_ROWS if "pyarrow" in sys.modules else _COLD_ROWS
    return rows <= limit and length <= _SMALL_BYTES


def _check_texts(buffers: list[memoryview], rows: int, is_text: bool) -> None:
    offsets, data = buffers[1], buffers[2]
    first = int.from_bytes(offsets[:8], "little", signed=True)
    last = int.from_bytes(offsets[-8:], "little", signed=True)
    if first != 0 or last != len(data):
        raise layout.FrameError("its texts do not fill their buffer")
    if not _by_python(rows, len(data)):
        import pyarrow

        _validate(pyarrow.large_string() if is_text else pyarrow.large_binary(), rows, buffers)
        return
    numbers = offsets.cast("q").tolist()
    if numbers != sorted(numbers):
        raise layout.FrameError("its offsets go backwards")
    if is_text:
        _check_utf8(bytes(data), numbers)


def _check_utf8(data: bytes, offsets: list[int]) -> None:
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise layout.FrameError("its text is not UTF-8") from None
    end = len(data)
    if any(offset < end and data[offset] & 0xC0 == 0x80 for offset in offsets):
        raise layout.FrameError("a text begins within a character")


def _check_codes(codes: memoryview, index: str, categories: int) -> None:
    rows = len(codes) // layout.INDEX_WIDTHS[index]
    if not rows:
        return
    if index == "int8":
        allowed = bytes(range(min(categories, 128))) or b"\0"
        bad = any(
            bytes(codes[first : first + _CHUNK]).translate(None, allowed) for first in range(0, rows, _CHUNK)
        )
    elif _by_python(rows, len(codes)):
        numbers = codes.cast("h" if index == "int16" else "i").tolist()
        bad = min(numbers) < 0 or max(numbers) >= max(categories, 1)
    else:
        import pyarrow
        import pyarrow.compute

        array = pyarrow.Array.from_buffers(getattr(pyarrow, index)(), rows, [None, pyarrow.py_buffer(codes)])
        ends = pyarrow.compute.min_max(array).as_py()
        bad = ends["min"] < 0 or ends["max"] >= max(categories, 1)
    if bad:
        raise layout.FrameError("a code has no category")


def _check_distinct(view: memoryview, start: int, values: dict[str, Any]) -> None:
    """Check that no category is there twice and none is NaN, which pandas would refuse."""
    rows, kind = values["rows"], values["type"]
    parts = [view[start + offset : start + offset + length] for offset, length in values["buffers"]]
    width = layout.parse_type(kind).width
    if (kind == "bool" and rows > 2) or (0 < width <= 2 and rows > 1 << 8 * width):
        raise layout.FrameError("a category is there twice")
    if not _by_python(rows, len(parts[-1])) and width != 2:
        distinct = _count_distinct(kind, width, rows, parts)
    else:
        distinct = len(set(_categories(kind, width, rows, parts)))
    if distinct != rows:
        raise layout.FrameError("a category is there twice")


def _categories(kind: str, width: int, rows: int, parts: list[memoryview]) -> list[Any]:
    if kind in ("string", "bytes"):
        bounds, data = parts[1].cast("q").tolist(), bytes(parts[2])
        return [data[a:b] for a, b in pairwise(bounds)]
    if kind == "bool":
        return [parts[1][0] >> at & 1 for at in range(rows)]
    if kind.startswith("float"):
        numbers = [number for (number,) in struct.iter_unpack({2: "<e", 4: "<f", 8: "<d"}[width], parts[0])]
        if any(number != number for number in numbers):
            raise layout.FrameError("a category is NaN")
        return numbers
    data = bytes(parts[1])
    return [data[at : at + width] for at in range(0, rows * width, width)]


def _count_distinct(kind: str, width: int, rows: int, parts: list[memoryview]) -> int:
    import pyarrow
    import pyarrow.compute

    buffers = [None] + [pyarrow.py_buffer(part) for part in parts[1:]]
    if kind.startswith("float"):
        buffers = [None, pyarrow.py_buffer(parts[0])]
        kinds = {4: pyarrow.float32(), 8: pyarrow.float64()}
        if pyarrow.compute.any(
            pyarrow.compute.is_nan(pyarrow.Array.from_buffers(kinds[width], rows, buffers))
        ).as_py():
            raise layout.FrameError("a category is NaN")
        arrow_kind = kinds[width]
    elif width:
        arrow_kind = pyarrow.binary(width)
    else:
        arrow_kind = pyarrow.large_binary()
    return len(pyarrow.Array.from_buffers(arrow_kind, rows, buffers, 0).unique())


def _check_decimals(values: memoryview, kind: str, rows: int) -> None:
    parts = layout.parse_type(kind)
    if not _by_python(rows, len(values)):
        import pyarrow

        _validate(pyarrow.decimal128(parts.precision, parts.scale), rows, [values, values])
        return
    limit = 10**parts.precision
    for low, high in struct.iter_unpack("<Qq", values):
        if not -limit < (high << 64 | low) < limit:
            raise layout.FrameError("a decimal has too many digits")


def _validate(kind: Any, rows: int, buffers: list[memoryview]) -> None:
    import pyarrow

    try:
        array = pyarrow.Array.from_buffers(
            kind, rows, [None] + [pyarrow.py_buffer(part) for part in buffers[1:]], 0
        )
        array.validate(full=True)
    except pyarrow.ArrowException as error:
        raise layout.FrameError(str(error)[:200]) from None
