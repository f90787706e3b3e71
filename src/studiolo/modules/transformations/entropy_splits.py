"""Edges of bins that separate the classes of a label best, after Fayyad and Irani (1993)."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Codes = np.ndarray[Any, np.dtype[np.int64]]


def entropy_edges(values: Numbers, classes: Codes, most: int) -> Numbers:
    """Give the edges of up to `most` bins whose entropy of classes is least.

    The range is split again and again where the entropy falls most, as long as the fall pays for the split by the
    principle of the minimum description length. An edge lies halfway between two neighbouring values.

    Args:
        values: finite numbers.
        classes: number of the class of each value, from 0.
        most: bins at most; the splits that gain most come first.
    """
    if not len(values):
        return values
    points, places = np.unique(values, return_inverse=True)
    width = int(classes.max()) + 1
    counts = np.bincount(places * width + classes, minlength=len(points) * width).reshape(-1, width)
    sums = np.vstack([np.zeros((1, width), np.int64), np.cumsum(counts, axis=0)])
    edges: list[float] = []
    waiting: list[tuple[float, int, int, int]] = []
    _offer(waiting, sums, 0, len(points))
    while waiting and len(edges) < most - 1:
        _, at, first, last = heapq.heappop(waiting)
        edges.append(points[at - 1] + (points[at] - points[at - 1]) / 2)
        _offer(waiting, sums, first, at)
        _offer(waiting, sums, at, last)
    return np.unique(np.asarray(edges, np.float64))


def _offer(waiting: list[tuple[float, int, int, int]], sums: Any, first: int, last: int) -> None:
    """Add the best split of the points first … last - 1, if it pays."""
    if last - first < 2:
        return
    left = sums[first + 1 : last] - sums[first]
    right = sums[last] - sums[first + 1 : last]
    whole = sums[last] - sums[first]
    total = whole.sum()
    left_share, right_share = left.sum(axis=1) / total, right.sum(axis=1) / total
    after = left_share * _entropy(left) + right_share * _entropy(right)
    best = int(np.argmin(after))
    before = float(_entropy(whole[None])[0])
    gain = before - after[best]
    kinds, left_kinds, right_kinds = (
        int(np.count_nonzero(part)) for part in (whole, left[best], right[best])
    )
    spread = left_kinds * _entropy(left[best][None])[0] + right_kinds * _entropy(right[best][None])[0]
    ways = np.log2(3.0**kinds - 2) if kinds < 30 else kinds * np.log2(3.0)  # a larger power would overflow
    cost = ways - (kinds * before - spread)
    if gain > (np.log2(total - 1) + cost) / total:
        heapq.heappush(waiting, (-gain * float(total), first + 1 + best, first, last))


def _entropy(counts: Any) -> Numbers:
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    logs = np.log2(shares, out=np.zeros(shares.shape), where=shares > 0)
    result: Numbers = -(shares * logs).sum(axis=1)
    return result
