"""Texts as moments: ISO 8601, forms that people write, or a given format, also in .NET's letters."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats import given_types

_DOTNET = re.compile(
    r"yyyy|yy|MMMM|MMM|MM|M|dddd|ddd|dd|d|HH|H|hh|h|mm|m|ss|s|f+|F+|tt|t|zzz|K|'[^']*'|\\.|.", re.DOTALL
)
_LETTERS = {
    **{"yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "dddd": "%A", "ddd": "%a"},
    **{"dd": "%d", "d": "%d", "HH": "%H", "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "m": "%M"},
    **{"ss": "%S", "s": "%S", "tt": "%p", "t": "%p", "zzz": "%z", "K": "%z"},
}
# Day, month and year all stand there: otherwise the day of the run would fill what is absent.
_DATE = (
    r"^\s*([0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}"
    r"|([A-Za-z]{3,9},? )?[0-9]{1,2}[-/ .]?[A-Za-z]{3,9}[-/ .,]+[0-9]{2,4}"
    r"|([A-Za-z]{3,9},? )?[A-Za-z]{3,9}\.? [0-9]{1,2},? [0-9]{4}|[0-9]{8}$|[0-9]{4}-[0-9]{2}-[0-9]{2}T)"
)


def moments(values: pa.ChunkedArray, form: str = "") -> pa.ChunkedArray:
    """Give texts as moments in microseconds.

    Without a format ISO 8601 is read, and otherwise what people write, the month before the day
    (`1/31/2020 5:30 PM`, `31 Jan 2020`).

    Args:
        values: texts with nulls for missing.
        form: format as for `strptime`, such as `%d.%m.%Y`; without a `%` one of .NET's, such as `dd.MM.yyyy`.

    Raises:
        ValueError: a text is no moment.
    """
    trimmed = pc.utf8_trim_whitespace(values)
    if not form:
        try:
            return given_types.moments("")(trimmed)
        except pa.ArrowInvalid:
            if not pc.all(pc.match_substring_regex(trimmed, _DATE), min_count=0).as_py():
                raise ValueError("no date") from None
    return _parsed(trimmed, strptime_of(form) if form else "mixed")


def strptime_of(form: str) -> str:
    """Give a format for `strptime`; one without a `%` is read as .NET's.

    >>> strptime_of("dd.MM.yyyy HH:mm:ss.fff"), strptime_of("%d.%m.%Y")
    ('%d.%m.%Y %H:%M:%S.%f', '%d.%m.%Y')
    """
    if "%" in form:
        return form
    pieces = []
    for piece in _DOTNET.findall(form):
        if piece.startswith(("f", "F")):
            pieces.append("%f")
        elif piece.startswith("'"):
            pieces.append(piece.strip("'"))
        else:
            pieces.append(_LETTERS.get(piece, piece.removeprefix("\\")))
    return "".join(pieces)


def _parsed(values: pa.ChunkedArray, form: str) -> pa.ChunkedArray:
    import pandas as pd  # only where Arrow can't read the texts

    distinct = values.unique().drop_null()
    zoned = "%z" in form or form == "mixed"
    try:
        found: Any = pd.to_datetime(pd.Series(distinct.to_pylist(), dtype="object"), format=form, utc=zoned)
    except re.error:  # a format that names a part twice, such as %d/%d
        raise ValueError("no format") from None
    micros = pa.array(found.dt.tz_localize(None) if zoned else found, pa.timestamp("us"), safe=False)
    places = pc.index_in(values, value_set=distinct)
    return pa.chunked_array([micros.take(places.combine_chunks())])
