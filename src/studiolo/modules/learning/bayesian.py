"""Bayesian linear regression: weights with a normal prior, in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

MOST_FEATURES = 5000


class BayesianLinearEstimator:
    """Predicts the mean and standard deviation of a number.

    Weights have a normal prior whose precision is `regularizer` times that of the noise, which is estimated from
    the residuals; the intercept is free.

    Attributes:
        coef_: means of the weights, shape (features,).
        intercept_: a number.
        noise: standard deviation of the label around the line.
    """

    def __init__(self, regularizer: float) -> None:
        self.regularizer = regularizer
        self.coef_: Array = np.zeros(0)
        self.intercept_, self.noise, self._rows = 0.0, 0.0, 1.0
        self._center: Array = np.zeros(0)
        self._factor: Array = np.zeros((0, 0))

    def fit(
        self, matrix: Array, target: Array, sample_weight: Array | None = None
    ) -> BayesianLinearEstimator:
        """Learn from rows of a matrix.

        Raises:
            ValueError: the features are too many for a matrix of each with each.
        """
        from scipy.linalg import cho_solve

        if matrix.shape[1] > MOST_FEATURES:
            raise ValueError(f"it has {matrix.shape[1]} features, more than {MOST_FEATURES}")
        weights = np.ones(len(target)) if sample_weight is None else sample_weight
        total = weights.sum()
        self._center, mean = weights @ matrix / total, float(weights @ target / total)
        products = (matrix * weights[:, None]).T @ matrix - total * np.outer(self._center, self._center)
        products[np.diag_indices_from(products)] += self.regularizer
        self._factor = np.linalg.cholesky(products)
        right = matrix.T @ (weights * (target - mean))
        self.coef_ = cho_solve((self._factor, True), right)
        self.intercept_ = mean - float(self._center @ self.coef_)
        residuals = target - matrix @ self.coef_ - self.intercept_
        error = weights @ residuals**2 + self.regularizer * self.coef_ @ self.coef_
        self.noise, self._rows = float(np.sqrt(error / total)), float(total)
        return self

    def predict(self, matrix: Array) -> Array:
        """Give means of shape (rows,)."""
        means: Array = matrix @ self.coef_ + self.intercept_
        return means

    def mean_and_spread(self, matrix: Array) -> tuple[Array, Array]:
        """Give means and standard deviations, of shape (rows,) each: noise and what is not known of the weights."""
        from scipy.linalg import solve_triangular

        spread = np.empty(len(matrix))
        for start in range(0, len(matrix), 50_000):
            block = matrix[start : start + 50_000] - self._center
            apart = solve_triangular(self._factor, block.T, lower=True)
            unknown = 1.0 / self._rows + np.einsum("ij,ij->j", apart, apart)
            spread[start : start + 50_000] = self.noise * np.sqrt(1.0 + unknown)
        return self.predict(matrix), spread
