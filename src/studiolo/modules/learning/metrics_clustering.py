"""Metrics of clusters: distances of the points to their own center and to the closest other one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class ClusterMetrics:
    """What is said of one cluster, or of all together.

    Attributes:
        cluster: number from 0; None for all together.
        to_center: mean distance of its points to its center.
        to_other: mean distance of its points to the closest other center; NaN when there is one only.
        points: how many it has.
        farthest: greatest distance of a point to its center.
    """

    cluster: int | None
    to_center: float
    to_other: float
    points: int
    farthest: float


def clustering(assignments: Array, distances: Array) -> list[ClusterMetrics]:
    """Give the metrics of each cluster, then of all points together.

    Args:
        assignments: number of the cluster of each row, from 0.
        distances: of each row to each center, shape (rows, clusters), finite.
    """
    rows = np.arange(len(assignments))
    own = distances[rows, assignments]
    if distances.shape[1] > 1:
        others = distances.copy()
        others[rows, assignments] = np.inf
        other = others.min(axis=1)
    else:
        other = np.full(len(rows), np.nan)
    found = [
        _of(number, own[assignments == number], other[assignments == number])
        for number in range(distances.shape[1])
    ]
    return [*found, _of(None, own, other)]


def _of(cluster: int | None, own: Array, other: Array) -> ClusterMetrics:
    nothing = float("nan")
    if not len(own):
        return ClusterMetrics(cluster, nothing, nothing, 0, nothing)
    return ClusterMetrics(cluster, float(own.mean()), float(other.mean()), len(own), float(own.max()))
