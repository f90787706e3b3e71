"""A forest that predicts quantiles: what the labels of training were in the leaves that a row falls into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from studiolo.modules.learning.decision_forests import single_precision
from studiolo.modules.learning.threads import thread_count

Array = np.ndarray[Any, Any]

LEVELS = 500
ROWS_AT_ONCE = 5_000
DENSE_CELLS = 20_000_000


class QuantileForest:
    """Quantile regression forest (Meinshausen 2006).

    Each tree spreads a weight of 1 evenly over the rows of training that share a row's leaf; a quantile is where
    the weights of the labels, ascending, reach it. Labels with more than 500 different values are grouped into
    500 levels of equally many rows, each standing for its mean.

    Attributes:
        forest: `RandomForestRegressor`.
        quantiles: ascending.
    """

    def __init__(self, forest: Any, quantiles: Sequence[float]) -> None:
        self.forest, self.quantiles = forest, list(quantiles)
        self._values: Array = np.zeros(0)
        self._shares: Any = np.zeros((0, 0))
        self._first: Array = np.zeros(0, np.int64)

    def fit(self, matrix: Any, target: Array, sample_weight: Array | None = None) -> QuantileForest:
        """Build the trees and count the labels in each leaf."""
        import scipy.sparse

        matrix = single_precision(matrix)
        self.forest.n_jobs = thread_count()
        self.forest.fit(matrix, target, sample_weight=sample_weight)
        self.forest.n_jobs = 1
        self._values, levels = _levels(target)
        weights = np.ones(len(target)) if sample_weight is None else sample_weight
        nodes = [tree.tree_.node_count for tree in self.forest.estimators_]
        self._first = np.concatenate([[0], np.cumsum(nodes)[:-1]])
        shares = [
            _shares(tree.apply(matrix), levels, weights, (count, len(self._values)))
            for count, tree in zip(nodes, self.forest.estimators_, strict=True)
        ]
        self._shares = scipy.sparse.vstack(shares, format="csr")
        if self._shares.shape[0] * self._shares.shape[1] <= DENSE_CELLS:
            self._shares = self._shares.toarray()
        return self

    @property
    def feature_importances_(self) -> Array:
        """How much each feature took part; they add up to 1."""
        importances: Array = self.forest.feature_importances_
        return importances

    def predict_quantiles(self, matrix: Any) -> dict[float, Array]:
        """Give for each quantile the predictions, shape (rows,)."""
        import scipy.sparse

        found = {one: np.empty(matrix.shape[0]) for one in self.quantiles}
        for start in range(0, matrix.shape[0], ROWS_AT_ONCE):
            leaves = self.forest.apply(single_precision(matrix[start : start + ROWS_AT_ONCE])) + self._first
            rows, trees = leaves.shape
            ends = np.arange(0, rows * trees + 1, trees)
            ones = np.ones(rows * trees, np.float32)
            shape = (rows, self._shares.shape[0])
            shares = scipy.sparse.csr_matrix((ones, leaves.ravel(), ends), shape=shape) @ self._shares
            dense = shares.toarray() if scipy.sparse.issparse(shares) else shares
            reached = np.cumsum(dense, axis=1, dtype=np.float64)
            for one, values in found.items():
                wanted = one * reached[:, -1:] - 1e-6 * trees
                values[start : start + rows] = self._values[(reached < wanted).sum(axis=1)]
        return found


def _shares(leaves: Array, levels: Array, weights: Array, shape: tuple[int, int]) -> Any:
    """Give for each node of a tree the share of each level among its rows; zeros where no row is."""
    import scipy.sparse

    found = scipy.sparse.csr_matrix((weights, (leaves, levels)), shape=shape)
    total = np.asarray(found.sum(axis=1)).ravel()
    factors = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    return scipy.sparse.diags(factors, format="csr").dot(found).astype(np.float32)


def _levels(target: Array) -> tuple[Array, Array]:
    """Give the values of the levels, ascending, and the level of each row."""
    values, levels = np.unique(target, return_inverse=True)
    if len(values) <= LEVELS:
        return values, levels
    order = np.argsort(target, kind="stable")
    groups = np.empty(len(target), np.int64)
    groups[order] = np.arange(len(target)) * LEVELS // len(target)
    return np.bincount(groups, target) / np.bincount(groups), groups
