"""Multiclass Decision Forest: the mean of random decision trees for several classes."""

from typing import Any

from studiolo.modules.learning import decision_forests
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="multiclass", build=decision_forests.classifier)


@module(
    name="Multiclass Decision Forest",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=decision_forests.parameters(),
    aliases=("5e70108d-2e44-45d9-86e8-94f37c68fe86",),
)
def multiclass_decision_forest(**settings: Any) -> LearnerModel:
    r"""Configure a forest of decision trees for several classes.

    Each tree learns from a random sample of the rows and looks at a few random features for each split; the
    probability of a class is the mean over the trees, as in the designer. Features are not scaled; a missing number
    counts as 0. The number of random splits per node, which the designer hid and did not use, is not there.

    Example:
        flowers:
          module: enter-data-manually
          parameters: {data: "length,kind\n1,small\n2,small\n5,middle\n6,middle\n9,large\n10,large\n"}
        learner:
          module: multiclass-decision-forest
          parameters: {number_of_decision_trees: 16}
        trained:
          module: train-model
          parameters: {label_column: [kind]}
          inputs: {untrained_model: learner, dataset: flowers}
    """
    return untrained(multiclass_decision_forest, settings)
