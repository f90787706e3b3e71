"""Writes the values of a column as texts that reading gives back as the same values and the same type."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.time_spans import span_text
from studiolo.sdk import ModuleError


def column_texts(column: pa.ChunkedArray, name: str, format_name: str) -> pa.ChunkedArray:
    """Give the values as texts; missing ones stay null.

    Integers in digits; Doubles in the shortest form that reads back exactly, whole ones with `.0`; True and
    False; `2020-01-31 10:11:12` with the decimals of the column's unit and a `Z` for times with a zone;
    time spans `[-][d.]hh:mm:ss`; categorical values by their text.

    Args:
        column: any column of a dataset.
        name: of the column, for messages.
        format_name: of the format, for messages.

    Raises:
        ModuleError: `format-cannot-hold`: a column of bytes.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column_texts(pc.cast(column, kind.value_type), name, format_name)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "True", "False")
    if pa.types.is_floating(kind):
        return fraction_texts(column)
    if pa.types.is_timestamp(kind):
        return moment_texts(column)
    if pa.types.is_duration(kind):
        nanoseconds = pc.cast(pc.cast(column, pa.duration("ns"), safe=False), pa.int64())
        texts = [span_text(value) for value in nanoseconds.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind):
        raise cannot_hold(name, "Bytes", format_name)
    return pc.cast(column, pa.string())


def fraction_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write floats: shortest exact form, `.0` behind whole ones, NaN as null."""
    present = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if pa.types.is_float16(column.type):
        present = pc.cast(present, pa.float32())
    texts = pc.cast(present, pa.string())
    is_whole = pc.match_substring_regex(texts, r"^-?[0-9]+$")
    return pc.if_else(is_whole, pc.binary_join_element_wise(texts, "", ".0"), texts)


def moment_texts(column: pa.ChunkedArray, between: str = " ") -> pa.ChunkedArray:
    """Write timestamps in ISO 8601 with the decimals of their unit; zoned ones in UTC with a Z."""
    zoned = column.type.tz is not None
    unit = column.type.unit
    if zoned:
        column = pc.cast(pc.cast(column, pa.timestamp(unit, "UTC")), pa.timestamp(unit))
    texts = pc.cast(column, pa.string())
    if between != " ":
        texts = pc.replace_substring(texts, " ", between)
    return pc.binary_join_element_wise(texts, "", "Z") if zoned else texts


def with_coarsest_units(table: pa.Table) -> pa.Table:
    """Give the table with each timestamp column in the coarsest unit that holds all of its values."""
    for place, column in enumerate(table.columns):
        if pa.types.is_timestamp(column.type):
            for unit in ("s", "ms", "us"):
                try:
                    coarse = pc.cast(column, pa.timestamp(unit, column.type.tz))
                except pa.ArrowInvalid:
                    continue
                table = table.set_column(place, table.column_names[place], coarse)
                break
    return table


def cannot_hold(name: str, what: str, format_name: str) -> ModuleError:
    """Give the error of a column whose type a format has no form for."""
    return ModuleError(
        f'The column "{name}" is {what}, which {format_name} can\'t hold.',
        "Leave the column out, convert it upstream, or export as Parquet or Arrow.",
        code="format-cannot-hold",
        parameter="format",
    )
