"""Types of columns in the studio's words, and their values as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NUMERIC = ("Integer", "Double")


def kind_of(data_type: pa.DataType) -> str:
    """Give Boolean, Integer, Double, String, DateTime, TimeSpan, Categorical or Bytes for an Arrow type."""
    types = pa.types
    checks: tuple[tuple[str, Any], ...] = (
        ("Categorical", types.is_dictionary),
        ("Boolean", types.is_boolean),
        ("Integer", types.is_integer),
        ("Double", lambda one: types.is_floating(one) or types.is_decimal(one)),
        ("DateTime", lambda one: types.is_timestamp(one) or types.is_date(one)),
        ("TimeSpan", types.is_duration),
        ("Bytes", lambda one: types.is_binary(one) or types.is_large_binary(one)),
    )
    return next((name for name, is_it in checks if is_it(data_type)), "String")


def value_kind_of(data_type: pa.DataType) -> str:
    """Give the kind of a column's values: of a categorical one, that of its categories."""
    return kind_of(data_type.value_type if pa.types.is_dictionary(data_type) else data_type)


def is_numeric(data_type: pa.DataType) -> bool:
    """Say whether a type is Integer or Double; Boolean is not."""
    return kind_of(data_type) in NUMERIC


def one_chunk(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Give a column as one array."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def numbers_of(column: pa.ChunkedArray | pa.Array) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Give a Boolean, Integer or Double column as float64 of shape (rows,); missing is NaN.

    The array may share memory with the column: do not write into it.
    """
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if array.type != pa.float64():
        array = pc.cast(array, pa.float64(), safe=False)
    if array.null_count:
        array = pc.fill_null(array, float("nan"))
    numbers: np.ndarray[Any, np.dtype[np.float64]] = array.to_numpy(zero_copy_only=False)
    return numbers


def missing_in(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Give a Boolean array that is true where a value is missing, NaN and a category without a value included."""
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type) and missing_count(array.dictionary):
        return pc.fill_null(missing_in(array.dictionary).take(array.indices), True)
    if pa.types.is_floating(array.type) and not array.null_count:
        return pa.array(np.isnan(array.to_numpy()))  # several times faster than Arrow
    return pc.is_null(array, nan_is_null=pa.types.is_floating(array.type))


def missing_count(column: pa.ChunkedArray | pa.Array) -> int:
    """Count the missing values of a column, NaN and a category without a value included."""
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type) and missing_count(array.dictionary):
        return int(pc.sum(missing_in(array)).as_py() or 0)
    if pa.types.is_floating(array.type):
        if not array.null_count:
            return int(np.count_nonzero(np.isnan(array.to_numpy())))
        return int(pc.sum(missing_in(array)).as_py() or 0)
    return int(array.null_count)


def texts_of(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Give a column's values as text, as CSV would show them; missing stays null."""
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_floating(array.type):
        array = pc.if_else(missing_in(array), pa.scalar(None, array.type), array)
    if kind_of(array.type) == "Bytes":
        return pa.array([None if one is None else repr(one)[2:-1] for one in array.to_pylist()], pa.string())
    if pa.types.is_duration(array.type):
        return pa.array([None if one is None else str(one) for one in array.to_pylist()], pa.string())
    return pc.cast(array, pa.string())
