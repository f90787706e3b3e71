"""Parses the cells of a column into the buffers of its frame type; whole columns at once where they allow it.

Every form takes the same cells: JSON numbers and booleans, null for missing, and texts in the forms that replies
have: `1`, `1E-05`, `True`, `9/21/2014 11:10:00 AM`, and ISO 8601. An empty text is missing but in columns of texts.
"""

from __future__ import annotations

import base64
import math
import re
import struct
from array import array
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import orjson

from studiolo.services.bodies import decimals
from studiolo.services.bodies.frame_writing import Buffers, bits
from studiolo.services.bodies.moments import PER_SECOND, parse_moment, parse_span
from studiolo_child.frames import layout

INTEGERS = {
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": "q",
    "uint8": "B",
    "uint16": "H",
    "uint32": "I",
    "uint64": "Q",
}
FLOATS = {"float16": "e", "float32": "f", "float64": "d"}
_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,24}\s*", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?\s*", re.ASCII)
_ENDLESS = {"inf": math.inf, "infinity": math.inf, "-inf": -math.inf, "-infinity": -math.inf}
_NOT_A_NUMBER = {"", "nan"}
_WORDS = {"true": True, "false": False, "1": True, "0": False}
_EXACT = 1 << 53
_NAN = math.nan
# The least numbers that round to infinity.
_PRECISIONS = {"float16": ("half", 65520.0), "float32": ("single", 3.4028235677973366e38)}
_PLAIN = {int, float, bool, type(None)}
_TEXTS = {str, type(None)}


class CellError(Exception):
    """A cell does not fit its column.

    Args:
        row: from 0.
        value: what stands there.
        expected: what fits, such as `a whole number from -128 to 127`.
    """

    def __init__(self, row: int, value: Any, expected: str) -> None:
        super().__init__(row, value, expected)
        self.row, self.value, self.expected = row, value, expected


def parse_cells(values: Sequence[Any], kind: str) -> Buffers:
    """Give the buffers of a column, categorical ones excepted.

    Args:
        values: JSON values, None for missing.
        kind: frame type.

    Raises:
        CellError: for the first cell that does not fit.
    """
    if kind in FLOATS:
        return Buffers(kind, -1, [_floats(values, kind)])
    if kind in INTEGERS:
        return _integers(values, kind)
    if kind == "string":
        return _texts(values)
    if kind == "bool":
        return _truths(values)
    if kind == "bytes":
        return _variable("bytes", converted(values, _bytes_cell, "base64 text"))
    parts = layout.parse_type(kind)
    if parts is None:
        raise CellError(0, values[0] if values else None, f"a value of the unknown type {kind}")
    if parts.kind == "decimal":
        cell = partial(decimals.parse_decimal, precision=parts.precision, scale=parts.scale)
        return decimals.buffers(
            kind, converted(values, cell, decimals.expected(parts.precision, parts.scale))
        )
    if parts.kind == "date":
        return _fixed(kind, "i", converted(values, _date_cell, "a date such as 2014-09-21"))
    if parts.kind == "duration":
        cell, expected = partial(_span_cell, unit=parts.unit), "a time span such as 1.02:03:04"
    else:
        cell, expected = partial(_moment_cell, unit=parts.unit), "a date and time such as 2014-09-21T11:10:00"
    return _fixed(kind, "q", converted(values, cell, expected))


def converted(values: Sequence[Any], cell: Callable[[Any], Any], expected: str) -> list[Any]:
    """Give every value but None through `cell`, whose ValueError names the row.

    Raises:
        CellError: `cell` raised ValueError.
    """
    made: list[Any] = []
    add = made.append
    try:
        for value in values:
            add(None if value is None else cell(value))
    except (ValueError, OverflowError):
        raise CellError(len(made), values[len(made)], expected) from None
    return made


def _numbers(values: Sequence[Any]) -> Sequence[Any] | None:
    """Give numbers, None for missing, when the values are such or texts as JSON writes numbers; else None.

    Quick, and sound: each text must be exactly one number, since a text without any would leave a comma alone.
    """
    try:
        text = ",".join(values)
        if "u" not in text and "l" not in text:  # true, false, null
            numbers = orjson.loads(f"[{text}]")
            if len(numbers) == len(values):
                return numbers  # type: ignore[no-any-return]
    except (TypeError, orjson.JSONDecodeError, RecursionError):
        pass
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return values
    if not kinds <= _TEXTS:
        return None
    text = ",".join([value for value in values if value])
    if "u" in text or "l" in text:
        return None
    try:
        numbers = orjson.loads("[" + ",".join([value or "null" for value in values]) + "]")
    except (orjson.JSONDecodeError, RecursionError):
        return None
    return numbers if len(numbers) == len(values) else None


def _floats(values: Sequence[Any], kind: str) -> bytes:
    form = f"<{len(values)}{FLOATS[kind]}"
    try:
        return struct.pack(form, *values)
    except (struct.error, OverflowError):
        pass
    numbers = _numbers(values)
    if numbers is not None:
        try:
            return struct.pack(form, *[_NAN if number is None else number for number in numbers])
        except (struct.error, OverflowError):
            pass
    cells = [_NAN if cell is None else cell for cell in converted(values, float_cell, "a number")]
    try:
        return struct.pack(form, *cells)
    except (struct.error, OverflowError):
        precision, limit = _PRECISIONS[kind]
        row = next(row for row, cell in enumerate(cells) if limit <= abs(cell) < math.inf)
        raise CellError(row, values[row], f"a number of {precision} precision") from None


