"""Estimators that learn what is usual, and say of rows how unusual they are."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

THRESHOLD = 0.5
ROWS_AT_ONCE = 50_000


class _Anomalies:
    """An estimator whose `unusual` gives a number from 0 to 1 for each row; above 0.5 is an anomaly."""

    classes_ = np.array([0, 1])

    def unusual(self, matrix: Any) -> Array:
        """Give how unusual rows are, shape (rows,)."""
        raise NotImplementedError

    def predict_proba(self, matrix: Any) -> Array:
        """Give how usual and how unusual rows are, shape (rows, 2)."""
        blocks = [
            self.unusual(matrix[start : start + ROWS_AT_ONCE])
            for start in range(0, matrix.shape[0], ROWS_AT_ONCE)
        ]
        found = np.clip(np.concatenate(blocks), 0.0, 1.0)
        return np.column_stack([1.0 - found, found])


class PcaAnomalies(_Anomalies):
    """Rows are unusual by the share of their length that the principal components leave over.

    Attributes:
        mean: of the features; zeros when they are not centered.
        components: shape (components, features), orthonormal.
    """

    def __init__(self, count: int, oversampling: int, is_centered: bool, seed: int) -> None:
        self.count, self.oversampling, self.is_centered, self.seed = count, oversampling, is_centered, seed
        self.mean: Array = np.zeros(0)
        self.components: Array = np.zeros((0, 0))

    def fit(self, matrix: Array, target: None = None, sample_weight: Array | None = None) -> PcaAnomalies:
        """Find the principal components of rows of a matrix."""
        from sklearn.utils.extmath import randomized_svd

        count = min(self.count, *matrix.shape)
        if count < self.count:
            print(f"{self.count} components are more than the data has; {count} are used.")
        weights = np.ones(len(matrix)) if sample_weight is None else sample_weight
        self.mean = weights @ matrix / weights.sum() if self.is_centered else np.zeros(matrix.shape[1])
        rows = (matrix - self.mean) * np.sqrt(weights)[:, None]
        self.components = randomized_svd(
            rows, count, n_oversamples=self.oversampling, random_state=self.seed
        )[2]
        return self

    def unusual(self, matrix: Array) -> Array:
        """Give the length that is left over, as a share of the whole length."""
        rows = matrix - self.mean
        whole = np.einsum("ij,ij->i", rows, rows)
        seen = ((rows @ self.components.T) ** 2).sum(axis=1)
        left = np.clip(whole - seen, 0.0, None)
        shares = np.divide(left, whole, out=np.zeros_like(left), where=whole > 0)
        # What rounding leaves over of a row that the components explain whole is none.
        return np.where(shares < 1e-12, 0.0, np.sqrt(shares))


class SupportVectorAnomalies(_Anomalies):
    """Rows are unusual by how far they lie outside of the border that holds most rows of training."""

    def __init__(self, nu: float, tolerance: float) -> None:
        self.nu, self.tolerance = nu, tolerance
        self.estimator: Any = None

    def fit(
        self, matrix: Any, target: None = None, sample_weight: Array | None = None
    ) -> SupportVectorAnomalies:
        """Learn the border from rows of a matrix."""
        from sklearn.svm import OneClassSVM

        self.estimator = OneClassSVM(kernel="rbf", gamma="auto", nu=self.nu, tol=self.tolerance)
        self.estimator.fit(matrix, sample_weight=sample_weight)
        return self

    def unusual(self, matrix: Any) -> Array:
        """Give the logistic function of the distance to the border, 0.5 on it."""
        from scipy.special import expit

        result: Array = expit(-np.asarray(self.estimator.decision_function(matrix)))
        return result
