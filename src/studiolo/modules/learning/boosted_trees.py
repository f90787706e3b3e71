"""Boosted trees of LightGBM: the parameters of the three modules and the estimator that they configure."""

from __future__ import annotations

import importlib
import pickle
from typing import Any

import numpy as np

from studiolo.modules.learning.learner import (
    LEAST_POSITIVE,
    Parameter,
    Settings,
    random_seed,
    ranged,
    trainer_mode,
)
from studiolo.modules.learning.threads import thread_count
from studiolo.sdk import Integer, ModuleError, Number

Array = np.ndarray[Any, Any]

SHARE_OF_FEATURES = 0.6
"""Each tree sees this share of the features, as in the designer."""


_OF_EACH_TREE: tuple[Parameter, ...] = (
    trainer_mode(),
    *ranged(
        Integer(
            "maximum_number_of_leaves_per_tree",
            default=20,
            minimum=2,
            maximum=131072,
            label="Maximum number of leaves per tree",
            help="More leaves fit the training data closer.",
        ),
        "2; 8; 32; 128",
        aliases=("Range for maximum number of leaves per tree",),
    ),
    *ranged(
        Integer(
            "minimum_number_of_samples_per_leaf_node",
            default=10,
            minimum=1,
            label="Minimum number of samples per leaf node",
            help="A leaf holds at least so many rows of training.",
            aliases=("Minimum number of training instances required to form a leaf",),
        ),
        "1; 10; 50",
        aliases=("Range for minimum number of training instances required to form a leaf",),
    ),
    *ranged(
        Number(
            "learning_rate",
            default=0.2,
            minimum=LEAST_POSITIVE,
            maximum=1,
            label="Learning rate",
            help="How much each tree adds; smaller rates need more trees.",
            aliases=("The learning rate",),
        ),
        "0.025; 0.05; 0.1; 0.2; 0.4",
        aliases=("Range for learning rate",),
    ),
)


def parameters(trees_label: str) -> list[Parameter]:
    """Declare the parameters; the modules differ in how they call the number of trees."""
    return [
        *_OF_EACH_TREE,
        *ranged(
            Integer(
                "number_of_trees_constructed",
                default=100,
                minimum=1,
                label=trees_label,
                help="Trees are built one after the other; of several classes, one for each class every time.",
                aliases=("Total number of trees constructed",),
            ),
            "20; 100; 500",
            aliases=("Range for total number of trees constructed",),
        ),
        random_seed(),
    ]


class BoostedTrees:
    """An estimator of LightGBM that can be opened in a process which forks afterwards, as services do.

    LightGBM reads a model with several threads of OpenMP. A copy of the process has none of them and would wait for
    them forever when it predicts; so a pickle is opened with one thread, and the copies start their own.

    Attributes:
        trees: `LGBMClassifier` or `LGBMRegressor`.
    """

    def __init__(self, trees: Any) -> None:
        self.trees = trees

    def fit(self, matrix: Any, target: Array, sample_weight: Array | None = None) -> BoostedTrees:
        """Build the trees.

        Raises:
            ValueError: LightGBM refused.
        """
        try:
            self.trees.fit(matrix, target, sample_weight=sample_weight)
        except _lightgbm().basic.LightGBMError as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def classes_(self) -> Array:
        """Codes of the classes of training."""
        classes: Array = self.trees.classes_
        return classes

    @property
    def feature_importances_(self) -> Array:
        """How much each feature made the loss fall."""
        importances: Array = self.trees.feature_importances_
        return importances

    def __getstate__(self) -> dict[str, Any]:
        """Give the pickle of the trees, which is opened by itself."""
        return {"pickled": pickle.dumps(self.trees)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Open the trees with one thread."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        _lightgbm()  # so that its threads are among those that are limited
        with threadpool_limits(1, user_api="openmp"):
            self.trees = pickle.loads(state["pickled"])


class BoostedClassifier(BoostedTrees):
    """Boosted trees that say how likely each class is."""

    def predict_proba(self, matrix: Any) -> Array:
        """Give probabilities of shape (rows, classes)."""
        return np.asarray(self.trees.predict_proba(matrix))


class BoostedRegressor(BoostedTrees):
    """Boosted trees that predict a number."""

    def predict(self, matrix: Any) -> Array:
        """Give predictions of shape (rows,)."""
        return np.asarray(self.trees.predict(matrix))


def classifier(settings: Settings) -> BoostedClassifier:
    """Make the unfitted trees of a classification module; for errors see `_estimator`."""
    return BoostedClassifier(_estimator(settings, "LGBMClassifier"))


def regressor(settings: Settings) -> BoostedRegressor:
    """Make the unfitted trees of the regression module; for errors see `_estimator`."""
    return BoostedRegressor(_estimator(settings, "LGBMRegressor"))


def _estimator(settings: Settings, class_name: str) -> Any:
    """Make the LightGBM estimator with this class name.

    Raises:
        ModuleError: `missing-library`: LightGBM, or the OpenMP library that it needs, is not there.
    """
    return getattr(_lightgbm(), class_name)(
        num_leaves=settings["maximum_number_of_leaves_per_tree"],
        min_child_samples=settings["minimum_number_of_samples_per_leaf_node"],
        learning_rate=settings["learning_rate"],
        n_estimators=settings["number_of_trees_constructed"],
        colsample_bytree=SHARE_OF_FEATURES,
        random_state=settings["random_number_seed"],
        importance_type="gain",
        deterministic=True,
        force_row_wise=True,
        n_jobs=thread_count(),
        verbosity=-1,
    )


def _lightgbm() -> Any:
    try:
        return importlib.import_module("lightgbm")
    except ImportError:
        raise ModuleError(
            "The library lightgbm, which builds boosted trees, is not installed here.",
            "Install the package lightgbm beside the studio.",
            code="missing-library",
        ) from None
    except OSError as error:
        text = str(error)[:200]
        raise ModuleError(
            f"The library lightgbm can't be loaded on this machine: {text}.",
            "Install the OpenMP library, on Debian and Ubuntu: apt-get install libgomp1."
            if "gomp" in text or "omp" in text
            else "Install the package lightgbm again.",
            code="missing-library",
        ) from None
