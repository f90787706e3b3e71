"""Roles of columns, in Tables and in DataFrames alike (R-4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from studiolo.sdk.roles import (
    FEATURE,
    LABEL,
    NONE,
    SCORE,
    category_of,
    columns_with_role,
    copy_roles,
    role_of,
    with_role,
)

COLUMNS = {"age": [30, 41], "city": ["Rome", "Oslo"], "churned": ["no", "yes"]}
EITHER = pytest.mark.parametrize("make", [pa.table, pd.DataFrame], ids=["table", "frame"])
Make = Callable[[dict[str, list[Any]]], Any]


@EITHER
def test_a_column_has_no_role_until_it_is_given_one(make: Make) -> None:
    """No role counts as feature: data that nobody marked can be learnt from."""
    data = make(COLUMNS)
    assert role_of(data, "age") is None
    assert category_of(data, "age") is None
    assert columns_with_role(data, FEATURE) == ["age", "city", "churned"]
    assert columns_with_role(data, LABEL) == []


@EITHER
def test_a_role_is_set_with_its_category_and_taken_away(make: Make) -> None:
    """What kind of score a column is decides how it is evaluated."""
    data = with_role(make(COLUMNS), ["churned"], LABEL)
    data = with_role(data, ["age"], SCORE, "Regression Assigned Labels")
    assert (role_of(data, "churned"), category_of(data, "churned")) == (LABEL, None)
    assert (role_of(data, "age"), category_of(data, "age")) == (SCORE, "Regression Assigned Labels")
    assert columns_with_role(data, FEATURE) == ["city"]
    cleared = with_role(data, ["age"], None)
    assert (role_of(cleared, "age"), category_of(cleared, "age")) == (None, None)
    assert role_of(cleared, "churned") == LABEL


@EITHER
def test_another_role_takes_the_place_of_the_first(make: Make) -> None:
    """A column has one role; the category of an earlier one says nothing any more."""
    data = with_role(make(COLUMNS), ["age"], SCORE, "Calibrated Score")
    data = with_role(data, ["age"], NONE)
    assert (role_of(data, "age"), category_of(data, "age")) == (NONE, None)
    assert columns_with_role(data, FEATURE) == ["city", "churned"]


@EITHER
def test_values_types_and_other_metadata_stay(make: Make) -> None:
    """Setting a role is no change of the data."""
    data = make(COLUMNS)
    marked = with_role(data, ["city"], LABEL)
    plain = marked.to_pandas() if isinstance(marked, pa.Table) else marked
    pd.testing.assert_frame_equal(plain, pd.DataFrame(COLUMNS))
    if isinstance(marked, pa.Table):
        assert marked.schema.types == data.schema.types


def test_other_metadata_of_a_field_and_of_the_table_stays() -> None:
    """A reader's receipt and an extension's mark are not ours to drop."""
    field = pa.field("age", pa.int64(), metadata={b"own": b"kept"})
    data = pa.table([[30]], schema=pa.schema([field], metadata={b"receipt": b"[]"}))
    marked = with_role(with_role(data, ["age"], SCORE, "x"), ["age"], LABEL)
    assert marked.schema.field("age").metadata == {b"own": b"kept", b"studiolo.role": b"label"}
    assert marked.schema.metadata == {b"receipt": b"[]"}
    assert with_role(marked, ["age"], None).schema.field("age").metadata == {b"own": b"kept"}


@EITHER
@pytest.mark.parametrize("source_is_table", [True, False])
def test_roles_are_copied_to_the_columns_that_are_still_there(make: Make, source_is_table: bool) -> None:
    """A module that builds a new table keeps the roles with one call, whichever form it works in."""
    source = (pa.table if source_is_table else pd.DataFrame)(COLUMNS)
    source = with_role(with_role(source, ["churned"], LABEL), ["age"], SCORE, "Calibrated Score")
    target = copy_roles(source, make({"years": [30], "churned": ["no"], "new": [1]}), {"age": "years"})
    assert {name: role_of(target, name) for name in ("years", "churned", "new")} == {
        "years": SCORE,
        "churned": LABEL,
        "new": None,
    }
    assert category_of(target, "years") == "Calibrated Score"


@EITHER
def test_roles_of_the_target_that_the_source_does_not_know_stay(make: Make) -> None:
    """Columns that a module made itself have the roles that it gave them."""
    target = with_role(make({"score": [1.0], "age": [2]}), ["score"], SCORE)
    result = copy_roles(with_role(make(COLUMNS), ["age"], LABEL), target)
    assert (role_of(result, "score"), role_of(result, "age")) == (SCORE, LABEL)


def test_names_that_are_swapped_keep_their_roles() -> None:
    """Edit Metadata may give two columns each other's names."""
    source = with_role(with_role(pa.table({"a": [1], "b": [2]}), ["a"], LABEL), ["b"], SCORE)
    target = copy_roles(source, pa.table({"b": [1], "a": [2]}), {"a": "b", "b": "a"})
    assert (role_of(target, "b"), role_of(target, "a")) == (LABEL, SCORE)


def test_a_role_of_a_column_that_is_not_there_is_refused() -> None:
    """A misspelt name would leave the label among the features unseen."""
    with pytest.raises(KeyError, match="chruned"):
        with_role(pa.table(COLUMNS), ["chruned"], LABEL)
    with pytest.raises(KeyError, match="chruned"):
        with_role(pd.DataFrame(COLUMNS), ["chruned"], LABEL)


def test_marking_a_copy_of_a_frame_does_not_change_the_first() -> None:
    """With a frame its `attrs` are copied; a shared dictionary would mark both."""
    frame = with_role(pd.DataFrame(COLUMNS), ["age"], SCORE)
    with_role(frame.copy(), ["age"], LABEL)
    assert role_of(frame, "age") == SCORE


@pytest.mark.parametrize("name", ["column_names", "schema", "attrs", "columns"])
def test_a_column_may_have_any_name(name: str) -> None:
    """A frame gives its columns as attributes; what it is may not depend on them."""
    frame = with_role(pd.DataFrame({name: [1]}), [name], LABEL)
    assert columns_with_role(frame, LABEL) == columns_with_role(
        with_role(pa.table({name: [1]}), [name], LABEL), LABEL
    )


def test_the_roles_of_thousands_of_columns_are_read_at_once() -> None:
    """Feature Hashing makes 65,536 columns; what costs each column the number of all would never end."""
    table = pa.table({f"c{number}": [1] for number in range(20_000)})
    marked = with_role(table, ["c7", "c19999"], SCORE)
    assert columns_with_role(copy_roles(marked, table), SCORE) == ["c7", "c19999"]
