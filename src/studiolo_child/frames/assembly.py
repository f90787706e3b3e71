"""Puts arrays together as a DataFrame without copying them, on every pandas from 0.18."""

from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict

import numpy as np
import pandas as pd

from . import zones

# More blocks than this, and pandas warns the author of a fragmented frame when a column is added.
_MANY_BLOCKS = 100


def assemble(names, arrays, rows, columns=None):
    """Give the DataFrame with these columns and the index 0 ... rows-1.

    Each column keeps its array. In a table of more than 100 columns, and in pandas before 1.3, which else
    gathers the columns of one type by copying them, numbers of one type that lie side by side in the mapping
    become one block of pandas, which is a view of the mapping too.

    Args:
        names: unique texts.
        arrays: numpy arrays or pandas arrays, all of length `rows`.
        rows: number of rows.
        columns: the index of the names, where it is known.
    """
    index = pd.RangeIndex(rows)
    if not names:
        return pd.DataFrame(index=index)
    if len(names) <= _MANY_BLOCKS and (1, 3) <= zones.PANDAS < (3, 0):
        return pd.DataFrame(dict(zip(names, arrays)), index=index, copy=False)
    columns = pd.Index(names) if columns is None else columns
    blocks = _blocks(arrays, rows)
    if zones.PANDAS >= (3, 0):
        from pandas.api.internals import create_dataframe_from_blocks

        return create_dataframe_from_blocks(blocks, index, columns)
    try:
        return _from_blocks(blocks, [columns, index])
    except Exception:  # internals differ between versions; the public way copies but always works
        pairs = OrderedDict((name, pd.Series(array, index=index)) for name, array in zip(names, arrays))
        return pd.DataFrame(pairs, index=index, columns=columns)


def _blocks(arrays, rows):
    """Give (values as pandas blocks have them, positions of their columns) for all columns."""
    blocks, at = [], 0
    while at < len(arrays):
        stop = at + 1
        if len(arrays) > _MANY_BLOCKS or zones.PANDAS < (1, 3):
            stop = _run_end(arrays, at)
        values = arrays[at]
        if stop > at + 1:
            step = _address(arrays[at + 1]) - _address(values)
            shape, strides = (stop - at, rows), (step, values.dtype.itemsize)
            values = np.lib.stride_tricks.as_strided(values, shape, strides)
        elif isinstance(values, np.ndarray):
            values = values.reshape(1, -1)
        blocks.append((values, np.arange(at, stop)))
        at = stop
    return blocks


def _run_end(arrays, first):
    """Give the end of the run of arrays that lie at equal distances in one mapping."""
    owner = _owner(arrays[first])
    stop, step = first + 1, None
    while owner is not None and stop < len(arrays):
        array = arrays[stop]
        if _owner(array) is not owner or array.dtype != arrays[first].dtype:
            break
        distance = _address(array) - _address(arrays[stop - 1])
        if distance <= 0 or step not in (None, distance):
            break
        stop, step = stop + 1, distance
    return stop


def _owner(array):
    """Give the mapping that a numpy array is a view of, or None."""
    if not isinstance(array, np.ndarray):
        return None
    base = array.base
    while isinstance(base, np.ndarray):
        base = base.base
    return getattr(base, "obj", base)


def _address(array):
    return array.__array_interface__["data"][0]


def _from_blocks(blocks, axes):
    """Build the frame by the internals that pandas 0.18 to 2 share."""
    from pandas.core import internals

    if zones.PANDAS >= (1, 3):
        from pandas.core.internals.api import make_block
    else:
        make_block = internals.make_block
    made = [make_block(values, placement=places, ndim=2) for values, places in blocks]
    manager = internals.BlockManager(made, axes)
    if hasattr(pd.DataFrame, "_from_mgr"):
        return pd.DataFrame._from_mgr(manager, axes=manager.axes)
    return pd.DataFrame(manager)
