"""Evaluates a scored dataset: what was predicted against what is true, by the kind of scores it has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import is_numeric, kind_of, numbers_of
from studiolo.modules.learning import metrics_multiclass, metrics_regression, metrics_two_class
from studiolo.modules.learning.labelling import CLASS_LIMIT, plain
from studiolo.modules.learning.metrics_clustering import ClusterMetrics, clustering
from studiolo.modules.learning.naming import class_probability
from studiolo.modules.learning.score_columns import ScoreColumns, label_of, score_columns
from studiolo.sdk import ModuleError

Array = np.ndarray[Any, Any]


@dataclass
class Evaluation:
    """What is said of a scored dataset.

    Attributes:
        task: see `learner.Task`.
        rows: how many counted.
        left_out: how many did not, for want of a label or a score.
        metrics: see the `metrics_…` files; none for clusters.
        classes: names of the classes in order, the positive one last; empty without classes.
        matrix: how often each actual class (row) was predicted as each class (column); None without classes.
        is_positive: of two classes, truth of each row; None otherwise.
        probabilities: of two classes, probability of each row to be positive; None without.
        errors: of a regression, predicted minus actual of each row; None otherwise.
        clusters: of clusters, see `metrics_clustering`.
    """

    task: str
    rows: int
    left_out: int
    metrics: dict[str, float] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    matrix: Array | None = None
    is_positive: Array | None = None
    probabilities: Array | None = None
    errors: Array | None = None
    clusters: list[ClusterMetrics] = field(default_factory=list)


def evaluate(
    table: pa.Table,
    label: str = "",
    port: str = "dataset",
    *,
    has_probabilities: bool = True,
    has_areas: bool = False,
) -> Evaluation:
    """Evaluate a scored dataset.

    Args:
        table: has score columns, and a label unless they are clusters.
        label: name of its label column; the one with that role unless given.
        port: for errors.
        has_probabilities: otherwise metrics of classes that need them are left NaN, which saves sorting the rows.
        has_areas: of several classes, give the areas under the curves too; the rows are sorted for each class.

    Raises:
        ModuleError: `not-scored`, `not-labeled`, `missing-column` or `cannot-evaluate`.
    """
    found = score_columns(table, label, port)
    if found.task == "clustering":
        return _of_clusters(table, found, port)
    label = label_of(table, label, port)
    if label == found.predicted:
        raise _cannot(f'The column "{label[:80]}" is both label and score.', port)
    found = score_columns(table, label, port)  # the label may tell what the scores are
    if found.task in ("regression", "quantile"):
        return _of_numbers(table, label, found, port)
    if not has_probabilities and found.predicted:
        found = replace(found, probability="", probabilities=())
    return _of_classes(table, label, found, port, has_areas)


def _cannot(
    summary: str, port: str, hint: str = "Choose another label column, or other scores."
) -> ModuleError:
    return ModuleError(summary, hint, code="cannot-evaluate", port=port)


def _some(usable: Array, label: str, port: str) -> int:
    """Count the rows that can't be used; refuse when there is no other."""
    rows = int(np.count_nonzero(usable))
    if not rows:
        raise _cannot(f'No row of {port} has both a value in "{label[:80]}" and a score.', port)
    return len(usable) - rows


def _numbers(table: pa.Table, name: str, port: str) -> Array:
    column = plain(table.column(name))
    if not (is_numeric(column.type) or column.null_count == len(column)):
        raise _cannot(f'The column "{name[:80]}" is {kind_of(column.type)}; numbers are wanted here.', port)
    return np.full(len(column), np.nan) if column.null_count == len(column) else numbers_of(column)


def _of_numbers(table: pa.Table, label: str, found: ScoreColumns, port: str) -> Evaluation:
    actual = _numbers(table, label, port)
    columns = {at: _numbers(table, name, port) for at, name in found.several.items()}
    if found.predicted:
        columns[0.0] = _numbers(table, found.predicted, port)
    usable = np.isfinite(actual)
    for values in columns.values():
        usable &= np.isfinite(values)
    left_out = _some(usable, label, port)
    if left_out:
        actual, columns = actual[usable], {at: values[usable] for at, values in columns.items()}
    if found.task == "quantile":
        losses = metrics_regression.quantile_losses(actual, columns)
        metrics = {f"quantile_loss:{at:.3f}": loss for at, loss in losses.items()}
        metrics["average_quantile_loss"] = float(np.mean(list(losses.values())))
        return Evaluation("quantile", len(actual), left_out, metrics)
    spread = _numbers(table, found.spread, port)[usable] if found.spread else None
    metrics = metrics_regression.regression(actual, columns[0.0], spread)
    return Evaluation("regression", len(actual), left_out, metrics, errors=columns[0.0] - actual)


def _of_clusters(table: pa.Table, found: ScoreColumns, port: str) -> Evaluation:
    count = len(found.several)
    if sorted(found.several) != list(range(count)) or not count:
        hint = "Append the distances with Assign Data to Clusters; a step in between may have dropped them."
        raise _cannot(f"The dataset at {port} has no distances to the centers of its clusters.", port, hint)
    assigned = _numbers(table, found.predicted, port)
    distances = np.column_stack([_numbers(table, found.several[at], port) for at in range(count)])
    usable = (assigned >= 0) & (assigned < count) & np.isfinite(distances).all(axis=1)
    left_out = _some(usable, found.predicted, port)
    clusters = clustering(assigned[usable].astype(np.int64), distances[usable])
    return Evaluation("clustering", len(usable) - left_out, left_out, clusters=clusters)


