"""Pairs of rows of two datasets whose keys are equal."""

from __future__ import annotations

from typing import Any

import numpy as np

Codes = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


def pairs(left: Codes, right: Codes, *, keep_unmatched: bool) -> tuple[Codes | None, Codes]:
    """Give the rows of the left and of the right dataset that belong together.

    Args:
        left: number of the key of each left row; below 0 matches nothing.
        right: number of the key of each right row; likewise.
        keep_unmatched: give left rows without a match too, with -1 for the right row.

    Returns:
        Left and right row of each pair, in the order of the left rows and, for each, of the right rows. None in
        place of the left rows when they are all there once, in order.
    """
    count = int(max(left.max(initial=-1), right.max(initial=-1))) + 1
    rows = np.flatnonzero(right >= 0)
    keys = right if len(rows) == len(right) else right[rows]
    many = np.bincount(keys, minlength=count)
    if not count or many.max() <= 1:
        return _single(left, keys, rows, count, keep_unmatched)
    order = rows[np.argsort(keys, kind="stable")]
    starts = np.cumsum(many) - many
    matches = np.where(left >= 0, many[left], 0)
    repeats = np.maximum(matches, 1) if keep_unmatched else matches
    left_rows = np.repeat(np.arange(len(left)), repeats)
    ends = np.cumsum(repeats)
    within = np.arange(len(left_rows)) - np.repeat(ends - repeats, repeats)
    places = starts[left[left_rows]] + within
    if not keep_unmatched:
        return left_rows, order[places]
    is_match = matches[left_rows] > 0
    right_rows = np.full(len(left_rows), -1)
    right_rows[is_match] = order[places[is_match]]
    return left_rows, right_rows


def found_in(codes: Codes, others: Codes) -> Mask:
    """Say of each key whether it is among the others; keys below 0 never are."""
    there = np.zeros(int(max(codes.max(initial=-1), others.max(initial=-1))) + 2, bool)
    there[others[others >= 0]] = True
    there[-1] = False  # where -1 points to
    found: Mask = there[np.maximum(codes, -1)]
    return found


def _single(
    left: Codes, keys: Codes, rows: Codes, count: int, keep_unmatched: bool
) -> tuple[Codes | None, Codes]:
    """Give the pairs where each key is at most once in the right dataset."""
    row_of = np.full(count + 1, -1)
    row_of[keys] = rows
    right_rows = row_of[np.maximum(left, -1)]
    is_match = right_rows >= 0
    if keep_unmatched or is_match.all():
        return None, right_rows
    return np.flatnonzero(is_match), right_rows[is_match]
