"""Compute Linear Correlation: the matrix of Pearson's correlations between columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.kinds import is_numeric, numbers_of
from studiolo.sdk import DatasetPort, ModuleError, module

MOST_COLUMNS = 5_000


@module(
    id="compute-linear-correlation",
    name="Compute Linear Correlation",
    category="Statistical Functions",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    preload=("pyarrow", "pyarrow.compute", "numpy"),
    aliases=("72a2eeb2-73fe-4384-8a8b-5478aba2ffb3", "Linear Correlation"),
)
def compute_linear_correlation(dataset: pa.Table) -> pa.Table:
    r"""Compute Pearson's correlation between every two columns.

    The result has a column and a row for each column of the dataset, in the same order. A correlation takes the rows
    in which both values are present. It is missing for columns that are not Integer or Double, for constant or
    infinite ones, and where fewer than two rows are left. At most 5,000 columns.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "size,price,rooms\n50,110,2\n70,150,3\n90,,3\n120,230,4\n"}
        correlation:
          module: compute-linear-correlation
          inputs: {dataset: houses}
    """
    names = dataset.column_names
    if len(names) > MOST_COLUMNS:
        raise ModuleError(
            f"The dataset has {len(names):,} columns; at most {MOST_COLUMNS:,} can be correlated.",
            "Select fewer columns before.",
            code="too-many-columns",
            port="dataset",
        )
    numeric = [place for place, field in enumerate(dataset.schema) if is_numeric(field.type)]
    matrix = np.full((len(names), len(names)), np.nan)
    if numeric and dataset.num_rows:
        columns = [numbers_of(dataset.column(place)) for place in numeric]
        matrix[np.ix_(numeric, numeric)] = _correlations(columns)
    return pa.table({name: pa.array(matrix[:, place]) for place, name in enumerate(names)})


def _correlations(columns: list[Any]) -> Any:
    values = np.empty((len(columns), len(columns[0])))
    present = np.ones(len(columns[0]), bool)
    is_whole = True
    for row, column in zip(values, columns, strict=True):
        column = _within_reach(column)
        usable = np.isfinite(column)
        if usable.all():
            np.subtract(column, column.mean(), out=row)
            scale = max(row.max(), -row.min())
        else:
            is_whole = False
            # a column with an infinite value has no correlation, with a missing one it has one by the other rows
            usable = ~np.isnan(column) if not np.isinf(column).any() else ~present
            mean = column.mean(where=usable) if usable.any() else 0.0
            np.subtract(column, mean, out=row)
            row[~usable] = np.nan
            scale = np.abs(row).max(where=usable, initial=0.0)
        if scale > 0 and not 1e-100 < scale < 1e100:
            row /= scale  # keeps squares in range
    with np.errstate(all="ignore"):
        return _of_whole(values) if is_whole else _of_pairs(values)


def _within_reach(column: Any) -> Any:
    """Give the column, much smaller where the sum of its values would be infinite."""
    greatest = np.abs(column).max(where=np.isfinite(column), initial=0.0)
    return column / 2.0**100 if greatest > 1e290 else column


def _of_whole(values: Any) -> Any:
    products = values @ values.T
    return _ratio(products, np.diag(products)[:, None], np.diag(products)[None])


def _of_pairs(values: Any) -> Any:
    """Correlate over the rows that both columns have, by sums over products of the masks."""
    mask = ~np.isnan(values)
    filled = np.where(mask, values, 0.0)
    weights = mask.astype(np.float64)
    counts = weights @ weights.T
    sums = filled @ weights.T  # of the row's column, over the rows that the other one has too
    squares = np.square(filled) @ weights.T
    products = filled @ filled.T
    covariance = products - sums * sums.T / counts
    spread = squares - sums * sums / counts
    spread[spread < squares * 1e-14] = 0.0  # constant over the common rows, but for rounding
    return np.where(counts > 1, _ratio(covariance, spread, spread.T), np.nan)


def _ratio(covariance: Any, one: Any, other: Any) -> Any:
    defined = (one > 0) & (other > 0)
    return np.where(defined, np.clip(covariance / np.sqrt(one * other), -1.0, 1.0), np.nan)
