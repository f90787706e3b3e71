"""Neural networks: the parameters of the three modules and the estimators that they configure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from studiolo.modules.learning.learner import (
    LEAST_POSITIVE,
    Parameter,
    Settings,
    random_seed,
    ranged,
    trainer_mode,
)
from studiolo.sdk import Boolean, Choice, Integer, ModuleError, Number, Text

Array = np.ndarray[Any, Any]

CONNECTED, CUSTOM = "Fully-connected case", "Custom definition script"
MOST_LAYERS, MOST_NODES = 10, 10_000


PARAMETERS: tuple[Parameter, ...] = (
    trainer_mode(),
    Choice(
        "hidden_layer_specification",
        (CONNECTED, CUSTOM),
        label="Hidden layer specification",
        help="Layers whose nodes are all connected; definitions in Net# can't be run here.",
        aliases=("Hidden layer specification1",),
    ),
    *ranged(
        Number(
            "learning_rate",
            default=0.1,
            minimum=LEAST_POSITIVE,
            maximum=2,
            label="Learning rate",
            help="Size of the first steps; it is lowered when training stops to improve.",
            aliases=("The learning rate",),
        ),
        "0.1; 0.2; 0.4",
        aliases=("Range for learning rate",),
    ),
    Number(
        "momentum",
        default=0.0,
        minimum=0,
        maximum=1,
        label="The momentum",
        help="How much of the last step goes into the next.",
        aliases=("The momentum",),
    ),
    Text(
        "number_of_hidden_nodes",
        default="100",
        label="Number of hidden nodes",
        help="Nodes of the hidden layer; several layers separated by commas, such as 100, 50.",
        when=("hidden_layer_specification", (CONNECTED,)),
        aliases=("Number of hidden nodes1",),
    ),
    *ranged(
        Integer(
            "number_of_learning_iterations",
            default=100,
            minimum=1,
            label="Number of learning iterations",
            help="Training goes over all rows at most so many times.",
        ),
        "20; 40; 80; 160",
        aliases=("Range for number of learning iterations",),
    ),
    Boolean(
        "shuffle_examples",
        default=True,
        label="Shuffle examples",
        help="Go over the rows in another random order every time.",
    ),
    random_seed(),
)
"""Those that the modules share."""


def check(settings: Mapping[str, Any]) -> None:
    """Check what a declaration can't.

    Raises:
        ModuleError: `wrong-value`: the hidden nodes are no numbers, or the network is defined in Net#.
    """
    if settings.get("hidden_layer_specification", CONNECTED) == CUSTOM:
        raise ModuleError(
            "A network that is defined by a Net# script can't be run: that language is not public.",
            "Choose the fully-connected case and give the number of hidden nodes of each layer.",
            code="wrong-value",
            parameter="hidden_layer_specification",
        )
    _layers(str(settings.get("number_of_hidden_nodes", "100")))


def classifier(settings: Settings) -> Any:
    """Make the estimator of a classification module."""
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(**_options(settings))


def regressor(settings: Settings) -> ScaledRegressor:
    """Make the estimator of the regression module."""
    from sklearn.neural_network import MLPRegressor

    return ScaledRegressor(MLPRegressor(**_options(settings)))


class ScaledRegressor:
    """A regressor that learns the label at mean 0 and standard deviation 1, since steps in other units diverge."""

    def __init__(self, regressor: Any) -> None:
        self.regressor = regressor
        self.mean, self.spread = 0.0, 1.0

    def fit(self, matrix: Any, target: Array, sample_weight: Array | None = None) -> ScaledRegressor:
        """Learn from rows of a matrix."""
        self.mean, self.spread = float(target.mean()), float(target.std()) or 1.0
        self.regressor.fit(matrix, (target - self.mean) / self.spread, sample_weight=sample_weight)
        return self

    def predict(self, matrix: Any) -> Array:
        """Give predictions of shape (rows,)."""
        return np.asarray(self.regressor.predict(matrix)) * self.spread + self.mean


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": _layers(settings["number_of_hidden_nodes"]),
        "solver": "sgd",
        "learning_rate": "adaptive",
        "learning_rate_init": settings["learning_rate"],
        "momentum": settings["momentum"],
        "max_iter": settings["number_of_learning_iterations"],
        "shuffle": settings["shuffle_examples"],
        "random_state": settings["random_number_seed"],
    }


def _layers(text: str) -> tuple[int, ...]:
    pieces = [piece for piece in re.split(r"[\s,;]+", text) if piece]
    if pieces and len(pieces) <= MOST_LAYERS and all(re.fullmatch(r"\d{1,5}", piece) for piece in pieces):
        layers = tuple(int(piece) for piece in pieces)
        if all(1 <= nodes <= MOST_NODES for nodes in layers):
            return layers
    raise ModuleError(
        f'The number of hidden nodes can\'t be "{text[:80]}".',
        f"Give up to {MOST_LAYERS} layers of 1 to {MOST_NODES} nodes each, such as 100 or 100, 50.",
        code="wrong-value",
        parameter="number_of_hidden_nodes",
    )
