"""The usual table of modules that can do nothing with everybody's usual one: scored rows, numbers alone."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from studiolo.sdk.roles import with_role

from .calling import MODULES
from .tables import ROWS, USUAL


def scored() -> pa.Table:
    """Give the usual table as Score Model gives it."""
    learner = MODULES["two-class-logistic-regression"]()
    model = MODULES["train-model"](learner, USUAL, label_column=["churned"])
    table: pa.Table = MODULES["score-model"](model, USUAL)
    return table


def numbers() -> pa.Table:
    """Give numbers without gaps, with a label."""
    table = USUAL.select(["income"]).append_column("label", [[at % 2 for at in range(ROWS)]])
    return with_role(table, ["label"], "label")


# Module to its own usual table.
OWN: dict[str, Callable[[], pa.Table]] = {
    "convert-to-svmlight": numbers,
    "evaluate-model": scored,
}


def usual_for(id: str) -> pa.Table:
    """Give the table that a module is called with when everything is as it should be."""
    return OWN.get(id, lambda: USUAL)()
