"""One-vs-One Multiclass: a two-class learner for each pair of classes."""

from typing import Any

from studiolo.modules.learning.learner import UNTRAINED_MODEL
from studiolo.modules.learning.reductions import UNTRAINED_BINARY, OneVsOne, ReducedModel, learner, reduced
from studiolo.sdk import module

LEARNER = learner(OneVsOne)


@module(
    name="One-vs-One Multiclass",
    category="Machine Learning / Initialize Model / Classification",
    inputs=[UNTRAINED_BINARY],
    outputs=[UNTRAINED_MODEL],
    aliases=("0fe98238-2673-4569-808e-d96852c16e71",),
)
def one_vs_one_multiclass(untrained_binary_classification_model: Any) -> ReducedModel:
    r"""Make a learner of several classes from a two-class learner, each pair of classes by itself.

    The two-class learner is trained once for each pair of classes, on the rows of the two. The probability of a class
    is the mean of what its pairs say; the highest wins. Up to 100 classes. A range of the two-class learner's settings
    is passed on to Tune Model Hyperparameters.

    Example:
        flowers:
          module: enter-data-manually
          parameters: {data: "length,kind\n1,small\n2,small\n5,middle\n6,middle\n9,large\n10,large\n"}
        two_class:
          module: two-class-logistic-regression
          parameters: {l2_regularization_weight: 0.01}
        learner:
          module: one-vs-one-multiclass
          inputs: {untrained_binary_classification_model: two_class}
        trained:
          module: train-model
          parameters: {label_column: [kind]}
          inputs: {untrained_model: learner, dataset: flowers}
    """
    return reduced(one_vs_one_multiclass, untrained_binary_classification_model)
