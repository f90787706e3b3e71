r"""Expressions of Split Data about one column: `\"name" regex` and `\"name" > 3 & < 10`."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.choosing import present
from studiolo.modules.columns.converting import converted
from studiolo.modules.columns.kinds import kind_of, missing_in, one_chunk, texts_of
from studiolo.sdk import ModuleError
from studiolo_child.nearest import did_you_mean

_NAMED = re.compile(r'\\?"(?P<name>.*?)\\?"', re.DOTALL)
_NUMBERED = re.compile(r"\(\\?(?P<number>[0-9]{1,9})\)")
_CONDITION = re.compile(
    r"""\s*(?P<sign>==|!=|<=|>=|=|<|>)\s*(?P<value>"[^"]*"|'[^']*'|[^&|<>=!]*?)\s*(?P<link>[&|]|$)"""
)
_SIGNS: dict[str, Callable[..., Any]] = {
    **{"==": pc.equal, "=": pc.equal, "!=": pc.not_equal},
    **{"<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal},
}
_ORDERED = ("Integer", "Double", "DateTime", "TimeSpan")


def matching(table: pa.Table, expression: str, parameter: str) -> pa.Array:
    r"""Say of each row whether the text of a column matches a regular expression.

    Args:
        table: the dataset.
        expression: `\"column name" regex` or `(\n) regex` with the number of a column, counted from 1.
        parameter: that an error is about.

    Raises:
        ModuleError: `bad-parameter` or `missing-column`.
    """
    name, pattern = _target(table, expression, parameter)
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError) as fault:
        raise ModuleError(
            f'"{pattern[:80]}" is no regular expression: {fault}.',
            "Write it as for Python's `re`; a backslash before a sign takes its meaning away.",
            code="bad-parameter",
            parameter=parameter,
        ) from None
    found = pc.fill_null(texts_of(table.column(name)), "").dictionary_encode()
    answers = [compiled.search(text) is not None for text in found.dictionary.to_pylist()]
    return pa.array(answers, pa.bool_()).take(found.indices)


def fulfilling(table: pa.Table, expression: str, parameter: str) -> pa.Array:
    r"""Say of each row whether a column fulfils conditions, linked from left to right without precedence.

    A missing value fulfils nothing, except that a text that is missing is unlike (`!=`) every text.

    Args:
        table: the dataset.
        expression: `\"column name"` or `(\n)` and conditions linked by `&` and `|`.
        parameter: that an error is about.

    Raises:
        ModuleError: `bad-parameter`, `missing-column`, `wrong-column-type` or `value-does-not-fit`.
    """
    name, rest = _target(table, expression, parameter)
    array = one_chunk(table.column(name))
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = kind_of(array.type)
    if kind == "Bytes":
        raise ModuleError(
            f'The column "{name[:80]}" is Bytes, which can\'t be compared.',
            "Choose another column.",
            code="wrong-column-type",
            parameter=parameter,
        )
    result, link = None, ""
    for sign, value, following in _conditions(rest, parameter):
        if kind not in _ORDERED and _SIGNS[sign] not in (pc.equal, pc.not_equal):
            raise ModuleError(
                f'The column "{name[:80]}" is {kind}; {sign} compares only numbers, moments and time spans.',
                "Use == or !=, or change the type with Edit Metadata.",
                code="wrong-column-type",
                parameter=parameter,
            )
        here = _compared(array, kind, sign, value, name, parameter)
        result = here if result is None else (pc.and_ if link == "&" else pc.or_)(result, here)
        link = following
    return result