def _of_classes(table: pa.Table, label: str, found: ScoreColumns, port: str, has_areas: bool) -> Evaluation:
    actual = plain(table.column(label))
    probabilities = _numbers(table, found.probability, port) if found.probability else None
    if found.predicted:
        predicted = plain(table.column(found.predicted))
        classes, actual_codes, predicted_codes = _codes(actual, predicted, found.task)
    else:
        classes, actual_codes, _ = _codes(actual, actual, found.task)
        assert probabilities is not None  # score_columns finds one or the other
        predicted_codes = (probabilities > 0.5).astype(np.int64) if len(classes) == 2 else actual_codes
    names = [str(one) for one in classes.to_pylist()]
    usable = (actual_codes >= 0) & (predicted_codes >= 0)
    if probabilities is not None:
        usable &= np.isfinite(probabilities)
    left_out = _some(usable, label, port)
    if left_out:
        actual_codes, predicted_codes = actual_codes[usable], predicted_codes[usable]
        probabilities = None if probabilities is None else probabilities[usable]
    _check_classes(names, label, found.task, port)
    if found.task == "multiclass":
        given = _class_probabilities(table, names, found, usable, port)
        matrix = metrics_multiclass.confusion(actual_codes, predicted_codes, len(names))
        metrics = metrics_multiclass.multiclass(matrix, actual_codes, given, has_areas)
        return Evaluation("multiclass", len(actual_codes), left_out, metrics, names, matrix)
    return _of_two(names, actual_codes, predicted_codes, probabilities, found, left_out)


def _check_classes(names: list[str], label: str, task: str, port: str) -> None:
    if task != "multiclass" and len(names) > 2:
        shown = ", ".join(name[:40] for name in names[:5])
        summary = (
            f'Of two classes were scores given; "{label[:80]}" and its scores have {len(names)}: {shown}.'
        )
        raise _cannot(summary, port)
    if len(names) > CLASS_LIMIT:
        raise _cannot(f'The label "{label[:80]}" and its scores have {len(names)} different values.', port)


def _codes(actual: pa.Array, predicted: pa.Array, task: str) -> tuple[pa.Array, Array, Array]:
    """Give the classes that occur, sorted, and the position of each actual and predicted value; -1 for missing."""
    if task == "anomaly" and actual.type != predicted.type:
        labels = _sorted(pc.drop_null(pc.unique(actual)))
        if len(labels) == 2 and is_numeric(predicted.type):  # 0 and 1 stand for the two labels
            predicted = labels.take(pc.cast(predicted, pa.int64()))
    if actual.type != predicted.type:
        try:
            predicted = pc.cast(predicted, actual.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            actual, predicted = _as_texts(actual), _as_texts(predicted)
    both = pa.chunked_array([actual, predicted])
    classes = _sorted(pc.drop_null(pc.unique(both)))
    return classes, _positions(actual, classes), _positions(predicted, classes)


def _as_texts(values: pa.Array) -> pa.Array:
    if pa.types.is_boolean(values.type):  # as scripts write them
        return pc.if_else(values, "True", "False")
    if pa.types.is_binary(values.type) or pa.types.is_duration(values.type):
        return pa.array([None if one is None else str(one) for one in values.to_pylist()], pa.string())
    return pc.cast(values, pa.string())


def _sorted(values: pa.Array) -> pa.Array:
    if pa.types.is_boolean(values.type):
        return pa.array(sorted(values.to_pylist()), pa.bool_())
    return values.take(pc.sort_indices(values))


def _positions(values: pa.Array, classes: pa.Array) -> Array:
    found = pc.index_in(values, value_set=classes, skip_nulls=True).fill_null(-1)
    positions: Array = found.to_numpy(zero_copy_only=False).astype(np.int64)
    return positions


def _of_two(
    names: list[str],
    actual: Array,
    predicted: Array,
    probabilities: Array | None,
    found: ScoreColumns,
    left_out: int,
) -> Evaluation:
    if len(names) == 1:  # which class it is, only the probabilities know
        is_last = probabilities is None or bool(np.mean(probabilities) > 0.5)
        actual = predicted = np.full(len(actual), int(is_last))
        names = ["", *names] if is_last else [*names, ""]
    is_positive = actual == 1
    return Evaluation(
        found.task,
        len(actual),
        left_out,
        metrics_two_class.two_class(is_positive, predicted == 1, probabilities),
        names,
        metrics_multiclass.confusion(actual, predicted, 2),
        is_positive,
        probabilities,
    )


def _class_probabilities(
    table: pa.Table, names: list[str], found: ScoreColumns, usable: Array, port: str
) -> Array | None:
    """Give the probability of each class for the usable rows, NaN for a class without; None when there are none."""
    columns = []
    for name in names:
        spelt = [class_probability(name, "designer"), class_probability(name, "classic")]
        column = next((one for one in spelt if one in found.probabilities), None)
        columns.append(np.full(len(usable), np.nan) if column is None else _numbers(table, column, port))
    probabilities = np.column_stack(columns)
    if not usable.all():
        probabilities = probabilities[usable]
    return None if np.isnan(probabilities).all() else probabilities
