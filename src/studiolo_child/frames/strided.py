"""Columns that lie row by row in a two-dimensional array: written tile by tile, so that each row is read once."""

from __future__ import absolute_import, division, print_function, unicode_literals

import os

import numpy as np

from .layout import padded

# Rows converted at a time when one column is written alone: a multiple of 8, 1 MB of int64.
SLICE_ROWS = 131072
_TILE_BYTES = 2 * 1024 * 1024
_LEAST_BYTES = 256 * 1024


class Strided(object):
    """The source of a buffer whose values do not lie side by side.

    Args:
        values: one-dimensional array, not contiguous.
    """

    __slots__ = ("values",)

    def __init__(self, values):
        self.values = values

    def __call__(self):
        """Give the values of this column alone, as contiguous pieces of bytes."""
        for first in range(0, len(self.values), SLICE_ROWS):
            yield np.ascontiguousarray(self.values[first : first + SLICE_ROWS]).view(np.uint8)

    def write_run(self, sources, descriptor):
        """Write this buffer together with those after it that lie in the same rows.

        Args:
            sources: the buffers of the frame from this one on, (length, source) each.
            descriptor: seekable, at the position of this buffer.

        Returns:
            Number of buffers written with their padding, the descriptor after the last; 0 when there is nothing
            to gain.
        """
        length = sources[0][0]
        if length < _LEAST_BYTES or not hasattr(os, "pwrite"):
            return 0
        count = self._run_length(sources)
        if count < 2:
            return 0
        try:
            position = os.lseek(descriptor, 0, os.SEEK_CUR)
        except OSError:  # a pipe
            return 0
        rows, width = len(self.values), self.values.dtype.itemsize
        step = _address(sources[1][1].values) - _address(self.values)
        table = np.lib.stride_tricks.as_strided(
            self.values, (rows, count), (self.values.strides[0], step), writeable=False
        )
        tile_rows = max(2048, _TILE_BYTES // (width * count))
        for first in range(0, rows, tile_rows):
            tile = np.ascontiguousarray(table[first : first + tile_rows].T)
            for number in range(count):
                _write_at(descriptor, tile[number], position + number * padded(length) + first * width)
        for number in range(count):
            end = position + number * padded(length) + length
            os.pwrite(descriptor, b"\0" * (-length % 64), end)
        os.lseek(descriptor, position + count * padded(length), os.SEEK_SET)
        return count

    def _run_length(self, sources):
        """Give the number of buffers, from the first, at equal distances within one row."""
        mine, step = self.values, None
        count, address = 1, _address(mine)
        for _, source in sources[1:]:
            other = getattr(source, "values", None)
            if other is None or other.dtype != mine.dtype or other.strides != mine.strides:
                break
            distance = _address(other) - address
            if step not in (None, distance) or abs(distance) * (count + 1) > abs(mine.strides[0]):
                break
            step, address, count = distance, address + distance, count + 1
        return count


def _address(array):
    return array.__array_interface__["data"][0]


def _write_at(descriptor, values, position):
    data = memoryview(values.view(np.uint8))
    while len(data):
        done = os.pwrite(descriptor, data, position)
        data, position = data[done:], position + done
