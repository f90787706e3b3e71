"""Fills gaps of numeric columns from the other columns: chained equations (MICE) and probabilistic PCA."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float64]]

NEIGHBOURS = 50
"""Columns that predict one column in MICE; of wider tables the most correlated ones are drawn."""


@dataclass
class ChainedEquations:
    """Multiple imputation by chained equations: each column is predicted from the others, round by round.

    Attributes:
        iterations: rounds, at most.
        imputer: the fitted scikit-learn IterativeImputer (Bayesian ridge regression).
    """

    iterations: int = 5
    imputer: Any = None

    def fit(self, matrix: Matrix) -> Matrix:
        """Fit to rows with gaps (NaN), at least one value in each column; give them without gaps."""
        from sklearn.experimental import enable_iterative_imputer  # noqa: F401
        from sklearn.impute import IterativeImputer

        wide = matrix.shape[1] > NEIGHBOURS + 1
        self.imputer = IterativeImputer(
            max_iter=self.iterations,
            n_nearest_features=NEIGHBOURS if wide else None,
            random_state=0,
            skip_complete=True,
        )
        return self._run(self.imputer.fit_transform, matrix)

    def filled(self, matrix: Matrix) -> Matrix:
        """Give other rows without gaps, by what was fitted."""
        return self._run(self.imputer.transform, matrix) if len(matrix) else matrix

    def _run(self, step: Any, matrix: Matrix) -> Matrix:
        from sklearn.exceptions import ConvergenceWarning

        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # The number of rounds is the user's choice, and collinear columns are common.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            result: Matrix = step(matrix)
        return result


@dataclass
class ProbabilisticPca:
    """Probabilistic PCA fitted to rows with gaps by expectation maximisation.

    Rows are `mean + W z + noise` with standard normal z; gaps get their expected value given the row's other
    values. Tipping and Bishop, Probabilistic Principal Component Analysis, 1999. W has half as many components
    as there are columns.

    Attributes:
        iterations: of expectation and maximisation.
        mean: of each column.
        scale: of each column, its standard deviation.
        components: W, of shape (columns, components), of the scaled columns.
        noise: variance of the noise.
    """

    iterations: int = 10
    mean: Matrix = field(default_factory=lambda: np.zeros(0))
    scale: Matrix = field(default_factory=lambda: np.ones(0))
    components: Matrix = field(default_factory=lambda: np.zeros((0, 0)))
    noise: float = 1.0

    def fit(self, matrix: Matrix) -> Matrix:
        """Fit to rows with gaps (NaN), at least one value in each column; give them without gaps."""
        self.mean = np.nanmean(matrix, axis=0)
        spread = np.nanstd(matrix, axis=0)
        self.scale = np.where(spread > 0, spread, 1.0)
        scaled = (matrix - self.mean) / self.scale
        gaps = np.isnan(scaled)
        rows = np.where(gaps, 0.0, scaled)
        self._begin(rows)
        count = len(rows) * rows.shape[1]
        for _ in range(self.iterations):
            inner = np.linalg.inv(np.eye(self.components.shape[1]) + self._products() / self.noise)
            rows = np.where(gaps, self._hidden(rows, inner) @ self.components.T, rows)
            hidden = self._hidden(rows, inner)
            moments = hidden.T @ hidden + len(rows) * inner
            self.components = np.asarray(np.linalg.solve(moments, hidden.T @ rows).T, np.float64)
            apart = float(np.sum((hidden @ self.components.T - rows) ** 2))
            blurred = len(rows) * float(np.sum(self._products() * inner))
            self.noise = max((apart + blurred + int(gaps.sum()) * self.noise) / count, 1e-9)
        return self.filled(matrix)

    def filled(self, matrix: Matrix) -> Matrix:
        """Give other rows without gaps, by what was fitted; rows with the same gaps are filled together."""
        result = (matrix - self.mean) / self.scale
        gaps = np.isnan(result)
        with_gaps = np.flatnonzero(gaps.any(axis=1))
        packed = np.packbits(gaps[with_gaps], axis=1)
        _, which, counts = np.unique(packed, axis=0, return_inverse=True, return_counts=True)
        order = np.argsort(which.ravel(), kind="stable")
        for chosen in np.split(order, np.cumsum(counts)[:-1]) if len(order) else ():
            rows = with_gaps[chosen]
            gap = gaps[rows[0]]
            known, unknown = self.components[~gap], self.components[gap]
            inner = known.T @ known + self.noise * np.eye(known.shape[1])
            hidden = np.linalg.solve(inner, known.T @ result[np.ix_(rows, ~gap)].T)
            result[np.ix_(rows, gap)] = (unknown @ hidden).T
        filled: Matrix = np.where(np.isnan(matrix), result * self.scale + self.mean, matrix)
        return filled

    def _begin(self, rows: Matrix) -> None:
        """Begin with the principal components of the rows whose gaps are the mean."""
        columns = rows.shape[1]
        values, vectors = np.linalg.eigh(rows.T @ rows / max(len(rows), 1))
        count = max(1, columns // 2)
        self.noise = float(max(np.mean(values[: columns - count]) if columns > count else 0.0, 1e-3))
        self.components = vectors[:, -count:] * np.sqrt(np.maximum(values[-count:], 1e-6))

    def _products(self) -> Matrix:
        return self.components.T @ self.components

    def _hidden(self, rows: Matrix, inner: Any) -> Matrix:
        hidden: Matrix = rows @ self.components @ inner / self.noise
        return hidden
