"""What a fitted estimator says of its features: weights of linear ones, importances of trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

MOST_FEATURES = 2000


def weights_table(estimator: Any, names: Sequence[str], classes: Sequence[str]) -> dict[str, Any] | None:
    """Give the table of a card with a weight for each feature, the largest first; None where there are none."""
    coefficients = getattr(estimator, "coef_", None)
    if coefficients is not None and not callable(coefficients):
        return _linear(np.atleast_2d(_dense(coefficients)), estimator, names, classes)
    importances = getattr(estimator, "feature_importances_", None)
    if importances is None or len(importances) != len(names):
        return None
    values = np.asarray(importances, float)
    total = values.sum()
    return _listed("Feature importances", ["Feature", "Importance"], names, values[:, None] / (total or 1))


def _linear(
    weights: np.ndarray[Any, Any], estimator: Any, names: Sequence[str], classes: Sequence[str]
) -> dict[str, Any] | None:
    if weights.shape[1] != len(names):
        return None
    title = "Feature weights"
    columns = ["Feature", "Weight"] if len(weights) == 1 else ["Feature", *map(str, classes)]
    bias = np.atleast_1d(np.asarray(getattr(estimator, "intercept_", 0.0), float))
    if len(bias) == len(weights):
        names, weights = ["Bias", *names], np.hstack([bias[:, None], weights])
    return _listed(title, columns, names, weights.T)


def _listed(
    title: str, columns: list[str], names: Sequence[str], weights: np.ndarray[Any, Any]
) -> dict[str, Any]:
    order = np.argsort(-np.abs(weights).max(axis=1), kind="stable")
    if names and names[0] == "Bias":
        order = np.concatenate([[0], order[order != 0]])
    rows = [[names[at], *(float(one) for one in weights[at])] for at in order[:MOST_FEATURES]]
    return {"title": title, "columns": columns, "rows": rows}


def _dense(values: Any) -> np.ndarray[Any, Any]:
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values, float)
