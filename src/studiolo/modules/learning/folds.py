"""Folds: parts of a dataset that take turns in being predicted by what was trained on the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.kinds import is_numeric, missing_in
from studiolo.modules.learning.labelling import plain
from studiolo.modules.learning.metrics_two_class import Metrics
from studiolo.sdk import ModuleError, roles

Array = np.ndarray[Any, Any]

FOLD_ASSIGNMENTS = "Fold Assignments"
MOST_FOLDS = 1000


def random_folds(rows: int, count: int, seed: int) -> Array:
    """Give the number of a fold, from 1, for each row; the folds are even, and fewer when the rows are fewer."""
    order = np.random.RandomState(seed).permutation(rows)
    folds = np.empty(rows, np.int64)
    folds[order] = np.arange(rows) % max(min(count, rows), 1) + 1
    return folds


def stratified_folds(codes: Array, count: int, seed: int) -> Array:
    """Give the number of a fold, from 1, for each row, so that each class is spread evenly over the folds.

    Args:
        codes: number of the class of each row.
        count: of folds.
        seed: the same seed and codes give the same folds.
    """
    order = np.random.RandomState(seed).permutation(len(codes))
    by_class = order[np.argsort(codes[order], kind="stable")]
    folds = np.empty(len(codes), np.int64)
    folds[by_class] = np.arange(len(codes)) % max(min(count, len(codes)), 1) + 1
    return folds


def marked_folds(table: pa.Table) -> tuple[str, Array] | None:
    """Give the column with the role of a fold, and its folds; None without such a column.

    Raises:
        ModuleError: `cannot-evaluate`: several columns, values that are no whole numbers, or missing ones.
    """
    columns = roles.columns_with_role(table, roles.FOLD)
    if not columns:
        return None
    column = plain(table.column(columns[0]))
    if len(columns) > 1:
        raise _cannot(f"The dataset has {len(columns)} columns of folds: {', '.join(columns[:5])}.")
    if not is_numeric(column.type) or not pa.types.is_integer(column.type):
        raise _cannot(f'The folds in "{columns[0][:80]}" are no whole numbers.')
    missing = int(np.count_nonzero(missing_in(column).to_numpy(zero_copy_only=False)))
    if missing:
        raise _cannot(f'{missing} rows have no fold in "{columns[0][:80]}".')
    folds: Array = column.to_numpy(zero_copy_only=False)
    if len(np.unique(folds)) > MOST_FOLDS:
        raise _cannot(f'The column "{columns[0][:80]}" has more than {MOST_FOLDS} folds.')
    return columns[0], folds


def _cannot(summary: str) -> ModuleError:
    hint = "Make folds with Partition and Sample, or take the role away with Edit Metadata."
    return ModuleError(summary, hint, code="cannot-evaluate", port="dataset")


def mean_and_deviation(folds: list[Metrics]) -> tuple[Metrics, Metrics]:
    """Give mean and standard deviation (of a sample) of each metric over folds; values that are NaN are left out."""
    means, deviations = {}, {}
    for name in dict.fromkeys(name for fold in folds for name in fold):
        values = np.array([fold[name] for fold in folds if name in fold], float)
        values = values[~np.isnan(values)]
        means[name] = float(values.mean()) if len(values) else float("nan")
        deviations[name] = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    return means, deviations
