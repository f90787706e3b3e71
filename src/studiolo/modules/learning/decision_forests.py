"""Decision forests: the parameters of the three modules and the estimators that they configure.

scikit-learn adds up what trees say in the order in which threads end, so that sums differ in their last digit from
call to call; here each thread takes rows of its own and goes through all trees, which gives the same every time.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from studiolo.modules.learning.learner import Parameter, Settings, random_seed, ranged, trainer_mode
from studiolo.modules.learning.threads import thread_count
from studiolo.sdk import Choice, Integer

Array = np.ndarray[Any, Any]

BAGGING, REPLICATE = "Bagging Resampling", "Replicate Resampling"
ROWS_AT_ONCE = 50_000
_LARGEST = float(np.finfo(np.float32).max)


def resampling() -> Parameter:
    """Declare which rows each tree learns from."""
    return Choice(
        "resampling_method",
        (BAGGING, REPLICATE),
        label="Resampling method",
        help="Bagging gives each tree a random sample of the rows, with replacement; Replicate gives it all rows.",
    )


def parameters() -> list[Parameter]:
    """Declare the parameters, which the three modules share."""
    return [
        trainer_mode(),
        resampling(),
        *ranged(
            Integer(
                "number_of_decision_trees",
                default=8,
                minimum=1,
                label="Number of decision trees",
                help="More trees give steadier predictions and take longer.",
            ),
            "1; 8; 32",
            aliases=("Range for number of decision trees",),
        ),
        *ranged(
            Integer(
                "maximum_depth_of_the_decision_trees",
                default=32,
                minimum=1,
                label="Maximum depth of the decision trees",
                help="Deeper trees fit the training data closer.",
            ),
            "1; 16; 64",
            aliases=("Range for the maximum depth of the decision trees",),
        ),
        *ranged(
            Integer(
                "minimum_number_of_samples_per_leaf_node",
                default=1,
                minimum=1,
                label="Minimum number of samples per leaf node",
                help="A leaf holds at least so many rows of training.",
            ),
            "1; 4; 16",
            aliases=("Range for the minimum number of samples per leaf node",),
        ),
        random_seed(),
    ]


def options(settings: Settings) -> dict[str, Any]:
    """Give the arguments of scikit-learn's forests."""
    return {
        "n_estimators": settings["number_of_decision_trees"],
        "max_depth": min(settings["maximum_depth_of_the_decision_trees"], 2**31 - 1),
        "min_samples_leaf": settings["minimum_number_of_samples_per_leaf_node"],
        "bootstrap": settings["resampling_method"] == BAGGING,
        "random_state": settings["random_number_seed"],
    }


class Forest:
    """A forest of scikit-learn.

    Attributes:
        forest: `RandomForestClassifier` or `RandomForestRegressor`.
    """

    def __init__(self, forest: Any) -> None:
        self.forest = forest

    def fit(self, matrix: Any, target: Array, sample_weight: Array | None = None) -> Forest:
        """Build the trees."""
        self.forest.n_jobs = thread_count()
        self.forest.fit(single_precision(matrix), target, sample_weight=sample_weight)
        self.forest.n_jobs = 1  # a trained model may come to a machine with fewer processors
        return self

    @property
    def feature_importances_(self) -> Array:
        """How much each feature took part in making leaves pure; they add up to 1."""
        importances: Array = self.forest.feature_importances_
        return importances


class ClassifierForest(Forest):
    """A forest that says how likely each class is: the mean over its trees."""

    @property
    def classes_(self) -> Array:
        """Codes of the classes of training."""
        classes: Array = self.forest.classes_
        return classes

    def predict_proba(self, matrix: Any) -> Array:
        """Give probabilities of shape (rows, classes)."""
        return in_blocks(self.forest.predict_proba, matrix)


class RegressorForest(Forest):
    """A forest that predicts a number: the mean over its trees, with how far they are apart."""

    def predict(self, matrix: Any) -> Array:
        """Give means of shape (rows,)."""
        return in_blocks(self.forest.predict, matrix)

    def mean_and_spread(self, matrix: Any) -> tuple[Array, Array]:
        """Give means and standard deviations over the trees, each of shape (rows,)."""

        def both(block: Any) -> Array:
            said = np.stack([tree.predict(block) for tree in self.forest.estimators_])
            return np.column_stack([said.mean(axis=0), said.std(axis=0)])

        found = in_blocks(both, matrix)
        return found[:, 0], found[:, 1]


def classifier(settings: Settings) -> ClassifierForest:
    """Make the unfitted forest of a classification module."""
    from sklearn.ensemble import RandomForestClassifier

    return ClassifierForest(RandomForestClassifier(**options(settings)))


def regressor(settings: Settings) -> RegressorForest:
    """Make the unfitted forest of the regression module."""
    from sklearn.ensemble import RandomForestRegressor

    return RegressorForest(RandomForestRegressor(**options(settings)))


def in_blocks(function: Callable[[Any], Array], matrix: Any) -> Array:
    """Give a function's values for all rows, blocks of rows by threads, in the order of the rows."""
    rows = matrix.shape[0]
    starts = range(0, rows, ROWS_AT_ONCE)

    def one(start: int) -> Array:
        return function(single_precision(matrix[start : start + ROWS_AT_ONCE]))

    if len(starts) <= 1:
        return one(0)
    with ThreadPoolExecutor(thread_count()) as pool:
        return np.concatenate(list(pool.map(one, starts)))


def single_precision(matrix: Any) -> Any:
    """Give a matrix as float32, which trees compute with; what is too large becomes the largest number."""
    with np.errstate(over="ignore"):
        values = matrix.astype(np.float32)
    cells = values.data if hasattr(values, "tocsr") else values
    if not np.isfinite(cells).all():
        np.clip(cells, -_LARGEST, _LARGEST, out=cells)
    return values
