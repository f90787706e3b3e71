"""Reads a frame into a DataFrame by the rules of R-2.2; numbers and times stay where the mapping has them."""

from __future__ import absolute_import, division, print_function, unicode_literals

import numpy as np
import pandas as pd

from . import layout, zones
from .assembly import assemble
from .bits import unpack
from .decimals import decode_decimals
from .receipts import STUDIO_NAMES, note, quoted
from .texts import PY2, decode_bytes, decode_texts

_NAT = np.iinfo(np.int64).min
_EXACT = 1 << 53
_MASKED_INTEGERS = zones.PANDAS >= (1, 0)
_PYTHON_DAYS = (-719162, 2932896)  # 0001-01-01 to 9999-12-31, counted from 1970-01-01


def read_frame(mapping, integers_with_missing="float", receipt=None):
    """Read a frame into a DataFrame with the index 0 ... n-1.

    Integers, floats, dates and times without missing values, all floats and, where pandas keeps texts in
    Arrow, all texts are views of `mapping`, which lives as long as they do. Over a private writable mapping
    (mmap.ACCESS_COPY) they can be changed in place, and the file keeps its bytes.

    Args:
        mapping: mmap, bytes or bytearray of the whole frame, checked by the host before.
        integers_with_missing: `float` for float64 with NaN, `nullable` for pandas' Int64 and its like.
        receipt: list that gets an entry for each column that changed its type.

    Raises:
        FrameError: the bytes are not a frame.
    """
    header, start = layout.read_header(mapping)
    receipt = [] if receipt is None else receipt
    columns = header["columns"]
    arrays = columns_of(header, start, mapping, integers_with_missing, receipt)
    dataframe = assemble([column["name"] for column in columns], arrays, header["rows"])
    keep_marks(dataframe, columns, receipt)
    return dataframe


def columns_of(header, start, mapping, integers_with_missing, receipt):
    """Give the arrays of all columns of a frame with that checked header, whose data begin at `start`."""
    reader = _Reader(mapping, start, integers_with_missing, receipt)
    return [reader.column(column, header["rows"]) for column in header["columns"]]


def keep_marks(dataframe, columns, receipt):
    """Put roles and categories into `attrs`, where pandas_out finds them again."""
    marks = {}
    for column in columns:
        if "role" in column or "category" in column:
            marks[column["name"]] = dict((k, column[k]) for k in ("role", "category") if k in column)
    if marks and hasattr(pd.DataFrame, "attrs"):
        dataframe.attrs["studiolo"] = marks
    elif marks:
        for name in sorted(marks):
            text = "%s: its role is not known to this pandas" % quoted(name)
            note(receipt, "role-dropped", text, name, True)


