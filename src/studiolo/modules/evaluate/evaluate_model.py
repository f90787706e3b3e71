"""Evaluate Model: metrics and curves of one scored dataset, or of two to compare."""

from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.learning import metrics_regression, metrics_two_class
from studiolo.modules.learning.evaluating import Evaluation, evaluate
from studiolo.modules.learning.metric_names import named
from studiolo.modules.learning.naming import NAMINGS
from studiolo.sdk import Choice, Columns, DatasetPort, ModuleError, module, roles

LEFT, RIGHT = "scored_dataset", "scored_dataset_to_compare"
MOST_WHOLE_MATRIX = 100
"""With more classes than this the confusion matrix has only cells that are not zero."""


@module(
    name="Evaluate Model",
    category="Machine Learning / Evaluate",
    inputs=[
        DatasetPort(LEFT, aliases=("Scored dataset",)),
        DatasetPort(RIGHT, optional=True, aliases=("Scored dataset to compare",)),
    ],
    outputs=[
        DatasetPort("evaluation_results", aliases=("Evaluation results",)),
        DatasetPort("evaluation_curves"),
        DatasetPort("confusion_matrix"),
    ],
    parameters=[
        Columns(
            "label_column",
            label="Label column",
            help="What is true; unless chosen, the column that has the role of a label.",
        ),
        Choice(
            "naming",
            NAMINGS,
            label="Names of metrics",
            help="As the designer or as classic named them, such as F1 or F-Score.",
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy"),
    aliases=("927d65ac-3b50-4694-9903-20f6c1672089",),
)
def evaluate_model(
    scored_dataset: pa.Table,
    scored_dataset_to_compare: pa.Table | None = None,
    *,
    label_column: list[str] | None = None,
    naming: str = "designer",
) -> tuple[pa.Table, pa.Table, pa.Table]:
    r"""Measure how well a model predicts: compare its scores with the labels, for one or two scored datasets.

    The results have one row for each dataset, the left one first; clusters have a row for each cluster. Labels and
    scores are found by the roles of the columns. A Python, R or SQL step loses these; then the names Scored Labels and
    Scored Probabilities count, and the label column has to be chosen. Rows without a label or a score are left out.

    Two classes: AUC, Accuracy, Precision, Recall, F1, the counts, Average Log Loss (natural logarithm) and
    Training Log Loss (by how many per cent it is better than that of the share of positives). The last label in
    sorted order is the positive one. Several classes: overall, micro and macro figures. Regression: errors, absolute
    and relative to predicting the mean of the scored labels. Quantiles: their losses. Clusters: distances.

    The second output has the points of the curves of two classes by threshold, or the histogram of the errors
    (predicted minus actual) of a regression. The third has the confusion matrix. Log losses for the designer's names,
    and counts for classic's, are added here.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,6,no\n"}
        learner:
          module: two-class-logistic-regression
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
        scored:
          module: score-model
          inputs: {trained_model: trained, dataset: people}
        evaluated:
          module: evaluate-model
          inputs: {scored_dataset: scored}
    """
    chosen = _chosen(label_column)
    found = [evaluate(scored_dataset, chosen, LEFT)]
    if scored_dataset_to_compare is not None:
        right = scored_dataset_to_compare
        if chosen not in right.column_names and len(roles.columns_with_role(right, roles.LABEL)) == 1:
            chosen = ""
        elif not chosen and found[0].task != "clustering":
            chosen = roles.columns_with_role(scored_dataset, roles.LABEL)[0]
        found.append(evaluate(right, chosen, RIGHT))
    tasks = [one.task for one in found]
    if len(set(tasks)) > 1 and not set(tasks) <= {"two-class", "anomaly"}:
        raise ModuleError(
            f"The two datasets can't be compared: one has scores of {tasks[0]}, the other of {tasks[1]}.",
            "Compare models that predict the same.",
            code="cannot-evaluate",
            port=RIGHT,
        )
    for number, one in enumerate(found, start=1):
        if one.left_out:
            print(f"Dataset {number}: {one.left_out} rows without a label or a score are left out.")
    return _results(found, naming), _curves(found), _matrices(found)


def _chosen(columns: list[str] | None) -> str:
    if columns and len(columns) > 1:
        raise ModuleError(
            f"{len(columns)} columns are chosen where one is wanted: {', '.join(columns[:5])}.",
            "Choose one column.",
            code="too-many-columns",
            parameter="label_column",
        )
    return columns[0] if columns else ""


def _results(found: list[Evaluation], naming: str) -> pa.Table:
    if found[0].task == "clustering":
        return pa.concat_tables([_of_clusters(one, naming) for one in found])
    rows = [named(one.task, one.metrics, naming) for one in found]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name, float("nan")) for row in rows] for name in names}
    whole = {name: all(isinstance(value, int) for value in values) for name, values in columns.items()}
    return pa.table(
        {
            name: pa.array(values, pa.int64() if whole[name] else pa.float64())
            for name, values in columns.items()
        }
    )


