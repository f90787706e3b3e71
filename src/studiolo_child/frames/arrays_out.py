"""The arrays that pandas stores for its columns, whatever their dtype, as columns of a frame (R-2.3)."""

from __future__ import absolute_import, division, print_function, unicode_literals

import numpy as np
import pandas as pd

from . import layout, zones
from . import values as typed
from .bits import pack
from .columns import ABSENT, Column, buffer_of
from .objects_out import build, object_column, settle
from .receipts import note, quoted

_UNIT_TIMES = frozenset(["s", "ms", "us", "ns"])
_converters = {}


def stored_arrays(dataframe):
    """Give the stored array of each column, in order and without copying."""
    direct = getattr(dataframe, "_iter_column_arrays", None)
    if direct is not None:
        return list(direct())
    return [_stored(dataframe.iloc[:, at]) for at in range(len(dataframe.columns))]


def _stored(series):
    if getattr(series.dtype, "tz", None) is not None:
        return pd.DatetimeIndex(series)
    if hasattr(series, "to_dense"):  # pandas < 1: SparseSeries, or a Series with a sparse dtype
        if type(series).__name__ == "SparseSeries":
            return _DenseOnce(np.asarray(series.to_dense()))
    return series.values


class _DenseOnce(object):
    """A column of the sparse frames that pandas had before 1.0, densified already."""

    def __init__(self, values):
        self.values = values


def array_column(name, values, receipt):
    """Give one stored array as a column.

    Args:
        name: name of the column, for the receipt.
        values: numpy array or pandas extension array.
        receipt: list of entries that gets what was changed.
    """
    if isinstance(values, np.ndarray):
        return _numpy_column(name, values, receipt)
    cls = type(values)
    convert = _converters.get(cls)
    if convert is None:
        convert = _converters[cls] = _converter_of(cls)
    return convert(name, values, receipt)


def _converter_of(cls):
    for parent in cls.__mro__:
        package = (parent.__module__ or "").split(".")[0]
        if package in ("pandas", "studiolo_child") and parent.__name__ in _BY_CLASS:
            return _BY_CLASS[parent.__name__]
    return _foreign_column


def _numpy_column(name, values, receipt):
    dtype = values.dtype
    kind = dtype.kind
    if kind == "f":
        if dtype.itemsize > 8:
            note(receipt, "float-narrowed", "%s: long double became Double" % quoted(name), name, True)
            values = values.astype(np.float64)
        return typed.float_column("float%d" % (values.dtype.itemsize * 8), values)
    if kind in "iu":
        return typed.plain_column("%s%d" % ("int" if kind == "i" else "uint", dtype.itemsize * 8), values)
    if kind == "O":
        return object_column(name, values, receipt)
    if kind == "b":
        return typed.bool_column(values)
    if kind in "mM":
        unit = np.datetime_data(dtype)[0]
        if unit not in _UNIT_TIMES or np.datetime_data(dtype)[1] != 1:
            unit = "s" if unit in ("Y", "M", "W", "D", "h", "m") else "ns"
            values = values.astype("%s8[%s]" % (kind, unit))
        return _time_column(kind, unit, None, values.view(np.int64), name, receipt)
    return object_column(name, values.astype(object), receipt, kind in "SU")


def _time_column(kind, unit, zone, counts, name, receipt):
    if kind == "m":
        return typed.time_column("duration[%s]" % unit, counts)
    if zone is None:
        return typed.time_column("timestamp[%s]" % unit, counts)
    text = zones.zone_text(zone)
    if text is None:
        text = "UTC"
        what = "%s: a time zone without a name became UTC, the moments stay" % quoted(name)
        note(receipt, "timezone-to-utc", what, name, True)
    return typed.time_column("timestamp[%s, %s]" % (unit, text), counts)


def _datetime_column(name, values, receipt):
    zone = getattr(values, "tz", None)
    return _time_column("M", getattr(values, "unit", "ns"), zone, values.asi8, name, receipt)


def _timedelta_column(name, values, receipt):
    return _time_column("m", getattr(values, "unit", "ns"), None, values.asi8, name, receipt)


