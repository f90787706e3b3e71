"""Metrics of predicted numbers: errors, errors relative to predicting the mean, quantile loss, histogram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studiolo.modules.learning.metrics_two_class import Metrics

Array = np.ndarray[Any, Any]

HISTOGRAM_BINS = 20
NOT_KNOWN = float("nan")


def regression(actual: Array, predicted: Array, spread: Array | None = None) -> Metrics:
    """Give the metrics of rows whose number is known.

    Relative errors compare with predicting the mean of `actual`; they are NaN where that would be right everywhere.

    Args:
        actual: truth, float of shape (rows,), finite.
        predicted: the same.
        spread: standard deviations of the predictions, where the learner gives them; adds the negative
            log-likelihood, summed over the rows.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers whose squares are beyond float64
        errors = np.abs(predicted - actual)
        squares = errors * errors
        mean = actual.mean() if len(actual) else NOT_KNOWN
        base, base_squared = np.abs(actual - mean).sum(), ((actual - mean) ** 2).sum()
        relative_squared = _ratio(squares.sum(), base_squared)
        metrics = {
            "mean_absolute_error": float(errors.mean()) if len(errors) else NOT_KNOWN,
            "root_mean_squared_error": float(np.sqrt(squares.mean())) if len(errors) else NOT_KNOWN,
            "relative_absolute_error": _ratio(errors.sum(), base),
            "relative_squared_error": relative_squared,
            "coefficient_of_determination": 1.0 - relative_squared,
        }
        if spread is not None:
            safe = np.maximum(spread, 1e-12)
            likelihoods = 0.5 * np.log(2 * np.pi * safe**2) + squares / (2 * safe**2)
            metrics["negative_log_likelihood"] = float(likelihoods.sum())
    return metrics


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 and np.isfinite(whole) else NOT_KNOWN


def quantile_losses(actual: Array, predicted: Mapping[float, Array]) -> dict[float, float]:
    """Give the mean quantile loss (pinball loss) for each quantile."""
    losses = {}
    for quantile, values in predicted.items():
        below = actual - values
        losses[quantile] = (
            float(np.maximum(quantile * below, (quantile - 1) * below).mean()) if len(actual) else NOT_KNOWN
        )
    return losses


def histogram(errors: list[Array]) -> tuple[Array, list[Array]]:
    """Give edges of equal bins over all errors, and the counts of each array of errors in them."""
    present = [one[np.isfinite(one)] for one in errors]
    filled = [one for one in present if len(one)]
    if not filled:
        return np.zeros(1), [np.zeros(0, np.int64) for _ in errors]
    low, high = min(float(one.min()) for one in filled), max(float(one.max()) for one in filled)
    if low == high:
        low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
    parts = np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1)
    edges = low * (1 - parts) + high * parts  # low + (high - low) * part could overflow
    places = [
        np.clip(np.searchsorted(edges, one, side="right") - 1, 0, HISTOGRAM_BINS - 1) for one in present
    ]
    return edges, [np.bincount(one, minlength=HISTOGRAM_BINS) for one in places]
