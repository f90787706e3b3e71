"""Poisson regression with L1 and L2 penalties, by L-BFGS with bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

MOST_ITERATIONS = 1000
LARGEST_EXPONENT = 300.0


class PoissonEstimator:
    """Predicts a count as the exponential of a weighted sum.

    The sum over the rows of (mean - label x log mean) is made least, plus l1 x |weights| + l2 / 2 x weights²;
    the intercept is free. Under an L1 penalty each weight is the difference of two that are not negative.

    Attributes:
        coef_: shape (features,).
        intercept_: a number.
    """

    def __init__(self, l1: float, l2: float, tolerance: float, memory: int) -> None:
        self.l1, self.l2, self.tolerance, self.memory = l1, l2, tolerance, memory
        self.coef_: Array = np.zeros(0)
        self.intercept_ = 0.0

    def fit(self, matrix: Any, target: Array, sample_weight: Array | None = None) -> PoissonEstimator:
        """Learn from rows of a matrix.

        Raises:
            ValueError: a label is negative.
        """
        from scipy.optimize import minimize

        if (target < 0).any():
            raise ValueError("a label is negative, and counts are not")
        weights = np.ones(len(target)) if sample_weight is None else sample_weight
        width = matrix.shape[1]
        parts = 2 if self.l1 else 1
        total = weights.sum()

        def loss(values: Array) -> tuple[float, Array]:
            coefficients = values[:width] - values[width : 2 * width] if self.l1 else values[:width]
            exponent = np.minimum(matrix @ coefficients + values[-1], LARGEST_EXPONENT)
            mean = np.exp(exponent)
            difference = weights * (mean - target)
            smooth = weights @ (mean - target * exponent) + self.l2 / 2 * coefficients @ coefficients
            slope = matrix.T @ difference + self.l2 * coefficients
            pieces = [slope + self.l1, -slope + self.l1] if self.l1 else [slope]
            gradient = np.concatenate([*pieces, [difference.sum()]])
            return float(smooth + self.l1 * values[:-1].sum()) / total, gradient / total

        start = np.zeros(parts * width + 1)
        start[-1] = np.log(max(float(weights @ target) / total, 1e-12))
        bounds = [(0.0, None) if self.l1 else (None, None)] * (parts * width) + [(None, None)]
        options = {
            "maxiter": MOST_ITERATIONS,
            "maxcor": min(self.memory, 1000),
            "gtol": self.tolerance,
            "ftol": 0.0,
        }
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
        self.coef_ = found[:width] - found[width : 2 * width] if self.l1 else found[:width]
        self.intercept_ = float(found[-1])
        return self

    def predict(self, matrix: Any) -> Array:
        """Give expected counts of shape (rows,)."""
        counts: Array = np.exp(np.minimum(matrix @ self.coef_ + self.intercept_, LARGEST_EXPONENT))
        return counts
