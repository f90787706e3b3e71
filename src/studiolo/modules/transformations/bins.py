"""Bins of numeric columns: finding the edges, and the transformation that puts values between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.choosing import numeric, present
from studiolo.modules.columns.kinds import numbers_of
from studiolo.modules.columns.naming import numbered
from studiolo.modules.columns.replacing import extended, replaced
from studiolo.modules.transformations.transformation import Transformation

Numbers = np.ndarray[Any, np.dtype[np.float64]]

APPEND, IN_PLACE, RESULT_ONLY = "Append", "Inplace", "Result Only"
PERCENT, PQUANTILE, INDEX = "Percent", "PQuantile", "Quantile Index"


def quantile_edges(values: Numbers, count: int) -> Numbers:
    """Give the edges between `count` bins that hold about equally many of the finite values.

    An edge at the least value, or twice the same, would make a bin that nothing falls into; it is left out.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return finite
    parts = np.arange(1, count) / count
    scale = 1 if np.abs(finite).max() < 1e300 else 2  # the difference of two larger numbers could overflow
    edges = np.quantile(finite / scale, parts) * scale
    return np.unique(edges[edges > finite.min()])


def equal_edges(values: Numbers, count: int) -> Numbers:
    """Give the edges between `count` bins of the same width from the least to the greatest finite value."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return finite
    low, high = finite.min(), finite.max()
    if low == high:
        return finite[:0]
    parts = np.arange(1, count) / count
    return np.unique(low * (1 - parts) + high * parts)  # low + (high - low) * part could overflow


@dataclass
class Bins(Transformation):
    """Edges of bins of some columns, and how to put out in which bin a value is.

    Attributes:
        edges: for each column the inner edges, ascending; each is the lower boundary of the bin after it.
        output: `Append`, `Inplace` or `Result Only`.
        is_categorical: the result is Categorical.
        normalization: `Quantile Index` puts out the number of the bin, from 1; `PQuantile` number / (bins + 1),
            `Percent` a hundred times that.
        mode: binning mode, for showing.
    """

    edges: dict[str, Numbers] = field(default_factory=dict)
    output: str = APPEND
    is_categorical: bool = True
    normalization: str = INDEX
    mode: str = ""

    def apply(self, table: pa.Table) -> pa.Table:
        """Put each value into its bin; missing stays missing, values beyond the edges go to the outer bins."""
        numeric(table, present(table, list(self.edges)) or None, "")
        results = {name: self._binned(table.column(name), edges) for name, edges in self.edges.items()}
        if self.output == IN_PLACE:
            return replaced(table, results)
        taken = set(table.column_names) if self.output == APPEND else set()
        new: dict[str, pa.Array] = {}
        for name, values in results.items():
            free = numbered(f"{name}_quantized", taken, "{name}_{number}")
            new[free] = values
            taken.add(free)
        return extended(table, new) if self.output == APPEND else pa.table(new)

    def _binned(self, column: pa.ChunkedArray, edges: Numbers) -> pa.Array:
        values = numbers_of(column)
        places = np.searchsorted(edges, values, side="right")
        missing = np.isnan(values)
        gaps = missing if missing.any() else None
        levels = self._levels(len(edges) + 1)
        if self.is_categorical:
            return pa.DictionaryArray.from_arrays(
                pa.array(places.astype(np.int32), mask=gaps), pa.array(levels), ordered=True
            )
        if levels.dtype == np.float64:
            result = levels[np.minimum(places, len(edges))]  # NaN sorts behind the last edge
            result[missing] = np.nan
            return pa.array(result)
        return pa.array(places + 1, pa.int64(), mask=gaps)

    def _levels(self, bins: int) -> np.ndarray[Any, np.dtype[Any]]:
        numbers = np.arange(1, bins + 1, dtype=np.int64)
        if self.normalization == INDEX:
            return numbers
        return numbers * (100.0 if self.normalization == PERCENT else 1.0) / (bins + 1)

    def settings(self) -> list[list[Any]]:
        """Give mode and output."""
        return [
            ["Binning mode", self.mode],
            ["Output mode", self.output],
            ["Tag columns as categorical", self.is_categorical],
            ["Values", self.normalization],
        ]

    def tables(self) -> list[dict[str, Any]]:
        """Give the edges."""
        rows: list[list[Any]] = []
        for name, edges in self.edges.items():
            bounds = [None, *edges.tolist(), None]
            rows += [[name, place, *pair] for place, pair in enumerate(pairwise(bounds), start=1)]
        columns = ["Column", "Bin", "From (inclusive)", "To (exclusive)"]
        return [{"title": "Bins", "columns": columns, "rows": rows}]
