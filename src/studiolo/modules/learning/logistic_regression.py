"""Logistic regression: the parameters of the two modules and the estimator that they configure."""

from __future__ import annotations

from typing import Any

from studiolo.modules.learning.learner import (
    LEAST_POSITIVE,
    Parameter,
    Settings,
    random_seed,
    ranged,
    trainer_mode,
)
from studiolo.sdk import Integer, Number

PARAMETERS: tuple[Parameter, ...] = (
    trainer_mode(),
    *ranged(
        Number(
            "optimization_tolerance",
            default=1e-7,
            minimum=LEAST_POSITIVE,
            help="Training ends when an iteration improves by less than this.",
            aliases=("Optimization Tolerance",),
        ),
        "0.00001; 0.00000001",
        aliases=("Range for optimization tolerance",),
    ),
    *ranged(
        Number(
            "l1_regularization_weight",
            default=0.0,
            minimum=0,
            label="L1 regularization weight",
            help="Larger values set the weights of more features to zero.",
            aliases=("L1 Regularization weight",),
        ),
        "0.0; 0.01; 0.1; 1.0",
        aliases=("Range for L1 regularization weight",),
    ),
    *ranged(
        Number(
            "l2_regularization_weight",
            default=1.0,
            minimum=0,
            label="L2 regularization weight",
            help="Larger values keep the weights of features smaller.",
            aliases=("L2 Regularizaton weight",),
        ),
        "0.01; 0.1; 1.0",
        aliases=("Range for L2 regularization weight",),
    ),
    *ranged(
        Integer(
            "memory_size_for_l_bfgs",
            default=20,
            minimum=1,
            label="Memory size for L-BFGS",
            help="Kept for imported experiments; the library's own memory size is used.",
            aliases=("Memory Size",),
        ),
        "5; 20; 50",
        aliases=(
            "Range for memory size for L-BFGS the lower the value the faster and less accurate the training",
        ),
    ),
    random_seed(),
)
"""Those that the modules share."""

UNUSED = ("memory_size_for_l_bfgs",)
"""The library's own size is used: it changes how fast training ends, not where."""


def build(settings: Settings) -> Any:
    """Make the estimator: L-BFGS with an L2 penalty, or SAGA where L1 takes part."""
    from sklearn.linear_model import LogisticRegression

    l1, l2 = settings["l1_regularization_weight"], settings["l2_regularization_weight"]
    both = l1 + l2
    shared = {
        "C": 1.0 / both if both else 1e22,
        "tol": settings["optimization_tolerance"],
        "max_iter": 1000,
        "random_state": settings["random_number_seed"],
    }
    if l1:
        return LogisticRegression(solver="saga", l1_ratio=l1 / both, **shared)
    return LogisticRegression(solver="lbfgs", **shared)
