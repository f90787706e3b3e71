"""Two-Class Logistic Regression: a linear classifier of two classes."""

from typing import Any

from studiolo.modules.learning.learner import (
    UNTRAINED_MODEL,
    Learner,
    Settings,
    random_seed,
    ranged,
    trainer_mode,
)
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import Integer, Number, module

LEAST = 2.220446049250313e-16


def build(settings: Settings) -> Any:
    """Make the estimator: L-BFGS with an L2 penalty, or SAGA where L1 takes part."""
    from sklearn.linear_model import LogisticRegression

    l1, l2 = settings["l1_regularization_weight"], settings["l2_regularization_weight"]
    both = l1 + l2
    shared = {
        "C": 1.0 / both if both else 1e22,
        "tol": settings["optimization_tolerance"],
        "max_iter": 1000,
        "random_state": settings["random_number_seed"],
    }
    if l1:
        return LogisticRegression(solver="saga", l1_ratio=l1 / both, **shared)
    return LogisticRegression(solver="lbfgs", **shared)


LEARNER = Learner(task="two-class", build=build, normalizes=lambda settings: True)


@module(
    name="Two-Class Logistic Regression",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        trainer_mode(),
        *ranged(
            Number(
                "optimization_tolerance",
                default=1e-7,
                minimum=LEAST,
                help="Training ends when an iteration improves by less than this.",
                aliases=("Optimization Tolerance",),
            ),
            "0.00001; 0.00000001",
            aliases=("Range for optimization tolerance",),
        ),
        *ranged(
            Number(
                "l1_regularization_weight",
                default=0.0,
                minimum=0,
                label="L1 regularization weight",
                help="Larger values set the weights of more features to zero.",
                aliases=("L1 Regularization weight",),
            ),
            "0.0; 0.01; 0.1; 1.0",
            aliases=("Range for L1 regularization weight",),
        ),
        *ranged(
            Number(
                "l2_regularization_weight",
                default=1.0,
                minimum=0,
                label="L2 regularization weight",
                help="Larger values keep the weights of features smaller.",
                aliases=("L2 Regularizaton weight",),
            ),
            "0.01; 0.1; 1.0",
            aliases=("Range for L2 regularization weight",),
        ),
        *ranged(
            Integer(
                "memory_size_for_l_bfgs",
                default=20,
                minimum=1,
                label="Memory size for L-BFGS",
                help="Kept for imported experiments; the library's own memory size is used.",
                aliases=("Memory Size",),
            ),
            "5; 20; 50",
            aliases=(
                "Range for memory size for L-BFGS the lower the value the faster and less accurate the training",
            ),
        ),
        random_seed(),
    ],
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
