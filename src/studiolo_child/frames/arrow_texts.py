"""Texts of a frame as the Arrow-backed `str` of pandas 3, without copying."""

from __future__ import absolute_import, division, print_function, unicode_literals

import sys

import numpy as np
import pandas as pd

from . import zones


def opener(mapping):
    """Give what opens text columns of `mapping`, or None where this pandas does not keep texts in Arrow.

    Returns:
        A function (start of the data, column of the header, rows) that gives the pandas array.
    """
    if zones.PANDAS < (3, 0):
        return None
    dtype = pd.StringDtype(na_value=np.nan)
    if dtype.storage != "pyarrow":
        return None
    pyarrow = sys.modules["pyarrow"]
    whole = pyarrow.py_buffer(mapping)
    from_buffers = pyarrow.LargeStringArray.from_buffers
    cls = dtype.construct_array_type()

    def open_column(start, column, rows):
        parts = [whole.slice(start + offset, length) for offset, length in column["buffers"]]
        validity = parts[0] if column["nulls"] else None
        return cls(from_buffers(rows, parts[1], parts[2], validity, column["nulls"], 0), dtype=dtype)

    return open_column
