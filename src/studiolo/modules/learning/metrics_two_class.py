"""Metrics of two classes: counts, rates, area under the curve, log loss, and the curve over all thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Metrics = dict[str, float]

GRID = 101
"""Evenly spaced thresholds on a curve, both ends among them."""
MOST_POINTS = 201
LEAST_PROBABILITY = float(np.finfo(np.float64).eps)


def two_class(is_positive: Array, is_predicted: Array, probabilities: Array | None) -> Metrics:
    """Give the metrics of rows whose class is known.

    A ratio whose denominator is zero is 0, as scikit-learn has it; the area under the curve is NaN where one class
    does not occur. Both log losses use the natural logarithm; `training_log_loss` is by how many per cent the log
    loss is better than that of predicting the share of positives.

    Args:
        is_positive: truth, bool of shape (rows,).
        is_predicted: predicted to be positive, bool of shape (rows,).
        probabilities: of the positive class, float of shape (rows,); None where the learner gave none.
    """
    rows = len(is_positive)
    hits = int(np.count_nonzero(is_positive & is_predicted))
    positives, predicted = int(np.count_nonzero(is_positive)), int(np.count_nonzero(is_predicted))
    false_positives, false_negatives = predicted - hits, positives - hits
    correct = rows - false_positives - false_negatives
    return {
        "accuracy": _ratio(correct, rows, float("nan")),
        "precision": _ratio(hits, predicted),
        "recall": _ratio(hits, positives),
        "f1": _ratio(2 * hits, positives + predicted),
        "auc": float("nan") if probabilities is None else area_under_curve(is_positive, probabilities),
        **_log_losses(is_positive, probabilities),
        "true_positive": hits,
        "false_positive": false_positives,
        "true_negative": correct - hits,
        "false_negative": false_negatives,
    }


def _ratio(part: float, whole: float, otherwise: float = 0.0) -> float:
    return part / whole if whole else otherwise


def _log_losses(is_positive: Array, probabilities: Array | None) -> Metrics:
    rows = len(is_positive)
    if probabilities is None or not rows:
        return {"log_loss": float("nan"), "training_log_loss": float("nan")}
    loss = log_loss(np.where(is_positive, probabilities, 1.0 - probabilities))
    share = np.count_nonzero(is_positive) / rows
    prior = -sum(one * np.log(one) for one in (share, 1.0 - share) if one > 0)
    return {
        "log_loss": loss,
        "training_log_loss": float((prior - loss) / prior * 100.0) if prior else float("nan"),
    }


def log_loss(probabilities: Array) -> float:
    """Give the mean of -log of the probabilities that were given to what was true."""
    return float(-np.log(np.clip(probabilities, LEAST_PROBABILITY, 1.0)).mean())


def _steps(is_positive: Array, scores: Array) -> tuple[Array, Array, Array]:
    """Give the distinct scores, descending, and how many positives and rows have at least each."""
    order = np.argsort(scores)[::-1]
    falling = scores[order]
    ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    hits = np.cumsum(is_positive[order], dtype=np.int64)[ends]
    return falling[ends], hits, ends + 1


def area_under_curve(is_positive: Array, scores: Array) -> float:
    """Give the area under the ROC curve, equal scores shared out; NaN where one class does not occur."""
    positives = int(np.count_nonzero(is_positive))
    negatives = len(is_positive) - positives
    if not positives or not negatives:
        return float("nan")
    _, hits, counts = _steps(is_positive, scores)
    misses = counts - hits
    widths = np.diff(misses, prepend=0)
    heights = hits + np.concatenate([[0], hits[:-1]])
    return float(widths.astype(np.float64) @ heights / 2.0 / positives / negatives)


def curve(is_positive: Array, probabilities: Array) -> dict[str, Array]:
    """Give counts and rates by threshold, descending; a row counts as positive when its probability is more.

    So the counts at 0.5 are those of the scored labels. The first point calls no row positive and the last one all.
    Between them lie evenly spaced thresholds, and those of the rows at even distances along the ROC curve, each with
    exact counts. Without a row called positive the precision is 1, as scikit-learn's curve has it, and the lift that
    of the next point.

    Returns:
        name of a column to values, at most `MOST_POINTS`; no points without rows.
    """
    rows = len(is_positive)
    if not rows:
        return _rates(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), 0, 0)
    scores, hits, counts = _steps(is_positive, probabilities)
    positives = int(hits[-1])
    thresholds = _thresholds(scores, hits, counts)
    # how many of the descending scores are more than the threshold
    places = len(scores) - np.searchsorted(scores[::-1], thresholds, side="right")
    places[-1] = len(scores)
    return _rates(
        thresholds,
        np.concatenate([[0], hits])[places],
        np.concatenate([[0], counts])[places],
        positives,
        rows,
    )


def _thresholds(scores: Array, hits: Array, counts: Array) -> Array:
    low, high = min(0.0, float(scores[-1])), max(1.0, float(scores[0]))
    grid = np.linspace(low, high, GRID)
    room = MOST_POINTS - len(grid)
    if len(scores) > room:
        path = hits / max(int(hits[-1]), 1) + (counts - hits) / max(int(counts[-1] - hits[-1]), 1)
        wanted = np.linspace(path[0], path[-1], room)
        scores = scores[np.minimum(np.searchsorted(path, wanted), len(scores) - 1)]
    return np.unique(np.concatenate([grid, scores]))[::-1]


def _rates(thresholds: Array, hits: Array, counts: Array, positives: int, rows: int) -> dict[str, Array]:
    misses = counts - hits
    lost, kept_out = positives - hits, rows - positives - misses
    recall = hits / max(positives, 1)
    positive_rate = counts / max(rows, 1)
    lift = np.divide(recall, positive_rate, out=np.zeros(len(hits)), where=counts > 0)
    nothing = int(np.count_nonzero(counts == 0))
    lift[:nothing] = lift[nothing] if nothing < len(lift) else 0.0
    return {
        "Threshold": thresholds,
        "True Positive": hits,
        "False Positive": misses,
        "True Negative": kept_out,
        "False Negative": lost,
        "Accuracy": (hits + kept_out) / max(rows, 1),
        "Precision": np.divide(hits, counts, out=np.ones(len(hits)), where=counts > 0),
        "Recall": recall,
        "F1": 2 * hits / np.maximum(counts + positives, 1),
        "True Positive Rate": recall,
        "False Positive Rate": misses / max(rows - positives, 1),
        "Lift": lift,
        "Positive Rate": positive_rate,
    }
