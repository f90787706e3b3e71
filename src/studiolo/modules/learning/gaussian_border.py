"""A support vector machine with an approximated Gaussian kernel, for as many rows as there are."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

LEAST_ALPHA, MOST_ALPHA = 1e-12, 1e6


class GaussianBorder:
    """Maps rows to their likeness with some rows of training, and separates the classes by a line there.

    Attributes:
        classes_: codes of the classes of training.
    """

    def __init__(self, landmarks: int, gamma: float, penalty: float, epochs: int, seed: int) -> None:
        self.landmarks, self.gamma, self.penalty = landmarks, gamma, penalty
        self.epochs, self.seed = epochs, seed
        self.map: Any = None
        self.border: Any = None
        self.classes_: Array = np.zeros(0, np.int64)

    def fit(self, matrix: Any, target: Array, sample_weight: Array | None = None) -> GaussianBorder:
        """Learn from rows of a matrix."""
        from sklearn.kernel_approximation import Nystroem
        from sklearn.linear_model import SGDClassifier

        count = min(self.landmarks, matrix.shape[0])
        self.map = Nystroem(gamma=self.gamma, n_components=count, random_state=self.seed)
        self.border = SGDClassifier(
            loss="hinge",
            alpha=min(max(self.penalty, LEAST_ALPHA), MOST_ALPHA),
            max_iter=self.epochs,
            average=True,
            random_state=self.seed,
        )
        self.border.fit(self.map.fit_transform(matrix), target, sample_weight=sample_weight)
        self.classes_ = self.border.classes_
        return self

    def decision_function(self, matrix: Any) -> Array:
        """Give decision values of shape (rows,)."""
        found = [np.zeros(0)]
        for start in range(0, matrix.shape[0], 50_000):
            found.append(self.border.decision_function(self.map.transform(matrix[start : start + 50_000])))
        return np.concatenate(found)
