"""Poisson Regression: a linear model of the logarithm of a count."""

from typing import Any

from studiolo.modules.learning.learner import (
    LEAST_POSITIVE,
    UNTRAINED_MODEL,
    Learner,
    Settings,
    ranged,
    trainer_mode,
)
from studiolo.modules.learning.poisson import PoissonEstimator
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import Integer, Number, module

_MEMORY = "memory size for L-BFGS the lower the value the faster and less accurate the training"


def build(settings: Settings) -> Any:
    """Make the estimator."""
    return PoissonEstimator(
        settings["l1_regularization_weight"],
        settings["l2_regularization_weight"],
        settings["optimization_tolerance"],
        settings["memory_size_for_l_bfgs"],
    )


LEARNER = Learner(task="regression", build=build, normalizes=lambda settings: True)


@module(
    name="Poisson Regression",
    category="Machine Learning / Initialize Model / Regression",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        trainer_mode(),
        *ranged(
            Number(
                "optimization_tolerance",
                default=1e-7,
                minimum=LEAST_POSITIVE,
                help="Training ends when the slope is less than this.",
                aliases=(
                    "Tolerance parameter for optimization convergence the lower the value the slower and "
                    "more accurate the fitting",
                ),
            ),
            "0.00001; 0.00000001",
            aliases=("Range for optimization tolerance",),
        ),
        *ranged(
            Number(
                "l1_regularization_weight",
                default=1.0,
                minimum=0,
                label="L1 regularization weight",
                help="Larger values set the weights of more features to zero.",
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
                help="How many past steps the direction of the next is made of.",
                aliases=(_MEMORY[0].upper() + _MEMORY[1:],),
            ),
            "5; 20; 50",
            aliases=(f"Range for {_MEMORY}",),
        ),
    ],
    aliases=("80e21b9d-3827-40d8-b733-b53148becbc2",),
)
def poisson_regression(**settings: Any) -> LearnerModel:
    r"""Configure a model of counts, such as calls in a day.

    The prediction is the exponential of a weighted sum of the features, which are scaled to 0 … 1 first. The label may
    not be negative. The penalties count once beside the sum over all rows: with few rows the default weights of 1 pull
    hard towards the mean. Coefficients of the retired products differ.

    Example:
        days:
          module: enter-data-manually
          parameters: {data: "temperature,calls\n5,1\n10,3\n15,4\n20,9\n25,18\n30,30\n"}
        learner:
          module: poisson-regression
          parameters: {l1_regularization_weight: 0, l2_regularization_weight: 0.01}
        trained:
          module: train-model
          parameters: {label_column: [calls]}
          inputs: {untrained_model: learner, dataset: days}
    """
    return untrained(poisson_regression, settings)
