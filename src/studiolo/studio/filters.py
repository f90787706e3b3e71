"""Finds the rows of a table that filters keep, over all rows, a piece of the table at a time."""

from __future__ import annotations

import datetime
import decimal
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from studiolo.errors import UserError
from studiolo.workspace.arrow_values import array, scalar
from studiolo.workspace.moments import zone_of
from studiolo.workspace.statistics import PER_SECOND

if TYPE_CHECKING:
    import pyarrow

OPERATIONS = (
    "equals",
    "not-equals",
    "less",
    "at-most",
    "greater",
    "at-least",
    "contains",
    "begins",
    "missing",
    "present",
)
MOST_FILTERS = 50
_PIECE_ROWS = 1 << 20
_BEYOND_DIGITS = 60
_DAY = datetime.timedelta(days=1)
_SPAN = re.compile(r"(-)?(?:(\d{1,8})(?:\.| days?,? ))?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?")


@dataclass(frozen=True)
class Filter:
    """Keeps the rows whose cell in one column compares so with a value.

    A missing cell is kept by `missing` alone. Texts are compared exactly by code points, except that
    `contains` and `begins` do not mind capitals.

    Attributes:
        column: position.
        op: one of `OPERATIONS`.
        value: text, read by the column's type: a number, `true`, `2020-01-31` (the whole day),
            `2020-01-31 12:00`, `1.02:03:04`, hexadecimal digits for bytes.
    """

    column: int
    op: str
    value: str = ""


