"""Multiclass Boosted Decision Tree: LightGBM for several classes."""

from typing import Any

from studiolo.modules.learning import boosted_trees
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="multiclass", build=boosted_trees.classifier)


@module(
    name="Multiclass Boosted Decision Tree",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=boosted_trees.parameters("Number of trees constructed"),
    aliases=("1d67b731-34d7-4adb-bc2a-a8844cd1bd2d",),
)
def multiclass_boosted_decision_tree(**settings: Any) -> LearnerModel:
    r"""Configure boosted decision trees for several classes.

    Trees are built one after the other, each correcting those before, by LightGBM as in the designer: one tree for
    each class every time. Each tree sees 60 % of the features. Features are not scaled; a missing number counts as 0.
    The same seed and data give the same trees whatever the number of processors.

    Example:
        flowers:
          module: enter-data-manually
          parameters: {data: "length,kind\n1,small\n2,small\n5,middle\n6,middle\n9,large\n10,large\n"}
        learner:
          module: multiclass-boosted-decision-tree
          parameters: {minimum_number_of_samples_per_leaf_node: 1, number_of_trees_constructed: 20}
        trained:
          module: train-model
          parameters: {label_column: [kind]}
          inputs: {untrained_model: learner, dataset: flowers}
    """
    return untrained(multiclass_boosted_decision_tree, settings)
