"""Times of any year and zone, beyond what Python's types and Arrow's text can hold."""

from __future__ import annotations

import datetime
import re

FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999, in seconds since 1970."""

_DAY = 86_400


def day_text(days: int) -> str:
    """Write the day so many days after 1970-01-01.

    >>> day_text(0), day_text(1 << 30), day_text(-800_000)
    ('1970-01-01', '2941775-04-07', '-0221-09-04')
    """
    # Hinnant, "chrono-Compatible Low-Level Date Algorithms": years that begin in March, in eras of 400 years.
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + (3 if month_from_march < 10 else -9)
    year = year_of_era + 400 * era + (month <= 2)
    return f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{day:02}"


def moment_text(ticks: int, per_second: int) -> str:
    """Write the moment so many ticks after the beginning of 1970.

    >>> moment_text(2**62, 10**6), moment_text(-1, 1)
    ('148108-07-06T14:00:27.387904', '1969-12-31T23:59:59')
    """
    seconds, rest = divmod(ticks, per_second)
    days, second = divmod(seconds, _DAY)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    fraction = f".{rest * (10**9 // per_second):09}".rstrip("0") if rest else ""
    return f"{day_text(days)}T{clock}{fraction}"


def moment(ticks: int, per_second: int, zone: str | None) -> datetime.datetime:
    """Give a moment as a value of Python, to the microsecond.

    pyarrow would give the same, but load pandas for one with a zone.

    Raises:
        OverflowError: it is outside the years 1 to 9999.
    """
    micros = ticks * 10**6 // per_second
    if zone is None:
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)
    utc = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(microseconds=micros)
    return utc.astimezone(zone_of(zone))


def zone_of(zone: str | None) -> datetime.tzinfo:
    """Give a time zone by its name or offset; UTC for None and for one that this machine does not know."""
    from zoneinfo import ZoneInfo

    if zone is None or zone.upper() in ("UTC", "Z"):
        return datetime.UTC
    fixed = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", zone)
    if fixed:
        sign = -1 if fixed[1] == "-" else 1
        return datetime.timezone(sign * datetime.timedelta(hours=int(fixed[2]), minutes=int(fixed[3])))
    try:
        return ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        return datetime.UTC
