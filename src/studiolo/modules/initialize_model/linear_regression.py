"""Linear Regression: a weighted sum of the features, by least squares or by online gradient descent."""

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
from studiolo.sdk import Boolean, Choice, Integer, Number, module

LEAST_SQUARES, GRADIENT_DESCENT = "Ordinary Least Squares", "Online Gradient Descent"


def build(settings: Settings) -> Any:
    """Make the estimator."""
    from sklearn.linear_model import Ridge, SGDRegressor

    if settings["solution_method"] == LEAST_SQUARES:
        return Ridge(
            alpha=settings["l2_regularization_weight_ols"], fit_intercept=settings["include_intercept_term"]
        )
    return SGDRegressor(
        alpha=settings["l2_regularization_weight"],
        max_iter=max(settings["number_of_training_epochs"], 1),
        learning_rate="invscaling" if settings["decrease_learning_rate"] else "constant",
        eta0=settings["learning_rate"],
        average=settings["average_final_hypothesis"],
        random_state=settings["random_number_seed"],
    )


LEARNER = Learner(
    task="regression",
    build=build,
    normalizes=lambda settings: (
        settings["solution_method"] == GRADIENT_DESCENT and settings["normalize_features"]
    ),
)

_DESCENT = ("solution_method", (GRADIENT_DESCENT,))


@module(
    name="Linear Regression",
    category="Machine Learning / Initialize Model / Regression",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        Choice(
            "solution_method",
            (LEAST_SQUARES, GRADIENT_DESCENT),
            label="Solution method",
            help="Least squares is exact; gradient descent goes over the rows again and again.",
            aliases=("Solution method",),
        ),
        trainer_mode(when=_DESCENT),
        Boolean(
            "normalize_features",
            default=True,
            label="Normalize features",
            help="Scale features to 0 … 1 first.",
            when=_DESCENT,
            aliases=("Should input instances be normalized",),
        ),
        Boolean(
            "average_final_hypothesis",
            default=True,
            label="Average final hypothesis",
            help="Take the mean of the weights over all steps.",
            when=_DESCENT,
            aliases=("Final hypothesis is averaged",),
        ),
        *ranged(
            Number(
                "learning_rate",
                default=0.1,
                minimum=2.220446049250313e-16,
                label="Learning rate",
                help="Size of the steps of gradient descent.",
            ),
            "0.025; 0.05; 0.1; 0.2",
            aliases=("Range for learning rate",),
        ),
        *ranged(
            Integer(
                "number_of_training_epochs",
                default=10,
                minimum=0,
                label="Number of training epochs",
                help="How often gradient descent goes over all rows.",
                aliases=("Number of epochs over which algorithm iterates through examples",),
            ),
            "1; 10; 100",
            aliases=("Range for number of epochs over which algorithm iterates through examples",),
        ),
        Boolean(
            "decrease_learning_rate",
            default=True,
            label="Decrease learning rate",
            help="Make the steps smaller as training goes on.",
            when=_DESCENT,
            aliases=("Decrease learning rate as iterations progress",),
        ),
        *ranged(
            Number(
                "l2_regularization_weight",
                default=0.001,
                minimum=0,
                label="L2 regularization weight of gradient descent",
                help="Larger values keep the weights of features smaller.",
                aliases=("L2 regularization term weight",),
            ),
            "0.001; 0.01; 0.1",
            aliases=("Range for L2 regularization term weight",),
        ),
        Number(
            "l2_regularization_weight_ols",
            default=0.001,
            minimum=0,
            label="L2 regularization weight",
            help="Larger values keep the weights of features smaller.",
            when=("solution_method", (LEAST_SQUARES,)),
            aliases=("L2 regularization weight",),
        ),
        random_seed(),
        Boolean(
            "include_intercept_term",
            default=True,
            label="Include intercept term",
            help="Otherwise the line goes through the origin.",
            when=("solution_method", (LEAST_SQUARES,)),
            aliases=("Include intercept term",),
        ),
    ],
    aliases=("31960a6f-789b-4cf7-88d6-2e1152c0bd1a",),
)
def linear_regression(**settings: Any) -> LearnerModel:
    r"""Configure a linear model of a number.

    Ordinary Least Squares solves for the weights at once, with an L2 penalty; Online Gradient Descent goes over the
    rows. Feature weights are shown by Visualize of the trained model.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,price\n50,100\n70,139\n90,181\n120,240\n"}
        learner:
          module: linear-regression
          parameters: {l2_regularization_weight_ols: 0}
        trained:
          module: train-model
          parameters: {label_column: [price]}
          inputs: {untrained_model: learner, dataset: houses}
    """
    return untrained(linear_regression, settings)
