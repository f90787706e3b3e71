"""Partition and Sample: folds, one of the folds, a random sample, or the first rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.choosing import one
from studiolo.modules.columns.keys import combined, encoded, with_missing_as_value
from studiolo.modules.columns.kinds import is_numeric, one_chunk
from studiolo.modules.columns.naming import numbered
from studiolo.modules.seeds import seed
from studiolo.sdk import Boolean, Choice, Columns, DatasetPort, Integer, ModuleError, Number, Text, module
from studiolo.sdk.roles import FOLD, columns_with_role, with_role

Places = np.ndarray[Any, np.dtype[np.int64]]

ASSIGN, PICK, SAMPLE, HEAD = "Assign to Folds", "Pick Fold", "Sampling", "Head"
EVENLY, CUSTOM = "Partition evenly", "Partition with customized proportions"
FOLDS = "Fold Assignments"
MODE = "partition_or_sample_mode"
METHOD = "specify_the_partitioner_method"
NUMBER = "specify_number_of_folds_to_split_evenly_into"
PROPORTIONS = "list_of_proportions_separated_by_comma"


@module(
    id="partition-and-sample",
    name="Partition and Sample",
    category="Data Transformation / Sample and Split",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[
        DatasetPort("results_dataset", label="Results dataset", aliases=("oDataset", "Results dataset"))
    ],
    parameters=[
        Choice(
            MODE,
            (ASSIGN, PICK, SAMPLE, HEAD),
            default=SAMPLE,
            label="Partition or sample mode",
            help="Give each row a fold, take the rows of one fold, take a random sample, or take the first rows.",
            aliases=("Partition or sample mode",),
        ),
        Boolean(
            "use_replacement_in_the_partitioning",
            label="Use replacement in the partitioning",
            help="Draw the rows of the folds with replacement: some come several times, others not at all.",
            when=(MODE, ASSIGN),
            aliases=("Use replacement in the partitioning",),
        ),
        Boolean(
            "randomized_split",
            default=True,
            label="Randomized split",
            help="Draw the folds; otherwise rows go to them in turn (evenly) or one after the other (proportions).",
            when=(MODE, ASSIGN),
            aliases=("Randomized Split",),
        ),
        seed(
            "random_seed",
            help="The same seed draws the same folds; 0 is a seed like others.",
            when=(MODE, ASSIGN),
            aliases=("Random seed",),
        ),
        Choice(
            METHOD,
            (EVENLY, CUSTOM),
            label="Specify the partitioner method",
            help="Folds of the same size, or of given shares.",
            when=(MODE, ASSIGN),
            aliases=("Specify the partitioner method",),
        ),
        Integer(
            NUMBER,
            default=5,
            minimum=1,
            maximum=1_000_000,
            label="Specify number of folds to split evenly into",
            help="How many folds to make.",
            when=(METHOD, EVENLY),
            aliases=("Specify how many folds do you want to split evenly into",),
        ),
        Boolean(
            "stratified_split",
            label="Stratified split",
            help="Spread the rows of each value of a column evenly over the folds.",
            when=(METHOD, EVENLY),
            aliases=("Stratified split",),
        ),
        Columns(
            "stratification_key_column",
            label="Stratification key column",
            help="The column whose values are spread evenly.",
            when=("stratified_split", "true"),
            aliases=("Stratification key column",),
        ),
        Text(
            PROPORTIONS,
            label="List of proportions separated by comma",
            help="Shares of the folds between 0 and 1, such as 0.2, 0.3; what is left of 1 is one more fold.",
            when=(METHOD, CUSTOM),
            aliases=("Proportion list of customized folds separated by comma",),
        ),
        Boolean(
            "stratified_split_for_customized_fold_assignment",
            label="Stratified split for customized fold assignment",
            help="Keep the shares within the rows of each value of a column.",
            when=(METHOD, CUSTOM),
            aliases=("Stratified split for customized fold assignment",),
        ),
        Columns(
            "stratification_key_column_for_customized_fold_assignment",
            label="Stratification key column for customized fold assignment",
            help="The column within whose values the shares are kept.",
            when=("stratified_split_for_customized_fold_assignment", "true"),
            aliases=("Stratification key column for customized fold assignment",),
        ),
        Integer(
            "specify_which_fold_to_be_sampled_from",
            default=1,
            minimum=1,
            label="Specify which fold to be sampled from",
            help="Number of the fold to take, from 1.",
            when=(MODE, PICK),
            aliases=("Specify which fold to be sampled from",),
        ),
        Boolean(
            "pick_complement_of_the_selected_fold",
            label="Pick complement of the selected fold",
            help="Take all rows but those of the fold.",
            when=(MODE, PICK),
            aliases=("Pick complement of the selected fold",),
        ),
        Number(
            "rate_of_sampling",
            default=0.01,
            minimum=0,
            maximum=1,
            label="Rate of sampling",
            help="Share of the rows to take, between 0 and 1.",
            when=(MODE, SAMPLE),
            aliases=("Rate of sampling",),
        ),
        seed(
            "random_seed_for_sampling",
            help="The same seed draws the same rows; 0 is a seed like others.",
            when=(MODE, SAMPLE),
            aliases=("Random seed for sampling",),
        ),
        Boolean(
            "stratified_split_for_sampling",
            label="Stratified split for sampling",
            help="Take the same share of the rows of each value of a column.",
            when=(MODE, SAMPLE),
            aliases=("Stratified split for sampling",),
        ),
        Columns(
            "stratification_key_column_for_sampling",
            label="Stratification key column for sampling",
            help="The column within whose values the share is kept.",
            when=("stratified_split_for_sampling", "true"),
            aliases=("Stratification key column for sampling",),
        ),
        Integer(
            "number_of_rows_to_select",
            default=10,
            minimum=0,
            label="Number of rows to select",
            help="How many of the first rows to take.",
            when=(MODE, HEAD),
            aliases=("Number of rows to select",),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy"),
    aliases=("a8726e34-1b3e-4515-b59a-3e4a475654b8",),
    passes_through=True,
)
def partition_and_sample(
    dataset: pa.Table,
    *,
    partition_or_sample_mode: str = SAMPLE,
    use_replacement_in_the_partitioning: bool = False,
    randomized_split: bool = True,
    random_seed: int = 0,
    specify_the_partitioner_method: str = EVENLY,
    specify_number_of_folds_to_split_evenly_into: int = 5,
    stratified_split: bool = False,
    stratification_key_column: list[str] | None = None,
    list_of_proportions_separated_by_comma: str = "",
    stratified_split_for_customized_fold_assignment: bool = False,
    stratification_key_column_for_customized_fold_assignment: list[str] | None = None,
    specify_which_fold_to_be_sampled_from: int = 1,
    pick_complement_of_the_selected_fold: bool = False,
    rate_of_sampling: float = 0.01,
    random_seed_for_sampling: int = 0,
    stratified_split_for_sampling: bool = False,
    stratification_key_column_for_sampling: list[str] | None = None,
    number_of_rows_to_select: int = 10,
) -> pa.Table:
    r"""Divide rows into folds, or take a fold, a random sample or the first rows.

    - *Assign to Folds* appends the Integer column `Fold Assignments`, from 1, with the role fold: Cross Validate
      Model uses it, and no learner takes it as a feature. An older one is replaced. (The retired products kept the
      folds out of sight.) Sizes of even folds differ by one row at most. Shares are rounded to rows, the last fold
      takes the rest; shares that add up to less than 1 make one more fold, to more than 1 are refused. With
      replacement as many rows are drawn as there are, in the order of the dataset.
    - *Pick Fold* takes the rows of one fold, or all others.
    - *Sampling* draws the rounded share of the rows without replacement and keeps their order.
    - *Head* takes the first rows.

    In a published service all rows pass.

    Rows whose stratification key is missing are a group of their own. Seed 0 gives the same rows each time, as in
    the designer; in classic it meant the clock.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,churn\n30,0\n41,1\n25,0\n38,1\n52,0\n47,1\n"}
        folds:
          module: partition-and-sample
          parameters:
            partition_or_sample_mode: Assign to Folds
            specify_number_of_folds_to_split_evenly_into: 3
            stratified_split: true
            stratification_key_column: [churn]
          inputs: {dataset: customers}
        first:
          module: partition-and-sample
          parameters: {partition_or_sample_mode: Pick Fold, specify_which_fold_to_be_sampled_from: 1}
          inputs: {dataset: folds}
    """
    if partition_or_sample_mode == HEAD:
        return dataset.slice(0, min(number_of_rows_to_select, dataset.num_rows))
    if partition_or_sample_mode == PICK:
        return _picked(dataset, specify_which_fold_to_be_sampled_from, pick_complement_of_the_selected_fold)
    if partition_or_sample_mode == SAMPLE:
        key = "stratification_key_column_for_sampling"
        strata = (
            _strata(dataset, stratification_key_column_for_sampling, key)
            if stratified_split_for_sampling
            else None
        )
        return _sampled(dataset, rate_of_sampling, random_seed_for_sampling, strata)
    is_even = specify_the_partitioner_method == EVENLY
    if is_even:
        is_stratified, column, key = stratified_split, stratification_key_column, "stratification_key_column"
    else:
        is_stratified = stratified_split_for_customized_fold_assignment
        column = stratification_key_column_for_customized_fold_assignment
        key = "stratification_key_column_for_customized_fold_assignment"
    strata = _strata(dataset, column, key) if is_stratified else None
    shares = (
        [1 / specify_number_of_folds_to_split_evenly_into] * specify_number_of_folds_to_split_evenly_into
        if is_even
        else _shares(list_of_proportions_separated_by_comma)
    )
    random = np.random.RandomState(random_seed)  # its stream stays the same in every version of numpy
    if use_replacement_in_the_partitioning:
        drawn = np.sort(random.randint(0, max(dataset.num_rows, 1), dataset.num_rows))
        dataset = dataset.take(drawn)
        strata = strata[drawn] if strata is not None else None
    order = random.permutation(dataset.num_rows) if randomized_split else np.arange(dataset.num_rows)
    folds = (_even if is_even else _by_shares)(order, strata, shares, random if randomized_split else None)
    return _with_folds(dataset, folds)


def _even(order: Places, strata: Places | None, shares: list[float], random: Any) -> Places:
    """Deal the rows out in turn, stratum by stratum, so that each stratum and the whole are spread evenly."""
    dealt = order if strata is None else order[np.argsort(strata[order], kind="stable")]
    names = np.arange(1, len(shares) + 1)
    if random is not None:
        random.shuffle(names)  # the spare rows go to any folds
    folds = np.empty(len(order), np.int64)
    folds[dealt] = names[np.arange(len(order)) % len(shares)]
    return folds


def _by_shares(order: Places, strata: Places | None, shares: list[float], random: Any) -> Places:
    groups = np.zeros(len(order), np.int64) if strata is None else strata
    dealt = order[np.argsort(groups[order], kind="stable")]
    sizes = np.bincount(groups)
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    ends = np.cumsum(np.rint(sizes[:, None] * np.asarray(shares)[None]), axis=1)
    ends[:, -1] = sizes
    group = groups[dealt]
    numbers = np.ones(len(order), np.int64)
    for end in ends[:, :-1].T:
        numbers += place >= end[group]
    folds = np.empty(len(order), np.int64)
    folds[dealt] = numbers
    return folds


def _with_folds(dataset: pa.Table, folds: Places) -> pa.Table:
    older = columns_with_role(dataset, FOLD)
    dataset = dataset.drop_columns(older) if older else dataset
    name = numbered(FOLDS, dataset.column_names)
    result: pa.Table = with_role(dataset.append_column(name, pa.array(folds)), [name], FOLD)
    return result


def _picked(dataset: pa.Table, fold: int, is_complement: bool) -> pa.Table:
    marked = columns_with_role(dataset, FOLD)
    names = marked or [name for name in dataset.column_names if name == FOLDS]
    if not names or not is_numeric(dataset.schema.field(names[0]).type):
        raise ModuleError(
            f'The dataset has no folds: no column with the role fold, and no column "{FOLDS}" of numbers.',
            f"Connect a Partition and Sample with the mode {ASSIGN} before it.",
            code="missing-column",
            port="dataset",
        )
    column = one_chunk(dataset.column(names[0]))
    greatest = pc.max(column).as_py() or 0
    if dataset.num_rows and fold > greatest:
        raise ModuleError(
            f"Fold {fold} is asked for; the dataset has folds up to {greatest:g}.",
            "Pick one of its folds.",
            code="out-of-range",
            parameter="specify_which_fold_to_be_sampled_from",
        )
    wanted = pc.equal(column, pa.scalar(fold, column.type)).fill_null(False)
    return dataset.filter(pc.invert(wanted) if is_complement else wanted)


def _sampled(dataset: pa.Table, rate: float, seed: int, strata: Places | None) -> pa.Table:
    order = np.random.RandomState(seed).permutation(dataset.num_rows)
    if strata is None:
        taken = order[: round(dataset.num_rows * rate)]
    else:
        dealt = order[np.argsort(strata[order], kind="stable")]
        sizes = np.bincount(strata)
        place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        taken = dealt[place < np.rint(sizes * rate)[strata[dealt]]]
    keep = np.zeros(dataset.num_rows, bool)
    keep[taken] = True
    return dataset.filter(pa.array(keep))


def _strata(dataset: pa.Table, columns: list[str] | None, parameter: str) -> Places:
    """Number the values of the key column from 0; missing has a number of its own."""
    column = dataset.column(one(dataset, columns, parameter))
    return combined(with_missing_as_value([encoded(column)]))


def _shares(text: str) -> list[float]:
    try:
        shares = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        shares = []
    if not shares or not all(0 < share <= 1 for share in shares):
        raise ModuleError(
            f'The list of proportions "{text[:60]}" is not a list of numbers between 0 and 1.',
            "Give the shares of the folds, such as 0.2, 0.3, 0.5.",
            code="bad-parameter",
            parameter=PROPORTIONS,
        )
    total = sum(shares)
    if total > 1 + 1e-9:
        raise ModuleError(
            f"The proportions add up to {total:g}, more than 1.",
            "Make them smaller; what is left of 1 becomes one more fold.",
            code="bad-parameter",
            parameter=PROPORTIONS,
        )
    return shares if total > 1 - 1e-9 else [*shares, 1 - total]
