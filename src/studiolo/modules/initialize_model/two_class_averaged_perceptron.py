"""Two-Class Averaged Perceptron: the mean of the linear classifiers that a perceptron goes through."""

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
from studiolo.sdk import Integer, Number, module


def build(settings: Settings) -> Any:
    """Make the estimator."""
    from sklearn.linear_model import SGDClassifier

    return SGDClassifier(
        loss="perceptron",
        penalty=None,
        learning_rate="constant",
        eta0=settings["learning_rate"],
        max_iter=settings["maximum_number_of_iterations"],
        tol=None,
        average=True,
        random_state=settings["random_number_seed"],
    )


LEARNER = Learner(task="two-class", build=build, normalizes=lambda settings: True)


@module(
    name="Two-Class Averaged Perceptron",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        trainer_mode(),
        *ranged(
            Number(
                "learning_rate",
                default=1.0,
                minimum=LEAST_POSITIVE,
                label="Learning rate",
                help="Size of the step that each wrongly classified row causes.",
                aliases=("Initial learning rate",),
            ),
            "0.1; 0.5; 1.0",
            aliases=("Range for initial learning rate",),
        ),
        *ranged(
            Integer(
                "maximum_number_of_iterations",
                default=10,
                minimum=1,
                label="Maximum number of iterations",
                help="How often training goes over all rows.",
            ),
            "1; 10",
            aliases=("Range for maximum number of iterations",),
        ),
        random_seed(),
    ],
    aliases=("5ed44caa-5360-407d-ae6c-7a88c491474a",),
)
def two_class_averaged_perceptron(**settings: Any) -> LearnerModel:
    r"""Configure an averaged perceptron for two classes.

    Features are scaled to 0 … 1 first. Each row that is classified wrongly moves the weights; the trained model has
    the mean of the weights over all steps, as in classic. The designer's substitute did not average: results differ.
    Scored Probabilities are the logistic function of the decision value, which is not calibrated.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,0,no\n"}
        learner:
          module: two-class-averaged-perceptron
          parameters: {maximum_number_of_iterations: 50}
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
    """
    return untrained(two_class_averaged_perceptron, settings)
