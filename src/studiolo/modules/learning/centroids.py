"""Where k-means begins: the first centroids, by each way of choosing them."""

from __future__ import annotations

from typing import Any

import numpy as np

from studiolo.modules.learning.labelling import Classes
from studiolo.sdk import ModuleError

Array = np.ndarray[Any, Any]

RANDOM, PLUS_PLUS, FIRST, EVENLY = "Random", "K-Means++", "First N", "Evenly"
BY_LABEL, FAST = "Use label column", "K-Means++ Fast"
WAYS = (RANDOM, PLUS_PLUS, FIRST, EVENLY, BY_LABEL, FAST)
SEEDED = (PLUS_PLUS, RANDOM, FAST)
_SAMPLE = 1000


def first_centroids(way: str, matrix: Any, count: int, seed: int, codes: Array | None) -> Any:
    """Give what scikit-learn's `KMeans` takes as `init`.

    Args:
        way: one of `WAYS`.
        matrix: of the rows of training, shape (rows, features).
        count: number of centroids, at most as many as rows.
        seed: of the ways that choose at random.
        codes: for `BY_LABEL` the position of each row's label among the values; -1 for missing.

    Raises:
        ModuleError: `cannot-train`: fewer labels than centroids.
    """
    if way == RANDOM:
        return "random"
    if way == FIRST:
        return _dense(matrix[:count])
    if way == EVENLY:
        return _dense(matrix[np.arange(count) * matrix.shape[0] // count])
    if way == BY_LABEL and codes is not None:
        return _means_by_label(matrix, count, codes)
    if way == FAST:
        from sklearn.cluster import kmeans_plusplus

        wanted = max(_SAMPLE, 100 * count)
        if matrix.shape[0] > wanted:
            chosen = np.random.default_rng(seed).choice(matrix.shape[0], wanted, replace=False)
            matrix = matrix[np.sort(chosen)]
        return _dense(kmeans_plusplus(matrix, count, random_state=seed)[0])
    return "k-means++"


def _means_by_label(matrix: Any, count: int, codes: Array) -> Array:
    """Give the mean of the rows of each of the most frequent labels."""
    frequency = np.bincount(codes[codes >= 0])
    if np.count_nonzero(frequency) < count:
        raise ModuleError(
            f"The label column has {np.count_nonzero(frequency)} different values in complete rows, "
            f"fewer than the {count} centroids.",
            "Lower the number of centroids, or choose another initialization.",
            code="cannot-train",
            port="dataset",
        )
    chosen = np.sort(np.argsort(-frequency, kind="stable")[:count])
    return np.vstack([np.asarray(matrix[codes == code].mean(axis=0)).reshape(1, -1) for code in chosen])


def nearest_labels(distances: Array, codes: Array, classes: Classes) -> list[Any]:
    """Give for each cluster the label of the labelled row that is closest to its center."""
    labelled = np.flatnonzero(codes >= 0)
    if not len(labelled):
        return [None] * distances.shape[1]
    values = classes.values.to_pylist()
    return [values[codes[labelled[at]]] for at in distances[labelled].argmin(axis=0)]


def _dense(values: Any) -> Array:
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values, float)
