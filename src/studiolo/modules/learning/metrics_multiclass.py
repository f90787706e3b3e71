"""Metrics of several classes: the confusion matrix and what follows from it, log loss, area under the curves."""

from __future__ import annotations

from typing import Any

import numpy as np

from studiolo.modules.learning.metrics_two_class import Metrics, area_under_curve, log_loss

Array = np.ndarray[Any, Any]


def confusion(actual: Array, predicted: Array, count: int) -> Array:
    """Give how often each actual class (row) was predicted as each class (column).

    Args:
        actual: positions of classes, int of shape (rows,).
        predicted: the same.
        count: number of classes.
    """
    cells: Array = np.bincount(actual * count + predicted, minlength=count * count)
    return cells.reshape(count, count)


def multiclass(matrix: Array, actual: Array, probabilities: Array | None, has_areas: bool = False) -> Metrics:
    """Give the metrics of rows whose class is known.

    Macro averages are over the classes that occur in the label or the predictions, with 0 for a class without a
    denominator, as scikit-learn has it.

    Args:
        matrix: what `confusion` gives.
        actual: positions of classes, for the probabilities.
        probabilities: shape (rows, classes), NaN where a class has none; None where the learner gave none.
        has_areas: adds `macro_auc`, the mean area under the ROC curves of each class against all others.
    """
    rows = float(matrix.sum())
    if not rows:
        names = ("overall_accuracy", "average_accuracy", "micro_precision", "macro_precision", "micro_recall")
        return dict.fromkeys((*names, "macro_recall", "macro_f1", "log_loss", "macro_auc"), float("nan"))
    hits, actuals, predictions = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    occurs = (actuals + predictions) > 0
    accuracy = float(hits.sum() / rows)
    wrong = actuals + predictions - 2 * hits
    return {
        "overall_accuracy": accuracy,
        "average_accuracy": float((1.0 - wrong[occurs] / rows).mean()),
        "micro_precision": accuracy,
        "macro_precision": float(_ratios(hits, predictions)[occurs].mean()),
        "micro_recall": accuracy,
        "macro_recall": float(_ratios(hits, actuals)[occurs].mean()),
        "macro_f1": float(_ratios(2 * hits, actuals + predictions)[occurs].mean()),
        **_of_probabilities(actual, probabilities, has_areas),
    }


def _ratios(parts: Array, wholes: Array) -> Array:
    return np.divide(parts, wholes, out=np.zeros(len(parts)), where=wholes > 0)


def _of_probabilities(actual: Array, probabilities: Array | None, has_areas: bool) -> Metrics:
    if probabilities is None:
        return {"log_loss": float("nan"), "macro_auc": float("nan")}
    given = np.nan_to_num(probabilities[np.arange(len(actual)), actual], nan=0.0)
    loss = {"log_loss": log_loss(given)}
    if not has_areas:
        return loss
    areas = [
        area_under_curve(actual == at, np.nan_to_num(probabilities[:, at], nan=0.0))
        for at in range(probabilities.shape[1])
    ]
    known = [area for area in areas if not np.isnan(area)]
    return {**loss, "macro_auc": float(np.mean(known)) if known else float("nan")}