class _Reader(object):
    """Turns the buffers of one frame into numpy and pandas arrays."""

    def __init__(self, mapping, start, integers_with_missing, receipt):
        self.mapping = mapping
        self.start = start
        self.nullable = integers_with_missing == "nullable" and _MASKED_INTEGERS
        self.receipt = receipt
        self._arrow = None

    def column(self, column, rows):
        """Give the array of one column."""
        parts = layout.parse_type(column["type"])
        return getattr(self, "_" + parts.kind)(column, parts, rows)

    def view(self, buffer, dtype):
        """Give a buffer of the frame as an array of `dtype`, without copying."""
        offset, length = buffer
        dtype = np.dtype(dtype)
        if not length:
            return np.empty(0, dtype)
        return np.frombuffer(self.mapping, dtype, length // dtype.itemsize, self.start + offset)

    def missing(self, column, rows):
        """Give the boolean array of missing values, or None when nothing is missing."""
        if column["nulls"] <= 0:
            return None
        return ~unpack(self.view(column["buffers"][0], np.uint8), rows)

    def told(self, column, code, what, lossy=False):
        """Note a change of one column; a dictionary's changes are told for its column."""
        name = column.get("name")
        if name is not None:
            note(self.receipt, code, "%s: %s" % (quoted(name), what), name, lossy)

    def _float(self, column, parts, rows):
        return self.view(column["buffers"][0], str(column["type"]))

    def _integer(self, column, parts, rows):
        values = self.view(column["buffers"][1], str(column["type"]))
        mask = self.missing(column, rows)
        if mask is None:
            return values
        if self.nullable:
            return pd.arrays.IntegerArray(values, mask)
        numbers = values.astype(np.float64)
        numbers[mask] = np.nan
        rounded = parts.width == 8 and (int(values.max()) > _EXACT or int(values.min()) < -_EXACT)
        rounded = rounded and not _is_exact(values, numbers, mask)
        what = "Integer with %d missing became float64%s" % (column["nulls"], ", rounded" if rounded else "")
        self.told(column, "integer-missing-to-float", what, rounded)
        return numbers

    def _bool(self, column, parts, rows):
        values = unpack(self.view(column["buffers"][1], np.uint8), rows)
        mask = self.missing(column, rows)
        if mask is None:
            return values
        objects = values.astype(object)
        objects[mask] = np.nan
        what = "Boolean with %d missing became object" % column["nulls"]
        self.told(column, "boolean-missing-to-object", what)
        return objects

    def _string(self, column, parts, rows):
        if self._arrow is None:
            from . import arrow_texts

            self._arrow = arrow_texts.opener(self.mapping) or False
        if self._arrow:
            return self._arrow(self.start, column, rows)
        values = self._objects(column, rows, decode_texts)
        if zones.PANDAS >= (3, 0):
            return pd.array(values, dtype=pd.StringDtype(na_value=np.nan))
        return values

    def _bytes(self, column, parts, rows):
        if PY2:
            what = "Bytes became str, which comes back as String"
            self.told(column, "bytes-to-str", what)
        return self._objects(column, rows, decode_bytes)

    def _objects(self, column, rows, decode):
        buffers = column["buffers"]
        values = decode(self.view(buffers[1], np.int64), self.view(buffers[2], np.uint8))
        mask = self.missing(column, rows)
        if mask is not None:
            values[mask] = np.nan
        return values

    def _decimal(self, column, parts, rows):
        raw = self.view(column["buffers"][1], np.uint8).tobytes()
        values = np.empty(rows, object)
        values[:] = decode_decimals(raw, parts.scale)
        mask = self.missing(column, rows)
        if mask is not None:
            values[mask] = np.nan
        self.told(column, "decimal-to-object", "%s became Decimal objects" % column["type"])
        return values

    def _date(self, column, parts, rows):
        days = self.view(column["buffers"][1], np.int32)
        self.told(column, "date-to-datetime", "Date became DateTime at midnight")
        return self._times(column, days.astype(np.int64) * 86400, "s", "M", rows)

    def _duration(self, column, parts, rows):
        return self._times(column, self.view(column["buffers"][1], np.int64), parts.unit, "m", rows)

    def _timestamp(self, column, parts, rows):
        counts = self.view(column["buffers"][1], np.int64)
        values = self._times(column, counts, parts.unit, "M", rows)
        if parts.zone is None or values.dtype.kind != "M":
            return values
        try:
            zoned = zones.in_zone(values, parts.zone)
        except Exception:  # each version of pandas and each tz library has its own error for an unknown zone
            what = "the time zone %s is not known here, the moments are in UTC" % parts.zone
            self.told(column, "timezone-to-utc", what, True)
            return zones.in_zone(values, "UTC")
        if zones.zone_text(zoned.dtype.tz) != parts.zone:
            self.told(column, "timezone-renamed", "the time zone %s is now %s" % (parts.zone, zoned.dtype.tz))
        return zoned

    def _times(self, column, counts, unit, code, rows):
        """Give int64 counts as datetime64 or timedelta64; as objects where pandas only has nanoseconds."""
        mask = self.missing(column, rows)
        if not zones.HAS_UNITS and unit != "ns":
            factor = zones.UNITS_PER_SECOND["ns"] // zones.UNITS_PER_SECOND[unit]
            limit = np.iinfo(np.int64).max // factor
            if rows and (counts.max() > limit or counts.min() < -limit):
                return self._wide_times(column, counts, unit, code, mask)
            if column["type"] != "date32":
                self.told(column, "time-unit", "%s became nanoseconds" % column["type"])
            counts, unit = counts * factor, "ns"
        if mask is not None:
            counts = np.array(counts)
            counts[mask] = _NAT
        return counts.view("%s8[%s]" % (code, unit))

    def _wide_times(self, column, counts, unit, code, mask):
        """Give times beyond what nanoseconds can hold as datetime or timedelta objects."""
        counts = np.array(counts)
        limit = np.iinfo(np.int64).max // max(zones.UNITS_PER_SECOND["us"] // zones.UNITS_PER_SECOND[unit], 1)
        beyond = (counts > limit) | (counts < -limit)  # numpy would not say that these don't fit
        counts[beyond] = 0
        values = counts.view("%s8[%s]" % (code, unit)).astype("%s8[us]" % code).astype(object)
        beyond |= np.array([isinstance(value, (int, type(1 << 80))) for value in values], np.bool_)
        if mask is not None:
            beyond &= ~mask
            values[mask] = pd.NaT
        values[beyond] = pd.NaT
        lossy = bool(beyond.any())
        what = (
            "%s reaches beyond this pandas and became objects"
            % STUDIO_NAMES[layout.parse_type(column["type"]).kind]
        )
        self.told(column, "time-to-object", what + (", some missing" if lossy else ""), lossy)
        return values

    def _categorical(self, column, parts, rows):
        dictionary = column["dictionary"]
        codes = self.view(column["buffers"][1], str(column["index"]))
        mask = self.missing(column, rows)
        if mask is not None:
            codes = np.array(codes)
            codes[mask] = -1
        inner = dict(dictionary, name=column["name"])
        categories = self.column(inner, dictionary["rows"])
        if categories.dtype == np.float16:
            what = "its float16 categories became float32"
            self.told(column, "category-width", what)
            categories = categories.astype(np.float32)
        # Old versions read objects anew, and fail at times that they cannot hold.
        categories = (
            pd.Index(categories, dtype=object) if categories.dtype == object else pd.Index(categories)
        )
        absent = pd.isnull(categories)
        if absent.any():  # times beyond what this pandas holds, told above
            places = np.where(absent, -1, np.cumsum(~absent) - 1)
            codes = np.where(codes >= 0, places[codes], -1)
            categories = categories[~absent]
        kind = layout.parse_type(dictionary["type"]).kind
        if kind in ("integer", "float") and str(categories.dtype) != dictionary["type"]:
            what = "its %s categories became %s" % (dictionary["type"], categories.dtype)
            self.told(column, "category-width", what)
        return pd.Categorical.from_codes(codes, categories, column["ordered"])


def _is_exact(values, numbers, mask):
    """Say whether floats made of 64-bit integers are still those integers."""
    kept, made = values[~mask], numbers[~mask]
    if (made >= float(np.iinfo(values.dtype).max)).any():  # rounded up beyond what casts back
        return False
    return bool((made.astype(values.dtype) == kept).all())
