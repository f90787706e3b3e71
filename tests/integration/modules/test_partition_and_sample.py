"""Partition and Sample (R-4.4; facts 5, Partition and Sample; folds are a column with a role)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from studiolo.modules.data_transformation.partition_and_sample import partition_and_sample
from studiolo.sdk.roles import columns_with_role, role_of, with_role

FOLDS = "Fold Assignments"


def rows(count: int) -> pa.Table:
    """Give a table of two strata, three quarters `a`."""
    return pa.table({"x": range(count), "k": ["b" if place % 4 == 0 else "a" for place in range(count)]})


def assigned(table: pa.Table, folds: int = 5, **given: Any) -> pa.Table:
    """Assign even folds."""
    given = {"specify_number_of_folds_to_split_evenly_into": folds, **given}
    return partition_and_sample(table, partition_or_sample_mode="Assign to Folds", **given)


def shared(table: pa.Table, shares: str, **given: Any) -> pa.Table:
    """Assign folds of given shares."""
    return partition_and_sample(
        table,
        partition_or_sample_mode="Assign to Folds",
        specify_the_partitioner_method="Partition with customized proportions",
        list_of_proportions_separated_by_comma=shares,
        **given,
    )


def test_folds_are_a_column_with_a_role() -> None:
    """So that Cross Validate finds them and learners leave them; the data stays (design of the issue)."""
    table = with_role(rows(11), ["k"], "label")
    result = assigned(table, 3)
    assert result.drop_columns([FOLDS]).equals(table) and role_of(result, "k") == "label"
    assert columns_with_role(result, "fold") == [FOLDS]
    assert sorted(Counter(result[FOLDS].to_pylist()).values()) == [3, 4, 4]
    assert set(result[FOLDS].to_pylist()) == {1, 2, 3}


def test_folds_come_anew_each_time() -> None:
    """Older ones are replaced; a column that only has the name stays."""
    assert assigned(assigned(rows(6)), 2).column_names == ["x", "k", FOLDS]
    assert assigned(pa.table({FOLDS: ["mine"]})).column_names == [FOLDS, f"{FOLDS} (2)"]


def test_the_seed_makes_folds_and_samples_reproducible() -> None:
    """0 too, which classic took from the clock (facts 1.3)."""
    table = rows(200)
    assert assigned(table).equals(assigned(table))
    assert not assigned(table).equals(assigned(table, random_seed=1))
    given = {"rate_of_sampling": 0.5}
    assert partition_and_sample(table, **given).equals(partition_and_sample(table, **given))
    assert not partition_and_sample(table, **given).equals(
        partition_and_sample(table, random_seed_for_sampling=1, **given)
    )


def test_folds_in_turn() -> None:
    """Without chance: round robin, as in classic (facts 5)."""
    assert assigned(rows(5), 2, randomized_split=False)[FOLDS].to_pylist() == [1, 2, 1, 2, 1]


def test_stratified_folds_spread_each_value() -> None:
    """Within each value, and in the whole, folds differ by one row at most; missing is a value."""
    table = pa.table({"k": ["a"] * 31 + ["b"] * 14 + [None] * 7})
    result = assigned(table, 5, stratified_split=True, stratification_key_column=["k"])
    counts = Counter(zip(result["k"].to_pylist(), result[FOLDS].to_pylist(), strict=True))
    for value, size in (("a", 31), ("b", 14), (None, 7)):
        sizes = [counts[value, fold] for fold in range(1, 6)]
        assert sum(sizes) == size and max(sizes) - min(sizes) <= 1
    whole = Counter(result[FOLDS].to_pylist()).values()
    assert max(whole) - min(whole) <= 1


@pytest.mark.parametrize(
    ("shares", "sizes"),
    [("0.2, 0.3, 0.5", [2, 3, 5]), (".25,.25", [2, 2, 6]), ("1", [10]), ("0.6,0.4", [6, 4])],
)
def test_proportions_are_rounded_and_the_last_takes_the_rest(shares: str, sizes: list[int]) -> None:
    """Less than 1 in all makes one more fold (facts 5)."""
    result = shared(rows(10), shares)
    assert [Counter(result[FOLDS].to_pylist())[fold] for fold in range(1, len(sizes) + 1)] == sizes
    ordered = shared(rows(10), shares, randomized_split=False)
    assert ordered[FOLDS].to_pylist() == [fold for fold, size in enumerate(sizes, 1) for _ in range(size)]


def test_stratified_proportions() -> None:
    """The shares hold within each value."""
    result = shared(
        rows(40),
        "0.3",
        stratified_split_for_customized_fold_assignment=True,
        stratification_key_column_for_customized_fold_assignment=["k"],
    )
    counts = Counter(zip(result["k"].to_pylist(), result[FOLDS].to_pylist(), strict=True))
    assert counts == {("a", 1): 9, ("a", 2): 21, ("b", 1): 3, ("b", 2): 7}


@pytest.mark.parametrize("shares", ["", "x", "0.5, -1", "0.7, 0.7", "2"])
def test_useless_proportions_are_refused(refused: Callable[..., Any], shares: str) -> None:
    """More than 1 in all is an error in both products."""
    code, summary, hint = refused(shared, rows(4), shares)
    assert code == "bad-parameter" and "proportions" in summary and hint


def test_replacement_draws_rows_again() -> None:
    """As many rows, some twice, others never, each with one fold."""
    result = assigned(rows(100), 4, use_replacement_in_the_partitioning=True)
    drawn = result["x"].to_pylist()
    assert len(drawn) == 100 and 50 < len(set(drawn)) < 80 and drawn == sorted(drawn)
    assert sorted(Counter(result[FOLDS].to_pylist()).values()) == [25] * 4


def test_picking_a_fold_and_its_complement_divide_the_rows() -> None:
    """Folds count from 1 (facts 5)."""
    folds = assigned(rows(10), 3)
    one = partition_and_sample(
        folds, partition_or_sample_mode="Pick Fold", specify_which_fold_to_be_sampled_from=2
    )
    rest = partition_and_sample(
        folds,
        partition_or_sample_mode="Pick Fold",
        specify_which_fold_to_be_sampled_from=2,
        pick_complement_of_the_selected_fold=True,
    )
    assert set(one[FOLDS].to_pylist()) == {2} and set(rest[FOLDS].to_pylist()) == {1, 3}
    assert sorted(one["x"].to_pylist() + rest["x"].to_pylist()) == list(range(10))


def test_picking_needs_folds(refused: Callable[..., Any]) -> None:
    """A column of that name will do, after SQL lost the role; a fold that is not there is told."""
    plain = pa.table({FOLDS: [1, 2, None]})
    pick: dict[str, Any] = {"partition_or_sample_mode": "Pick Fold"}
    assert partition_and_sample(plain, **pick).num_rows == 1
    complement = partition_and_sample(plain, pick_complement_of_the_selected_fold=True, **pick)
    assert complement.num_rows == 2
    assert refused(partition_and_sample, rows(3), **pick)[0] == "missing-column"
    told = refused(partition_and_sample, plain, specify_which_fold_to_be_sampled_from=3, **pick)
    assert told[:2] == ("out-of-range", "Fold 3 is asked for; the dataset has folds up to 2.")


@pytest.mark.parametrize(("rate", "count"), [(0.0, 0), (0.5, 50), (0.014, 1), (0.016, 2), (1.0, 100)])
def test_a_sample_has_the_rounded_share_in_order(rate: float, count: int) -> None:
    """int(round(n · rate)) rows (facts 5), none twice."""
    sample = partition_and_sample(rows(100), rate_of_sampling=rate)["x"].to_pylist()
    assert len(sample) == count and sample == sorted(set(sample))


def test_a_stratified_sample_has_the_share_of_each_value() -> None:
    """Rare values stay in."""
    sample = partition_and_sample(
        rows(80),
        rate_of_sampling=0.1,
        stratified_split_for_sampling=True,
        stratification_key_column_for_sampling=["k"],
    )
    assert Counter(sample["k"].to_pylist()) == {"a": 6, "b": 2}


def test_stratification_needs_one_column(refused: Callable[..., Any]) -> None:
    """Neither none nor two."""
    for columns, code in ((None, "no-columns"), (["x", "k"], "too-many-columns"), (["z"], "missing-column")):
        given = {"stratified_split": True, "stratification_key_column": columns}
        assert refused(assigned, rows(4), **given)[0] == code


@pytest.mark.parametrize(("count", "found"), [(0, 0), (3, 3), (99, 5)])
def test_head_takes_the_first_rows(count: int, found: int) -> None:
    """As many as there are, at most."""
    head = partition_and_sample(rows(5), partition_or_sample_mode="Head", number_of_rows_to_select=count)
    assert head["x"].to_pylist() == list(range(found))


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_rows(count: int) -> None:
    """More folds than rows is no error; categories and gaps are keys like others."""
    table = pa.table({"k": pa.array([None] * count, pa.string()).dictionary_encode()})
    given = {"stratified_split": True, "stratification_key_column": ["k"]}
    assert assigned(table, 3, **given).num_rows == count
    assert shared(table, "0.5").num_rows == count
    assert partition_and_sample(table, partition_or_sample_mode="Sampling").num_rows == 0
