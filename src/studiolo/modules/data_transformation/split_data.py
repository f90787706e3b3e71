"""Split Data: divides the rows of a dataset into two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.choosing import one
from studiolo.modules.columns.keys import combined, encoded, with_missing_as_value
from studiolo.modules.seeds import seed
from studiolo.modules.splitting.expressions import fulfilling, matching
from studiolo.modules.splitting.recommender import RecommenderFractions, split_ratings
from studiolo.modules.splitting.rows import groups_of, split_rows
from studiolo.sdk import Boolean, Choice, Columns, DatasetPort, ModuleError, Number, Text, module

ROWS, RECOMMENDER = "Split Rows", "Recommender Split"
REGULAR, RELATIVE = "Regular Expression", "Relative Expression"


def _share(name: str, label: str, default: float, help: str, mode: str = RECOMMENDER) -> Any:
    return Number(
        name,
        default=default,
        minimum=0,
        maximum=1,
        label=label,
        help=help,
        when=("splitting_mode", (mode,)),
        aliases=(label,),
    )


@module(
    id="split-data",
    name="Split Data",
    category="Data Transformation / Sample and Split",
    inputs=[DatasetPort("dataset", aliases=("Dataset",))],
    outputs=[
        DatasetPort("results_dataset1", label="Results dataset1", aliases=("Results dataset1",)),
        DatasetPort("results_dataset2", label="Results dataset2", aliases=("Results dataset2",)),
    ],
    parameters=[
        Choice(
            "splitting_mode",
            (ROWS, RECOMMENDER, REGULAR, RELATIVE),
            label="Splitting mode",
            help="By a share of the rows, by users and items of ratings, or by an expression about a column.",
            aliases=("Splitting mode",),
        ),
        _share(
            "fraction_of_rows_in_the_first_output_dataset",
            "Fraction of rows in the first output dataset",
            0.5,
            "Share of the rows that go to the first output.",
            ROWS,
        ),
        Boolean(
            "randomized_split",
            default=True,
            label="Randomized split",
            help="Draw the rows at random; otherwise the first rows go to the first output.",
            when=("splitting_mode", (ROWS,)),
            aliases=("Randomized split",),
        ),
        seed(
            "random_seed",
            help="Equal seeds draw equal rows; 0 is a seed like any other.",
            when=("splitting_mode", (ROWS,)),
            aliases=("Random seed",),
        ),
        Boolean(
            "stratified_split",
            label="Stratified split",
            help="Split the rows of each value of a column alike.",
            when=("splitting_mode", (ROWS,)),
            aliases=("Stratified split",),
        ),
        Columns(
            "stratification_key_column",
            label="Stratification key column",
            help="The column whose values are spread alike over both outputs.",
            when=("stratified_split", ("true",)),
            aliases=("Stratification key column",),
        ),
        _share(
            "fraction_of_training_only_users",
            "Fraction of training-only users",
            0.5,
            "Share of the users whose ratings all go to the first output.",
        ),
        _share(
            "fraction_of_test_user_ratings_for_training",
            "Fraction of test user ratings for training",
            0.25,
            "Share of the ratings of each other user that go to the first output.",
        ),
        _share(
            "fraction_of_cold_users",
            "Fraction of cold users",
            0.0,
            "Share of the users who appear only in the second output.",
        ),
        _share(
            "fraction_of_cold_items",
            "Fraction of cold items",
            0.0,
            "Share of the items that appear only in the second output.",
        ),
        _share(
            "fraction_of_ignored_users",
            "Fraction of ignored users",
            0.0,
            "Share of the users who are left out.",
        ),
        _share(
            "fraction_of_ignored_items",
            "Fraction of ignored items",
            0.0,
            "Share of the items that are left out.",
        ),
        Boolean(
            "remove_occasionally_produced_cold_items",
            label="Remove occasionally produced cold items",
            help="Leave out test ratings of items that by chance have no rating in the first output.",
            when=("splitting_mode", (RECOMMENDER,)),
            aliases=("Remove occasionally produced cold items",),
        ),
        seed(
            "random_seed_for_recommender",
            label="Random seed for Recommender",
            help="Equal seeds draw equal users and items; 0 is a seed like any other.",
            when=("splitting_mode", (RECOMMENDER,)),
            aliases=("Random seed for Recommender",),
        ),
        Text(
            "regular_expression",
            default='\\"column name" ^start',
            label="Regular expression",
            help="Column and pattern; rows whose text matches go to the first output.",
            when=("splitting_mode", (REGULAR,)),
            aliases=("Regular expression",),
        ),
        Text(
            "relational_expression",
            default='\\"column name" > 3',
            label="Relational expression",
            help="Column and conditions; rows that fulfil them go to the first output.",
            when=("splitting_mode", (RELATIVE,)),
            aliases=("Relational expression",),
        ),
    ],
    passes_through=True,
    preload=("numpy", "pyarrow", "pyarrow.compute", "studiolo.modules.splitting.rows"),
    aliases=("70530644-c97a-4ab6-85f7-88bf30a8be5f", "Split"),
)
def split_data(
    dataset: pa.Table,
    *,
    splitting_mode: str = ROWS,
    fraction_of_rows_in_the_first_output_dataset: float = 0.5,
    randomized_split: bool = True,
    random_seed: int = 0,
    stratified_split: bool = False,
    stratification_key_column: Sequence[str] = (),
    fraction_of_training_only_users: float = 0.5,
    fraction_of_test_user_ratings_for_training: float = 0.25,
    fraction_of_cold_users: float = 0.0,
    fraction_of_cold_items: float = 0.0,
    fraction_of_ignored_users: float = 0.0,
    fraction_of_ignored_items: float = 0.0,
    remove_occasionally_produced_cold_items: bool = False,
    random_seed_for_recommender: int = 0,
    regular_expression: str = '\\"column name" ^start',
    relational_expression: str = '\\"column name" > 3',
) -> tuple[pa.Table, pa.Table]:
    r"""Divide the rows of a dataset into two datasets.

    Split Rows draws a share of the rows at random, with the very random numbers of the retired designer: equal
    seeds give the rows that it gave, also in their order. The count is rounded, a half to the even number.
    Without Randomized split the outputs are the head and the tail. A stratified split divides the rows of each
    value alike, those with a missing value too. The classic product drew from an unknown stream, and its seed 0
    was the clock; here and in the designer 0 is a seed like any other.

    Regular Expression takes `\"column name" pattern` or `(\1) pattern` with the number of a column, from 1 as
    in the designer (an example of the classic product counts from 0). The pattern, one of Python's `re`, may
    match anywhere in the text of the value; a missing value is an empty text.

    Relative Expression takes `\"column name" > 3 & < 10 | == 20` with ==, !=, <, <=, >, >=, linked from left to
    right without precedence. Texts know only == and !=; moments and time spans are written as 2020-01-31 and
    01:30:00. A missing value fulfils nothing, except that a missing text is != to any.

    Recommender Split takes the first column as users and the second as items. Some users, and some items, are
    left out, some appear in the second output only; some users' ratings all go to the first output; the ratings
    of all other users are divided. The designer had no such mode; this is the documented one of the classic
    product, with random numbers of its own.

    In a published service the rows go unchanged to the first output.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,churned\n30,0\n41,1\n25,0\n58,1\n33,0\n47,0\n"}
        parts:
          module: split-data
          parameters:
            fraction_of_rows_in_the_first_output_dataset: 0.67
            stratified_split: true
            stratification_key_column: [churned]
          inputs: {dataset: customers}
    """
    if splitting_mode == REGULAR:
        return _by_mask(dataset, matching(dataset, regular_expression, "regular_expression"))
    if splitting_mode == RELATIVE:
        return _by_mask(dataset, fulfilling(dataset, relational_expression, "relational_expression"))
    if splitting_mode == RECOMMENDER:
        fractions = RecommenderFractions(
            fraction_of_training_only_users,
            fraction_of_test_user_ratings_for_training,
            fraction_of_cold_users,
            fraction_of_cold_items,
            fraction_of_ignored_users,
            fraction_of_ignored_items,
        )
        return _by_ratings(
            dataset, fractions, random_seed_for_recommender, remove_occasionally_produced_cold_items
        )
    groups = None
    if stratified_split:
        groups = groups_of(
            dataset.column(one(dataset, stratification_key_column, "stratification_key_column"))
        )
    seed = random_seed if randomized_split else None
    ratio = fraction_of_rows_in_the_first_output_dataset
    if seed is None and groups is None:
        size = round(dataset.num_rows * ratio)
        return dataset.slice(0, size), dataset.slice(size)
    first, second = split_rows(dataset.num_rows, ratio, seed=seed, groups=groups)
    return dataset.take(pa.array(first)), dataset.take(pa.array(second))


def _by_mask(dataset: pa.Table, mask: pa.Array) -> tuple[pa.Table, pa.Table]:
    return dataset.filter(mask), dataset.filter(pc.invert(mask))


def _by_ratings(
    dataset: pa.Table, fractions: RecommenderFractions, seed: int, remove_occasional: bool
) -> tuple[pa.Table, pa.Table]:
    if dataset.num_columns < 2:
        raise ModuleError(
            f"Recommender Split needs users and items; the dataset has {dataset.num_columns} columns.",
            "Give it users in the first column, items in the second and ratings in the third.",
            code="no-columns",
            port="dataset",
        )
    for what, sum_of_shares in (
        ("users", fractions.training_only_users + fractions.cold_users + fractions.ignored_users),
        ("items", fractions.cold_items + fractions.ignored_items),
    ):
        if sum_of_shares > 1 + 1e-9:
            raise ModuleError(
                f"The fractions of {what} add up to {sum_of_shares:g}, which is more than 1.",
                "Lower one of them.",
                code="out-of-range",
                parameter=f"fraction_of_cold_{what}",
            )
    codes = [combined(with_missing_as_value([encoded(column)])) for column in dataset.columns[:2]]
    parts = split_ratings(
        codes[0], codes[1], fractions, seed=seed, remove_occasional_cold_items=remove_occasional
    )
    return dataset.take(pa.array(parts[0])), dataset.take(pa.array(parts[1]))
