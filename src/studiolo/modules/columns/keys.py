"""Rows as whole numbers by the values of key columns: equal rows get equal numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import one_chunk

Codes = np.ndarray[Any, np.dtype[np.int64]]

LIMIT = 2**62


def encoded(column: pa.ChunkedArray | pa.Array) -> tuple[Codes, int]:
    """Give a number for each value of a column, and one more than the greatest of them.

    Equal values have equal numbers, from 0 on; missing is -1, NaN too. 0.0 and -0.0 are equal.
    """
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        values, where = encoded(array.dictionary)
        indices = pc.fill_null(array.indices.cast(pa.int64()), -1).to_numpy()
        return np.append(values, -1)[indices], where
    if pa.types.is_floating(array.type):
        if pa.types.is_float16(array.type):
            array = array.cast(pa.float32())
        missing = pc.is_nan(array)
        if pc.any(missing).as_py():
            array = pc.if_else(missing, pa.scalar(None, array.type), array)
        array = pc.add(array, pa.scalar(0.0, array.type))
    if pa.types.is_integer(array.type) and array.null_count < len(array):
        ends = pc.min_max(array)
        low, high = ends["min"].as_py(), ends["max"].as_py()
        if high - low < 4 * len(array) and high < LIMIT:  # numbers close together need no table of values
            numbers = pc.subtract(array.cast(pa.int64()), low)
            return pc.fill_null(numbers, -1).to_numpy(), high - low + 1
    found = array.dictionary_encode()
    return pc.fill_null(found.indices.cast(pa.int64()), -1).to_numpy(), len(found.dictionary)


def combined(columns: Sequence[tuple[Codes, int]], *, dense: bool = True) -> Codes:
    """Give a number for each row from the numbers of its values; -1 where any of them is missing.

    With `dense`, the numbers are not much greater than the count of rows, so that they can be places in an array.
    """
    codes, count = columns[0]
    for more, many in columns[1:]:
        if count * many >= LIMIT:
            codes, count = _compact(codes)
        missing = (codes < 0) | (more < 0)
        codes = codes * many + more
        codes[missing] = -1
        count *= many
    return codes if not dense or count <= 4 * len(codes) + 16 else _compact(codes)[0]


def with_missing_as_value(columns: Sequence[tuple[Codes, int]]) -> list[tuple[Codes, int]]:
    """Give the numbers of columns with missing values as a value like any other."""
    return [(codes + 1, count + 1) for codes, count in columns]


def _compact(codes: Codes) -> tuple[Codes, int]:
    return encoded(pa.array(codes, mask=codes < 0))
