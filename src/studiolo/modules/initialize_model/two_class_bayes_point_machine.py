"""Two-Class Bayes Point Machine: an averaged perceptron stands in for it."""

from typing import Any

from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner, Settings, random_seed
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import Boolean, Integer, module


def build(settings: Settings) -> Any:
    """Make the estimator: the mean of the classifiers of a perceptron comes near to the Bayes point."""
    from sklearn.linear_model import SGDClassifier

    return SGDClassifier(
        loss="perceptron",
        penalty=None,
        learning_rate="constant",
        eta0=1.0,
        fit_intercept=settings["include_bias"],
        max_iter=settings["number_of_training_iterations"],
        tol=None,
        average=True,
        random_state=settings["random_number_seed"],
    )


LEARNER = Learner(
    task="two-class",
    build=build,
    normalizes=lambda settings: True,
    substitute="an averaged perceptron stands in for it and gives other results.",
)


@module(
    name="Two-Class Bayes Point Machine",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        Integer(
            "number_of_training_iterations",
            default=30,
            minimum=1,
            label="Number of training iterations",
            help="How often training goes over all rows.",
        ),
        Boolean(
            "include_bias",
            default=True,
            label="Include bias",
            help="Otherwise the border goes through the origin.",
        ),
        random_seed(),
    ],
    aliases=("a1acf84e-a4d0-42ab-99d6-a4f4616b92cf",),
)
def two_class_bayes_point_machine(**settings: Any) -> LearnerModel:
    r"""Configure what stands in for a Bayes point machine for two classes: an averaged perceptron.

    WARNING: the Bayes point machine of classic has no public counterpart in the libraries used here. The mean of the
    linear classifiers that a perceptron goes through stands in for it: imported experiments run and give other results.
    Training says so on its log, and Visualize of the trained model shows it. Scored Probabilities are not calibrated.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,0,no\n"}
        learner:
          module: two-class-bayes-point-machine
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
    """
    return untrained(two_class_bayes_point_machine, settings)
