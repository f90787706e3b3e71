"""Finds label and scores of a scored dataset: by the roles of its columns, or by name where a script lost the roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import is_numeric, numbers_of, texts_of
from studiolo.modules.learning.labelling import CLASS_LIMIT, plain
from studiolo.modules.learning.naming import (
    ASSIGNMENTS,
    CALIBRATED,
    LABEL_KINDS,
    SCORED_LABELS,
    SCORED_MEAN,
    SCORED_PROBABILITIES,
    SCORED_SPREAD,
)
from studiolo.sdk import ModuleError, roles
from studiolo_child.nearest import did_you_mean

DISTANCES = "DistancesToClusterCenter no."
QUANTILES = "Scores for quantile :"
_TASKS = {kind: task for task, kind in LABEL_KINDS.items() if task != "quantile"}


@dataclass(frozen=True)
class ScoreColumns:
    """Names of the columns that scoring added.

    Attributes:
        task: see `learner.Task`.
        predicted: column with labels or numbers; empty where only probabilities are there, and for quantiles.
        probability: of two classes, column with the probability of the positive one; empty without.
        probabilities: of several classes, all columns that may hold probabilities.
        spread: column with standard deviations of predicted numbers; empty without.
        several: quantiles to columns, or numbers of clusters to columns with distances.
    """

    task: str
    predicted: str = ""
    probability: str = ""
    probabilities: Sequence[str] = ()
    spread: str = ""
    several: dict[float, str] = field(default_factory=dict)


def label_of(table: pa.Table, chosen: str, port: str) -> str:
    """Give the label column: the chosen one, or else the one that has the role of a label.

    Raises:
        ModuleError: `missing-column`, or `not-labeled` when no column or several have the role.
    """
    if chosen:
        if chosen not in table.column_names:
            raise ModuleError(
                f'The input {port} has no column "{chosen[:80]}".',
                did_you_mean(chosen, table.column_names, "column"),
                code="missing-column",
                port=port,
            )
        return chosen
    labels = roles.columns_with_role(table, roles.LABEL)
    if len(labels) == 1:
        return labels[0]
    raise ModuleError(
        f"{len(labels)} columns of {port} are labels: {', '.join(labels[:5])}."
        if labels
        else f"No column of {port} is a label.",
        "Choose the label column here, or make one column the label with Edit Metadata; a script loses such marks.",
        code="not-labeled",
        port=port,
    )


def score_columns(table: pa.Table, label: str, port: str) -> ScoreColumns:
    """Find the score columns; of several scorings the last one counts.

    Args:
        table: any dataset.
        label: its label column, to tell classes from quantities where the roles are lost; empty without.
        port: for the error.

    Raises:
        ModuleError: `not-scored`.
    """
    marked = {
        name: roles.category_of(table, name) or "" for name in roles.columns_with_role(table, roles.SCORE)
    }
    predicted = next((name for name in reversed(marked) if marked[name] in _TASKS), "")
    names = [name for name in table.column_names if name != label]
    by_name = next((name for name in (SCORED_LABELS, SCORED_MEAN, ASSIGNMENTS) if name in names), "")
    predicted = predicted or by_name
    calibrated = [name for name in marked if marked[name] == CALIBRATED]
    named = [name for name in names if name.startswith(SCORED_PROBABILITIES)]
    probabilities = calibrated or [name for name in named if is_numeric(table.schema.field(name).type)]
    quantiles = {_number(name, QUANTILES): name for name in names if _number(name, QUANTILES) is not None}
    if quantiles and (not predicted or predicted in quantiles.values()):
        return ScoreColumns("quantile", several={float(at or 0): name for at, name in quantiles.items()})
    if not predicted and SCORED_PROBABILITIES in probabilities:
        return ScoreColumns("two-class", probability=SCORED_PROBABILITIES)
    if not predicted:
        raise ModuleError(
            f"The dataset at {port} has no scores.",
            "Connect what Score Model or Assign Data to Clusters puts out, or name columns Scored Labels and"
            " Scored Probabilities as they do.",
            code="not-scored",
            port=port,
        )
    task = _TASKS.get(marked.get(predicted, "")) or inferred_task(table, label, predicted)
    return _of_task(table, task, predicted, probabilities)


def _of_task(table: pa.Table, task: str, predicted: str, probabilities: list[str]) -> ScoreColumns:
    if task in ("two-class", "anomaly"):
        first = SCORED_PROBABILITIES if SCORED_PROBABILITIES in probabilities else ""
        return ScoreColumns(task, predicted, first or next(reversed(probabilities), ""))
    if task == "multiclass":
        return ScoreColumns(task, predicted, probabilities=probabilities)
    if task == "clustering":
        found = {_number(name, DISTANCES): name for name in table.column_names}
        return ScoreColumns(
            task, predicted, several={at: name for at, name in found.items() if at is not None}
        )
    has_spread = predicted == SCORED_MEAN and SCORED_SPREAD in table.column_names
    return ScoreColumns(task, predicted, spread=SCORED_SPREAD if has_spread else "")


def _number(name: str, prefix: str) -> float | None:
    if not name.startswith(prefix):
        return None
    try:
        return float(name[len(prefix) :])
    except ValueError:
        return None


def inferred_task(table: pa.Table, label: str, predicted: str) -> str:
    """Tell the task by the names and values of a dataset whose roles are lost."""
    if predicted == ASSIGNMENTS:
        return "clustering"
    if predicted == SCORED_MEAN:
        return "regression"
    return task_of_values([plain(table.column(name)) for name in (label, predicted) if name])


def task_of_values(columns: Sequence[pa.Array]) -> str:
    """Tell two-class, multiclass and regression apart by labels and predicted values.

    They are quantities when some have decimals, or too many differ to be classes.
    """
    is_numbers = all(is_numeric(column.type) for column in columns)
    if is_numbers and any(map(has_decimals, columns)):
        return "regression"
    kinds: set[object] = set()
    if len({pa.types.is_string(column.type) for column in columns}) > 1:  # scripts may turn values into text
        columns = [column if pa.types.is_string(column.type) else texts_of(column) for column in columns]
    for column in columns:
        found = pc.drop_null(pc.unique(column))
        if len(found) > CLASS_LIMIT:
            return "regression" if is_numbers else "multiclass"
        kinds.update(str(one).lower() if isinstance(one, str) else one for one in found.to_pylist())
    return "two-class" if len(kinds) <= 2 else "multiclass"


def has_decimals(column: pa.Array) -> bool:
    """Say whether a numeric column has a finite value that is no whole number."""
    if pa.types.is_integer(column.type):
        return False
    values = numbers_of(column)
    values = values[np.isfinite(values)]
    return bool((values != np.floor(values)).any())
