"""Rows drawn for a split, with the very random numbers of the retired designer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.converting import categorical
from studiolo.modules.columns.kinds import one_chunk

Rows = np.ndarray[Any, np.dtype[np.int64]]


def split_rows(
    count: int, ratio: float, *, seed: int | None, groups: Iterable[Rows] | None = None
) -> tuple[Rows, Rows]:
    """Give the rows of the first and of the second part.

    The recipe of the designer: numpy's legacy generator draws all rows without replacement; the first
    `round(count * ratio)` of them (half to even) are the first part; then each part is shuffled. With groups
    each is drawn from in turn, and only then the parts are shuffled.

    Args:
        count: of all rows.
        ratio: share of the first part.
        seed: of the draw; None takes the rows in their order and shuffles nothing.
        groups: rows of each group, where each is to be split alike.
    """
    generator = None if seed is None else np.random.RandomState(seed)
    first, second = [], []
    for rows in [np.arange(count)] if groups is None else groups:
        size = round(len(rows) * ratio)
        drawn = rows if generator is None else rows[generator.choice(len(rows), len(rows), replace=False)]
        first.append(drawn[:size])
        second.append(drawn[size:])
    parts = [np.concatenate(part) if part else np.arange(0) for part in (first, second)]
    if generator is not None:
        for part in parts:
            generator.shuffle(part)
    return parts[0], parts[1]


def groups_of(column: pa.ChunkedArray) -> list[Rows]:
    """Give the rows of each value, sorted by value; those of the missing value last."""
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    found = categorical(array)
    last = len(found.dictionary)
    codes = found.indices.cast(pa.int64()).fill_null(last).to_numpy()
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes, minlength=last + 1)
    return [rows for rows in np.split(order, np.cumsum(sizes)[:-1]) if len(rows)]
