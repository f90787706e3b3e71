"""Cross Validate Model: how well a learner predicts rows it has not seen, part by part of a dataset."""

import numpy as np
import pyarrow as pa

from studiolo.modules.columns import choosing
from studiolo.modules.columns.replacing import appended
from studiolo.modules.learning.evaluating import Evaluation, evaluate
from studiolo.modules.learning.folds import (
    FOLD_ASSIGNMENTS,
    Array,
    marked_folds,
    mean_and_deviation,
    random_folds,
)
from studiolo.modules.learning.held import check_held
from studiolo.modules.learning.learner import LIBRARIES
from studiolo.modules.learning.metric_names import named
from studiolo.modules.learning.naming import CALIBRATED, NAMINGS
from studiolo.modules.learning.trained import scored
from studiolo.modules.learning.untrained import UntrainedModel
from studiolo.modules.seeds import seed
from studiolo.sdk import Choice, Columns, DatasetPort, Integer, ModuleError, ObjectPort, module, roles

EXAMPLES = "Number of examples in fold"


@module(
    name="Cross Validate Model",
    category="Machine Learning / Evaluate",
    inputs=[
        ObjectPort("untrained_model", holds="untrained model", aliases=("Untrained model",)),
        DatasetPort("dataset", aliases=("Dataset",)),
    ],
    outputs=[
        DatasetPort("scored_results", aliases=("Scored results",)),
        DatasetPort("evaluation_results_by_fold", aliases=("Evaluation results by fold",)),
    ],
    parameters=[
        Columns(
            "label_column",
            required=True,
            label="Label column",
            help="The column to predict; one column.",
            aliases=("Name or numerical index of the label column",),
        ),
        seed(
            "random_seed",
            help="The same seed gives the same folds.",
            aliases=("Random seed",),
        ),
        Integer(
            "number_of_folds",
            default=10,
            minimum=2,
            maximum=100,
            label="Number of folds",
            help="Folds of even size; not used where the dataset brings folds of Partition and Sample.",
        ),
        Choice(
            "naming",
            NAMINGS,
            label="Names of scores and metrics",
            help="As the designer or as classic named them, such as F1 or F-Score.",
        ),
    ],
    preload=LIBRARIES,
    aliases=("75fb875d-6b86-4d46-8bcc-74261ade5826", "Cross-Validate Model"),
)
def cross_validate_model(
    untrained_model: UntrainedModel,
    dataset: pa.Table,
    *,
    label_column: list[str],
    random_seed: int = 0,
    number_of_folds: int = 10,
    naming: str = "designer",
) -> tuple[pa.Table, pa.Table]:
    r"""Train and evaluate a learner on folds of a dataset.

    The rows are dealt at random into folds of even size. Each fold is predicted by a model that was trained on the
    other folds. Folds that Partition and Sample assigned are used instead (a column with the role fold). Classes are
    not spread evenly on purpose, as in the retired products. With fewer rows than folds each row is a fold.

    Scored results are the dataset with its scores and, unless it brought its folds, the column Fold Assignments
    (whole numbers from 1; one of that name is replaced; the designer called it Fold Number). The second output has
    the metrics of each fold, as Evaluate Model gives them, then their Mean and Standard Deviation (of a sample).
    Rows without a label are scored, and are left out in training and evaluation.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,price\n50,100\n60,118\n70,139\n80,161\n90,181\n120,240\n"}
        learner:
          module: linear-regression
        validated:
          module: cross-validate-model
          parameters: {label_column: [price], number_of_folds: 3}
          inputs: {untrained_model: learner, dataset: houses}
    """
    check_held(untrained_model, UntrainedModel, "untrained_model", "an untrained model")
    label = choosing.one(dataset, label_column, "label_column")
    if dataset.num_rows < 2:
        raise _cannot(f"Cross validation needs two rows at least; the dataset has {dataset.num_rows}.")
    if (roles.role_of(dataset, label) or roles.FEATURE) == roles.FEATURE:
        dataset = roles.with_role(dataset, [label], roles.LABEL)
    marked = marked_folds(dataset)
    folds = marked[1] if marked else random_folds(dataset.num_rows, number_of_folds, random_seed)
    if len(np.unique(folds)) < 2:
        raise _cannot("All rows of the dataset are in one fold.")
    parts, evaluations = _validated(untrained_model, dataset, label, folds, naming)
    order = np.argsort(np.concatenate([np.flatnonzero(folds == fold) for fold in np.unique(folds)]))
    results = scored(dataset, _joined(parts, order))
    if not marked:
        results = appended(results, FOLD_ASSIGNMENTS, pa.array(folds), roles.FOLD)
    return results, _by_fold(folds, evaluations, untrained_model.title, naming)