def _of_clusters(one: Evaluation, naming: str) -> pa.Table:
    clusters = one.clusters
    if naming == "classic":  # all together first
        clusters = [clusters[-1], *clusters[:-1]]
    return pa.table(
        {
            "Result Description": [
                "Combined Evaluation" if at.cluster is None else f"Evaluation For Cluster No.{at.cluster}"
                for at in clusters
            ],
            "Average Distance to Cluster Center": [at.to_center for at in clusters],
            "Average Distance to Other Center": [at.to_other for at in clusters],
            "Number of Points": [at.points for at in clusters],
            "Maximal Distance To Cluster Center": [at.farthest for at in clusters],
        }
    )


def _curves(found: list[Evaluation]) -> pa.Table:
    if found[0].errors is not None:
        edges, counts = metrics_regression.histogram([one.errors for one in found if one.errors is not None])
        bins = len(counts[0])
        return pa.table(
            {
                "Dataset": np.repeat(np.arange(1, len(counts) + 1), bins),
                "From": np.tile(edges[:-1], len(counts)),
                "To": np.tile(edges[1:], len(counts)),
                "Count": np.concatenate(counts),
            }
        )
    parts = []
    for number, one in enumerate(found, start=1):
        if one.is_positive is not None and one.probabilities is not None:
            points = metrics_two_class.curve(one.is_positive, one.probabilities)
            parts.append(pa.table({"Dataset": np.full(len(points["Threshold"]), number), **points}))
    if parts:
        return pa.concat_tables(parts)
    empty: dict[str, Any] = {"Dataset": pa.array([], pa.int64())}
    return pa.table({**empty, **metrics_two_class.curve(np.zeros(0, bool), np.zeros(0))})


def _matrices(found: list[Evaluation]) -> pa.Table:
    parts = [_matrix(number, one) for number, one in enumerate(found, start=1) if one.matrix is not None]
    return pa.concat_tables(parts) if parts else _matrix(1, Evaluation("regression", 0, 0))


def _matrix(number: int, one: Evaluation) -> pa.Table:
    counts = np.zeros((0, 0), np.int64) if one.matrix is None else one.matrix
    names = np.array(one.classes, dtype=object)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    actual, predicted = (at.ravel() for at in np.indices(counts.shape))
    if len(names) > MOST_WHOLE_MATRIX:
        kept = np.flatnonzero(counts.ravel())
        actual, predicted = actual[kept], predicted[kept]
    return pa.table(
        {
            "Dataset": np.full(len(actual), number, np.int64),
            "Actual Class": pa.array(names[actual], pa.string()),
            "Predicted Class": pa.array(names[predicted], pa.string()),
            "Count": counts[actual, predicted].astype(np.int64),
            "Fraction": shares[actual, predicted].astype(np.float64),
        }
    )
