"""Writes a DataFrame as a frame by the rules of R-2.3, each change told in a receipt.

It does not build the frame in memory: numbers are written from where they lie.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import numpy as np
import pandas as pd

from .arrays_out import array_column, stored_arrays
from .columns import write_columns
from .names_out import refuse_long, text_names, unique_names
from .receipts import note, quoted, refuse_lossy
from .texts import TEXT


def write_frame(descriptor, dataframe, receipt=None, dialect="designer", strict=False):
    """Write a DataFrame as a frame.

    Args:
        descriptor: open for writing, written from its current position; or a file object with `write`.
        dataframe: any pandas DataFrame; it is not changed.
        receipt: list that gets an entry for each change made on the way.
        dialect: `designer` or `classic`: how duplicate column names become unique.
        strict: refuse changes that lose data.

    Returns:
        {"rows", "columns", "size"}: the shape of the frame and its length in bytes.

    Raises:
        StrictError: `strict`, and data would be lost; nothing was written.
        JobError: `bad-return` for a name, role or category of more than 65,536 characters.
    """
    entries = []
    labels = dataframe.columns.tolist()
    names = unique_names(text_names(labels, entries), dialect, entries)
    rows = _note_rows(dataframe, entries)
    columns = [array_column(name, values, entries) for name, values in zip(names, stored_arrays(dataframe))]
    if strict:
        refuse_lossy(entries)
    size = write_columns(descriptor, rows, names, columns, _marks(dataframe))
    if receipt is not None:
        receipt.extend(entries)
    return {"rows": rows, "columns": len(names), "size": size}


def _note_rows(dataframe, receipt):
    """Give the number of rows; say when the index was more than that number."""
    index = dataframe.index
    rows = len(index)
    if not len(dataframe.columns) and rows:
        note(receipt, "rows-dropped", "%d rows without any column were dropped" % rows, None, True)
        return 0
    if not _is_default(index, rows):
        names = [name for name in index.names if name is not None]
        what = " %s" % ", ".join(quoted(_name(name)) for name in names[:5]) if names else ""
        note(receipt, "index-dropped", "index%s dropped" % what, None, True)
    elif index.name is not None:
        text = "index %s dropped, it only counted the rows" % quoted(_name(index.name))
        note(receipt, "index-dropped", text, None)
    return rows


def _name(name):
    return name if isinstance(name, TEXT) else "%s" % (name,)


def _is_default(index, rows):
    if isinstance(index, pd.RangeIndex):
        return rows == 0 or (index[0] == 0 and index[-1] == rows - 1)
    if rows == 0:
        return not isinstance(index, pd.MultiIndex)
    if getattr(index, "dtype", np.dtype(object)).kind not in "iu" or isinstance(index, pd.MultiIndex):
        return False
    values = np.asarray(index)
    return values[0] == 0 and values[-1] == rows - 1 and bool((values == np.arange(rows)).all())


def _marks(dataframe):
    """Give roles and categories that pandas_in put into `attrs`, for the texts among them."""
    marks = getattr(dataframe, "attrs", None)
    marks = marks.get("studiolo") if marks else None
    if not isinstance(marks, dict):
        return None
    kept = {}
    for name, mark in marks.items():
        if isinstance(name, TEXT) and isinstance(mark, dict):
            chosen = dict(
                (k, v) for k, v in mark.items() if k in ("role", "category") and isinstance(v, TEXT)
            )
            for key, text in chosen.items():
                refuse_long("%s of column %s" % (key, quoted(name)), text)
            if chosen:
                kept[name] = chosen
    return kept
