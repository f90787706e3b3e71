"""Filter Based Feature Selection: keeps the columns that say most of a target, by a statistic of each."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns import choosing
from studiolo.modules.columns.kinds import kind_of, missing_in, value_kind_of
from studiolo.modules.learning import relevance
from studiolo.modules.learning.labelling import plain
from studiolo.sdk import Boolean, Choice, Columns, DatasetPort, Integer, ModuleError, module, roles

PEARSON, MUTUAL, KENDALL = "Pearson Correlation", "Mutual Information", "Kendall Correlation"
SPEARMAN, CHI, FISHER, COUNT = "Spearman Correlation", "Chi Squared", "Fisher Score", "Count Based"
BY_TARGET = (PEARSON, MUTUAL, KENDALL, SPEARMAN, CHI, FISHER)
CORRELATIONS = {PEARSON: relevance.pearson, KENDALL: relevance.kendall, SPEARMAN: relevance.spearman}
MOST_CELLS = 50_000_000
"""Of a contingency table; beyond that the column or the target has too many values to count."""

Score = Callable[[pa.ChunkedArray], float]


@module(
    name="Filter Based Feature Selection",
    category="Feature Selection",
    inputs=[DatasetPort("dataset", label="Input dataset", aliases=("Dataset", "Input dataset"))],
    outputs=[
        DatasetPort("filtered_dataset", aliases=("Filtered dataset",)),
        DatasetPort("features", aliases=("Features",)),
    ],
    parameters=[
        Choice(
            "feature_scoring_method",
            (*BY_TARGET, COUNT),
            label="Feature scoring method",
            help="The statistic by which columns are compared.",
            aliases=("Feature scoring method",),
        ),
        Boolean(
            "operate_on_feature_columns_only",
            default=True,
            label="Operate on feature columns only",
            help="Otherwise columns with another role, such as scores, are compared too.",
            aliases=("Operate on feature columns only",),
        ),
        Columns(
            "target_column",
            required=True,
            label="Target column",
            help="What the columns should tell; one column.",
            when=("feature_scoring_method", BY_TARGET),
            aliases=("Target column",),
        ),
        Integer(
            "number_of_desired_features",
            default=1,
            minimum=1,
            label="Number of desired features",
            help="How many columns are kept.",
            when=("feature_scoring_method", BY_TARGET),
            aliases=("Number of desired features",),
        ),
        Integer(
            "minimum_number_of_nonzero_elements",
            default=1,
            minimum=1,
            label="Minimum number of non-zero elements",
            help="Columns with fewer values that are neither missing nor zero are left out.",
            when=("feature_scoring_method", COUNT),
            aliases=("Minimum number of non-zero elements",),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "scipy.stats"),
    aliases=("818b356b-045c-412b-aa12-94a1d2dad90f",),
)
def filter_based_feature_selection(
    dataset: pa.Table,
    *,
    feature_scoring_method: str = PEARSON,
    operate_on_feature_columns_only: bool = True,
    target_column: list[str] | None = None,
    number_of_desired_features: int = 1,
    minimum_number_of_nonzero_elements: int = 1,
) -> tuple[pa.Table, pa.Table]:
    r"""Keep the columns of a dataset that say most of a target column, by a statistic of each.

    The filtered dataset has the target first and then the best columns, the best one first. The second output has
    one row with the score of every column that was compared. Equal scores keep the order of the dataset.

    Pearson, Kendall (tau-b) and Spearman give the absolute value of the correlation of numbers, Booleans, dates and
    time spans; a target of two values may be of any type. Mutual Information (in nats) and Chi Squared compare
    columns of any type; numbers with more than 20 different values are put into 20 bins of about equally many rows.
    Fisher Score is the variance of numbers between the classes of the target over that within them. Count Based
    needs no target: it keeps the columns, in their order, that have enough values other than zero and missing.

    Rows in which column or target is missing or infinite don't count for that column. Columns that a statistic can't
    be computed of have no score and come last. The designer had Pearson and Chi Squared only.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,floor,price\n50,1,100\n70,3,139\n90,2,181\n120,1,240\n"}
        best:
          module: filter-based-feature-selection
          parameters: {target_column: [price], number_of_desired_features: 1}
          inputs: {dataset: houses}
    """
    candidates = (
        roles.columns_with_role(dataset, roles.FEATURE)
        if operate_on_feature_columns_only
        else list(dataset.column_names)
    )
    if feature_scoring_method == COUNT:
        counts = {name: _nonzero(dataset.column(name)) for name in candidates}
        kept = [
            name
            for name in dataset.column_names
            if counts.get(name, minimum_number_of_nonzero_elements) >= minimum_number_of_nonzero_elements
        ]
        return dataset.select(kept), _row({name: float(count) for name, count in counts.items()})
    target = choosing.one(dataset, target_column, "target_column")
    candidates = [name for name in candidates if name != target]
    score = _score_of(feature_scoring_method, dataset.column(target), target)
    scores = {name: score(dataset.column(name)) for name in candidates}
    ranked = sorted(
        scores, key=lambda name: -np.inf if np.isnan(scores[name]) else scores[name], reverse=True
    )
    usable = [name for name in ranked if not np.isnan(scores[name])]
    if len(usable) < number_of_desired_features:
        print(
            f"{len(usable)} of {len(ranked)} columns have a score; {number_of_desired_features} were wanted."
        )
    kept = [target, *usable[:number_of_desired_features]]
    return dataset.select(kept), _row({name: scores[name] for name in ranked})


def _row(scores: dict[str, float]) -> pa.Table:
    return pa.table({name: [score] for name, score in scores.items()})


def _nonzero(column: pa.ChunkedArray) -> int:
    values = relevance.quantities(column)
    if values is not None:
        return int(np.count_nonzero(np.nan_to_num(values, nan=0.0)))
    return len(column) - int(pc.sum(missing_in(column)).as_py() or 0)


def _score_of(method: str, target: pa.ChunkedArray, name: str) -> Score:
    """Give the function that scores a column by a method."""
    if value_kind_of(target.type) == "Bytes":
        raise _refused(f'The target "{name[:80]}" holds bytes.', "Choose another target.")
    if method in CORRELATIONS:
        return _correlation(CORRELATIONS[method], _target_numbers(target, name, method))
    classes = relevance.codes(target)
    if method == FISHER:
        return lambda column: _fisher(column, classes)
    measure = relevance.mutual_information if method == MUTUAL else relevance.chi_squared
    return lambda column: _counted(column, classes, measure)


def _target_numbers(target: pa.ChunkedArray, name: str, method: str) -> Any:
    values = relevance.quantities(target)
    if values is not None:
        return values
    array = plain(target)
    found = pc.drop_null(pc.unique(array))
    if len(found) > 2:
        raise _refused(
            f'{method} needs a target of numbers or of two values; "{name[:80]}" is {kind_of(target.type)}'
            f" with {len(found)} different values.",
            f"Choose {MUTUAL} or {CHI}, which take a target of any type.",
        )
    ordered = found.take(pc.sort_indices(found))
    places = pc.index_in(array, value_set=ordered, skip_nulls=True)
    return pc.fill_null(pc.cast(places, pa.float64()), float("nan")).to_numpy(zero_copy_only=False)


def _refused(summary: str, hint: str) -> ModuleError:
    return ModuleError(summary, hint, code="wrong-column-type", parameter="target_column")


def _correlation(measure: Callable[[Any, Any], float], target: Any) -> Score:
    def score(column: pa.ChunkedArray) -> float:
        values = relevance.quantities(column)
        if values is None:
            return relevance.NOTHING
        usable = np.isfinite(values) & np.isfinite(target)
        count = int(np.count_nonzero(usable))
        if count < 2:
            return relevance.NOTHING
        if count == len(values):
            return measure(values, target)
        return measure(values[usable], target[usable])

    return score


def _fisher(column: pa.ChunkedArray, classes: Any) -> float:
    values = relevance.quantities(column)
    if values is None:
        return relevance.NOTHING
    usable = np.isfinite(values) & (classes >= 0)
    return relevance.fisher_score(values[usable], classes[usable]) if usable.any() else relevance.NOTHING


def _counted(column: pa.ChunkedArray, classes: Any, measure: Callable[[Any], float]) -> float:
    if value_kind_of(column.type) == "Bytes":
        return relevance.NOTHING
    levels = relevance.codes(column)
    usable = (levels >= 0) & (classes >= 0)
    if not usable.any() or (int(levels.max()) + 1) * (int(classes.max()) + 1) > MOST_CELLS:
        return relevance.NOTHING
    return measure(relevance.contingency(levels[usable], classes[usable]))
