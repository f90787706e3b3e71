"""Boosted trees of LightGBM: the parameters of the three modules and the estimator that they configure."""

from __future__ import annotations

import importlib
from typing import Any

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


def estimator(settings: Settings, class_name: str) -> Any:
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
