"""One-vs-All Multiclass: a two-class learner for each class against the rest."""

from typing import Any

from studiolo.modules.learning.learner import UNTRAINED_MODEL
from studiolo.modules.learning.reductions import UNTRAINED_BINARY, OneVsAll, ReducedModel, learner, reduced
from studiolo.sdk import module

LEARNER = learner(OneVsAll)


@module(
    name="One-vs-All Multiclass",
    category="Machine Learning / Initialize Model / Classification",
    inputs=[UNTRAINED_BINARY],
    outputs=[UNTRAINED_MODEL],
    aliases=("7191efae-b4b1-4d03-a6f8-7205f87be664",),
)
def one_vs_all_multiclass(untrained_binary_classification_model: Any) -> ReducedModel:
    r"""Make a learner of several classes from a two-class learner, one class against the rest.

    The two-class learner is trained once for each class, to tell it from all others; the class with the highest
    probability wins. Probabilities are brought to a sum of 1. A range of the two-class learner's settings is passed on
    to Tune Model Hyperparameters.

    Example:
        flowers:
          module: enter-data-manually
          parameters: {data: "length,kind\n1,small\n2,small\n5,middle\n6,middle\n9,large\n10,large\n"}
        two_class:
          module: two-class-logistic-regression
          parameters: {l2_regularization_weight: 0.01}
        learner:
          module: one-vs-all-multiclass
          inputs: {untrained_binary_classification_model: two_class}
        trained:
          module: train-model
          parameters: {label_column: [kind]}
          inputs: {untrained_model: learner, dataset: flowers}
    """
    return reduced(one_vs_all_multiclass, untrained_binary_classification_model)
