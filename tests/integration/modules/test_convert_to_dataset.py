"""Convert to Dataset (R-4.4; facts 5, Convert to Dataset)."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
import pytest

from studiolo.modules.data_transformation.convert_to_dataset import convert_to_dataset
from studiolo.sdk.roles import role_of, with_role

NAN = float("nan")
TABLE = pa.table(
    {
        "s": ["?", "0", None, "a?"],
        "i": [0, 1, None, 2],
        "f": [0.0, NAN, 2.0, 0.5],
        "b": [True, None, False, True],
        "c": pa.array(["?", "x", None, "0"]).dictionary_encode(),
        "t": pa.array([0, None, 2, 3], pa.timestamp("us")),
        "y": [b"0", b"?", None, b""],
        "d": pa.array([None, 1, 2, 0], pa.duration("us")),
    }
)
GIVEN = {
    name: [None if value != value else value for value in values]
    for name, values in TABLE.to_pydict().items()
}


def plain(table: pa.Table) -> dict[str, list[Any]]:
    """Give the values, NaN as None."""
    return {name: [None if v != v else v for v in values] for name, values in table.to_pydict().items()}


def test_none_changes_nothing() -> None:
    """Every dataset has the studio's form already."""
    assert convert_to_dataset(TABLE) is TABLE


def test_a_value_becomes_missing_where_it_is_the_whole_cell() -> None:
    """In every column whose type the text fits; `a?` stays, and so do bytes (facts 5)."""
    result = convert_to_dataset(TABLE, action="SetMissingValues")
    assert plain(result) == {**GIVEN, "s": [None, "0", None, "a?"], "c": [None, "x", None, "0"]}
    assert result.schema.types == TABLE.schema.types
    assert result["c"].combine_chunks().dictionary.to_pylist() == ["x", "0"]
    zero = convert_to_dataset(TABLE, action="SetMissingValues", custom_missing_value="0")
    assert plain(zero) == {
        **GIVEN,
        "s": ["?", None, None, "a?"],
        "i": [None, 1, None, 2],
        "f": [None, None, 2.0, 0.5],
        "c": ["?", "x", None, None],
    }


def test_missing_values_are_replaced_where_the_new_one_fits() -> None:
    """`0` is a text, an Integer, a Double and a category here, but neither a truth nor a time."""
    result = convert_to_dataset(TABLE, action="ReplaceValues")
    assert plain(result) == {
        **GIVEN,
        "s": ["?", "0", "0", "a?"],
        "i": [0, 1, 0, 2],
        "f": [0.0, 0.0, 2.0, 0.5],
        "c": ["?", "x", "0", "0"],
    }
    assert result.schema.types == TABLE.schema.types


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (
            "0",
            "1",
            {
                "s": ["?", "1", None, "a?"],
                "i": [1, 1, None, 2],
                "f": [1.0, None, 2.0, 0.5],
                "c": ["?", "x", None, "1"],
            },
        ),
        ("0.5", "9", {"f": [0.0, None, 2.0, 9.0]}),
        ("2", "2.5", {"f": [0.0, None, 2.5, 0.5]}),
        ("true", "false", {"b": [False, None, False, False]}),
        (
            "1970-01-01",
            "2020-02-03 04:05",
            {"t": [datetime.datetime(2020, 2, 3, 4, 5), None, *GIVEN["t"][2:]]},
        ),
        ("x", "new", {"c": ["?", "new", None, "0"]}),
        ("nowhere", "x", {}),
    ],
)
def test_a_value_is_replaced_by_another(old: str, new: str, changed: dict[str, Any]) -> None:
    """Columns that one of the two does not fit stay as they are."""
    result = convert_to_dataset(
        TABLE, action="ReplaceValues", replace="Custom", custom_value=old, new_value=new
    )
    assert plain(result) == {**GIVEN, **changed}
    assert result.schema.types == TABLE.schema.types


def test_large_whole_numbers_keep_their_digits() -> None:
    """They do not pass through a Double."""
    table = pa.table({"i": [2**60 + 1, 2**60]})
    result = convert_to_dataset(
        table, action="ReplaceValues", replace="Custom", custom_value=str(2**60 + 1), new_value="7"
    )
    assert result.to_pydict() == {"i": [7, 2**60]}


def test_small_types_refuse_what_does_not_fit() -> None:
    """300 is no value of an 8-bit column, which then stays."""
    table = pa.table({"i": pa.array([1, None], pa.int8())})
    assert convert_to_dataset(table, action="ReplaceValues", new_value="300").equals(table)


def test_roles_stay() -> None:
    """They travel with the column (R-4.4)."""
    table = with_role(pa.table({"y": ["?"]}), ["y"], "label")
    assert role_of(convert_to_dataset(table, action="SetMissingValues"), "y") == "label"


@pytest.mark.parametrize("action", ["SetMissingValues", "ReplaceValues"])
def test_no_rows(action: str) -> None:
    """The schema stays."""
    assert convert_to_dataset(TABLE.slice(0, 0), action=action).schema.equals(TABLE.schema)
