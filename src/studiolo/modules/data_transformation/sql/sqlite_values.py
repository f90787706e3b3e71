"""Carries columns into SQLite and back as the designer did: booleans as 0 and 1, DateTime as text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.python_values import column_of
from studiolo.formats.reading import entry

MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{1,6}$"
DECLARED = {
    "BIGINT": pa.int64(),
    "FLOAT": pa.float64(),
    "BOOLEAN": pa.int64(),
    "TEXT": pa.string(),
    "DATETIME": pa.timestamp("us"),
    "BLOB": pa.large_binary(),
}


def declared_type(column: pa.ChunkedArray) -> str:
    """Give the SQL type of a column.

    The types are those that pandas' `to_sql` declares, since SQLite's affinity rules follow from them:
    Integer BIGINT, Double FLOAT, Boolean BOOLEAN, DateTime DATETIME, TimeSpan BIGINT, String and Categorical
    TEXT, Bytes BLOB. Decimals, and whole numbers beyond 64 bits, are FLOAT.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return declared_type(pa.chunked_array([], kind.value_type))
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_integer(kind):
        return "FLOAT" if _is_too_large(column) else "BIGINT"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "FLOAT"
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "DATETIME"
    if pa.types.is_duration(kind):
        return "BIGINT"
    return "BLOB" if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) else "TEXT"


def storable(column: pa.ChunkedArray, name: str, receipt: list[dict[str, Any]]) -> pa.ChunkedArray:
    """Give the values in a form that SQLite has: Boolean as 0 and 1, DateTime as text, TimeSpan as nanoseconds.

    Args:
        column: any column, NaN already null.
        name: of the column.
        receipt: gets an entry where digits, a zone or the type are lost.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return storable(pc.cast(column, kind.value_type), name, receipt)
    if pa.types.is_boolean(kind):
        return pc.cast(column, pa.int64())
    if pa.types.is_integer(kind):
        if not _is_too_large(column):
            return pc.cast(column, pa.int64())
        text = f'The whole numbers in "{name}" are too large for SQLite and became Double.'
        receipt.append(entry("integer-to-double", text, name, lossy=True))
        return pc.cast(column, pa.float64(), safe=False)
    if pa.types.is_floating(kind):
        return pc.cast(column, pa.float64())
    if pa.types.is_decimal(kind):
        text = f'The decimals in "{name}" became Double, since SQLite has no decimals.'
        receipt.append(entry("decimal-to-double", text, name, lossy=True))
        return pc.cast(column, pa.float64())
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _moments(column, name, receipt)
    if pa.types.is_duration(kind):
        text = f'The time spans in "{name}" became Integer, in nanoseconds.'
        receipt.append(entry("span-to-integer", text, name))
        return pc.cast(pc.cast(column, pa.duration("ns"), safe=False), pa.int64())
    return column


def _is_too_large(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_uint64(column.type) and (pc.max(column).as_py() or 0) >= 2**63)


def _moments(column: pa.ChunkedArray, name: str, receipt: list[dict[str, Any]]) -> pa.ChunkedArray:
    if pa.types.is_date(column.type):
        column = pc.cast(column, pa.timestamp("us"))
    zone = column.type.tz
    if zone:
        text = f'The times in "{name}" are in UTC now; their zone {zone} was dropped.'
        receipt.append(entry("zone-dropped", text, name, lossy=zone != "UTC"))
    wanted = pa.timestamp("us", zone)
    try:
        micros = pc.cast(column, wanted)
    except pa.ArrowInvalid:
        micros = pc.cast(column, wanted, safe=False)
        text = f'The times in "{name}" were cut to microseconds.'
        receipt.append(entry("time-cut", text, name, lossy=True))
    return pc.cast(pc.cast(micros, pa.timestamp("us")), pa.string())


def python_list(column: pa.ChunkedArray) -> list[Any]:
    """Give the values as Python objects, missing as None; much faster than `to_pylist` for numbers."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        if not column.null_count:
            numbers: list[Any] = column.to_numpy().tolist()
            return numbers
        objects = pc.fill_null(column, 0).to_numpy().astype(object)
        objects[np.asarray(pc.is_null(column))] = None
        values: list[Any] = objects.tolist()
        return values
    texts: list[Any] = column.to_numpy().tolist()
    return texts


def result_column(
    values: list[Any], name: str, declared: str, receipt: list[dict[str, Any]]
) -> pa.ChunkedArray:
    """Make a column of what SQLite gave for it.

    Types come from the values: whole numbers Integer, numbers Double, text String; text of which every value
    has the form `%Y-%m-%d %H:%M:%S.%f` DateTime; a mixture of numbers and text String with a receipt.

    Args:
        values: of the column, None for missing.
        name: of the column.
        declared: the SQL type when the column is one of a table as it is; decides when there is no value.
        receipt: gets an entry for a mixture.
    """
    column = pa.chunked_array([column_of(values, name, receipt)])
    if column.null_count == len(column):
        return pa.chunked_array([pa.nulls(len(column), DECLARED.get(declared.upper(), pa.float64()))])
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if is_text and pc.all(pc.match_substring_regex(column, MOMENT)).as_py():
        try:
            return pc.cast(column, pa.timestamp("us"))
        except pa.ArrowInvalid:
            return column
    return column