def float_cell(value: Any) -> float | None:
    """Give a cell as a float; None for an empty text.

    Raises:
        ValueError: it is no number.
    """
    kind = type(value)
    if kind is float or kind is int or kind is bool:
        return float(value)
    if kind is not str:
        raise ValueError
    if _NUMBER.fullmatch(value) is not None:
        number = float(value)
        if math.isinf(number):
            raise ValueError
        return number
    word = value.strip().lower()
    if word in _NOT_A_NUMBER:
        return None
    if word in _ENDLESS:
        return _ENDLESS[word]
    raise ValueError


def _integers(values: Sequence[Any], kind: str) -> Buffers:
    code = INTEGERS[kind]
    try:
        return Buffers(kind, 0, [b"", struct.pack(f"<{len(values)}{code}", *values)])
    except struct.error:
        numbers = _numbers(values)
    if numbers is not None:
        try:
            return _fixed(kind, code, numbers)
        except struct.error:
            pass
    width = 8 * struct.calcsize("<" + code)
    low, high = (-1 << width - 1, (1 << width - 1) - 1) if code.islower() else (0, (1 << width) - 1)
    cell = partial(_integer_cell, low=low, high=high)
    return _fixed(kind, code, converted(values, cell, f"a whole number from {low} to {high}"))


def _integer_cell(value: Any, low: int, high: int) -> int | None:
    number = integer_cell(value)
    if number is not None and not low <= number <= high:
        raise ValueError
    return number


def integer_cell(value: Any) -> int | None:
    """Give a cell as a whole number; None for an empty text.

    Raises:
        ValueError: it is none, or a float too large to be exact.
    """
    if type(value) is int or type(value) is bool:
        return int(value)
    if type(value) is str and _WHOLE.fullmatch(value) is not None:
        return int(value)
    number = float_cell(value)
    if number is None:
        return None
    if not number.is_integer() or abs(number) > _EXACT:
        raise ValueError
    return int(number)


def truth_cell(value: Any) -> bool | None:
    """Give a cell as a truth value; None for an empty text.

    Raises:
        ValueError: it is none.
    """
    if type(value) is bool:
        return value
    if type(value) is str:
        word = value.strip().lower()
        if not word:
            return None
        if word in _WORDS:
            return _WORDS[word]
    elif (type(value) is int or type(value) is float) and value in (0, 1):
        return bool(value)
    raise ValueError


def _truths(values: Sequence[Any]) -> Buffers:
    if set(map(type, values)) <= {bool}:
        return Buffers("bool", 0, [b"", bits(values)])
    cells = converted(values, truth_cell, "True or False")
    missing = cells.count(None)
    validity = bits([cell is not None for cell in cells]) if missing else b""
    return Buffers("bool", missing, [validity, bits(cells)])


def text_cell(value: Any) -> str:
    """Give a cell as text: numbers in digits, `True` and `False`.

    Raises:
        ValueError: it is a list or an object.
    """
    if type(value) is str:
        return value
    if type(value) in (bool, int, float):
        return str(value)
    raise ValueError


def _texts(values: Sequence[Any]) -> Buffers:
    try:
        joined = "".join(values).encode()
    except TypeError:
        texts = converted(values, text_cell, "a text")
        return _variable("string", [None if text is None else text.encode() for text in texts])
    lengths = list(accumulate(map(len, values), initial=0))
    if lengths[-1] != len(joined):
        return _variable("string", [text.encode() for text in values])
    return Buffers("string", 0, [b"", array("q", lengths), joined])


def _variable(kind: str, values: Sequence[bytes | None]) -> Buffers:
    missing = values.count(None)
    validity = bits([value is not None for value in values]) if missing else b""
    present = [value or b"" for value in values]
    offsets = array("q", accumulate(map(len, present), initial=0))
    return Buffers(kind, missing, [validity, offsets, b"".join(present)])


def _fixed(kind: str, code: str, values: Sequence[int | None]) -> Buffers:
    form = f"<{len(values)}{code}"
    missing = values.count(None)
    if not missing:
        return Buffers(kind, 0, [b"", struct.pack(form, *values)])
    validity = bits([value is not None for value in values])
    return Buffers(kind, missing, [validity, struct.pack(form, *[value or 0 for value in values])])


def _bytes_cell(value: Any) -> bytes:
    if type(value) is not str:
        raise ValueError
    return base64.b64decode(value, validate=True)


def _moment_cell(value: Any, unit: str) -> int | None:
    return _in_unit(value, parse_moment, unit)


def _span_cell(value: Any, unit: str) -> int | None:
    return _in_unit(value, parse_span, unit)


def _in_unit(value: Any, parse: Callable[[str], int], unit: str) -> int | None:
    if type(value) is not str:
        raise ValueError
    if not value.strip():
        return None
    number = parse(value) // (1_000_000_000 // PER_SECOND[unit])
    if not -(1 << 63) < number < 1 << 63:
        raise ValueError
    return number


def _date_cell(value: Any) -> int | None:
    nanoseconds = _in_unit(value, parse_moment, "s")
    if nanoseconds is None:
        return None
    days, rest = divmod(nanoseconds, 86_400)
    if rest:
        raise ValueError
    return days