def _masked_column(name, values, receipt):
    data, mask = values._data, values._mask
    kind = data.dtype.kind
    if kind == "b":
        return typed.bool_column(data, mask)
    if kind == "f":
        return typed.float_column("float%d" % (data.dtype.itemsize * 8), data, mask)
    return typed.masked_column(
        "%s%d" % ("int" if kind == "i" else "uint", data.dtype.itemsize * 8), data, mask
    )


def _arrow_column(name, values, receipt):
    from .arrow_columns import arrow_column

    data = getattr(values, "_pa_array", None)
    return arrow_column(name, values._data if data is None else data, receipt)


def _text_array_column(name, values, receipt):
    return object_column(name, np.asarray(values, dtype=object), receipt, True)


def _plain_array_column(name, values, receipt):
    return array_column(name, values.to_numpy(), receipt)


def _sparse_column(name, values, receipt):
    note(receipt, "sparse-densified", "%s: sparse values became dense" % quoted(name), name)
    dense = values.to_dense() if hasattr(values, "to_dense") else values.values
    return array_column(name, np.asarray(dense), receipt)


def _foreign_column(name, values, receipt):
    """Intervals, periods and the arrays of other libraries: their objects decide."""
    return object_column(name, np.asarray(values, dtype=object), receipt)


def _categorical_column(name, values, receipt):
    codes, categories = values.codes, values.categories
    dictionary, renumber = _dictionary(name, categories, receipt)
    index = layout.index_type(dictionary.rows)
    if renumber is not None:
        codes = np.append(renumber, -1)[codes]
    codes = np.asarray(codes, dtype=str(index))
    nulls = int(np.count_nonzero(codes < 0))
    if nulls:
        mask = codes < 0
        codes = np.where(mask, 0, codes).astype(codes.dtype)
    validity = buffer_of(pack(~mask)) if nulls else ABSENT
    plain = typed.plain_column(index, codes)
    column = Column("categorical", nulls, [validity, plain.buffers[1]], len(codes))
    column.codes = index
    column.ordered = bool(values.ordered)
    column.dictionary = dictionary
    return column


def _dictionary(name, categories, receipt):
    """Give the categories as a column and, where two became the same text, the new number of each."""
    values = categories._values if hasattr(categories, "_values") else categories.values
    if getattr(categories, "tz", None) is not None:
        values = categories
    if isinstance(values, np.ndarray):
        has_objects = values.dtype.kind == "O"
    else:
        has_objects = _converter_of(type(values)) is _foreign_column
    if has_objects:
        changes = []
        settled = settle(name, np.asarray(values, dtype=object), changes)
        receipt.extend(changes)
        if changes:
            return _without_repeats(name, settled, receipt)
        return build(name, settled, receipt), None
    return array_column(name, values, receipt), None


def _without_repeats(name, settled, receipt):
    numbers, kept, renumber = {}, [], []
    for at, value in enumerate(settled.values.tolist()):
        if value not in numbers:
            numbers[value] = len(numbers)
            kept.append(at)
        renumber.append(numbers[value])
    settled.values = settled.values[kept]
    return build(name, settled, receipt), np.array(renumber, np.int64)


_BY_CLASS = {
    "DatetimeArray": _datetime_column,
    "DatetimeArrayMixin": _datetime_column,
    "DatetimeIndex": _datetime_column,
    "TimedeltaArray": _timedelta_column,
    "TimedeltaArrayMixin": _timedelta_column,
    "Categorical": _categorical_column,
    "IntegerArray": _masked_column,
    "FloatingArray": _masked_column,
    "BooleanArray": _masked_column,
    "BaseMaskedArray": _masked_column,
    "ArrowStringArray": _arrow_column,
    "ArrowExtensionArray": _arrow_column,
    "StringArray": _text_array_column,
    "PandasArray": _plain_array_column,
    "NumpyExtensionArray": _plain_array_column,
    "SparseArray": _sparse_column,
    "_DenseOnce": _sparse_column,
}
