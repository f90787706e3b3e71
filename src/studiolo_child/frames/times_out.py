"""Objects that stand for times, as int64 counts: datetimes, dates, time spans, numpy's scalars among them."""

from __future__ import absolute_import, division, print_function, unicode_literals

import datetime

import numpy as np
import pandas as pd

from . import zones
from .receipts import note, quoted

_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
_FINE_UNITS = ("ns", "ps", "fs", "as")
_VAGUE_UNITS = ("generic", "Y", "M")


def count_datetimes(name, values, receipt):
    """Count datetimes from 1970 in microseconds, or in nanoseconds where one needs them.

    Args:
        name: name of the column, for the receipt.
        values: list of datetime.datetime, pandas Timestamps and numpy.datetime64, none missing.
        receipt: list of entries; told when several time zones, or one without a name, became UTC.

    Returns:
        (type, int64 array), or None when they can't stand in one column: with and without time zone, or beyond
        what 64 bits hold.
    """
    aware = set(getattr(value, "tzinfo", None) is not None for value in values)
    if len(aware) > 1:
        return None
    zone = ""
    if aware.pop():
        known = dict((id(value.tzinfo), value.tzinfo) for value in values)
        names = set(zones.zone_text(tzinfo) for tzinfo in known.values())
        if len(names) == 1 and None not in names:
            zone = ", " + names.pop()
        else:
            zone = ", UTC"
            what = "several time zones" if len(names) > 1 else "a time zone without a name"
            text = "%s: %s became UTC, the moments stay" % (quoted(name), what)
            note(receipt, "timezone-to-utc", text, name, True)
    unit, counts = _in_one_unit(values, _datetime_parts)
    return None if counts is None else ("timestamp[%s%s]" % (unit, zone), counts)


def count_timedeltas(values):
    """Count time spans in microseconds, or in nanoseconds where one needs them.

    Args:
        values: list of datetime.timedelta, pandas Timedeltas and numpy.timedelta64, none missing.

    Returns:
        (type, int64 array), or None when one has no fixed length (a number of months) or 64 bits can't hold it.
    """
    unit, counts = _in_one_unit(values, _timedelta_parts)
    return None if counts is None else ("duration[%s]" % unit, counts)


def count_dates(values):
    """Count the days of datetime.date objects from 1970, as an int32 array."""
    days = np.fromiter((value.toordinal() for value in values), np.int64, len(values))
    return (days - _EPOCH_DAY).astype(np.int32)


def _in_one_unit(values, parts_of):
    types = set(map(type, values))
    if parts_of is _datetime_parts and types == set([datetime.datetime]) and values[0].tzinfo is None:
        return "us", np.array(values, "M8[us]").view(np.int64)
    parts = [parts_of(value) for value in values]
    if None in parts:
        return None, None
    try:
        if any(nano for _, nano in parts):
            return "ns", np.array([micro * 1000 + nano for micro, nano in parts], np.int64)
        return "us", np.array([micro for micro, _ in parts], np.int64)
    except OverflowError:
        return None, None


def _datetime_parts(value):
    """Give (microseconds from 1970 in UTC, nanoseconds beyond them)."""
    if isinstance(value, np.datetime64):
        return _scalar_parts(value, "M8")
    nano = 0
    if isinstance(value, pd.Timestamp):
        nano = value.nanosecond
        value = value.to_pydatetime(warn=False)
    offset = value.utcoffset() if value.tzinfo is not None else None
    span = value.replace(tzinfo=None) - _EPOCH
    if offset is not None:
        span -= offset
    return _micros(span), nano


def _timedelta_parts(value):
    if isinstance(value, np.timedelta64):
        return _scalar_parts(value, "m8")
    if isinstance(value, pd.Timedelta):
        parts = value.components
        seconds = ((parts.days * 24 + parts.hours) * 60 + parts.minutes) * 60 + parts.seconds
        return (seconds * 1000 + parts.milliseconds) * 1000 + parts.microseconds, parts.nanoseconds
    return _micros(value), 0


def _micros(span):
    return (span.days * 86400 + span.seconds) * 1000000 + span.microseconds


def _scalar_parts(value, code):
    unit = np.datetime_data(value.dtype)[0]
    if unit in _FINE_UNITS:
        return divmod(int(value.astype(code + str("[ns]")).view(np.int64)), 1000)
    if code == "m8" and unit in _VAGUE_UNITS:
        return None
    return int(value.astype(code + str("[us]")).view(np.int64)), 0
