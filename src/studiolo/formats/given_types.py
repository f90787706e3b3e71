"""Converts a column of texts to the type its user named; one value that does not fit is an error with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.reading import shown
from studiolo.formats.time_spans import parse_span
from studiolo.formats.value_types import cleaned
from studiolo.sdk import ModuleError
from studiolo_child.nearest import did_you_mean

TYPES = ("Boolean", "Integer", "Double", "String", "DateTime", "TimeSpan", "Categorical")
TRUE = ("true", "1")
FALSE = ("false", "0")

Place = Callable[[int], str]


def parse_types(given: str | Mapping[str, str] | None) -> dict[str, str]:
    """Read the parameter `types`.

    Args:
        given: a mapping of column name to type, the same as JSON, or lines (or a comma-separated list) of
            `name: Type`. Types are `TYPES` in any case; `DateTime(FORMAT)` with a format as in strptime.

    Returns:
        Column name to type, spelt as in `TYPES`.

    Raises:
        ModuleError: `bad-parameter`.

    >>> parse_types("zip: string, when: DateTime(%d.%m.%Y)")
    {'zip': 'String', 'when': 'DateTime(%d.%m.%Y)'}
    """
    if not given:
        return {}
    pairs = _pairs(given.strip()) if isinstance(given, str) else dict(given)
    known = {name.lower(): name for name in TYPES}
    result = {}
    for column, wanted in pairs.items():
        word, bracket, rest = str(wanted).strip().partition("(")
        proper = known.get(word.strip().lower())
        if proper is None or (bracket and (proper != "DateTime" or not rest.endswith(")"))):
            hint = did_you_mean(word.strip(), TYPES, "type")
            raise _bad(f'"{wanted}" is no type for the column "{column}".', hint)
        result[str(column)] = proper + bracket + rest
    return result


def convert(values: pa.ChunkedArray, wanted: str, name: str, markers: Iterable[str], place: Place) -> Any:
    """Convert texts to a named type.

    Args:
        values: texts with nulls for missing.
        wanted: as `parse_types` gives it.
        name: of the column.
        markers: texts that mean missing unless the type is String or Categorical.
        place: gives the words for a row, such as `data.csv, line 7`, from its index in `values`.

    Raises:
        ModuleError: `value-does-not-fit` with place, column and value.
    """
    word, _, rest = wanted.partition("(")
    if word == "String":
        return values
    if word == "Categorical":
        return pa.chunked_array([pc.dictionary_encode(values).combine_chunks()])
    clean = cleaned(values, pa.array(["", *markers], pa.string()))
    step = {
        "Integer": integers,
        "Double": _doubles,
        "Boolean": booleans,
        "TimeSpan": spans,
        "DateTime": moments(rest.removesuffix(")")),
    }[word]
    try:
        return step(clean)
    except (pa.ArrowInvalid, ValueError):
        row = first_unfit(clean, step)
        value = values[row].as_py()
        raise ModuleError(
            f'{place(row)}, column "{name}": {shown(value)} is not {_article(word)} {word}.',
            "Correct the value, add it to the markers of missing values, or give the column another type.",
            code="value-does-not-fit",
            parameter="types",
        ) from None


def require_columns(types: Mapping[str, str], names: list[str]) -> None:
    """Check that every column with a given type is there.

    Raises:
        ModuleError: `missing-column`.
    """
    for name in types:
        if name not in names:
            raise ModuleError(
                f'The parameter types names the column "{name}", which the file does not have.',
                did_you_mean(name, names, "column"),
                code="missing-column",
                parameter="types",
            )


def _pairs(text: str) -> dict[str, str]:
    if text.startswith("{"):
        try:
            pairs = json.loads(text)
        except json.JSONDecodeError as fault:
            raise _bad(f"The parameter types is no JSON: {fault}.", 'Write {"column": "Type"}.') from None
        if isinstance(pairs, dict) and all(isinstance(value, str) for value in pairs.values()):
            return pairs
        raise _bad("The parameter types is no JSON object of texts.", 'Write {"column": "Type"}.')
    result = {}
    for piece in re.split(r"[\n,]", text):
        if piece.strip():
            column, colon, wanted = piece.rpartition(":")
            if "(" in piece:
                column, colon, wanted = re.split(r"(:)\s*(?=\w+\()", piece, maxsplit=1)
            if not colon:
                raise _bad(f"The parameter types has {shown(piece.strip())}.", "Write `column: Type`.")
            result[column.strip()] = wanted.strip()
    return result


def _bad(summary: str, hint: str) -> ModuleError:
    return ModuleError(summary, hint, code="bad-parameter", parameter="types")


def _article(word: str) -> str:
    return "an" if word[0] in "AEIOU" else "a"


def first_unfit(values: pa.ChunkedArray, step: Callable[[pa.ChunkedArray], Any]) -> int:
    """Bisect for the first row that makes `step` fail for the rows up to it."""
    low, high = 0, len(values)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            step(values.slice(0, middle))
            low = middle
        except (pa.ArrowInvalid, ValueError):
            high = middle
    return low


def integers(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Convert texts to 64-bit integers: leading zeros, a plus and decimals of zero are allowed.

    Raises:
        ValueError: a text is no whole number.
        pyarrow.ArrowInvalid: a number needs more than 64 bits.
    """
    hexadecimal = (pc.any(pc.match_substring(values, letter)).as_py() for letter in "xX")
    if not any(hexadecimal):  # Arrow reads 0x10 as 16
        try:
            return pc.cast(values, pa.int64())
        except pa.ArrowInvalid:
            pass
    plain = pc.replace_substring_regex(values, r"^(?:\+|(-))?0*([0-9])", r"\1\2")
    plain = pc.replace_substring_regex(plain, r"^(-?[0-9]+)\.0*$", r"\1")
    if pc.any(pc.invert(pc.match_substring_regex(plain, "^-?[0-9]+$"))).as_py():
        raise ValueError("not whole")
    return pc.cast(plain, pa.int64())


def _doubles(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(values, pa.float64())


def booleans(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Convert texts to Booleans: `true`, `false`, `1` and `0` in any case.

    Raises:
        ValueError: a text is another one.
    """
    lower = pc.utf8_lower(values)
    is_true = pc.is_in(lower, value_set=pa.array(TRUE))
    known = pc.or_(is_true, pc.is_in(lower, value_set=pa.array(FALSE)))
    if pc.any(pc.invert(pc.or_(known, pc.is_null(lower)))).as_py():
        raise ValueError("neither true nor false")
    return pc.if_else(pc.is_null(lower), pa.scalar(None, pa.bool_()), is_true)


def spans(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Convert texts to time spans in microseconds.

    Raises:
        ValueError: a text is no time span.
    """
    return pa.chunked_array([pa.array([parse_span(text) for text in values.to_pylist()], pa.duration("us"))])


def moments(form: str) -> Callable[[pa.ChunkedArray], pa.ChunkedArray]:
    """Give the function that converts texts to moments, by a format of `strptime` or, without one, ISO 8601.

    The function raises pyarrow.ArrowInvalid where a text is no moment.
    """

    def parse(values: pa.ChunkedArray) -> pa.ChunkedArray:
        if form:
            return pc.strptime(values, format=form, unit="us")
        attempts = [pa.timestamp(unit, zone) for zone in (None, "UTC") for unit in ("us", "ns")]
        for wanted in attempts[:-1]:
            try:
                return pc.cast(values, wanted)
            except pa.ArrowInvalid:
                continue
        return pc.cast(values, attempts[-1])

    return parse
