"""Two-Class Logistic Regression: a linear classifier of two classes."""

from typing import Any

from studiolo.modules.learning import logistic_regression
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(
    task="two-class",
    build=logistic_regression.build,
    normalizes=lambda settings: True,
    unused=logistic_regression.UNUSED,
)


@module(
    name="Two-Class Logistic Regression",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=logistic_regression.PARAMETERS,
    aliases=("b0fd7660-eeed-43c5-9487-20d9cc79ed5d",),
)
def two_class_logistic_regression(**settings: Any) -> LearnerModel:
    r"""Configure a linear classifier of two classes.

    Features are scaled to 0 … 1 first. The penalty is that of the designer: the inverse of scikit-learn's C is
    the regularization weight. With an L1 weight the elastic net is used, which the designer ignored; the classic
    default of L1 was 1 and is 0 here, as the designer trained. Coefficients of the classic product differ.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n"}
        learner:
          module: two-class-logistic-regression
          parameters: {l2_regularization_weight: 0.1}
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
    """
    return untrained(two_class_logistic_regression, settings)
