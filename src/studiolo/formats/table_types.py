"""Brings the Arrow types that other programs write to the types of a dataset, saying each change."""

from __future__ import annotations

import datetime
import decimal
import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.column_names import unique
from studiolo.formats.reading import entry


def as_dataset(table: pa.Table, receipt: list[dict[str, Any]]) -> pa.Table:
    """Give the table with types a dataset has (R-2.1) and with names that are present and different.

    Columns that a dataset can hold as they are stay uncopied. Nested values become JSON text, times of day
    become time spans, columns of nothing become Double, intervals without months become time spans and others
    text, wide decimals become 128-bit ones where they fit and Double where not; text encodings, views,
    run-length encodings and extension types become what they stand for. Schema metadata is dropped.

    Args:
        table: any Arrow table.
        receipt: gets an entry for each change that a reader would notice.
    """
    names = [name or f"Col{place}" for place, name in enumerate(table.column_names, start=1)]
    names = unique(names, receipt)
    columns = [plain(column, name, receipt) for name, column in zip(names, table.columns, strict=True)]
    fields = [
        pa.field(name, column.type, metadata=field.metadata if column.type == field.type else None)
        for name, column, field in zip(names, columns, table.schema, strict=True)
    ]
    if not columns:
        return pa.table({})
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def plain(column: pa.ChunkedArray, name: str, receipt: list[dict[str, Any]]) -> pa.ChunkedArray:
    """Give one column with a type a dataset has; see `as_dataset`."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        storage = [chunk.storage for chunk in column.chunks]
        return plain(pa.chunked_array(storage, type=kind.storage_type), name, receipt)
    if pa.types.is_run_end_encoded(kind):
        return plain(pc.run_end_decode(column), name, receipt)
    if pa.types.is_null(kind):
        return pa.chunked_array([pa.nulls(len(column), pa.float64())])
    if pa.types.is_string_view(kind):
        return pc.cast(column, pa.large_string())
    if pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind):
        return pc.cast(column, pa.large_binary())
    if pa.types.is_date64(kind):
        return pc.cast(column, pa.timestamp("ms"))
    if pa.types.is_dictionary(kind):
        return _categorical(column, name, receipt)
    if pa.types.is_time(kind):
        receipt.append(entry("time-to-span", f'The times of day in "{name}" became time spans.', name))
        wide = pc.cast(column, pa.time64("ns" if kind == pa.time64("ns") else "us"))
        return pc.cast(pc.cast(wide, pa.int64()), pa.duration(wide.type.unit))
    if pa.types.is_interval(kind):
        return _interval(column, name, receipt)
    if pa.types.is_decimal(kind):
        return _decimal(column, name, receipt)
    if pa.types.is_nested(kind):
        receipt.append(entry("nested-to-json", f'The nested values in "{name}" became JSON text.', name))
        return json_texts(column)
    return column


def json_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write each value as compact JSON; missing stays missing."""
    texts = [
        None
        if value is None
        else json.dumps(value, default=_json_form, ensure_ascii=False, separators=(",", ":"))
        for value in column.to_pylist(maps_as_pydicts="lossy")
    ]
    return pa.chunked_array([pa.array(texts, pa.large_string())])


def _json_form(value: Any) -> Any:
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def _categorical(column: pa.ChunkedArray, name: str, receipt: list[dict[str, Any]]) -> pa.ChunkedArray:
    kind = column.type
    value_type = kind.value_type
    if pa.types.is_nested(value_type) or pa.types.is_null(value_type) or pa.types.is_time(value_type):
        return plain(pc.cast(column, value_type), name, receipt)
    if kind.index_type not in (pa.int8(), pa.int16(), pa.int32()):
        return pc.cast(column, pa.dictionary(pa.int32(), value_type, kind.ordered))
    return column


def _interval(column: pa.ChunkedArray, name: str, receipt: list[dict[str, Any]]) -> pa.ChunkedArray:
    values = column.to_pylist()
    if any(value is not None and value.months for value in values):
        text = f'The intervals in "{name}" have months and became text.'
        receipt.append(entry("interval-to-text", text, name, lossy=True))
        texts = [
            None if v is None else f"{v.months} months {v.days} days {v.nanoseconds / 1e9:g} seconds"
            for v in values
        ]
        return pa.chunked_array([pa.array(texts, pa.string())])
    nanoseconds = [None if v is None else v.days * 86_400_000_000_000 + v.nanoseconds for v in values]
    spans = pa.array(nanoseconds, pa.int64()).cast(pa.duration("ns"))
    try:
        spans = pc.cast(spans, pa.duration("us"))
    except pa.ArrowInvalid:
        pass
    return pa.chunked_array([spans])


def _decimal(column: pa.ChunkedArray, name: str, receipt: list[dict[str, Any]]) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_decimal128(kind):
        return column
    try:
        return pc.cast(column, pa.decimal128(min(kind.precision, 38), kind.scale))
    except pa.ArrowInvalid:
        text = f'The decimals in "{name}" are too wide and became Double.'
        receipt.append(entry("decimal-to-double", text, name, lossy=True))
        return pc.cast(column, pa.float64())
