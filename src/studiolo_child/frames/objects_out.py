"""Object columns of pandas: finds the one type that all values have and says what had to change (R-2.3)."""

from __future__ import absolute_import, division, print_function, unicode_literals

import datetime
import decimal
import sys

import numpy as np
import pandas as pd

from . import values as typed
from .bits import pack
from .columns import ABSENT, Column, buffer_of
from .decimals import count_decimals
from .receipts import note, quoted
from .text_of import decode, json_text, text_of
from .texts import PY2, TEXT, bytes_column, text_column
from .times_out import count_dates, count_datetimes, count_timedeltas

_NUMBERS = frozenset(["int", "float", "decimal"])
_INTEGERS = (int, type(1 << 80))

# In this order: a bool is an int, a numpy.timedelta64 is a numpy integer, a datetime is a date.
_KINDS = [
    ("bool", (bool, np.bool_)),
    ("datetime", (datetime.datetime, np.datetime64)),
    ("timedelta", (datetime.timedelta, np.timedelta64)),
    ("int", _INTEGERS + (np.integer,)),
    ("float", (float, np.floating)),
    ("complex", (complex, np.complexfloating)),
    ("decimal", (decimal.Decimal,)),
    ("text", (TEXT,)),
    ("text8" if PY2 else "bytes", (bytes,)),
    ("bytes", (bytearray, memoryview)),
    ("date", (datetime.date,)),
    ("time", (datetime.time,)),
    ("nested", (list, tuple, dict, set, frozenset, np.ndarray, pd.Series, pd.Index, pd.DataFrame)),
]
# Types with a value that means missing.
_HOLLOW = (type(None), type(pd.NaT), type(getattr(pd, "NA", None)), float, decimal.Decimal) + (
    np.floating,
    np.datetime64,
    np.timedelta64,
    complex,
    np.complexfloating,
)
_known_kinds = {}


class Settled(object):
    """Values of one type, before they become buffers.

    Attributes:
        type: the frame's type.
        values: array of that type; object array for string and bytes, raw bytes (uint8) for decimals.
        mask: boolean array of the missing ones, or None.
    """

    __slots__ = ("mask", "type", "values")

    def __init__(self, type, values, mask):
        self.type = type
        self.values = values
        self.mask = mask


def object_column(name, values, receipt, is_text=False):
    """Give an object array as a column.

    Args:
        name: name of the column, for the receipt.
        values: object array.
        receipt: list of entries that gets what was changed.
        is_text: True when the dtype says that these are texts, so that a column without any is not worth a word.
    """
    column = _by_arrow(name, values, receipt)
    if column is None:
        column = build(name, settle(name, values, receipt, is_text), receipt)
    return column


def _by_arrow(name, values, receipt):
    """Encode plain texts with pyarrow where it is loaded already: twice as fast."""
    pyarrow = sys.modules.get("pyarrow")
    if pyarrow is None or not hasattr(pyarrow, "string_view") or not len(values):  # before pyarrow 16
        return None
    if pd.api.types.infer_dtype(values, skipna=True) != "string":
        return None
    from .arrow_columns import arrow_column

    try:
        texts = pyarrow.array(values, pyarrow.large_string(), from_pandas=True)
    except (UnicodeEncodeError, pyarrow.ArrowException):  # lone surrogates
        return None
    return arrow_column(name, texts, receipt)


def settle(name, values, receipt, is_text=False):
    """Find the one type of an object array; arguments as in `object_column`.

    Returns:
        `Settled`.
    """
    types = set(map(type, values.tolist()))
    mask = None
    if any(issubclass(cls, _HOLLOW) for cls in types):
        mask = _missing(values, any(issubclass(cls, decimal.Decimal) for cls in types))
        if not mask.any():
            mask = None
    present = values.tolist() if mask is None else values[~mask].tolist()
    if not present:
        if not is_text:
            note(receipt, "empty-to-string", "%s: no values, kept as String" % quoted(name), name)
        return Settled("string", values, np.ones(len(values), np.bool_))
    if mask is not None:
        types = set(map(type, present))
    kinds = set(_kind(cls) for cls in types)
    if kinds <= frozenset(["text", "text8"]):
        return _settle_texts(name, values, present, mask, receipt, kinds)
    if len(kinds) == 1:
        settled = _settle_one(name, kinds.pop(), present, mask, types, receipt)
        if settled is not None:
            return settled
    elif kinds <= _NUMBERS:
        settled = _settle_numbers(name, present, mask, types, receipt)
        if settled is not None:
            return settled
    return _settle_as_text(name, present, mask, types, receipt)


def _kind(cls):
    kind = _known_kinds.get(cls)
    if kind is None:
        kind = next((kind for kind, classes in _KINDS if issubclass(cls, classes)), "other")
        _known_kinds[cls] = kind
    return kind


def _missing(values, has_decimals):
    if not has_decimals:
        return np.asarray(pd.isnull(values), np.bool_)
    # Old versions of pandas take a decimal NaN for a value, and a signalling one stops every version.
    others = values.copy()
    for at, value in enumerate(values.tolist()):
        if isinstance(value, decimal.Decimal) and value.is_nan():
            others[at] = None
    return np.asarray(pd.isnull(others), np.bool_)


def _spread(present, mask, dtype):
    """Give an array over all rows with `present` where nothing is missing and zeros elsewhere."""
    if mask is None:
        return np.array(present, dtype)
    full = np.zeros(len(mask), dtype)
    full[~mask] = np.array(present, dtype)
    return full


