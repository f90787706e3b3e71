"""Bayesian Linear Regression: a linear model that says how sure it is."""

from typing import Any

from studiolo.modules.learning.bayesian import BayesianLinearEstimator
from studiolo.modules.learning.learner import LEAST_POSITIVE, UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import Number, module

LEARNER = Learner(
    task="regression",
    build=lambda settings: BayesianLinearEstimator(settings["regularization_weight"]),
    normalizes=lambda settings: True,
    needs_dense=True,
    spread=lambda estimator, matrix: estimator.mean_and_spread(matrix),
)


@module(
    name="Bayesian Linear Regression",
    category="Machine Learning / Initialize Model / Regression",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        Number(
            "regularization_weight",
            default=1.0,
            minimum=LEAST_POSITIVE,
            label="Regularization weight",
            help="How precisely the weights are held to be near 0, in units of the precision of the noise.",
        ),
    ],
    aliases=("ee12de50-2b34-4145-aec0-23e0485da308",),
)
def bayesian_linear_regression(**settings: Any) -> LearnerModel:
    r"""Configure a linear model of a number that also says how far the truth may be.

    The weights have a normal prior, whose precision is the regularization weight times that of the noise; the noise is
    estimated. Features are scaled to 0 … 1 first. With the classic names of score columns, Score Model gives Scored
    Label Mean and Scored Label Standard Deviation; with the designer's names Scored Labels. Up to 5,000 features.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,price\n50,100\n70,139\n90,181\n120,240\n60,121\n80,160\n"}
        learner:
          module: bayesian-linear-regression
          parameters: {regularization_weight: 0.01}
        trained:
          module: train-model
          parameters: {label_column: [price]}
          inputs: {untrained_model: learner, dataset: houses}
        predicted:
          module: score-model
          parameters: {naming: classic}
          inputs: {trained_model: trained, dataset: houses}
    """
    return untrained(bayesian_linear_regression, settings)
