"""Decision Forest Regression: the mean of random decision trees that predict a number."""

from typing import Any

from studiolo.modules.learning import decision_forests
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(
    task="regression",
    build=decision_forests.regressor,
    spread=lambda estimator, matrix: estimator.mean_and_spread(matrix),
)


@module(
    name="Decision Forest Regression",
    category="Machine Learning / Initialize Model / Regression",
    outputs=[UNTRAINED_MODEL],
    parameters=decision_forests.parameters(),
    aliases=("562988b2-e740-4e3a-8131-358391bad755",),
)
def decision_forest_regression(**settings: Any) -> LearnerModel:
    r"""Configure a forest of decision trees that predicts a number.

    Each tree learns from a random sample of the rows; the prediction is the mean over the trees. With the classic
    names of score columns, Score Model gives Scored Label Mean and Scored Label Standard Deviation, the spread over
    the trees; with the designer's names Scored Labels. Features are not scaled; a missing number counts as 0.
    The number of random splits per node, which the designer hid and did not use, is not there; the seed is new.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,price\n50,100\n70,139\n90,181\n120,240\n60,121\n80,160\n"}
        learner:
          module: decision-forest-regression
          parameters: {number_of_decision_trees: 16}
        trained:
          module: train-model
          parameters: {label_column: [price]}
          inputs: {untrained_model: learner, dataset: houses}
    """
    return untrained(decision_forest_regression, settings)
