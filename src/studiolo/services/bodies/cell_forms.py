"""The cells of a reply: as the retired product wrote them, all texts, and as typed JSON values."""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Sequence
from functools import partial
from operator import eq
from typing import Any

from studiolo.services.bodies.decimals import NUMBERS_UP_TO, decimal_text
from studiolo.services.bodies.frame_reading import ReadColumn
from studiolo.services.bodies.moments import (
    classic_date,
    classic_moment,
    iso_date,
    iso_moment,
    span_text,
)
from studiolo_child.frames import layout

_CLASSIC_TYPES = {
    "bool": "Boolean",
    "int8": "Int32",
    "int16": "Int32",
    "int32": "Int32",
    "int64": "Int64",
    "uint8": "Int32",
    "uint16": "Int32",
    "uint32": "Int64",
    "uint64": "UInt64",
    "float16": "Single",
    "float32": "Single",
    "float64": "Double",
    "string": "String",
    "bytes": "String",
    "date32": "DateTime",
}
_CLASSIC_KINDS = {"timestamp": "DateTime", "duration": "TimeSpan", "decimal": "Double"}
_ENDLESS = {math.inf: "Infinity", -math.inf: "-Infinity"}


def classic_type(kind: str) -> str:
    """Give the name of a frame type in `ColumnTypes`."""
    known = _CLASSIC_TYPES.get(kind)
    return known if known is not None else _CLASSIC_KINDS[layout.parse_type(kind).kind]


def classic_cells(column: ReadColumn) -> Sequence[str | None]:
    """Give the cells as the retired product wrote them: texts, None for missing.

    Doubles have 15 digits where these read back exactly, else 17, and an exponent of at least two digits;
    truth values are `True` and `False`, dates `9/21/2014 11:10:00 AM`, time spans `1.02:03:04.5000000`.
    """
    if column.categories is not None:
        texts = _classic(column.categories, column.type)
        return [None if code is None else texts[code] for code in column.values]
    return _classic(column.values, column.type)


def _classic(values: Sequence[Any], kind: str) -> Sequence[str | None]:
    if kind == "float64":
        return double_texts(values)
    if kind in ("float32", "float16"):
        return [_single_text(value) for value in values]
    if kind == "string":
        return values
    if kind.startswith(("int", "uint", "bool")):
        return [None if value is None else str(value) for value in values]
    if kind == "bytes":
        return [None if value is None else base64.b64encode(value).decode() for value in values]
    parts = layout.parse_type(kind)
    if parts.kind == "date":
        form = classic_date
    elif parts.kind == "decimal":
        form = partial(_plain_decimal, scale=parts.scale)
    elif parts.kind == "duration":
        form = partial(span_text, unit=parts.unit, digits=7)
    else:
        form = partial(classic_moment, unit=parts.unit)
    return [None if value is None else form(value) for value in values]


def double_texts(values: Sequence[float]) -> list[str | None]:
    """Write Doubles in the form `R` of .NET, None for NaN.

    >>> double_texts([0.00001, 1.5e20, 0.1 + 0.2, 5.0, float("nan"), float("-inf")])
    ['1E-05', '1.5E+20', '0.30000000000000004', '5', None, '-Infinity']
    """
    joined = "%.15g " * len(values) % tuple(values)
    if "n" in joined:  # nan or inf
        return [_double_text(value) for value in values]
    texts = joined.upper().split()
    same = list(map(eq, map(float, texts), values))
    if not all(same):
        exact = ("%.17G " * len(values) % tuple(values)).split()
        texts = [
            text if is_same else longer for text, is_same, longer in zip(texts, same, exact, strict=True)
        ]
    if "-0" in texts:
        texts = ["0" if text == "-0" else text for text in texts]
    return texts  # type: ignore[return-value]


def _double_text(value: float) -> str | None:
    if value - value != 0:
        return _ENDLESS.get(value)
    text = f"{value:.15G}"
    if float(text) != value:
        text = f"{value:.17G}"
    return "0" if text == "-0" else text


def _single_text(value: float) -> str | None:
    if value - value != 0:
        return _ENDLESS.get(value)
    text = f"{value:.7G}"
    if _as_single(float(text)) != value:
        text = f"{value:.9G}"
    return "0" if text == "-0" else text


def _as_single(value: float) -> float:
    try:
        return struct.unpack("f", struct.pack("f", value))[0]  # type: ignore[no-any-return]
    except OverflowError:
        return math.inf


def _plain_decimal(whole: int, scale: int) -> str:
    text = decimal_text(whole, scale)
    return text.rstrip("0").rstrip(".") if scale else text


def typed_cells(column: ReadColumn) -> Sequence[Any]:
    """Give the cells as JSON values: numbers as numbers, None for missing and NaN.

    Dates and times are ISO 8601, in UTC with Z for columns with a zone; time spans `1.02:03:04.5`; bytes base64;
    infinities the texts `Infinity` and `-Infinity`; decimals numbers up to 15 digits of precision, else texts.
    """
    if column.categories is not None:
        values = _typed(column.categories, column.type)
        return [None if code is None else values[code] for code in column.values]
    return _typed(column.values, column.type)


def _typed(values: Sequence[Any], kind: str) -> Sequence[Any]:
    if kind == "float64":
        return _finite(values)
    if kind in ("float32", "float16"):
        return [_short_single(value) for value in _finite(values)]
    if kind == "string" or kind.startswith(("int", "uint", "bool")):
        return values
    if kind == "bytes":
        return [None if value is None else base64.b64encode(value).decode() for value in values]
    parts = layout.parse_type(kind)
    if parts.kind == "decimal":
        texts = [None if value is None else decimal_text(value, parts.scale) for value in values]
        if parts.precision > NUMBERS_UP_TO:
            return texts
        return [None if text is None else float(text) if parts.scale else int(text) for text in texts]
    if parts.kind == "date":
        form = iso_date
    elif parts.kind == "duration":
        form = partial(span_text, unit=parts.unit)
    else:
        form = partial(iso_moment, unit=parts.unit, zone=parts.zone)
    return [None if value is None else form(value) for value in values]


def _finite(values: Sequence[Any]) -> Sequence[Any]:
    """Give floats with infinities as texts; NaN becomes null when JSON is written."""
    if math.inf in values or -math.inf in values:
        return [_ENDLESS.get(value, value) for value in values]
    return values


def _short_single(value: Any) -> Any:
    """Give a single as the shortest Double that reads back as it: 0.1 and not 0.10000000149011612."""
    if type(value) is str or value != value:
        return value
    short = float(f"{value:.7g}")
    return short if _as_single(short) == value else float(f"{value:.9g}")