def _cannot(summary: str) -> ModuleError:
    return ModuleError(
        summary, "Give a dataset with more rows or folds.", code="cannot-evaluate", port="dataset"
    )


def _validated(
    untrained: UntrainedModel, table: pa.Table, label: str, folds: Array, naming: str
) -> tuple[list[pa.Table], list[Evaluation | None]]:
    """Give the scores of each fold, and its evaluation; None where it has nothing to evaluate."""
    parts: list[pa.Table] = []
    evaluations: list[Evaluation | None] = []
    for fold in np.unique(folds):
        is_in = folds == fold
        try:
            model = untrained.train(table.filter(pa.array(~is_in)), label)
        except ModuleError as error:
            error.summary = f"Without the rows of fold {fold}: {error.summary}"
            error.port = "" if error.parameter else "dataset"
            raise
        part = table.filter(pa.array(is_in))
        scores = model.scores(part, naming)
        parts.append(scores)
        evaluations.append(_evaluated(scored(part, scores), label, int(fold)))
    if all(one is None for one in evaluations):
        raise _cannot(f'No fold has rows with a value in "{label[:80]}" and a score.')
    return parts, evaluations


def _evaluated(part: pa.Table, label: str, fold: int) -> Evaluation | None:
    try:
        return evaluate(part, label)
    except ModuleError as error:
        if error.code != "cannot-evaluate":
            raise
        print(f"Fold {fold} is not evaluated: {error.summary}")
        return None


def _joined(parts: list[pa.Table], order: Array) -> pa.Table:
    """Put the scores of the folds together, row `order[n]` at n.

    A class that a fold did not know in training has no probability there.
    """
    whole = pa.concat_tables(parts, promote_options="permissive").take(pa.array(order))
    names = list(dict.fromkeys(name for part in parts for name in part.column_names))
    for at, name in enumerate(names):
        if pa.types.is_floating(whole.schema.field(name).type):
            whole = whole.set_column(at, name, whole.column(name).fill_null(float("nan")))
    for part in parts:
        whole = roles.copy_roles(part, whole)
    if any(part.column_names != names for part in parts):  # in the order in which scoring gives them
        is_probability = {name: roles.category_of(whole, name) == CALIBRATED for name in names}
        names = sorted(filter(is_probability.get, names)) + [
            name for name in names if not is_probability[name]
        ]
    return whole.select(names)


def _by_fold(folds: Array, evaluations: list[Evaluation | None], title: str, naming: str) -> pa.Table:
    rows = [named(one.task, one.metrics, naming) if one else {} for one in evaluations]
    mean, deviation = mean_and_deviation([row for row in rows if row])
    numbers, counts = np.unique(folds, return_counts=True)
    names = [*map(str, numbers.tolist()), "Mean", "Standard Deviation"]
    columns = {
        name: pa.array([row.get(name, float("nan")) for row in (*rows, mean, deviation)], pa.float64())
        for name in mean
    }
    return pa.table(
        {
            "Fold Number": names,
            EXAMPLES: pa.array([*counts.tolist(), len(folds), len(folds)], pa.int64()),
            "Model": [title] * len(names),
            **columns,
        }
    )