def _target(table: pa.Table, expression: str, parameter: str) -> tuple[str, str]:
    """Give the column at the beginning of an expression, and what follows."""
    text = expression.strip()
    for name in sorted(table.column_names, key=len, reverse=True):  # a name may have quotes in it
        for written in (name, name.replace('"', r"\"")):
            found = re.match(rf'\\?"{re.escape(written)}\\?"', text)
            if found is not None:
                return name, text[found.end() :].strip()
    named, numbered = _NAMED.match(text), _NUMBERED.match(text)
    if named is not None:
        present(table, [named["name"]], parameter)
    if numbered is None:
        raise ModuleError(
            f'The expression "{expression[:80]}" does not begin with a column.',
            r'Begin with its name as in \"age" or with its number, from 1, as in (\1).',
            code="bad-parameter",
            parameter=parameter,
        )
    number = int(numbered["number"])
    if not 1 <= number <= table.num_columns:
        raise ModuleError(
            f"The dataset has no column {number}; it has {table.num_columns}, counted from 1.",
            did_you_mean("", table.column_names, "column"),
            code="missing-column",
            parameter=parameter,
        )
    return table.column_names[number - 1], text[numbered.end() :].strip()


def _conditions(text: str, parameter: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    at = 0
    while at < len(text) or not found:
        match = _CONDITION.match(text, at)
        if match is None or not match["value"] or (match["link"] and match.end() == len(text)):
            raise ModuleError(
                f'The conditions "{text[:80]}" can\'t be read from "{text[at : at + 40]}" on.',
                "Write conditions such as > 3 & <= 10 with ==, !=, <, <=, > or >=, linked by & or |.",
                code="bad-parameter",
                parameter=parameter,
            )
        found.append((match["sign"], match["value"], match["link"]))
        at = match.end()
    return found


def _compared(array: pa.Array, kind: str, sign: str, value: str, name: str, parameter: str) -> pa.Array:
    text = value[1:-1] if value[0] in "\"'" else value
    is_missing = missing_in(array)
    if kind == "String":
        return pc.fill_null(_SIGNS[sign](array, pa.scalar(text, array.type)), sign == "!=")
    try:
        wanted = converted(pa.array([text]), "Double" if kind == "Integer" else kind, name)[0]
        if kind == "Integer":
            answer = _of_integers(array, sign, text)
            return pc.and_(pc.fill_null(answer, False), pc.invert(is_missing))
        if pa.types.is_decimal(array.type):
            array = array.cast(pa.float64())
        elif kind == "DateTime":
            array = array.cast(pa.timestamp("us", getattr(array.type, "tz", None)), safe=False)
            wanted = wanted.cast(array.type)
        answer = _SIGNS[sign](array, wanted)
    except (ModuleError, pa.ArrowInvalid, decimal.InvalidOperation):
        raise ModuleError(
            f'"{text[:60]}" can\'t be compared with the column "{name[:80]}", which is {kind}.',
            "Write a value of that type: a number, a date such as 2020-01-31, or a time span such as 01:30:00.",
            code="value-does-not-fit",
            parameter=parameter,
        ) from None
    return pc.and_(pc.fill_null(answer, False), pc.invert(is_missing))


def _of_integers(array: pa.Array, sign: str, text: str) -> pa.Array:
    """Compare integers with a number as it is written; a Double would lose digits of either."""
    number = decimal.Decimal(text.strip().replace(",", ""))
    is_unsigned = pa.types.is_uint64(array.type)
    array = array if is_unsigned else array.cast(pa.int64())
    least, greatest = (0, 2**64 - 1) if is_unsigned else (-(2**63), 2**63 - 1)
    if number.is_nan():
        return _everywhere(array, sign == "!=")
    if number > greatest or number < least:
        return _everywhere(array, sign in (("<", "<=", "!=") if number > greatest else (">", ">=", "!=")))
    whole = math.floor(number)
    limit = pa.scalar(whole, array.type)
    if number == whole:
        return _SIGNS[sign](array, limit)
    if sign in ("==", "=", "!="):
        return _everywhere(array, sign == "!=")
    return (pc.less_equal if sign.startswith("<") else pc.greater)(array, limit)


def _everywhere(array: pa.Array, answer: bool) -> pa.Array:
    return pa.repeat(pa.scalar(answer), len(array))
