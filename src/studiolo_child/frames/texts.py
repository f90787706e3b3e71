"""Texts and bytes between Arrow's offsets and data and Python's objects, in both directions and without pyarrow."""

from __future__ import absolute_import, division, print_function, unicode_literals

import re
import sys

import numpy as np

from .bits import pack
from .columns import ABSENT, Column, buffer_of

PY2 = sys.version_info[0] == 2
TEXT = type("")
_CHUNK_ROWS = 65536
_SURROGATE = re.compile("[\ud800-\udfff]")
# What Python 2 writes for a surrogate, which is not UTF-8.
_ENCODED_SURROGATE = re.compile(b"\xed[\xa0-\xbf][\x80-\xbf]")


def decode_texts(offsets, data):
    """Give the texts that `offsets` (int64 array) cut from `data` (uint8 array) as an object array."""
    count = len(offsets) - 1
    values = np.empty(count, object)
    for first in range(0, count, _CHUNK_ROWS):
        bounds = offsets[first : first + _CHUNK_ROWS + 1]
        values[first : first + _CHUNK_ROWS] = _decode_chunk(bounds, data[bounds[0] : bounds[-1]])
    return values


def _decode_chunk(bounds, part):
    raw = part.tobytes()
    bounds = bounds - bounds[0]
    text = raw.decode("utf-8", "replace")
    if len(text) != len(raw):
        # Offsets count bytes: turn them into counts of characters, one for each byte that begins one.
        begins = np.zeros(len(raw) + 1, np.int64)
        np.cumsum((part & 0xC0) != 0x80, out=begins[1:])
        if begins[-1] != len(text):  # invalid UTF-8, or a narrow build of Python 2
            bounds = bounds.tolist()
            return [raw[a:b].decode("utf-8", "replace") for a, b in zip(bounds, bounds[1:])]
        bounds = begins[bounds]
    bounds = bounds.tolist()
    return [text[a:b] for a, b in zip(bounds, bounds[1:])]


def decode_bytes(offsets, data):
    """Give the byte strings that `offsets` (int64 array) cut from `data` (uint8 array) as an object array."""
    count = len(offsets) - 1
    values = np.empty(count, object)
    for first in range(0, count, _CHUNK_ROWS):
        bounds = offsets[first : first + _CHUNK_ROWS + 1]
        raw = data[bounds[0] : bounds[-1]].tobytes()
        bounds = (bounds - bounds[0]).tolist()
        values[first : first + _CHUNK_ROWS] = [raw[a:b] for a, b in zip(bounds, bounds[1:])]
    return values


def text_column(values, mask):
    """Give texts as a column.

    Args:
        values: object array of texts; anything where `mask` is True.
        mask: boolean array of the missing ones, or None.

    Returns:
        (`Column`, number of texts in which lone surrogates were replaced).
    """
    replaced = [0]

    def encode(part):
        joined = "".join(part)
        try:
            raw = joined.encode("utf-8")
        except UnicodeEncodeError:
            raw = None
        if raw is not None and not (PY2 and _ENCODED_SURROGATE.search(raw)):
            if len(raw) == len(joined):
                return raw, part
            encoded = [text.encode("utf-8") for text in part]
            return raw, encoded
        clean = [_SURROGATE.sub("\ufffd", text) for text in part]
        replaced[0] += sum(a != b for a, b in zip(part, clean))
        encoded = [text.encode("utf-8") for text in clean]
        return b"".join(encoded), encoded

    return _column("string", values, mask, "", encode), replaced[0]


def bytes_column(values, mask):
    """Give byte strings as a column; `values` and `mask` as in `text_column`."""
    return _column("bytes", values, mask, b"", lambda part: (b"".join(part), part))


def _column(type, values, mask, empty, encode):
    count = len(values)
    validity, nulls = ABSENT, 0
    if mask is not None:
        nulls = int(np.count_nonzero(mask))
    if nulls:
        validity = buffer_of(pack(~mask))
        values = values.copy()
        values[mask] = empty
    lengths = np.zeros(count + 1, np.int64)
    pieces = []
    for first in range(0, count, _CHUNK_ROWS):
        part = values[first : first + _CHUNK_ROWS].tolist()
        raw, parts = encode(part)
        lengths[first + 1 : first + 1 + len(part)] = np.fromiter(map(len, parts), np.int64, len(part))
        pieces.append(raw)
    offsets = np.cumsum(lengths)
    data = (int(offsets[-1]), lambda: pieces)
    return Column(type, nulls, [validity, buffer_of(offsets.view(np.uint8)), data], count)


def replace_surrogates(text):
    """Give `text` with lone surrogates, which no encoding can write, replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)
