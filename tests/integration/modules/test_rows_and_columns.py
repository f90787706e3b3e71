"""Remove Duplicate Rows, Add Rows and Add Columns (R-4.4, facts 5 and 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from studiolo.formats.missing import with_nulls
from studiolo.modules.data_transformation.add_columns import add_columns
from studiolo.modules.data_transformation.add_rows import add_rows
from studiolo.modules.data_transformation.remove_duplicate_rows import remove_duplicate_rows
from studiolo.sdk.roles import role_of, with_role

NAN = float("nan")
KEYS = "key_column_selection_filter_expression"
ORDERS = pa.table({"who": ["a", "b", "a", None, None, "A"], "n": [1, 2, 3, 4, 5, 6]})


def distinct(table: pa.Table, keys: list[str], **given: Any) -> list[Any]:
    """Give the last column of the rows that stay."""
    return list(remove_duplicate_rows(table, **{KEYS: keys}, **given)[table.column_names[-1]].to_pylist())


def test_the_first_or_the_last_of_each_key_stays() -> None:
    """Each row with a missing key stays, as in the designer, or one of them, as in classic (facts 5)."""
    assert distinct(ORDERS, ["who"]) == [1, 2, 4, 5, 6]
    assert distinct(ORDERS, ["who"], retain_first_duplicate_row=False) == [2, 3, 4, 5, 6]
    assert distinct(ORDERS, ["who"], missing_keys_are_equal=True) == [1, 2, 4, 6]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1.5, NAN, 1.5, NAN]), [0, 1, 3]),
        (pa.array([0.0, -0.0, 1.0, 1.0], pa.float32()), [0, 2]),
        (pa.array([10**15, 0, 10**15, None]), [0, 1, 3]),
        (pa.array([True, False, True, None]), [0, 1, 3]),
        (pa.array(["x", "y", "x", None]).dictionary_encode(), [0, 1, 3]),
        (pa.array([b"x", b"y", b"x", None]), [0, 1, 3]),
        (pa.array([1, 2, 1, None], pa.timestamp("ns", "UTC")), [0, 1, 3]),
        (pa.array([None] * 4, pa.string()), [0, 1, 2, 3]),
    ],
)
def test_keys_of_every_type(values: pa.Array, expected: list[int]) -> None:
    """Alone and with a second key of one value, which takes another way inside."""
    table = pa.table({"key": values, "same": ["s"] * 4, "row": [0, 1, 2, 3]})
    assert distinct(table, ["key"]) == expected
    assert distinct(table, ["same", "key"]) == expected


def test_it_gives_the_rows_that_pandas_gives() -> None:
    """On random keys of several columns, more combinations than rows."""
    generator = np.random.RandomState(0)
    frame = pd.DataFrame({name: generator.randint(0, 4, 300) * 10**13 for name in "abc"})
    frame["d"] = generator.choice([0.5, 1.5], 300)
    frame["row"] = range(300)
    for keep in ("first", "last"):
        expected = frame.drop_duplicates(list("abcd"), keep=keep)["row"].tolist()
        found = distinct(pa.table(frame), list("abcd"), retain_first_duplicate_row=keep == "first")
        assert found == expected


def test_without_rows_or_keys(refused: Callable[..., Any]) -> None:
    """An empty dataset is no error; without keys there is nothing to compare."""
    assert distinct(ORDERS.slice(0, 0), ["who"]) == []
    assert distinct(pa.table({"d": pa.array([], pa.float64())}), ["d"]) == []
    assert refused(remove_duplicate_rows, ORDERS)[0] == "no-columns"


def test_rows_are_added_by_name() -> None:
    """In the order, and with the roles, of the first dataset (facts 5)."""
    first = with_role(pa.table({"a": [1, 2], "größe": ["x", None]}), ["größe"], "label")
    second = pa.table({"größe": ["y"], "a": [3]})
    result = add_rows(first, second)
    assert result.to_pydict() == {"a": [1, 2, 3], "größe": ["x", None, "y"]}
    assert role_of(result, "größe") == "label"
    assert result["a"].chunk(0).buffers()[1].address == first["a"].chunk(0).buffers()[1].address


def categories(*values: str | None) -> pa.Array:
    return pa.array(values).dictionary_encode()


@pytest.mark.parametrize(
    ("one", "other", "kind", "values"),
    [
        (pa.array([1]), pa.array([0.5]), pa.float64(), [1.0, 0.5]),
        (pa.array([1], pa.int8()), pa.array([2], pa.int32()), pa.int64(), [1, 2]),
        (pa.array(["x"]), pa.array(["y"], pa.large_string()), pa.large_string(), ["x", "y"]),
        (categories("x"), pa.array(["y"]), pa.large_string(), ["x", "y"]),
        (categories("b"), categories("a", None), pa.dictionary(pa.int32(), pa.string()), ["b", "a", None]),
        (pa.array([NAN]), pa.array(["y"]), pa.string(), [None, "y"]),
        (
            categories("x"),
            pa.array([None], pa.float64()),
            pa.dictionary(pa.int32(), pa.string()),
            ["x", None],
        ),
        (pa.array([1], pa.timestamp("s")), pa.array([1], pa.timestamp("us")), pa.timestamp("us"), None),
    ],
)
def test_types_are_united_where_no_value_changes(
    one: pa.Array, other: pa.Array, kind: pa.DataType, values: list[Any] | None
) -> None:
    """Files read one by one have types by their own values; the designer refused these."""
    result = add_rows(pa.table({"a": one}), pa.table({"a": other}))
    result.combine_chunks().validate(full=True)
    assert result["a"].type == kind
    assert values is None or result["a"].to_pylist() == values


def test_other_differences_are_told(refused: Callable[..., Any]) -> None:
    """Errors 10, 16 and 61 of the designer (facts 5)."""
    assert refused(add_rows, ORDERS, ORDERS.rename_columns(["Who", "n"])) == (
        "different-columns",
        'The first dataset has the column "who", which the second has not.',
        'Did you mean "Who"? Both need the same columns.',
    )
    assert refused(add_rows, ORDERS.select(["n"]), ORDERS)[1].startswith(
        'The second dataset has the column "who"'
    )
    texts = pa.table({"who": ["x"], "n": ["1"]})
    assert refused(add_rows, ORDERS, texts)[:2] == (
        "different-columns",
        'The column "n" is Integer in the first dataset and String in the second.',
    )


def test_columns_are_added_and_clashes_renamed() -> None:
    """`_1` and `_2` as in the designer, ` (2)` on the right as in classic (facts 5 and 6)."""
    left = with_role(pa.table({"id": [1, 2], "x": [3, 4]}), ["x"], "label")
    right = pa.table({"id": ["a", "b"], "id_1": [True, False]})
    both = add_columns(left, right)
    assert both.to_pydict() == {"id_1_2": [1, 2], "x": [3, 4], "id_2": ["a", "b"], "id_1": [True, False]}
    assert role_of(both, "x") == "label"
    classic = add_columns(left, right, suffixes_of_clashing_columns="(2)")
    assert classic.column_names == ["id", "x", "id (2)", "id_1"]


def test_the_shorter_side_is_filled_up() -> None:
    """With missing values of every type (facts 5)."""
    long = pa.table({"n": [1, 2, 3]})
    short = pa.table({"d": [1.5], "s": ["x"], "c": categories("y"), "b": [True]})
    expected = {
        "d": [1.5, None, None],
        "s": ["x", None, None],
        "c": ["y", None, None],
        "b": [True, None, None],
    }
    assert with_nulls(add_columns(long, short)).to_pydict() == {"n": [1, 2, 3], **expected}
    assert with_nulls(add_columns(short, long)).to_pydict() == {**expected, "n": [1, 2, 3]}
    assert add_columns(long, short.slice(0, 0))["s"].to_pylist() == [None, None, None]
