"""Two-Class Locally Deep Support Vector Machine: one with a Gaussian kernel stands in for it."""

from typing import Any

from studiolo.modules.learning.gaussian_border import GaussianBorder
from studiolo.modules.learning.learner import (
    UNTRAINED_MODEL,
    Learner,
    Parameter,
    Settings,
    random_seed,
    ranged,
    trainer_mode,
)
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import Integer, Number, module

LEAST = 1.401298e-45
MOST_EPOCHS = 1000


def build(settings: Settings) -> Any:
    """Make the estimator: deeper trees separate in more places, as more landmarks do."""
    return GaussianBorder(
        landmarks=25 * 2 ** min(settings["depth_of_the_tree"], 6),
        gamma=min(settings["sigmoid_sharpness"], 1e6),
        penalty=settings["lambda_w"] / 1000,
        epochs=min(settings["number_of_iterations"], MOST_EPOCHS),
        seed=settings["random_number_seed"],
    )


LEARNER = Learner(
    task="two-class",
    build=build,
    normalizes=lambda settings: True,
    substitute="a support vector machine with a Gaussian kernel stands in for it and gives other results.",
    unused=("lambda_theta", "lambda_theta_prime"),
)


def _weight(name: str, default: float, label: str, help: str, values: str) -> tuple[Parameter, Parameter]:
    return ranged(Number(name, default=default, minimum=LEAST, label=label, help=help), values)


@module(
    name="Two-Class Locally Deep Support Vector Machine",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        trainer_mode(),
        *ranged(
            Integer(
                "depth_of_the_tree",
                default=3,
                minimum=1,
                label="Depth of the tree",
                help="The kernel that stands in uses 25 rows of training, doubled for each level up to 6.",
            ),
            "1; 3; 5; 7",
        ),
        *_weight(
            "lambda_w",
            0.1,
            "Lambda W",
            "Larger values make the border between the classes smoother.",
            "0.1; 0.01; 0.001",
        ),
        *_weight(
            "lambda_theta",
            0.01,
            "Lambda Theta",
            "Kept for imported experiments; not used.",
            "0.1; 0.01; 0.001",
        ),
        *_weight(
            "lambda_theta_prime",
            0.01,
            "Lambda Theta Prime",
            "Kept for imported experiments; not used.",
            "0.1; 0.01; 0.001",
        ),
        *_weight(
            "sigmoid_sharpness",
            1.0,
            "Sigmoid sharpness",
            "Larger values make the border follow single rows closer.",
            "1.0; 0.1; 0.01",
        ),
        *ranged(
            Integer(
                "number_of_iterations",
                default=15000,
                minimum=1,
                label="Number of iterations",
                help="Training goes over all rows at most so many times, and not more than 1,000 times.",
            ),
            "10000; 15000; 20000",
        ),
        random_seed(),
    ],
    aliases=("44960281-6126-457a-9411-b0bc9ffd128f",),
)
def two_class_locally_deep_support_vector_machine(**settings: Any) -> LearnerModel:
    r"""Configure what stands in for a locally deep support vector machine: one with a Gaussian kernel.

    WARNING: the locally deep support vector machine of classic has no public counterpart. A linear machine on an
    approximated Gaussian kernel stands in for it: imported experiments run and give other results. Training says so
    on its log, and Visualize of the trained model shows it. Features are scaled to 0 … 1 first; Scored Probabilities
    are not calibrated.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,0,no\n"}
        learner:
          module: two-class-locally-deep-support-vector-machine
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
    """
    return untrained(two_class_locally_deep_support_vector_machine, settings)
