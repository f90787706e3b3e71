"""Measures of how much a column says of a target: correlations, mutual information, chi squared, Fisher score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.keys import encoded
from studiolo.modules.columns.kinds import kind_of, numbers_of, one_chunk
from studiolo.modules.learning.labelling import plain

Array = np.ndarray[Any, Any]

BINS = 20
NOTHING = float("nan")


def quantities(column: pa.ChunkedArray | pa.Array) -> Array | None:
    """Give numbers, Booleans, dates and time spans as float64, missing and infinite as NaN; None for other types."""
    array = plain(column)
    kind = kind_of(array.type)
    if kind in ("DateTime", "TimeSpan"):
        if pa.types.is_date(array.type):
            array = pc.cast(array, pa.timestamp("s"))
        array = pc.cast(array, pa.int64())
    elif kind not in ("Integer", "Double", "Boolean"):
        return None
    values = numbers_of(array)
    return np.where(np.isinf(values), np.nan, values) if np.isinf(values).any() else values


def codes(column: pa.ChunkedArray | pa.Array) -> Array:
    """Give the number of the value of each row, -1 for missing; quantities with many values are put into bins.

    Quantities with more than `BINS` different values get up to that many bins with about equally many rows.
    """
    array = one_chunk(column)
    values = quantities(array)
    if values is None or kind_of(array.type) == "Categorical":
        return encoded(array)[0]
    known = ~np.isnan(values)
    present = values[known]
    result = np.full(len(values), -1, np.int64)
    ordered = np.sort(present)
    edges = ordered[np.flatnonzero(np.diff(ordered, append=np.inf))] if len(ordered) else ordered
    if len(edges) > BINS:  # each edge is the greatest value of a bin
        edges = np.unique(ordered[np.arange(1, BINS) * len(ordered) // BINS])
    result[known] = np.searchsorted(edges, present, side="left")
    return result


def pearson(values: Array, target: Array) -> float:
    """Give the absolute value of the correlation; NaN where one of the two is constant."""
    with np.errstate(over="ignore", invalid="ignore"):
        one, other = values - values.mean(), target - target.mean()
        scale = float(np.sqrt((one @ one) * (other @ other)))
        return abs(float(one @ other)) / scale if scale > 0 and np.isfinite(scale) else NOTHING


def spearman(values: Array, target: Array) -> float:
    """Give the absolute value of the correlation of ranks; equal values share the mean of their ranks."""
    from scipy.stats import rankdata

    return pearson(rankdata(values), rankdata(target))


def kendall(values: Array, target: Array) -> float:
    """Give the absolute value of Kendall's tau-b."""
    from scipy.stats import kendalltau

    if values.min() == values.max() or target.min() == target.max():
        return NOTHING
    return abs(float(kendalltau(values, target).statistic))


def mutual_information(table: Array) -> float:
    """Give the mutual information, in nats, of what a contingency table counts."""
    shares = table / table.sum()
    expected = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True)
    filled = shares > 0
    return max(float((shares[filled] * np.log(shares[filled] / expected[filled])).sum()), 0.0)


def chi_squared(table: Array) -> float:
    """Give the chi-squared statistic of a contingency table, without correction."""
    expected = table.sum(axis=1, keepdims=True) * (table.sum(axis=0, keepdims=True) / table.sum())
    filled = expected > 0
    return float(((table[filled] - expected[filled]) ** 2 / expected[filled]).sum())


def contingency(first: Array, second: Array) -> Array:
    """Count how often each pair of numbers from 0 occurs together; rows and columns without counts are left out."""
    width = int(second.max()) + 1
    counts = np.bincount(first * width + second, minlength=(int(first.max()) + 1) * width).reshape(-1, width)
    counts = counts[counts.sum(axis=1) > 0]
    result: Array = counts[:, counts.sum(axis=0) > 0].astype(np.float64)
    return result


def fisher_score(values: Array, classes: Array) -> float:
    """Give the variance between classes over that within them: sum n (mean - all)^2 / sum n variance."""
    with np.errstate(over="ignore", invalid="ignore"):
        counts = np.bincount(classes)
        present = counts > 0
        counts = counts[present]
        centered = values - values.mean()
        sums = np.bincount(classes, centered)[present]
        between = float((sums**2 / counts).sum())
        within = float(centered @ centered) - between
        if not np.isfinite(within) or len(counts) < 2:
            return NOTHING
        if within <= 1e-12 * between or within <= 0:  # apart from rounding nothing within
            return float("inf") if between > 0 else NOTHING
        return between / within