def matching_rows(table: pyarrow.Table, filters: Sequence[Filter]) -> pyarrow.Array:
    """Give the positions of the rows that all filters keep, in order, as unsigned integers.

    Raises:
        UserError: `wrong-filter`, with the column and what its type takes.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(filters) > MOST_FILTERS:
        raise UserError("wrong-filter", f"There are {len(filters)} filters, more than {MOST_FILTERS}.", "")
    kind = pa.uint32() if table.num_rows < 1 << 32 else pa.uint64()
    tests = [(one.column, _test(table.schema.field(one.column), one)) for one in filters]
    found = []
    no = scalar(False, pa.bool_())
    for start in range(0, table.num_rows, _PIECE_ROWS):
        mask = None
        for column, test in tests:
            values = _one_array(table.column(column).slice(start, _PIECE_ROWS))
            part = pc.fill_null(test(values), no)
            mask = part if mask is None else pc.and_(mask, part)
        rows = pc.indices_nonzero(mask)
        found.append(pc.add(rows, scalar(start, rows.type)).cast(kind))
    return pa.concat_arrays(found) if found else pa.nulls(0, kind)


def _one_array(values: pyarrow.ChunkedArray) -> pyarrow.Array:
    import pyarrow as pa

    if values.num_chunks == 1:
        return values.chunk(0)
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.nulls(0, values.type)


def _test(field: pyarrow.Field, one: Filter) -> Any:
    """Give a function from an array to a mask; the value is read here, once, so that a wrong one is told early."""
    import pyarrow.compute as pc

    kind = field.type
    if one.op == "missing":
        return lambda values: pc.is_null(values, nan_is_null=True)
    if one.op == "present":
        return lambda values: pc.invert(pc.is_null(values, nan_is_null=True))
    if one.op in ("contains", "begins"):
        return _text_test(kind, one, field.name)
    try:
        return _comparison(kind, one.op, one.value.strip() if not _is_text(kind) else one.value)
    except (ValueError, OverflowError, decimal.InvalidOperation):
        raise _wrong(field, one.value) from None


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_large_string(kind))


def _comparison(kind: Any, op: str, value: str) -> Any:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        inner = _comparison(kind.value_type, op, value)
        return lambda values: inner(values.dictionary).take(values.indices)
    if pa.types.is_large_string(kind):
        return _compared(op, scalar(value, kind))
    if pa.types.is_large_binary(kind):
        return _compared(op, scalar(bytes.fromhex(value.removeprefix("0x")), kind))
    if pa.types.is_boolean(kind):
        return _compared(op, scalar(_truth(value), kind))
    if pa.types.is_floating(kind):
        return _float_comparison(kind, op, value)
    low, high, view = _bounds(kind, value)
    return _within(kind, op, low, high, view)


def _float_comparison(kind: Any, op: str, value: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    number = float(value)
    if math.isnan(number):
        raise ValueError("NaN is missing")
    wide = pa.float32() if kind == pa.float16() else kind
    inner = _compared(op, scalar(number, wide))

    def test(values: Any) -> Any:
        values = values.cast(wide)
        # NaN is missing, so it differs from nothing either.
        return pc.and_(inner(values), pc.invert(pc.is_nan(values))) if op == "not-equals" else inner(values)

    return test


def _bounds(kind: Any, value: str) -> tuple[int, int, Any]:
    """Give the least and greatest integer tick that a value means, and the integer type of the ticks.

    The value 2.5 of whole numbers lies between ticks: least 3, greatest 2. A day of times has many ticks.
    """
    import pyarrow as pa

    if pa.types.is_integer(kind):
        number = _number(value)
        return math.ceil(number), math.floor(number), kind
    if pa.types.is_decimal(kind):
        number = _number(value) * 10**kind.scale
        return math.ceil(number), math.floor(number), kind
    if pa.types.is_duration(kind):
        number = _span(value) * PER_SECOND[kind.unit]
        return math.ceil(number), math.floor(number), pa.int64()
    first, after = _moments(value)
    if pa.types.is_date32(kind):
        days = _ticks(first.replace(tzinfo=None), None, 1) / 86_400
        return math.ceil(days), math.floor(days), pa.int32()
    per_second = PER_SECOND[kind.unit]
    start = _ticks(first, kind.tz, per_second)
    if after is None:
        return math.ceil(start), math.floor(start), pa.int64()
    return math.ceil(start), math.ceil(_ticks(after, kind.tz, per_second)) - 1, pa.int64()


def _within(kind: Any, op: str, low: int, high: int, view: Any) -> Any:
    """Compare ticks with the range that a value means; a bound that the type can't hold decides for all rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    least, greatest = _range_of(kind if pa.types.is_decimal(kind) else view, kind)

    def bound(number: int, is_upper: bool) -> Any:
        def test(values: Any) -> Any:
            ticks = values if values.type == view else values.cast(view)
            if number < least or number > greatest:
                always = scalar((number > greatest) == is_upper, pa.bool_())
                return pc.if_else(pc.is_valid(ticks), always, scalar(None, pa.bool_()))
            limit = scalar(number, view)
            return pc.less_equal(ticks, limit) if is_upper else pc.greater_equal(ticks, limit)

        return test

    tests = {
        "less": lambda values: bound(low - 1, True)(values),
        "at-most": lambda values: bound(high, True)(values),
        "greater": lambda values: bound(high + 1, False)(values),
        "at-least": lambda values: bound(low, False)(values),
        "equals": lambda values: pc.and_(bound(low, False)(values), bound(high, True)(values)),
        "not-equals": lambda values: pc.or_(bound(low - 1, True)(values), bound(high + 1, False)(values)),
    }
    return tests[op]


def _range_of(ticks: Any, kind: Any) -> tuple[int, int]:
    import pyarrow as pa

    if pa.types.is_decimal(kind):
        most = 10**kind.precision - 1
        return -most, most
    width = ticks.bit_width
    if pa.types.is_unsigned_integer(ticks):
        return 0, 2**width - 1
    return -(2 ** (width - 1)), 2 ** (width - 1) - 1


def _compared(op: str, scalar: Any) -> Any:
    import pyarrow.compute as pc

    functions = {
        "equals": pc.equal,
        "not-equals": pc.not_equal,
        "less": pc.less,
        "at-most": pc.less_equal,
        "greater": pc.greater,
        "at-least": pc.greater_equal,
    }
    function = functions[op]
    return lambda values: function(values, scalar)


