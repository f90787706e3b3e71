"""How well clusters fit, as one number: the metrics of Sweep Clustering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Quality:
    """A metric of clusters.

    Attributes:
        measure: gives it from the distances of rows to centers and of centers to each other; NaN where it has none.
        is_higher_better: how results are ordered.
    """

    measure: Callable[[Array, Array], float]
    is_higher_better: bool


def _silhouette(distances: Array, between: Array) -> float:
    """Mean over the rows of (b - a) / max(a, b): a to the own center, b to the closest other one."""
    closest = np.partition(distances, 1, axis=1)
    own, other = closest[:, 0], closest[:, 1]
    return float(np.divide(other - own, other, out=np.zeros_like(own), where=other > 0).mean())


def _davies_bouldin(distances: Array, between: Array) -> float:
    """Mean over the clusters of the worst (spread + spread) / distance of their centers."""
    own, clusters = distances.min(axis=1), distances.argmin(axis=1)
    rows = np.bincount(clusters, minlength=len(between))
    used = rows > 0
    if used.sum() < 2:
        return float("nan")
    spread = np.bincount(clusters, own, minlength=len(between))[used] / rows[used]
    apart = between[np.ix_(used, used)] + np.diag(np.full(used.sum(), np.inf))
    sums = spread[:, None] + spread[None, :]
    ratios = np.divide(sums, apart, out=np.full_like(sums, np.inf), where=apart > 0)
    return float(ratios.max(axis=1).mean())


def _dunn(distances: Array, between: Array) -> float:
    """Least distance of two centers over the widest cluster, twice its greatest distance to the center."""
    apart = (between + np.diag(np.full(len(between), np.inf))).min()
    widest = 2 * distances.min(axis=1).max()
    return float(apart / widest) if widest > 0 else float("nan")


def _deviation(distances: Array, between: Array) -> float:
    """Mean distance of the rows to their center."""
    return float(distances.min(axis=1).mean())


SILHOUETTE = "Simplified Silhouette"
QUALITIES = {
    SILHOUETTE: Quality(_silhouette, True),
    "Davies-Bouldin": Quality(_davies_bouldin, False),
    "Dunn": Quality(_dunn, True),
    "Average Deviation": Quality(_deviation, False),
}
