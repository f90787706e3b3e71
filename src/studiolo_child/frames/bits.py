"""Arrow's bits, lowest first, to numpy's booleans and back, on every numpy from 1.10."""

from __future__ import absolute_import, division, print_function, unicode_literals

import numpy as np

try:
    np.unpackbits(np.zeros(1, np.uint8), bitorder="little")
    _HAS_ORDER = True
except TypeError:  # numpy < 1.17
    _HAS_ORDER = False


def unpack(buffer, count):
    """Give `count` bits of `buffer` (uint8 array) as a new, writable boolean array."""
    if _HAS_ORDER:
        return np.unpackbits(buffer, count=count, bitorder="little").view(np.bool_)
    bits = np.unpackbits(buffer).reshape(-1, 8)[:, ::-1]
    return bits.reshape(-1)[:count].astype(np.bool_)


def pack(values):
    """Give a boolean array as bits (uint8 array); unused bits of the last byte are 0."""
    if _HAS_ORDER:
        return np.packbits(values, bitorder="little")
    full = np.zeros((len(values) + 7) // 8 * 8, np.bool_)
    full[: len(values)] = values
    return np.packbits(full.reshape(-1, 8)[:, ::-1]).reshape(-1)
