"""Values of tables as the page shows them: JSON numbers where they are exact, text where they would not be.

Does not decide which cells are shown; `studiolo.studio.tables` does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from studiolo.workspace.moments import FIRST_SECOND, LAST_SECOND, day_text, moment_text
from studiolo.workspace.statistics import PER_SECOND

if TYPE_CHECKING:
    import pyarrow

CELL_CHARACTERS = 300
"""Longer cells are cut in a page; `Tables.cell` gives them whole."""

EXACT_INTEGERS = 2**53
"""Beyond it a number of JavaScript is not exact."""


def cells_of(values: pyarrow.Array, limit: int = CELL_CHARACTERS) -> tuple[list[Any], dict[int, int]]:
    """Give an array's values as JSON values, None for missing, and the whole lengths of those that were cut.

    Integers beyond 2**53, infinities, times, spans, decimals and bytes are text; NaN is missing.

    Args:
        values: of any type that frames have.
        limit: longest text in characters, bytes in hexadecimal digits.
    """
    import pyarrow as pa

    kind = values.type
    if pa.types.is_dictionary(kind):
        return _categorical_cells(values, limit)
    if pa.types.is_large_string(kind):
        return _text_cells(values, limit)
    if pa.types.is_large_binary(kind):
        return _bytes_cells(values, limit)
    if pa.types.is_boolean(kind):
        return values.to_pylist(), {}
    if pa.types.is_integer(kind):
        return [_integer_cell(value) for value in values.to_pylist()], {}
    if pa.types.is_floating(kind):
        return [_float_cell(value) for value in _exact_floats(values)], {}
    if pa.types.is_duration(kind):
        factor = 10**9 // PER_SECOND[kind.unit]
        ticks = values.cast(pa.int64()).to_pylist()
        return [None if tick is None else span_text(tick * factor) for tick in ticks], {}
    if pa.types.is_timestamp(kind) or pa.types.is_date32(kind):
        return _time_cells(values), {}
    return _cast_texts(values), {}


def label_of(value: Any) -> str:
    """Give a cell as the label of a bar or box.

    >>> label_of(True), label_of(None), label_of(2.0)
    ('true', '', '2')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return str(value)


def number_text(value: float) -> str:
    """Give a number in the shortest form that keeps about six digits.

    >>> number_text(2.0), number_text(0.1 + 0.2), number_text(1234567.0)
    ('2', '0.3', '1234567')
    """
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.6g}"


def span_text(nanoseconds: int) -> str:
    """Write a time span as CSV files of the studio have it: `[-][d.]hh:mm:ss[.fffffffff]`.

    >>> span_text(93784500000000), span_text(-1000000000)
    ('1.02:03:04.5', '-00:00:01')
    """
    sign = "-" if nanoseconds < 0 else ""
    seconds, rest = divmod(abs(nanoseconds), 10**9)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    text = f"{sign}{f'{day}.' if day else ''}{hour:02}:{minute:02}:{second:02}"
    return text + f".{rest:09}".rstrip("0") if rest else text


def finite(value: Any) -> float | str | None:
    """Give a figure, a float or Decimal, as JSON can hold it: infinities as text, NaN as None."""
    return None if value is None else _float_cell(float(value))


def _integer_cell(value: int | None) -> int | str | None:
    return value if value is None or -EXACT_INTEGERS <= value <= EXACT_INTEGERS else str(value)


def _float_cell(value: float | None) -> float | str | None:
    if value is None or math.isnan(value):
        return None
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def _exact_floats(values: pyarrow.Array) -> Sequence[float | None]:
    """Give short floats with the digits they have: 0.1 of 32 bits is 0.1, not 0.10000000149."""
    import pyarrow as pa

    if values.type == pa.float64():
        return values.to_pylist()  # type: ignore[no-any-return]
    short = values.cast(pa.float32())
    return [None if text is None else float(text) for text in short.cast(pa.string()).to_pylist()]


def _text_cells(values: pyarrow.Array, limit: int) -> tuple[list[Any], dict[int, int]]:
    import pyarrow.compute as pc

    lengths = pc.utf8_length(values).to_pylist()
    cut = {at: length for at, length in enumerate(lengths) if length is not None and length > limit}
    return (pc.utf8_slice_codeunits(values, 0, limit) if cut else values).to_pylist(), cut


def _bytes_cells(values: pyarrow.Array, limit: int) -> tuple[list[Any], dict[int, int]]:
    import pyarrow.compute as pc

    lengths = pc.binary_length(values).to_pylist()
    cut = {at: 2 * size for at, size in enumerate(lengths) if size is not None and 2 * size > limit}
    cells = []
    for at in range(len(values)):
        whole = values[at].as_buffer()
        cells.append(
            None if whole is None else whole.slice(0, min(whole.size, limit // 2)).to_pybytes().hex()
        )
    return cells, cut


def _categorical_cells(values: pyarrow.Array, limit: int) -> tuple[list[Any], dict[int, int]]:
    import pyarrow.compute as pc

    used = pc.unique(values.indices.drop_null())
    cells, lengths = cells_of(values.dictionary.take(used), limit)
    by_code = dict(zip(used.to_pylist(), range(len(cells)), strict=True))
    places = [None if code is None else by_code[code] for code in values.indices.to_pylist()]
    cut = {at: lengths[place] for at, place in enumerate(places) if place is not None and place in lengths}
    return [None if place is None else cells[place] for place in places], cut


def _time_cells(values: pyarrow.Array) -> list[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    is_day = pa.types.is_date32(values.type)
    per_tick = 1 if is_day else PER_SECOND[values.type.unit]
    first, last = (FIRST_SECOND // 86_400, LAST_SECOND // 86_400) if is_day else (FIRST_SECOND, LAST_SECOND)
    ticks = values.cast(pa.int32() if is_day else pa.int64())
    ends = pc.min_max(ticks).as_py()
    if ends["min"] is None or first * per_tick <= ends["min"] <= ends["max"] <= last * per_tick:
        return [None if text is None else _moment_text(text) for text in _cast_texts(values)]
    if is_day:
        return [None if tick is None else day_text(tick) for tick in ticks.to_pylist()]
    zone = "Z" if values.type.tz else ""
    return [None if tick is None else moment_text(tick, per_tick) + zone for tick in ticks.to_pylist()]


def _cast_texts(values: pyarrow.Array) -> list[str | None]:
    import pyarrow as pa

    try:
        texts: list[str | None] = values.cast(pa.string()).to_pylist()
    except pa.ArrowInvalid:  # a time zone that this machine does not know: the moments in UTC
        texts = values.cast(pa.timestamp(values.type.unit, "UTC")).cast(pa.string()).to_pylist()
    return texts


def _moment_text(text: str) -> str:
    """Turn Arrow's `2020-01-02 03:04:05.500+0100` into ISO 8601 without zeros at the end of the fraction.

    >>> _moment_text("2020-01-02 03:04:05.500+0100"), _moment_text("2020-01-02 03:04:05.000Z")
    ('2020-01-02T03:04:05.5+01:00', '2020-01-02T03:04:05Z')
    """
    day, gap, clock = text.partition(" ")
    if not gap:
        return text
    zone = ""
    if clock.endswith("Z"):
        clock, zone = clock[:-1], "Z"
    elif clock[-5:-4] in ("+", "-"):
        clock, zone = clock[:-5], f"{clock[-5:-2]}:{clock[-2:]}"
    if "." in clock:
        clock = clock.rstrip("0").rstrip(".")
    return f"{day}T{clock}{zone}"
