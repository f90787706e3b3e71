"""Time spans as text: `[-][d.]hh:mm:ss[.ffffff]`, the form of the retired products, also `d days hh:mm:ss`."""

from __future__ import annotations

import re

FORM = re.compile(r"(-)?(?:(\d+)(?:\.| days?,? ))?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?")


def parse_span(text: str | None) -> int | None:
    """Give a time span in microseconds; None for None.

    Raises:
        ValueError: `text` is no time span.

    >>> parse_span("1.02:03:04.5"), parse_span("-00:00:01")
    (93784500000, -1000000)
    """
    if text is None:
        return None
    match = FORM.fullmatch(text)
    if match is None:
        raise ValueError("no time span")
    sign, days, hours, minutes, seconds, decimals = match.groups()
    total = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds or 0)
    micros = total * 1_000_000 + int(f"{decimals or '':0<6}"[:6])
    return -micros if sign else micros


def span_text(nanoseconds: int | None) -> str | None:
    """Write a time span of so many nanoseconds; None for None.

    >>> span_text(93784500000000), span_text(-1000000000)
    ('1.02:03:04.5', '-00:00:01')
    """
    if nanoseconds is None:
        return None
    sign = "-" if nanoseconds < 0 else ""
    seconds, rest = divmod(abs(nanoseconds), 1_000_000_000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    text = f"{sign}{f'{day}.' if day else ''}{hour:02}:{minute:02}:{second:02}"
    return text + f".{rest:09}".rstrip("0") if rest else text
