"""Dates, times and time spans as texts: ISO 8601 and the retired product's en-US form, in whole nanoseconds."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

_ISO = re.compile(
    r"\s*(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?)?\s*",
    re.ASCII,
)
_CLASSIC = re.compile(
    r"\s*(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?: ([AaPp])[Mm])?)?\s*",
    re.ASCII,
)
_SPAN = re.compile(
    r"\s*(-)?(?:(\d{1,8})(?:\.| days?,? ))?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*", re.ASCII
)
_EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
_SECOND = 1_000_000_000
_DAY = 86_400
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": _SECOND}


def parse_moment(text: str) -> int:
    """Give a moment in nanoseconds since 1970-01-01, in UTC when the text has an offset.

    Raises:
        ValueError: the text is neither `2014-09-21T11:10:00` nor `9/21/2014 11:10:00 AM`.

    >>> parse_moment("1970-01-02"), parse_moment("1/1/1970 12:00:01 AM")
    (86400000000000, 1000000000)
    """
    match = _ISO.fullmatch(text)
    if match is not None:
        year, month, day, hours, minutes, seconds, fraction, offset = match.groups()
        hour = int(hours or 0)
        away = _offset(offset) if offset else 0
    else:
        match = _CLASSIC.fullmatch(text)
        if match is None:
            raise ValueError("no date")
        month, day, year, hours, minutes, seconds, fraction, half = match.groups()
        hour, away = int(hours or 0), 0
        if half:
            if not 1 <= hour <= 12:
                raise ValueError("no hour of twelve")
            hour = hour % 12 + (12 if half in "Pp" else 0)
    minute, second = int(minutes or 0), int(seconds or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no time of day")
    total = (_days(int(year), int(month), int(day)) * 24 + hour) * 3_600 + minute * 60 + second - away
    return total * _SECOND + (int(f"{fraction:0<9}") if fraction else 0)


@lru_cache(maxsize=4096)
def _days(year: int, month: int, day: int) -> int:
    return datetime.date(year, month, day).toordinal() - _EPOCH_DAY


def _offset(text: str) -> int:
    if text in "Zz":
        return 0
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    if hours > 23 or minutes > 59:
        raise ValueError("no offset")
    seconds = hours * 3_600 + minutes * 60
    return -seconds if text[0] == "-" else seconds


def parse_span(text: str) -> int:
    """Give a time span `[-][d.]hh:mm[:ss[.fffffffff]]` in nanoseconds.

    Raises:
        ValueError: the text is no time span.
    """
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError("no time span")
    sign, days, hours, minutes, seconds, fraction = match.groups()
    hour, minute, second = int(hours), int(minutes), int(seconds or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no time of day")
    total = ((int(days or 0) * 24 + hour) * 60 + minute) * 60 + second
    total = total * _SECOND + (int(f"{fraction:0<9}") if fraction else 0)
    return -total if sign else total


def iso_date(days: int) -> str:
    """Give a number of days since 1970-01-01 as `2014-09-21`; other years than 1 to 9999 have a sign."""
    year, month, day = _civil(days)
    return f"{year:04}-{month:02}-{day:02}" if 0 < year < 10_000 else f"{year:+07}-{month:02}-{day:02}"


def iso_moment(value: int, unit: str, zone: str | None) -> str:
    """Give a moment as `2014-09-21T11:10:00`, with the decimals it has, and with Z when it has a zone."""
    seconds, rest = divmod(value, PER_SECOND[unit])
    days, second = divmod(seconds, _DAY)
    text = f"{iso_date(days)}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    if rest:
        digits = f"{rest:0{len(str(PER_SECOND[unit])) - 1}}".rstrip("0")
        text += "." + digits
    return text + "Z" if zone else text


def classic_date(days: int) -> str:
    """Give a number of days since 1970-01-01 as `9/21/2014 12:00:00 AM`."""
    year, month, day = _civil(days)
    return f"{month}/{day}/{year:04} 12:00:00 AM"


def classic_moment(value: int, unit: str) -> str:
    """Give a moment as `9/21/2014 11:10:00 AM`; parts of a second are left out, as they always were."""
    days, second = divmod(value // PER_SECOND[unit], _DAY)
    year, month, day = _civil(days)
    hour = second // 3600
    half = "PM" if hour >= 12 else "AM"
    return f"{month}/{day}/{year:04} {(hour - 1) % 12 + 1}:{second // 60 % 60:02}:{second % 60:02} {half}"


def span_text(value: int, unit: str, digits: int = 9) -> str:
    """Give a time span as `[-][d.]hh:mm:ss[.fffffffff]`.

    Args:
        value: in `unit`.
        unit: s, ms, us or ns.
        digits: 7 for the retired product's form, which has all seven or none; 9 for those that count.
    """
    sign = "-" if value < 0 else ""
    seconds, rest = divmod(abs(value), PER_SECOND[unit])
    days, second = divmod(seconds, _DAY)
    text = f"{sign}{f'{days}.' if days else ''}{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    nanoseconds = rest * (_SECOND // PER_SECOND[unit])
    if digits == 7:
        return f"{text}.{nanoseconds // 100:07}" if nanoseconds // 100 else text
    return text + f".{nanoseconds:09}".rstrip("0") if nanoseconds else text


@lru_cache(maxsize=4096)
def _civil(days: int) -> tuple[int, int, int]:
    """Give year, month and day of a number of days since 1970-01-01, of any size."""
    # Years of this count begin in March, so that leap days end them; 146,097 days are 400 years.
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, day
