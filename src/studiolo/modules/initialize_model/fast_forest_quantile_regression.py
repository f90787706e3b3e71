"""Fast Forest Quantile Regression: a forest that predicts quantiles of a number."""

import re
from typing import Any

from studiolo.modules.learning.learner import (
    UNTRAINED_MODEL,
    Learner,
    Settings,
    random_seed,
    ranged,
    trainer_mode,
)
from studiolo.modules.learning.quantile_forest import QuantileForest
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import Integer, ModuleError, Number, Text, module

MOST_QUANTILES = 100
QUANTILES = "0.25; 0.5; 0.75"


def build(settings: Settings) -> Any:
    """Make the estimator."""
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(
        n_estimators=settings["number_of_trees"],
        max_leaf_nodes=settings["number_of_leaves"],
        min_samples_leaf=settings["minimum_number_of_samples_per_leaf_node"],
        max_samples=settings["bagging_fraction"],
        max_features=settings["split_fraction"],
        random_state=settings["random_number_seed"],
    )
    return QuantileForest(forest, quantiles_in(settings["quantiles_to_be_estimated"]))


def quantiles_in(text: str) -> list[float]:
    """Read the quantiles, ascending.

    Raises:
        ModuleError: `wrong-value`: they are no numbers between 0 and 1.
    """
    pieces = [piece for piece in re.split(r"[\s;,]+", text) if piece]
    try:
        values = sorted({float(piece) for piece in pieces})
    except ValueError:
        values = []
    names = {f"{value:.3f}" for value in values}
    if values and len(values) == len(names) <= MOST_QUANTILES and all(0 < value < 1 for value in values):
        return values
    raise ModuleError(
        f'The quantiles to be estimated can\'t be "{text[:80]}".',
        "Give numbers above 0 and below 1, at least 0.001 apart, separated by semicolons, such as 0.25; 0.5; 0.75.",
        code="wrong-value",
        parameter="quantiles_to_be_estimated",
    )


LEARNER = Learner(task="quantile", build=build)


@module(
    name="Fast Forest Quantile Regression",
    category="Machine Learning / Initialize Model / Regression",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        trainer_mode(),
        *ranged(
            Integer(
                "number_of_trees",
                default=100,
                minimum=1,
                label="Number of Trees",
                help="More trees give steadier predictions and take longer.",
            ),
            "16; 32; 64",
            aliases=("Range for total number of trees constructed",),
        ),
        *ranged(
            Integer(
                "number_of_leaves",
                default=20,
                minimum=2,
                label="Number of Leaves",
                help="A tree has at most so many leaves.",
            ),
            "16; 32; 64",
            aliases=("Range for maximum number of leaves per tree",),
        ),
        *ranged(
            Integer(
                "minimum_number_of_samples_per_leaf_node",
                default=10,
                minimum=1,
                label="Minimum number of training instances required to form a leaf",
                help="A leaf holds at least so many rows of training.",
                aliases=("Minimum number of training instances required to form a leaf",),
            ),
            "1; 5; 10",
            aliases=("Range for minimum number of training instances required to form a leaf",),
        ),
        *ranged(
            Number(
                "bagging_fraction",
                default=0.7,
                minimum=0.001,
                maximum=1,
                label="Bagging fraction",
                help="Each tree learns from this share of the rows, drawn with replacement.",
            ),
            "0.25; 0.5; 0.75",
            aliases=("Range for bagging fraction",),
        ),
        *ranged(
            Number(
                "split_fraction",
                default=0.7,
                minimum=0.001,
                maximum=1,
                label="Split fraction",
                help="Each split looks at this share of the features.",
            ),
            "0.25; 0.5; 0.75",
            aliases=("Range for split fraction",),
        ),
        Text(
            "quantiles_to_be_estimated",
            default=QUANTILES,
            label="Quantiles to be estimated",
            help="Numbers between 0 and 1, separated by semicolons.",
            aliases=("Required quantile values",),
        ),
        random_seed(),
    ],
    aliases=("b9064dc3-2d69-4e06-b307-6cebf324686a",),
)
def fast_forest_quantile_regression(**settings: Any) -> LearnerModel:
    r"""Configure a forest that predicts quantiles of a number, such as its median and quartiles.

    A quantile is read from the labels of the rows of training that share the leaves of a row; labels with more than
    500 different values are grouped into 500 levels for that. Score Model gives a column such as
    Scores for quantile :0.250 for each quantile. Features are not scaled; a missing number counts as 0.

    The feature fraction and the sample count, which the designer hid, are not there.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,price\n50,100\n70,139\n90,181\n120,240\n60,121\n80,160\n"}
        learner:
          module: fast-forest-quantile-regression
          parameters: {minimum_number_of_samples_per_leaf_node: 1, quantiles_to_be_estimated: 0.1; 0.5; 0.9}
        trained:
          module: train-model
          parameters: {label_column: [price]}
          inputs: {untrained_model: learner, dataset: houses}
        predicted:
          module: score-model
          inputs: {trained_model: trained, dataset: houses}
    """
    quantiles_in(settings.get("quantiles_to_be_estimated", QUANTILES))
    return untrained(fast_forest_quantile_regression, settings)
