"""Two-Class Support Vector Machine: a linear one, with an L1 penalty."""

from typing import Any

from studiolo.modules.learning.learner import (
    LEAST_POSITIVE,
    UNTRAINED_MODEL,
    Learner,
    Settings,
    random_seed,
    ranged,
    trainer_mode,
)
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import Boolean, Integer, Number, module


def build(settings: Settings) -> Any:
    """Make the estimator."""
    from sklearn.svm import LinearSVC

    return LinearSVC(
        penalty="l1",
        dual=False,
        C=min(1.0 / (2.0 * settings["lambda_weight"]), 1e22),
        max_iter=settings["number_of_iterations"],
        random_state=settings["random_number_seed"],
    )


LEARNER = Learner(
    task="two-class", build=build, normalizes=lambda settings: bool(settings["normalize_features"])
)


@module(
    name="Two-Class Support Vector Machine",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        trainer_mode(),
        *ranged(
            Integer(
                "number_of_iterations",
                default=10,
                minimum=1,
                label="Number of iterations",
                help="Training ends after so many iterations, or earlier when it is done.",
            ),
            "1; 10; 100",
            aliases=("Range for number of iterations",),
        ),
        *ranged(
            Number(
                "lambda_weight",
                default=0.001,
                minimum=LEAST_POSITIVE,
                label="Lambda",
                help="Weight of the L1 penalty; larger values set more weights of features to zero.",
                aliases=("The value lambda", "Lambda"),
            ),
            "0.00001; 0.0001; 0.001; 0.01; 0.1",
            aliases=("Range for lambda",),
        ),
        Boolean(
            "normalize_features",
            default=True,
            label="Normalize features",
            help="Scale features to 0 … 1 first.",
            aliases=("Normalize the features",),
        ),
        random_seed(),
    ],
    aliases=("12d8479b-74b4-4e67-b8de-d32867380e20",),
)
def two_class_support_vector_machine(**settings: Any) -> LearnerModel:
    r"""Configure a linear support vector machine for two classes.

    As in the designer: an L1 penalty with C = 1 / (2 lambda), the label by the sign of the decision value, and
    Scored Probabilities as its logistic function, which is not calibrated. Few iterations are told on the log.
    The projection to the unit sphere, which the designer hid, is not there; classic's default was one iteration.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,0,no\n"}
        learner:
          module: two-class-support-vector-machine
          parameters: {number_of_iterations: 1000}
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
    """
    return untrained(two_class_support_vector_machine, settings)
