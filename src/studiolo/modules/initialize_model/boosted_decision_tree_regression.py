"""Boosted Decision Tree Regression: LightGBM for a number."""

from typing import Any

from studiolo.modules.learning import boosted_trees
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="regression", build=boosted_trees.regressor)


@module(
    name="Boosted Decision Tree Regression",
    category="Machine Learning / Initialize Model / Regression",
    outputs=[UNTRAINED_MODEL],
    parameters=boosted_trees.parameters("Total number of trees constructed"),
    aliases=("0207d252-6c41-4c77-84c3-73bdf1ac5960",),
)
def boosted_decision_tree_regression(**settings: Any) -> LearnerModel:
    r"""Configure boosted decision trees that predict a number.

    Trees are built one after the other, each correcting those before, by LightGBM as in the designer; each tree sees
    60 % of the features. Features are not scaled; a missing number counts as 0. The same seed and data give the same
    trees whatever the number of processors. Predictions stay within the range of the labels of training.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,price\n50,100\n70,139\n90,181\n120,240\n60,121\n80,160\n"}
        learner:
          module: boosted-decision-tree-regression
          parameters: {minimum_number_of_samples_per_leaf_node: 1, number_of_trees_constructed: 50}
        trained:
          module: train-model
          parameters: {label_column: [price]}
          inputs: {untrained_model: learner, dataset: houses}
    """
    return untrained(boosted_decision_tree_regression, settings)
