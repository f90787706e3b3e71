"""Reads and writes JSON lines: one object per line, a row each. A file that is one list of objects is read too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from studiolo.formats import column_names
from studiolo.formats.decoding import utf8_text
from studiolo.formats.delimited_writer import BATCH, joined_lines
from studiolo.formats.missing import with_nulls
from studiolo.formats.python_values import column_of, json_text
from studiolo.formats.reading import ReadResult, Source, shown
from studiolo.formats.text_cells import (
    cannot_hold,
    column_texts,
    fraction_texts,
    moment_texts,
    with_coarsest_units,
)
from studiolo.formats.value_types import moment, tell_zone
from studiolo.sdk import ModuleError

LARGEST_BLOCK = 1024**3


def read(source: Source, *, encoding: str = "") -> ReadResult:
    """Read JSON objects as rows.

    Columns are all keys in the order in which they first come; an absent key and null are missing. Types come
    from all values: JSON has numbers (Integer when all are written whole), true and false, and texts; a column
    of texts in ISO 8601 is DateTime. Nested values become JSON text and mixtures String, said in the receipt.

    Raises:
        ModuleError: `bad-json-line` with its line; `bad-encoding`, `empty-file`.
    """
    receipt: list[dict[str, Any]] = []
    text = utf8_text(source, encoding, receipt)
    table = _read_by_arrow(text)
    if table is None:
        table = _read_by_python(text, source, receipt)
    for place, column in enumerate(table.columns):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            moments = moment(column) if column.null_count < len(column) else None
            if moments is not None:
                tell_zone(moments, column, table.column_names[place], receipt)
                table = table.set_column(place, table.column_names[place], moments)
    names = column_names.usable(table.column_names, receipt)
    return ReadResult(table.rename_columns(names), receipt)


def _read_by_arrow(text: pa.Buffer) -> pa.Table | None:
    """Give the table when every column is plain; None where pyarrow would refuse or change a value."""
    if text.size > LARGEST_BLOCK or text.slice(0, min(64, text.size)).to_pybytes().lstrip()[:1] != b"{":
        return None
    try:
        table = _parsed(text, text.size + 1, None)
        fields = [pa.field(f.name, pa.string()) if pa.types.is_timestamp(f.type) else f for f in table.schema]
        if any(pa.types.is_timestamp(field.type) for field in table.schema):
            table = _parsed(text, 1024**2, pa.schema(fields))
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    plain = (pa.bool_(), pa.int64(), pa.float64(), pa.string(), pa.null())
    if not table.num_columns or any(kind not in plain for kind in table.schema.types):
        return None
    for place, column in enumerate(table.columns):
        if pa.types.is_null(column.type):
            nothing = pa.chunked_array([pa.nulls(len(column), pa.float64())])
            table = table.set_column(place, table.column_names[place], nothing)
        elif pa.types.is_float64(column.type):
            finite = pc.if_else(pc.is_finite(column), column, 0.0)
            if (pc.max(pc.abs(finite)).as_py() or 0) >= 2.0**63:
                return None
    return table


def _parsed(text: pa.Buffer, block: int, schema: pa.Schema | None) -> pa.Table:
    return arrow_json.read_json(
        pa.BufferReader(text),
        read_options=arrow_json.ReadOptions(block_size=block),
        parse_options=arrow_json.ParseOptions(explicit_schema=schema),
    )


def _read_by_python(text: pa.Buffer, source: Source, receipt: list[dict[str, Any]]) -> pa.Table:
    rows = list(_objects(text.to_pybytes().decode("utf-8"), source))
    if not rows:
        raise ModuleError(f"{source.name} holds no object.", code="empty-file")
    names = list(dict.fromkeys(key for row in rows for key in row))
    columns = [column_of([row.get(name) for row in rows], name, receipt, json_text) for name in names]
    return pa.Table.from_arrays(columns, names=names) if names else pa.table({})


def _objects(text: str, source: Source) -> Iterator[dict[str, Any]]:
    decode = json.JSONDecoder(object_pairs_hook=_object).decode
    if text.lstrip()[:1] == "[":
        try:
            rows = decode(text)
        except ValueError as fault:
            raise _bad(source, getattr(fault, "lineno", 0), fault) from None
        except RecursionError:
            raise _bad(source, 0, "it is nested too deeply") from None
        for number, row in enumerate(rows, start=1):
            if not isinstance(row, dict):
                raise _bad(source, 0, f"element {number} is {shown(row)}, no object")
            yield row
        return
    for number, line in enumerate(text.splitlines() if "\n" not in text else text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = decode(line)
        except ValueError as fault:
            raise _bad(source, number, fault) from None
        except RecursionError:
            raise _bad(source, number, "it is nested too deeply") from None
        if not isinstance(row, dict):
            raise _bad(source, number, f"{shown(row)} is no object")
        yield row


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {shown(twice)} occurs twice")
    return result


def _bad(source: Source, line: int, fault: object) -> ModuleError:
    place = f", line {line}" if line else ""
    reason = fault.msg if isinstance(fault, json.JSONDecodeError) else fault
    column = f" (character {fault.colno})" if isinstance(fault, json.JSONDecodeError) else ""
    return ModuleError(
        f"{source.name}{place}: {reason}{column}.",
        'JSON lines has one object per line, such as {"a": 1, "b": "x"}.',
        code="bad-json-line",
    )


def write(table: pa.Table) -> bytes:
    """Write each row as a JSON object with every column, missing values as null.

    DateTime is written in ISO 8601, TimeSpan as `[-][d.]hh:mm:ss`, whole Doubles with `.0`; infinities as
    `Infinity` and `-Infinity`, which Python and many others read though JSON has no such numbers.

    Raises:
        ModuleError: `format-cannot-hold`: a column of bytes.
    """
    table = with_coarsest_units(with_nulls(table))
    if not table.num_columns:
        return b"{}\n" * int(table.num_rows)
    pieces: list[bytes] = []
    keys = [encode_basestring(name) for name in table.column_names]
    for start in range(0, table.num_rows, BATCH):
        batch = table.slice(start, BATCH)
        cells = []
        for place, (key, column) in enumerate(zip(keys, batch.columns, strict=True)):
            tokens = pc.cast(_tokens(column, batch.column_names[place]), pa.large_string())
            before = pa.scalar(("{" if place == 0 else "") + key + ":", pa.large_string())
            after = pa.scalar("}" if place == len(keys) - 1 else "", pa.large_string())
            tokens = pc.fill_null(tokens, pa.scalar("null", pa.large_string()))
            cells.append(pc.binary_join_element_wise(before, tokens, after, pa.scalar("", pa.large_string())))
        pieces.append(joined_lines(cells, ",", ""))
    return b"".join(pieces)


def _tokens(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _tokens(pc.cast(column, kind.value_type), name)
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "true", "false")
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return pc.cast(column, pa.string())
    if pa.types.is_floating(kind):
        texts = fraction_texts(column)
        return pc.replace_substring(texts, "inf", "Infinity")
    if pa.types.is_timestamp(kind):
        column = moment_texts(column, between="T")
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise cannot_hold(name, "Bytes", "JSON lines")
    else:
        column = column_texts(column, name, "JSON lines")
    texts = [None if text is None else encode_basestring(text) for text in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.large_string())])
