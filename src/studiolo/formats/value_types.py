"""Finds the type of a column of texts from all of its values.

The rule (R-2.1), used by CSV and TSV. Missing values do not count; the first type that fits every other value
of the whole column is taken:

Integer    digits with an optional minus. Beyond 64 bits with a sign: unsigned 64 bits; beyond that String, said
           in the receipt, since a Double would lose digits.
Double     decimal and exponent forms, `inf` and `nan` in any case. A number too large for a Double makes String.
Boolean    true, false, True, False, TRUE, FALSE. Not 0 and 1, which are Integer, and not yes and no.
DateTime   ISO 8601: `2020-01-31`, then optionally a blank or T and hours, hours:minutes, hours:minutes:seconds
           or with up to nine decimals. With a zone in every value: DateTime in UTC, said in the receipt.
String     everything else.

Codes stay String: one value like `007`, `-0123` or `+4930901820` (a leading zero before another digit; a plus
before nothing but digits) makes the whole column String, since as numbers they would lose characters.
Blanks around values of a type other than String do not count. A column without any value is Double.

A marker of missing values (`NA`, say) that stands in quotes is text in a String column, and missing in a
column whose other values have another type.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.reading import entry

MARKERS = ("NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "#N/A", "<NA>")
PROBE = 64
WHOLE = r"^-?(0|[1-9][0-9]*)$"
CODE = r"^([+-]?0[0-9]|\+[0-9]+$)"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
WORDS = pa.array(["true", "false", "True", "False", "TRUE", "FALSE"])


def find_type(
    values: pa.ChunkedArray,
    markers: Iterable[str],
    name: str,
    receipt: list[dict[str, Any]],
    decimal: str = ".",
) -> pa.ChunkedArray:
    """Convert texts to the first type that fits all of them.

    Args:
        values: texts with nulls for missing.
        markers: texts that mean missing in columns that are not String.
        name: of the column, for the receipt.
        receipt: gets an entry where the choice is not what one might expect.
        decimal: the decimal mark, `.` or `,`.

    Returns:
        The converted column; `values` itself when it is String.
    """
    if values.null_count == len(values):
        return pa.chunked_array([pa.nulls(len(values), pa.float64())])
    markers = pa.array(["", *markers], pa.string())
    probe = cleaned(_first_present(values), markers).drop_null()
    # A column whose probe has a fraction is not all whole, which saves looking at every value for that.
    has_fraction = not _all(pc.match_substring_regex(probe, WHOLE))
    number = partial(numbers if has_fraction else fraction, decimal=decimal)
    for fits, convert in (
        (whole, whole),
        (partial(numbers, decimal=decimal), number),
        (truth, truth),
        (moment, moment),
    ):
        if fits(probe) is None:
            continue
        converted = convert(values)
        if converted is None:
            clean = cleaned(values, markers)
            if clean.null_count < len(clean):
                converted = convert(clean)
        if converted is not None:
            tell_zone(converted, values, name, receipt)
            return converted
    _explain_text(values, probe, markers, name, receipt)
    return values


def cleaned(values: pa.ChunkedArray, markers: pa.Array) -> pa.ChunkedArray:
    """Give the values without blanks around them, markers of missing as nulls."""
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.is_in(trimmed, value_set=markers), pa.scalar(None, trimmed.type), trimmed)


def whole(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Give the values as 64-bit integers, unsigned where they need it, or None when one does not fit."""
    if not _all(pc.match_substring_regex(values, WHOLE)):
        return None
    signed = _cast(values, pa.int64())
    return signed if signed is not None else _cast(values, pa.uint64())


def fraction(values: pa.ChunkedArray, decimal: str = ".") -> pa.ChunkedArray | None:
    """Give the values as `numbers`, or None when they are all whole, which means too large for `whole`."""
    converted = numbers(values, decimal)
    if converted is None or _all(pc.match_substring_regex(values, WHOLE)):
        return None
    return converted


def numbers(values: pa.ChunkedArray, decimal: str = ".") -> pa.ChunkedArray | None:
    """Give the values as doubles, or None when one is no number, a code, or too large."""
    if decimal == ",":
        if _any(pc.match_substring(values, ".")):
            return None
        values = pc.replace_substring(values, ",", ".")
    converted = _cast(values, pa.float64())
    if converted is None or _any(pc.match_substring_regex(values, CODE)):
        return None
    endless = pc.is_inf(converted)
    if _any(endless) and _any(pc.and_(endless, pc.match_substring_regex(values, "^[+-]?[0-9.]"))):
        return None
    return converted


def truth(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Give the values as booleans, or None when one is not a word for true or false."""
    if not _all(pc.or_(pc.is_in(values, value_set=WORDS), pc.is_null(values))):
        return None
    return _cast(values, pa.bool_())


def moment(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Give the values as timestamps (microseconds, nanoseconds where they need it), or None."""
    if not _all(pc.match_substring_regex(values, DATE)):
        return None
    for zone in (None, "UTC"):
        for unit in ("us", "ns"):
            converted = _cast(values, pa.timestamp(unit, zone))
            if converted is not None:
                return converted
    return None


def _cast(values: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray | None:
    try:
        return pc.cast(values, wanted)
    except pa.ArrowInvalid:
        return None


def _all(answers: pa.ChunkedArray) -> bool:
    return bool(pc.all(answers, min_count=0).as_py())


def _any(answers: pa.ChunkedArray) -> bool:
    return bool(pc.any(answers, min_count=0).as_py())


def _first_present(values: pa.ChunkedArray) -> pa.ChunkedArray:
    head = values.slice(0, PROBE).drop_null()
    return head if len(head) else values.drop_null().slice(0, PROBE)


def tell_zone(
    converted: pa.ChunkedArray, values: pa.ChunkedArray, name: str, receipt: list[dict[str, Any]]
) -> None:
    """Add a receipt entry when times of another zone than UTC were converted to UTC."""
    is_zoned = pa.types.is_timestamp(converted.type) and converted.type.tz is not None
    if is_zoned and _any(pc.invert(pc.match_substring_regex(values, r"(Z|[+-]00:?00)\s*$"))):
        text = f'Times with zones in "{name}" were converted to UTC.'
        receipt.append(entry("zone-to-utc", text, name, lossy=True))


def _explain_text(
    values: pa.ChunkedArray,
    probe: pa.ChunkedArray,
    markers: pa.Array,
    name: str,
    receipt: list[dict[str, Any]],
) -> None:
    if not len(probe) or not _all(pc.match_substring_regex(probe, r"^[+-]?[0-9.]+$")):
        return
    clean = cleaned(values, markers).drop_null()
    if _all(pc.match_substring_regex(clean, WHOLE)):
        text = f'"{name}" holds whole numbers of more than 64 bits and stays String.'
        receipt.append(entry("number-too-large", text, name))
    elif _any(pc.match_substring_regex(clean, CODE)) and _cast(clean, pa.float64()) is not None:
        text = f'"{name}" holds codes such as "007" and stays String.'
        receipt.append(entry("codes-kept", text, name))