def _spread_objects(present, mask):
    full = np.empty(len(present) if mask is None else len(mask), object)
    if mask is None:
        full[:] = present
    else:
        cells = np.empty(len(present), object)
        cells[:] = present
        full[~mask] = cells
    return full


def _settle_texts(name, values, present, mask, receipt, kinds):
    if "text8" not in kinds:
        return Settled("string", values, mask)
    decoded = [decode(value) if isinstance(value, bytes) else (value, True) for value in present]
    odd = sum(not is_utf8 for _, is_utf8 in decoded)
    if odd:
        text = "%s: texts that are not UTF-8 (%d) were read as Latin-1" % (quoted(name), odd)
        note(receipt, "bytes-as-latin-1", text, name)
    return Settled("string", _spread_objects([text for text, _ in decoded], mask), mask)


def _settle_one(name, kind, present, mask, types, receipt):
    """Settle values of one kind; None when they can only be text."""
    if kind == "bool":
        return Settled("bool", _spread(present, mask, np.bool_), mask)
    if kind == "int":
        return _settle_integers(name, present, mask, types, receipt)
    if kind == "float":
        if any(issubclass(cls, np.longdouble) and np.dtype(cls).itemsize > 8 for cls in types):
            note(receipt, "float-narrowed", "%s: long double became Double" % quoted(name), name, True)
        return Settled("float64", _spread(present, mask, np.float64), mask)
    if kind == "decimal":
        counted = count_decimals(present, mask)
        return None if counted is None else Settled(counted[0], counted[1], mask)
    if kind == "bytes":
        return Settled("bytes", _spread_objects([bytes(value) for value in present], mask), mask)
    if kind == "date":
        return Settled("date32", _spread(count_dates(present), mask, np.int32), mask)
    if kind in ("datetime", "timedelta"):
        counted = count_datetimes(name, present, receipt) if kind == "datetime" else count_timedeltas(present)
        return None if counted is None else Settled(counted[0], _spread(counted[1], mask, np.int64), mask)
    return None


def _settle_integers(name, present, mask, types, receipt):
    if not types <= frozenset(_INTEGERS):
        present = [int(value) for value in present]
    low, high = min(present), max(present)
    if -(1 << 63) <= low and high < 1 << 63:
        return Settled("int64", _spread(present, mask, np.int64), mask)
    if low >= 0 and high < 1 << 64:
        return Settled("uint64", _spread(present, mask, np.uint64), mask)
    return _settle_numbers(name, present, mask, types, receipt)


def _settle_numbers(name, present, mask, types, receipt):
    """Settle numbers of several kinds, or integers beyond 64 bits, as Double; None when one is too large."""
    try:
        numbers = [float(value) for value in present]
    except (OverflowError, ValueError):
        return None
    lossy = any(number != value for number, value in zip(numbers, present))
    if any(number in (np.inf, -np.inf) and not isinstance(v, float) for number, v in zip(numbers, present)):
        return None
    what = _type_names(types) if len(types) > 1 else "integers beyond 64 bits"
    text = "%s: %s became Double%s" % (quoted(name), what, ", rounded" if lossy else "")
    code = "mixed-numbers-to-double" if len(types) > 1 else "integer-to-double"
    note(receipt, code, text, name, lossy)
    return Settled("float64", _spread(numbers, mask, np.float64), mask)


def _settle_as_text(name, present, mask, types, receipt):
    kinds = set(_kind(cls) for cls in types)
    if kinds == frozenset(["nested"]):
        pairs = [json_text(value) for value in present]
        lossy = any(is_lossy for _, is_lossy in pairs)
        text = "%s: %s became JSON text" % (quoted(name), _type_names(types))
        note(receipt, "nested-to-json", text, name, lossy)
        texts = [text for text, _ in pairs]
    else:
        code = "mixed-to-string" if len(types) > 1 else "%s-to-string" % _code_word(kinds, types)
        text = "%s: %s became String" % (quoted(name), _type_names(types))
        note(receipt, code, text, name, True)
        texts = [text_of(value) for value in present]
    return Settled("string", _spread_objects(texts, mask), mask)


def _code_word(kinds, types):
    kind = next(iter(kinds))
    if kind != "other":
        return {"int": "integer"}.get(kind, kind)
    cls = next(iter(types))
    known = {"Interval": "interval", "Period": "period"}
    return known.get(cls.__name__, "object")


def _type_names(types):
    names = sorted(set("%s" % cls.__name__ for cls in types))
    return ", ".join(names[:5]) + (" and %d more types" % (len(names) - 5) if len(names) > 5 else "")


def build(name, settled, receipt):
    """Give settled values as a column."""
    kind, values, mask = settled.type, settled.values, settled.mask
    if kind == "string":
        column, replaced = text_column(values, mask)
        if replaced:
            text = "%s: lone surrogates became U+FFFD in %d of its texts" % (quoted(name), replaced)
            note(receipt, "text-replaced", text, name, True)
        return column
    if kind == "bytes":
        return bytes_column(values, mask)
    if kind == "bool":
        return typed.bool_column(values, mask)
    if kind == "float64":
        return typed.float_column(kind, values, mask)
    if kind.startswith("decimal"):
        nulls = 0 if mask is None else int(np.count_nonzero(mask))
        validity = buffer_of(pack(~mask)) if nulls else ABSENT
        return Column(kind, nulls, [validity, buffer_of(values)], len(values) // 16)
    if mask is None:
        return typed.plain_column(kind, values)
    return typed.masked_column(kind, values, mask)
