"""Fits an estimator and turns what it can't do into an error that says so."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.kinds import is_numeric, numbers_of
from studiolo.sdk import ModuleError, roles

Array = np.ndarray[Any, Any]


def weights_of(table: pa.Table) -> Array | None:
    """Give the values of the column with the role `weight`, missing ones as 0; None without such a column.

    Raises:
        ModuleError: `cannot-train`: there are several, or it has values that can't be weights.
    """
    columns = roles.columns_with_role(table, roles.WEIGHT)
    if not columns:
        return None
    if len(columns) > 1 or not is_numeric(table.schema.field(columns[0]).type):
        raise _cannot(f"The dataset has no single weight column of numbers: {', '.join(columns[:5])}.")
    weights: Array = np.nan_to_num(numbers_of(table.column(columns[0])), nan=0.0, posinf=-1.0)
    if (weights < 0).any() or not weights.any():
        raise _cannot(f'The weights in "{columns[0][:80]}" are negative, infinite or all zero.')
    return weights


def _cannot(summary: str) -> ModuleError:
    hint = "Mend the column, or take its role away with Edit Metadata."
    return ModuleError(summary, hint, code="cannot-train", port="dataset")


def fitted(estimator: Any, matrix: Any, target: Array | None, weights: Array | None, title: str) -> Any:
    """Give the estimator, fitted. Iterations that ended before the tolerance was met are told on the log.

    Raises:
        ModuleError: `cannot-train`: the estimator refused, in its own words.
    """
    given: dict[str, Any] = {}
    if weights is not None:
        if "sample_weight" in inspect.signature(estimator.fit).parameters:
            given["sample_weight"] = weights
        else:
            print(f"{title} takes no weights: every row counts alike.")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            estimator.fit(matrix, target, **given)
    except (ValueError, ArithmeticError) as error:
        text = str(error).split("\n")[0][:300].rstrip(".")
        raise ModuleError(
            f"{title} can't be trained on this dataset: {text}.",
            "Look at the settings of the learner and at the columns of the dataset.",
            code="cannot-train",
        ) from None
    for line in dict.fromkeys(_told(one) for one in caught):
        if line:
            print(f"{title}: {line}")
    return estimator


def _told(warning: warnings.WarningMessage) -> str:
    """Give the first line of a warning that is about convergence; others are about libraries, not about data."""
    from sklearn.exceptions import ConvergenceWarning

    if issubclass(warning.category, ConvergenceWarning):
        return str(warning.message).strip().split("\n")[0][:200]
    return ""
