"""Time units and time zones, as texts in frames and as what the pandas of the environment understands."""

from __future__ import absolute_import, division, print_function, unicode_literals

import datetime
import re

import numpy as np
import pandas as pd

from . import layout

PANDAS = tuple(int(part) for part in re.findall("[0-9]+", pd.__version__)[:2])
# Before pandas 2 every time is in nanoseconds.
HAS_UNITS = PANDAS >= (2, 0)
UNITS_PER_SECOND = {"s": 1, "ms": 1000, "us": 1000 * 1000, "ns": 1000 * 1000 * 1000}

_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})\Z")


def zone_text(zone):
    """Give a time zone object as text for a type.

    Returns:
        A name such as `Europe/Berlin` or `UTC`, an offset such as `+01:00`, or None when it has neither.
    """
    for attribute in ("zone", "key"):  # pytz, zoneinfo
        name = getattr(zone, attribute, None)
        if name:
            return _checked("%s" % name)
    try:
        offset = zone.utcoffset(None)
    except Exception:  # a foreign class may raise anything
        offset = None
    if offset is not None:
        return _offset_text(offset)
    path = getattr(zone, "_filename", None)  # dateutil
    if path and "zoneinfo/" in path:
        return _checked("%s" % path.split("zoneinfo/", 1)[1])
    return None


def _checked(name):
    return name if layout.is_zone(name) else None


def _offset_text(offset):
    seconds = offset.days * 86400 + offset.seconds
    if seconds == 0 and not offset.microseconds:
        return "UTC"
    if seconds % 60 or offset.microseconds:
        return None
    sign, minutes = ("-", -seconds // 60) if seconds < 0 else ("+", seconds // 60)
    return "%s%02d:%02d" % (sign, minutes // 60, minutes % 60)


def zone_object(text):
    """Give what pandas takes as the time zone of that text: the name itself or a fixed offset."""
    match = _OFFSET.match(text)
    if match is None:
        return str(text)
    minutes = int(match.group(2)) * 60 + int(match.group(3))
    minutes = -minutes if match.group(1) == "-" else minutes
    if hasattr(datetime, "timezone") and PANDAS >= (1, 0):
        return datetime.timezone(datetime.timedelta(minutes=minutes))
    import pytz

    return pytz.FixedOffset(minutes)


def in_zone(values, text):
    """Give naive datetime64 values, which count in UTC, as the pandas array of a time zone.

    Does not copy where pandas allows it.

    Raises:
        Exception: of many classes, when the zone is not known here.
    """
    zone = zone_object(text)
    if HAS_UNITS:
        dtype = pd.DatetimeTZDtype(np.datetime_data(values.dtype)[0], zone)
        try:
            return pd.arrays.DatetimeArray._simple_new(values, dtype=dtype)
        except (AttributeError, TypeError):
            pass
    return pd.DatetimeIndex(values).tz_localize("UTC").tz_convert(zone)
