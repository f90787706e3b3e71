"""Changes the type of a column; a value that doesn't fit is told with its row, and never becomes missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats import given_types
from studiolo.formats.reading import shown
from studiolo.formats.text_cells import column_texts
from studiolo.modules.columns.kinds import kind_of, missing_count, missing_in, one_chunk
from studiolo.modules.columns.moments import moments
from studiolo.sdk import ModuleError

SECOND = 1_000_000
"""Microseconds in the unit in which moments and time spans are numbers."""

_SPANS = "TimeSpan"


def converted(
    column: pa.ChunkedArray | pa.Array,
    wanted: str,
    name: str,
    *,
    moment_format: str = "",
    parameter: str = "",
) -> pa.Array:
    """Give a column's values as another type; missing stays missing.

    Numbers become moments and time spans as seconds (of moments, since 1970), and back. A Double becomes an
    Integer by cutting the decimals off; a number is true unless it is zero; of texts only `true`, `false`, `1`
    and `0` are Booleans. Categorical values count by their value and come back as plain ones.

    Args:
        column: any column.
        wanted: String, Integer, Double, Boolean, DateTime or TimeSpan.
        name: of the column, for messages.
        moment_format: of texts that are moments, as for `strptime` or in .NET's way; empty for the usual ones.
        parameter: that an error is about.

    Raises:
        ModuleError: `value-does-not-fit`, or `wrong-column-type` where no value could be converted.
    """
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = kind_of(array.type)
    if kind == wanted and not pa.types.is_decimal(array.type):
        return array
    missing = missing_count(array)
    if missing == len(array):
        return pa.nulls(len(array), _type_of(wanted))
    if missing and pa.types.is_floating(array.type):
        array = pc.if_else(missing_in(array), pa.scalar(None, array.type), array)
    step = _step(kind, wanted, name, moment_format, parameter)
    try:
        return one_chunk(step(pa.chunked_array([array])))
    except (pa.ArrowInvalid, ValueError, OverflowError):
        row = given_types.first_unfit(pa.chunked_array([array]), step)
        raise ModuleError(
            f'Row {row + 1} of the column "{name[:80]}", {shown(array[row].as_py())}, is no {wanted}.',
            "Correct the value upstream, make it missing, or choose another type.",
            code="value-does-not-fit",
            parameter=parameter,
        ) from None


def categorical(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Give a column as a categorical one, its categories sorted; one that is categorical already stays."""
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        return array
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())  # which Arrow can sort
    if pa.types.is_floating(array.type):
        array = pc.if_else(missing_in(array), pa.scalar(None, array.type), array)
    encoded = array.dictionary_encode()
    order = pc.sort_indices(encoded.dictionary)
    places = pc.sort_indices(order).cast(pa.int32())
    return pa.DictionaryArray.from_arrays(places.take(encoded.indices), encoded.dictionary.take(order))


def _type_of(wanted: str) -> pa.DataType:
    return {
        "String": pa.string(),
        "Integer": pa.int64(),
        "Double": pa.float64(),
        "Boolean": pa.bool_(),
        "DateTime": pa.timestamp("us"),
        "TimeSpan": pa.duration("us"),
    }[wanted]


def _step(
    kind: str, wanted: str, name: str, moment_format: str, parameter: str
) -> Callable[[pa.ChunkedArray], Any]:
    """Give the function that converts all values of one kind; it raises where a value doesn't fit."""
    numeric = ("Boolean", "Integer", "Double")
    steps: dict[tuple[str, str], Callable[[pa.ChunkedArray], Any]] = {
        ("String", "Integer"): lambda values: given_types.integers(pc.utf8_trim_whitespace(values)),
        ("String", "Double"): _doubles_of_texts,
        ("String", "Boolean"): lambda values: given_types.booleans(pc.utf8_trim_whitespace(values)),
        ("String", "DateTime"): lambda values: moments(values, moment_format),
        ("String", _SPANS): lambda values: given_types.spans(pc.utf8_trim_whitespace(values)),
        ("Double", "Integer"): lambda values: pc.cast(pc.trunc(values), pa.int64()),
        ("Boolean", "Integer"): lambda values: pc.cast(values, pa.int64()),
        ("Integer", "Boolean"): lambda values: pc.not_equal(values, 0),
        ("Double", "Boolean"): lambda values: pc.not_equal(values, 0.0),
        ("DateTime", "Integer"): lambda values: _whole_seconds(_micros(values)),
        (_SPANS, "Integer"): lambda values: _whole_seconds(_micros(values)),
        ("DateTime", "Double"): lambda values: pc.divide(
            pc.cast(_micros(values), pa.float64(), safe=False), SECOND
        ),
        (_SPANS, "Double"): lambda values: pc.divide(
            pc.cast(_micros(values), pa.float64(), safe=False), SECOND
        ),
    }
    for number in ("Integer", "Double"):
        steps[number, "DateTime"] = lambda values: _from_seconds(values, pa.timestamp("us"))
        steps[number, _SPANS] = lambda values: _from_seconds(values, pa.duration("us"))
    if wanted == "Double" and kind in numeric:
        return lambda values: pc.cast(values, pa.float64(), safe=False)
    if wanted == "String" and kind != "Bytes":
        return lambda values: column_texts(values, name, "String")
    if (kind, wanted) not in steps:
        raise ModuleError(
            f'The column "{name[:80]}" is {kind} and can\'t become {wanted}.',
            "Leave it out of the choice, or make it a String first.",
            code="wrong-column-type",
            parameter=parameter,
        )
    return steps[kind, wanted]


def _doubles_of_texts(values: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = pc.utf8_trim_whitespace(values)
    try:
        return pc.cast(plain, pa.float64())
    except pa.ArrowInvalid:
        grouped = pc.match_substring_regex(plain, r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.|$)")
        without = pc.replace_substring(plain, ",", "")
        return pc.cast(pc.if_else(grouped, without, plain), pa.float64())


def _micros(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give moments or time spans as whole microseconds."""
    kind = values.type
    if pa.types.is_date(kind):
        values = pc.cast(values, pa.timestamp("us"))
    unit = pa.duration("us") if pa.types.is_duration(kind) else pa.timestamp("us", getattr(kind, "tz", None))
    return pc.cast(pc.cast(values, unit, safe=False), pa.int64())


def _whole_seconds(micros: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.divide(micros, SECOND)


def _from_seconds(values: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_integer(values.type):
        micros = pc.multiply_checked(pc.cast(values, pa.int64()), SECOND)
    else:
        doubles = pc.cast(values, pa.float64(), safe=False)
        micros = pc.cast(pc.round(pc.multiply(doubles, float(SECOND))), pa.int64())
    return pc.cast(micros, wanted)
