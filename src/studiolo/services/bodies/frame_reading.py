"""Reads the columns of a frame as Python's values: small tables are what replies carry. Does not load pyarrow."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from studiolo.services.bodies.cells import FLOATS, INTEGERS
from studiolo.services.bodies.decimals import read_decimals
from studiolo_child.frames import layout

_CODES = {"int8": "b", "int16": "h", "int32": "i"}


@dataclass(frozen=True)
class ReadColumn:
    """A column of a frame.

    Attributes:
        name: of the column.
        type: frame type; of a categorical column that of its categories.
        values: None for missing but in columns of floats, where NaN is; times as numbers in their unit, decimals
            as whole numbers; codes of a categorical column.
        categories: values of a categorical column's categories, else None.
    """

    name: str
    type: str
    values: Sequence[Any]
    categories: Sequence[Any] | None = None


def read_columns(frame: bytes | memoryview) -> tuple[int, list[ReadColumn]]:
    """Give rows and columns of a frame that has been checked.

    Raises:
        FrameError: the bytes are not a frame.
    """
    view = memoryview(frame)
    header, start = layout.read_header(view)
    rows = header["rows"]
    columns = []
    for column in header["columns"]:
        kind, categories = column["type"], None
        values = _values(view, start, column, rows)
        if kind == "categorical":
            dictionary = column["dictionary"]
            kind = dictionary["type"]
            categories = _values(view, start, dictionary, dictionary["rows"])
        columns.append(ReadColumn(column["name"], kind, values, categories))
    return rows, columns


def _values(view: memoryview, start: int, column: dict[str, Any], rows: int) -> Sequence[Any]:
    kind = column["type"]
    parts = [view[start + offset : start + offset + length] for offset, length in column["buffers"]]
    if kind == "float16":
        return struct.unpack(f"<{rows}e", parts[0])
    if kind in FLOATS:
        return _numbers(parts[0], FLOATS[kind])
    values: Sequence[Any]
    if kind in INTEGERS:
        values = _numbers(parts[1], INTEGERS[kind])
    elif kind == "string":
        values = _texts(parts[1], bytes(parts[2]))
    elif kind == "bool":
        values = flags(parts[1], rows)
    elif kind == "bytes":
        data = bytes(parts[2])
        values = [data[a:b] for a, b in pairwise(parts[1].cast("q").tolist())]
    elif kind == "categorical":
        values = _numbers(parts[1], _CODES[column["index"]])
    elif kind == "date32":
        values = parts[1].cast("i").tolist()
    elif kind.startswith("decimal"):
        values = read_decimals(parts[1], rows)
    else:
        values = parts[1].cast("q").tolist()
    if column["nulls"]:
        present = flags(parts[0], rows)
        values = [value if there else None for value, there in zip(values, present, strict=True)]
    return values


def _numbers(part: memoryview, code: str) -> list[Any]:
    return part.cast(code).tolist()  # type: ignore[call-overload, no-any-return]


def _texts(offsets: memoryview, data: bytes) -> list[str]:
    bounds = offsets.cast("q").tolist()
    if data.isascii():
        text = data.decode("ascii")
        return [text[a:b] for a, b in pairwise(bounds)]
    return [data[a:b].decode() for a, b in pairwise(bounds)]


def flags(bits: memoryview, rows: int) -> list[bool]:
    """Give the truth values that bits, the lowest first, stand for."""
    if not rows:
        return []
    text = f"{int.from_bytes(bits, 'little'):0{rows}b}"
    return [flag == "1" for flag in text[::-1]]
