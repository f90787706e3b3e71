"""Multiclass Logistic Regression: a linear classifier of several classes."""

from typing import Any

from studiolo.modules.learning import logistic_regression
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(
    task="multiclass",
    build=logistic_regression.build,
    normalizes=lambda settings: True,
    unused=logistic_regression.UNUSED,
)


@module(
    name="Multiclass Logistic Regression",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=logistic_regression.PARAMETERS,
    aliases=("1d195fe5-98cd-4e1a-a1c8-076aaa3e02c3",),
)
def multiclass_logistic_regression(**settings: Any) -> LearnerModel:
    r"""Configure a linear classifier of several classes.

    Features are scaled to 0 … 1 first. One set of weights for each class is learnt at once (softmax). The inverse of
    scikit-learn's C is the regularization weight, as in the designer. With an L1 weight the elastic net is used; the
    designer ignored it, and the classic default of 1 is 0 here. Coefficients of the classic product differ.

    Example:
        flowers:
          module: enter-data-manually
          parameters: {data: "length,kind\n1,small\n2,small\n5,middle\n6,middle\n9,large\n10,large\n"}
        learner:
          module: multiclass-logistic-regression
          parameters: {l2_regularization_weight: 0.01}
        trained:
          module: train-model
          parameters: {label_column: [kind]}
          inputs: {untrained_model: learner, dataset: flowers}
    """
    return untrained(multiclass_logistic_regression, settings)
