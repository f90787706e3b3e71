"""Finds the type of a column of Python values (cells of a spreadsheet, of a SQLite result) from all of them."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from studiolo.formats.reading import entry

NAMES = {
    bool: "Boolean",
    int: "Integer",
    float: "Double",
    str: "String",
    bytes: "Bytes",
    datetime.datetime: "DateTime",
    datetime.date: "DateTime",
    datetime.time: "time of day",
    datetime.timedelta: "TimeSpan",
    dict: "JSON object",
    list: "JSON list",
}


def column_of(
    values: Sequence[Any],
    name: str,
    receipt: list[dict[str, Any]],
    text_of: Callable[[Any], str] = str,
) -> pa.Array:
    """Make one column of Python values; None is missing.

    All of one type: that type. Integers among floats: Double. Integers beyond 64 bits: String. Dates among
    times: DateTime. Lists and dicts: JSON text. Other mixtures: String, by `text_of`. No value at all: Double.

    Args:
        values: bool, int, float, str, bytes, None and values of datetime; dicts and lists of these.
        name: of the column, for the receipt.
        receipt: gets an entry for each change a reader would notice.
        text_of: how values other than texts are written in a column of mixed types.
    """
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pa.nulls(len(values), pa.float64())
    if kinds <= {dict, list}:
        receipt.append(entry("nested-to-json", f'The nested values in "{name}" became JSON text.', name))
        return _texts(values, _json)
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int}:
        return _integers(values, name, receipt)
    if kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if kinds == {str}:
        return pa.array(values, _wide_enough(values))
    if kinds == {bytes}:
        return pa.array(values, pa.large_binary())
    if kinds <= {datetime.datetime, datetime.date}:
        return _moments(values)
    if kinds == {datetime.timedelta}:
        return pa.array(values, pa.duration("us"))
    if kinds == {datetime.time}:
        receipt.append(entry("time-to-span", f'The times of day in "{name}" became time spans.', name))
        return pa.array([_since_midnight(value) for value in values], pa.duration("us"))
    counts = Counter(NAMES.get(type(value), type(value).__name__) for value in values if value is not None)
    mixture = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    receipt.append(
        entry("mixed-to-text", f'"{name}" holds several types ({mixture}) and became String.', name)
    )
    return _texts(values, text_of)


def json_text(value: Any) -> str:
    """Write a value as a JSON file does, texts bare."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _texts(values: Sequence[Any], text_of: Callable[[Any], str]) -> pa.Array:
    return pa.array([None if value is None else text_of(value) for value in values], pa.large_string())


def _wide_enough(values: Sequence[Any]) -> pa.DataType:
    return pa.large_string() if len(values) > 100_000 else pa.string()


def _integers(values: Sequence[Any], name: str, receipt: list[dict[str, Any]]) -> pa.Array:
    for wanted in (pa.int64(), pa.uint64()):
        try:
            return pa.array(values, wanted)
        except (OverflowError, pa.ArrowInvalid):
            continue
    text = f'"{name}" holds whole numbers of more than 64 bits and stays String.'
    receipt.append(entry("number-too-large", text, name))
    return _texts(values, str)


def _moments(values: Sequence[Any]) -> pa.Array:
    whole = [
        datetime.datetime(value.year, value.month, value.day) if type(value) is datetime.date else value
        for value in values
    ]
    zoned = any(value is not None and value.tzinfo is not None for value in whole)
    return pa.array(whole, pa.timestamp("us", "UTC" if zoned else None))


def _since_midnight(value: datetime.time | None) -> datetime.timedelta | None:
    if value is None:
        return None
    return datetime.timedelta(
        hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
    )
