"""Join Data: types, keys, order and names (R-4.4, facts 4.9)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from studiolo.formats.missing import with_nulls
from studiolo.modules.data_transformation.join_data import join_data
from studiolo.sdk.roles import role_of, with_role

NAN = float("nan")
LEFT = pa.table({"id": [1, 2, None, 2, 9], "v": ["a", "b", "c", "d", "e"]})
RIGHT = pa.table({"key": [2, None, 1, 2, 7], "w": [1, 2, 3, 4, 5]})
TYPES = ("Inner Join", "Left Outer Join", "Full Outer Join", "Left Semi-Join")


def joined(left: pa.Table, right: pa.Table, left_keys: Any, right_keys: Any, **given: Any) -> dict[str, Any]:
    """Give the joined dataset as lists; NaN as None."""
    keys = {
        "join_key_columns_for_left_dataset": left_keys,
        "join_key_columns_for_right_dataset": right_keys,
    }
    result = join_data(left, right, **keys, **given)
    result.validate(full=True)
    return dict(with_nulls(result).to_pydict())


def test_an_inner_join_gives_each_pair_in_the_order_of_the_left_dataset() -> None:
    """Null keys match nothing, unlike in pandas (facts 4.9)."""
    assert joined(LEFT, RIGHT, ["id"], ["key"]) == {
        "id": [1, 2, 2, 2, 2],
        "v": ["a", "b", "b", "d", "d"],
        "key": [1, 2, 2, 2, 2],
        "w": [3, 1, 4, 1, 4],
    }


def test_a_left_join_keeps_left_rows_also_with_a_missing_key() -> None:
    """What has no match has missing values (facts 4.9)."""
    assert joined(LEFT, RIGHT, ["id"], ["key"], join_type="Left Outer Join") == {
        "id": [1, 2, 2, None, 2, 2, 9],
        "v": ["a", "b", "b", "c", "d", "d", "e"],
        "key": [1, 2, 2, None, 2, 2, None],
        "w": [3, 1, 4, None, 1, 4, None],
    }


def test_a_full_join_puts_right_rows_without_a_match_below() -> None:
    """Those with a missing key too; without the right keys they lose theirs (facts 4.9)."""
    given = {"join_type": "Full Outer Join", "keep_right_key_columns_in_joined_table": False}
    assert joined(LEFT, RIGHT, ["id"], ["key"], **given) == {
        "id": [1, 2, 2, None, 2, 2, 9, None, None],
        "v": ["a", "b", "b", "c", "d", "d", "e", None, None],
        "w": [3, 1, 4, None, 1, 4, None, 2, 5],
    }


def test_a_semi_join_filters_the_left_dataset() -> None:
    """Each row once, left columns only, left order (facts 4.9)."""
    assert joined(LEFT, RIGHT, ["id"], ["key"], join_type="Left Semi-Join") == {
        "id": [1, 2, 2],
        "v": ["a", "b", "d"],
    }


def test_keys_of_several_columns_must_all_agree() -> None:
    """Composite keys as in the designer; one missing part matches nothing (facts 4.9)."""
    left = pa.table({"a": [1, 1, 2, 2], "b": ["x", "y", "x", None]})
    right = pa.table({"b": ["x", "x", None], "a": [2, 1, 2], "c": [20, 10, 0]})
    assert joined(left, right, ["a", "b"], ["a", "b"], keep_right_key_columns_in_joined_table=False) == {
        "a": [1, 2],
        "b": ["x", "x"],
        "c": [10, 20],
    }


@pytest.mark.parametrize("join_type", TYPES)
@pytest.mark.parametrize("repeated", [True, False])
def test_it_gives_the_rows_that_pandas_gives(join_type: str, repeated: bool) -> None:
    """On random keys, also such as numbers far apart and many to many; order as the facts say."""
    generator = np.random.RandomState(1)
    left = pd.DataFrame({"k": generator.randint(0, 40, 60) * 10**14, "x": range(60)})
    keys = generator.randint(0, 60, 50) if repeated else generator.permutation(60)[:50]
    right = pd.DataFrame({"q": keys * 10**14, "y": range(50)})
    result = joined(pa.table(left), pa.table(right), ["k"], ["q"], join_type=join_type)
    if join_type == "Left Semi-Join":
        assert result == left[left["k"].isin(right["q"])].to_dict("list")
        return
    how = {"Inner Join": "inner", "Left Outer Join": "left", "Full Outer Join": "outer"}[join_type]
    expected = left.merge(right, left_on="k", right_on="q", how=how)
    expected = expected.sort_values(["x", "y"], na_position="last", kind="stable")
    assert result["x"] == [None if x != x else int(x) for x in expected["x"]]
    assert result["y"] == [None if y != y else int(y) for y in expected["y"]]


def test_clashing_names_get_one_suffix_for_the_whole_join() -> None:
    """`_R`, or `_R1` where that is taken; ` (2)` in the classic way (facts 4.9 and 6)."""
    left = pa.table({"id": [1], "v": [2], "v_R": [3]})
    right = pa.table({"id": [1], "v": [4], "w": [5]})
    assert list(joined(left.select(["id", "v"]), right, ["id"], ["id"])) == ["id", "v", "id_R", "v_R", "w"]
    assert list(joined(left, right, ["id"], ["id"])) == ["id", "v", "v_R", "id_R1", "v_R1", "w"]
    classic = joined(left, right, ["id"], ["id"], suffix_of_clashing_columns="(2)")
    assert list(classic) == ["id", "v", "v_R", "id (2)", "v (2)", "w"]
    without = joined(left.select(["id"]), right, ["id"], ["id"], keep_right_key_columns_in_joined_table=False)
    assert without == {"id": [1], "v": [4], "w": [5]}


def test_capital_letters_count_unless_they_are_not_to() -> None:
    """Compared in upper case, spelling kept (facts 4.9)."""
    left = pa.table({"name": ["Zoë", "BOB"]})
    right = pa.table({"who": pa.array(["bob", "ZOË"]).dictionary_encode(), "n": [1, 2]})
    assert joined(left, right, ["name"], ["who"]) == {"name": [], "who": [], "n": []}
    assert joined(left, right, ["name"], ["who"], match_case=False) == {
        "name": ["Zoë", "BOB"],
        "who": ["ZOË", "bob"],
        "n": [2, 1],
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([1, 3, None], pa.int64()), pa.array([1.0, 2.5, NAN])),
        (pa.array([1, 3, None], pa.int8()), pa.array([1, 2, None], pa.uint64())),
        (pa.array([0.0, 5.0]), pa.array([-0.0, 6.0])),
        (pa.array(["a", None]), pa.array(["a", None], pa.large_string()).dictionary_encode()),
        (pa.array([1, None], pa.timestamp("s")), pa.array([1000, None], pa.timestamp("ms"))),
        (pa.array([datetime.date(2020, 1, 1)]), pa.array([datetime.datetime(2020, 1, 1)])),
        (pa.array([1], pa.duration("s")), pa.array([10**9], pa.duration("ns"))),
        (pa.array([True, None]), pa.array([True, None])),
        (pa.array([b"a"]), pa.array([b"a"], pa.large_binary())),
        (pa.array([2**63 - 1]), pa.array([2**63 - 1], pa.uint64())),
    ],
)
def test_keys_of_one_kind_are_compared_by_value(one: pa.Array, other: pa.Array) -> None:
    """Whatever width or unit they are stored in: only the first of each is equal."""
    left = pa.table({"k": one, "x": list(range(len(one)))})
    right = pa.table({"q": other, "y": list(range(len(other)))})
    result = joined(left, right, ["k"], ["q"], keep_right_key_columns_in_joined_table=False)
    assert (result["x"], result["y"]) == ([0], [0])


def test_keys_of_different_kinds_are_an_error(refused: Callable[..., Any]) -> None:
    """Not coerced: "1" is not 1 (facts 4.9, error 154)."""
    right = pa.table({"key": ["1"], "zoned": pa.array([1], pa.timestamp("s", "UTC"))})
    left = pa.table({"id": [1], "time": pa.array([1], pa.timestamp("s"))})

    def keys(one: list[str], other: list[str]) -> dict[str, list[str]]:
        return {"join_key_columns_for_left_dataset": one, "join_key_columns_for_right_dataset": other}

    assert refused(join_data, left, right, **keys(["id"], ["key"]))[:2] == (
        "wrong-column-type",
        'The keys "id", Integer, and "key", String, can\'t be compared.',
    )
    assert refused(join_data, left, right, **keys(["time"], ["zoned"]))[0] == "wrong-column-type"
    assert refused(join_data, left, right, **keys(["id", "time"], ["key"]))[0] == "bad-parameter"
    assert refused(join_data, left, right, **keys(["ID"], ["key"]))[0] == "missing-column"
    assert refused(join_data, left, right, **keys(["id"], []))[0] == "no-columns"


@pytest.mark.parametrize("join_type", TYPES)
def test_empty_datasets_join(join_type: str) -> None:
    """No rows are no error."""
    sizes = [
        len(joined(left, right, ["id"], ["key"], join_type=join_type)["v"])
        for left, right in (
            (LEFT, RIGHT.slice(0, 0)),
            (LEFT.slice(0, 0), RIGHT),
            (LEFT.slice(0, 0), RIGHT.slice(0, 0)),
        )
    ]
    assert (
        sizes
        == {
            "Inner Join": [0, 0, 0],
            "Left Outer Join": [5, 0, 0],
            "Full Outer Join": [5, 5, 0],
            "Left Semi-Join": [0, 0, 0],
        }[join_type]
    )


def test_roles_of_both_sides_stay_and_the_left_side_is_not_copied() -> None:
    """Where each left row comes once, as with a table of customers (facts 1.1)."""
    left, right = with_role(LEFT, ["v"], "label"), with_role(RIGHT.slice(2, 2), ["w"], "weight")
    result = join_data(
        left,
        right,
        join_key_columns_for_left_dataset=["id"],
        join_key_columns_for_right_dataset=["key"],
        join_type="Left Outer Join",
    )
    assert (role_of(result, "v"), role_of(result, "w")) == ("label", "weight")
    assert result["id"].chunk(0).buffers()[1].address == LEFT["id"].chunk(0).buffers()[1].address
