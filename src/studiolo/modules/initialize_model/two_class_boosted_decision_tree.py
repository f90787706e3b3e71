"""Two-Class Boosted Decision Tree: LightGBM for two classes."""

from typing import Any

from studiolo.modules.learning import boosted_trees
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="two-class", build=boosted_trees.classifier)


@module(
    name="Two-Class Boosted Decision Tree",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=boosted_trees.parameters("Number of trees constructed"),
    aliases=("e3c522f8-53d9-4829-8ea4-5c6a6b75330c",),
)
def two_class_boosted_decision_tree(**settings: Any) -> LearnerModel:
    r"""Configure boosted decision trees for two classes.

    Trees are built one after the other, each correcting those before, by LightGBM as in the designer; each tree sees
    60 % of the features. Features are not scaled; a missing number counts as 0. The same seed and data give the same
    trees whatever the number of processors. Classic built its trees otherwise: results agree in kind, not in digits.
    Visualize of the trained model shows how much each feature took part.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,0,no\n"}
        learner:
          module: two-class-boosted-decision-tree
          parameters: {minimum_number_of_samples_per_leaf_node: 1, number_of_trees_constructed: 20}
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
    """
    return untrained(two_class_boosted_decision_tree, settings)
