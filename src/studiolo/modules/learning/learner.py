"""Learners: what training needs to know of one kind, and the parameters that all their modules share."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from studiolo.modules.seeds import seed
from studiolo.sdk import Choice, ObjectPort, Text

Settings = Mapping[str, Any]
Parameter = Any
"""What `studiolo.sdk.Number` and its like give."""

Task = Literal["two-class", "multiclass", "regression", "quantile", "anomaly", "clustering"]

LIBRARIES = ("pyarrow", "pyarrow.compute", "scipy.sparse", "sklearn.linear_model", "sklearn.ensemble")
"""What a worker loads beforehand for modules that train or use any learner."""

SINGLE, RANGE = "Single parameter", "Parameter range"
RANGE_SUFFIX = "_range"
LEAST_POSITIVE = 2.220446049250313e-16

UNTRAINED_MODEL = ObjectPort("untrained_model", holds="untrained model", aliases=("Untrained model",))


@dataclass(frozen=True)
class Learner:
    """One kind of learner, stated beside its module as `LEARNER`.

    Attributes:
        task: what it learns.
        build: makes the unfitted scikit-learn estimator from the settings, which are complete.
        normalizes: says by the settings whether features are scaled to 0 … 1 before training.
        needs_dense: its estimator can't take a sparse matrix.
        spread: it gives a mean and a standard deviation in the classic naming (Bayesian and forest regression).
        substitute: what stands in where the retired product's own algorithm is not public; said wherever it is used.
        unused: settings that are there for imported experiments and change nothing: a sweep leaves them alone.
    """

    task: Task
    build: Callable[[Settings], Any]
    normalizes: Callable[[Settings], bool] = lambda settings: False
    needs_dense: bool = False
    spread: Callable[[Any, Any], tuple[Any, Any]] | None = None
    substitute: str = ""
    unused: tuple[str, ...] = ()


def learner_of(entry: str) -> Learner:
    """Give the learner that the file with this import name states."""
    learner: Learner = importlib.import_module(entry).LEARNER
    return learner


def trainer_mode(when: tuple[str, tuple[str, ...]] | None = None) -> Parameter:
    """Declare whether a learner has one value for each setting, or several for a sweep to choose from."""
    return Choice(
        "create_trainer_mode",
        (SINGLE, RANGE),
        label="Create trainer mode",
        help="Parameter range gives Tune Model Hyperparameters several values of each setting to try.",
        when=when,
        aliases=("Create trainer mode",),
    )


def ranged(parameter: Parameter, values: str, aliases: tuple[str, ...] = ()) -> tuple[Parameter, Parameter]:
    """Declare a setting twice: as one value, and as values to try, shown by the trainer mode.

    Args:
        parameter: of the one value.
        values: default of the values to try, separated by semicolons.
        aliases: names of the range in the retired products.
    """
    single = replace(parameter, when=("create_trainer_mode", (SINGLE,)))
    several = Text(
        parameter.name + RANGE_SUFFIX,
        default=values,
        label=f"{parameter.label}, values to try",
        help=f"Values of {parameter.label.lower()} for a sweep, separated by semicolons.",
        when=("create_trainer_mode", RANGE),
        aliases=aliases,
    )
    return single, several


def random_seed() -> Parameter:
    """Declare the seed; the same seed and data give the same trained model."""
    return seed(
        "random_number_seed",
        help="The same seed and data give the same trained model.",
        aliases=("Random number seed",),
    )
