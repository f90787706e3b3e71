"""Ordinal Regression: classes in an order, by a two-class learner for each step between them."""

from typing import Any

from studiolo.modules.learning.learner import UNTRAINED_MODEL
from studiolo.modules.learning.reductions import UNTRAINED_BINARY, InOrder, ReducedModel, learner, reduced
from studiolo.sdk import module

LEARNER = learner(InOrder)


@module(
    name="Ordinal Regression",
    category="Machine Learning / Initialize Model / Regression",
    inputs=[UNTRAINED_BINARY],
    outputs=[UNTRAINED_MODEL],
    aliases=("ffb557f8-dc7f-44bd-8fd0-b25666dd23f1",),
)
def ordinal_regression(untrained_binary_classification_model: Any) -> ReducedModel:
    r"""Make a learner of ordered classes, such as ratings, from a two-class learner.

    The values of the label are classes whose order is that of sorting: numbers by size, text by letters (so number
    text values). The two-class learner is trained once for each step between neighbouring classes, to say whether a
    row is above it. Score Model gives the probability of each class and Scored Labels, the likeliest one; Evaluate
    Model treats it as a classifier of several classes.

    Example:
        hotels:
          module: enter-data-manually
          parameters: {data: "price,stars\n10,1\n12,1\n20,2\n22,2\n30,3\n33,3\n"}
        two_class:
          module: two-class-logistic-regression
          parameters: {l2_regularization_weight: 0.01}
        learner:
          module: ordinal-regression
          inputs: {untrained_binary_classification_model: two_class}
        trained:
          module: train-model
          parameters: {label_column: [stars]}
          inputs: {untrained_model: learner, dataset: hotels}
    """
    return reduced(ordinal_regression, untrained_binary_classification_model)
