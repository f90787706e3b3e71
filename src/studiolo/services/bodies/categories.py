"""Cells of categorical columns: the categories known when the service was published, then the new ones."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from studiolo.domain.service import ServiceColumn
from studiolo.services.bodies.cells import (
    FLOATS,
    INTEGERS,
    CellError,
    float_cell,
    integer_cell,
    parse_cells,
    text_cell,
    truth_cell,
)
from studiolo.services.bodies.frame_writing import Buffers, Part, bits
from studiolo_child.frames import layout

_CELLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "string": (text_cell, "a text"),
    "float64": (float_cell, "a number"),
    "bool": (truth_cell, "True or False"),
    **dict.fromkeys(INTEGERS, (integer_cell, "a whole number")),
}
_TYPES = {int: "int64", float: "float64", bool: "bool"}


def category_type(column: ServiceColumn) -> str:
    """Give the frame type of a column's categories."""
    if column.category_type:
        return column.category_type
    kinds = {type(category) for category in column.categories}
    return _TYPES.get(kinds.pop(), "string") if len(kinds) == 1 else "string"


def parse_categories(values: Sequence[Any], column: ServiceColumn) -> Buffers:
    """Give the buffers of a categorical column: `column.categories` in their order, then those that are new.

    Args:
        values: JSON values, None for missing. An empty text is missing unless it is a category.
        column: with its known categories.

    Raises:
        CellError: for the first cell that is no value of the categories' type.
    """
    kind = category_type(column)
    cell, expected = _CELLS.get(kind) or (partial(_key, kind=kind), f"a value of {kind}")
    codes_of: dict[Any, int] = {}
    categories: list[Any] = []
    for category in column.categories:
        if codes_of.setdefault(cell(category), len(categories)) == len(categories):
            categories.append(category)
    codes: list[int] = []
    missing: list[int] = []
    for row, value in enumerate(values):
        code = codes_of.get(value) if type(value) is str and kind == "string" else None
        if code is None:
            try:
                key = None if value is None or value == "" else cell(value)
            except (ValueError, OverflowError):
                raise CellError(row, value, expected) from None
            if key is None or key != key:
                missing.append(row)
                code = 0
            else:
                code = codes_of.setdefault(key, len(categories))
                if code == len(categories):
                    categories.append(value)
        codes.append(code)
    validity = b""
    if missing:
        flags = bytearray(b"\1" * len(codes))
        for row in missing:
            flags[row] = 0
        validity = bits(flags)
    try:
        dictionary = parse_cells(categories, kind)
    except CellError as error:  # a number beyond the width of the categories' type
        row = codes.index(error.row)
        raise CellError(row, values[row], error.expected) from None
    width = {"int8": "b", "int16": "h", "int32": "i"}[layout.index_type(len(categories))]
    parts: list[Part] = [validity, array(width, codes)]
    return Buffers("categorical", len(missing), parts, (len(categories), dictionary), column.is_ordered)


def _key(value: Any, kind: str) -> bytes | None:
    """Give the bytes of a value, which are equal for equal values however they are written."""
    try:
        buffers = parse_cells([value], kind)
    except CellError:
        raise ValueError from None
    data = bytes(buffers.parts[-1])
    is_nan = kind in FLOATS and data == bytes(parse_cells([None], kind).parts[-1])
    return None if buffers.nulls > 0 or is_nan else data
