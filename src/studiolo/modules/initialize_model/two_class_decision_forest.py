"""Two-Class Decision Forest: the mean of random decision trees for two classes."""

from typing import Any

from studiolo.modules.learning import decision_forests
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="two-class", build=decision_forests.classifier)


@module(
    name="Two-Class Decision Forest",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=decision_forests.parameters(),
    aliases=("5a7d5466-9928-40c8-a19c-d5de4882c77e",),
)
def two_class_decision_forest(**settings: Any) -> LearnerModel:
    r"""Configure a forest of decision trees for two classes.

    Each tree learns from a random sample of the rows and looks at a few random features for each split; the
    probability is the mean over the trees, as in the designer. Features are not scaled; a missing number counts
    as 0. The number of random splits per node, which the designer hid and did not use, is not there; the seed is new.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,0,no\n"}
        learner:
          module: two-class-decision-forest
          parameters: {number_of_decision_trees: 16}
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
    """
    return untrained(two_class_decision_forest, settings)
