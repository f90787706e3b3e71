"""Typed numpy arrays as columns: zero-copy where the bytes can stay, in bounded slices where they can't."""

from __future__ import absolute_import, division, print_function, unicode_literals

import numpy as np

from .bits import pack
from .columns import ABSENT, Column, buffer_of
from .strided import SLICE_ROWS, Strided

NAT = np.iinfo(np.int64).min


def plain_column(type, values, nulls=0):
    """Give numbers without missing values, or floats with `nulls` -1, as a column.

    Contiguous arrays are written from where they lie, others are copied in tiles while they are written.
    """
    if values.dtype.byteorder == ">":
        values = values.astype(values.dtype.newbyteorder("="))
    if values.flags.c_contiguous:
        raw = values.view(np.uint8)
        buffer = (len(raw), raw) if len(raw) else ABSENT
    else:
        buffer = (values.nbytes, Strided(values))
    return Column(type, nulls, [buffer] if nulls else [ABSENT, buffer], len(values))


def masked_column(type, values, mask):
    """Give numbers as a column, missing where `mask` is True; what stands there is written as 0."""
    nulls = int(np.count_nonzero(mask))
    if not nulls:
        return plain_column(type, values)
    buffer = (values.nbytes, lambda: _zeroed(values, mask))
    return Column(type, nulls, [buffer_of(pack(~mask)), buffer], len(values))


def float_column(type, values, mask=None):
    """Give floats as a column, NaN where `mask` is True."""
    if mask is None or not mask.any():
        return plain_column(type, values, -1)
    return Column(type, -1, [(values.nbytes, lambda: _zeroed(values, mask, np.nan))], len(values))


def time_column(type, values):
    """Give int64 times as a column, missing where NaT stands."""
    if len(values) and values.min() == NAT:
        return masked_column(type, values, values == NAT)
    return plain_column(type, values)


def bool_column(values, mask=None):
    """Give booleans as a column, missing where `mask` is True."""
    nulls = 0 if mask is None else int(np.count_nonzero(mask))
    validity = buffer_of(pack(~mask)) if nulls else ABSENT
    length = (len(values) + 7) // 8
    buffer = (length, lambda: _packed(values, mask if nulls else None)) if length else ABSENT
    return Column("bool", nulls, [validity, buffer], len(values))


def _slices(count):
    return [slice(first, first + SLICE_ROWS) for first in range(0, count, SLICE_ROWS)]


def _zeroed(values, mask, fill=0):
    for part in _slices(len(values)):
        piece = np.array(values[part], order="C")
        piece[mask[part]] = fill
        yield piece.view(np.uint8)


def _packed(values, mask):
    for part in _slices(len(values)):
        yield pack(values[part] if mask is None else values[part] & ~mask[part])
