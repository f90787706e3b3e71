"""Decimals between Python's objects and the 16-byte two's complement numbers of frames."""

from __future__ import absolute_import, division, print_function, unicode_literals

import decimal
import struct

import numpy as np

_MASK64 = (1 << 64) - 1
_PAIR = struct.Struct(str("<QQ"))
_SIGNED_PAIR = struct.Struct(str("<Qq"))
_CHUNK_ROWS = 65536


def count_decimals(values, mask):
    """Give decimals as a type and the raw bytes of all rows.

    The type is the narrowest that holds every value exactly.

    Args:
        values: list of the decimals that are present.
        mask: boolean array of the missing rows, or None.

    Returns:
        (type, uint8 array of 16 bytes for each row), or None for infinities and more than 38 digits.
    """
    tuples = [value.as_tuple() for value in values]
    if any(not isinstance(parts[2], int) for parts in tuples):
        return None
    scale = max(0, max(-exponent for _, _, exponent in tuples))
    whole = 0
    for _, digits, exponent in tuples:
        if any(digits):
            whole = max(whole, len(digits) + exponent)
    precision = max(1, scale + max(0, whole))
    if precision > 38:
        return None
    packed = b"".join(_pack(parts, scale) for parts in tuples)
    raw = np.frombuffer(packed, np.uint8)
    if mask is not None:
        full = np.zeros((len(mask), 16), np.uint8)
        full[~mask] = raw.reshape(-1, 16)
        raw = full.reshape(-1)
    return "decimal(%d,%d)" % (precision, scale), raw


def _pack(parts, scale):
    sign, digits, exponent = parts
    number = int("".join(map(str, digits))) if any(digits) else 0
    number *= 10 ** max(0, exponent + scale) if number else 1
    number = (-number if sign else number) & ((1 << 128) - 1)
    return _PAIR.pack(number & _MASK64, number >> 64)


def decode_decimals(raw, scale):
    """Give the decimals of 16-byte numbers (bytes) as a list of decimal.Decimal with exactly `scale` digits."""
    values = []
    for low, high in _SIGNED_PAIR.iter_unpack(raw) if hasattr(_SIGNED_PAIR, "iter_unpack") else _pairs(raw):
        values.append(decimal.Decimal("%de-%d" % ((high << 64) | low, scale)))
    return values


def _pairs(raw):
    for first in range(0, len(raw), 16):
        yield _SIGNED_PAIR.unpack_from(raw, first)