def _text_test(kind: Any, one: Filter, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(kind):
        inner = _text_test(kind.value_type, one, name)
        return lambda values: inner(values.dictionary).take(values.indices)
    function = pc.match_substring if one.op == "contains" else pc.starts_with
    value = one.value
    if pa.types.is_large_binary(kind):
        try:
            data = bytes.fromhex(value.removeprefix("0x"))
        except ValueError:
            raise _wrong(pa.field(name, kind), value) from None
        return lambda values: function(values, data)
    if pa.types.is_timestamp(kind):
        value = value.replace("T", " ")

    def test(values: Any) -> Any:
        if pa.types.is_floating(kind):
            values = pc.if_else(pc.is_nan(values.cast(pa.float64())), scalar(None, kind), values)
            values = values.cast(pa.float32() if kind == pa.float16() else kind)
        if pa.types.is_duration(kind):
            from studiolo.studio.cells import cells_of

            texts = array([text or "" for text in cells_of(values)[0]], pa.large_string())
            values = pc.if_else(pc.is_valid(values), texts, scalar(None, pa.large_string()))
        texts = values if pa.types.is_large_string(values.type) else values.cast(pa.large_string())
        return function(texts, value, ignore_case=True)

    return test


def _truth(value: str) -> bool:
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if value.lower() not in known:
        raise ValueError("no truth value")
    return known[value.lower()]


def _number(value: str) -> Fraction:
    """Read a number exactly; what is beyond every type stands for itself by one that is beyond them too."""
    number = decimal.Decimal(value)
    if number.is_nan():
        raise ValueError("NaN is missing")
    if number.is_infinite() or number.adjusted() > _BEYOND_DIGITS:
        return Fraction(-(10**_BEYOND_DIGITS) if number.is_signed() else 10**_BEYOND_DIGITS)
    if number and number.adjusted() < -_BEYOND_DIGITS:
        return Fraction(-1 if number.is_signed() else 1, 10**_BEYOND_DIGITS)
    return Fraction(number)


def _moments(value: str) -> tuple[datetime.datetime, datetime.datetime | None]:
    """Read a moment, or a day: then the second is where the next one begins."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        first = datetime.datetime.fromisoformat(value)
        return first, first + _DAY
    return datetime.datetime.fromisoformat(value), None


def _ticks(moment: datetime.datetime, zone: str | None, per_second: int) -> Fraction:
    """Give a moment in ticks since 1970; one without a zone is in the column's."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone_of(zone))
    elif zone is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    micros = (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds
    return Fraction(micros * per_second, 10**6)


def _span(value: str) -> Fraction:
    """Read a time span in seconds: `1.02:03:04.5`, or a number of seconds."""
    match = _SPAN.fullmatch(value)
    if match is None:
        return _number(value)
    sign, days, hours, minutes, seconds, decimals = match.groups()
    whole = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds or 0)
    total = whole + Fraction(int(f"{decimals or '':0<9}"), 10**9)
    return -total if sign else total


def _wrong(field: pyarrow.Field, value: str) -> UserError:
    import pyarrow as pa

    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    takes = "a number, such as 2.5"
    if pa.types.is_boolean(kind):
        takes = "true or false"
    elif pa.types.is_duration(kind):
        takes = "a time span, such as 1.02:03:04 or a number of seconds"
    elif pa.types.is_temporal(kind):
        takes = "a day or moment, such as 2020-01-31 or 2020-01-31 12:00"
    elif pa.types.is_large_binary(kind):
        takes = "hexadecimal digits, such as 00ff"
    return UserError(
        "wrong-filter",
        f'The column "{field.name[:200]}" can\'t be compared with {value[:200]!r}.',
        f"Its type takes {takes}.",
    )
