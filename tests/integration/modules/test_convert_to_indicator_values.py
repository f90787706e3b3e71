"""Convert to Indicator Values (R-4.4; facts 5, Convert to Indicator Values)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from studiolo.modules.data_transformation.convert_to_indicator_values import convert_to_indicator_values
from studiolo.sdk.roles import role_of, with_role

NAN = float("nan")


def categories(values: list[Any]) -> pa.Array:
    """Give a categorical column."""
    return pa.array(values).dictionary_encode()


def test_each_value_becomes_a_column_of_0_and_1() -> None:
    """Sorted, missing last as #NAN, at the end; the rest stays with its roles (facts 5, D)."""
    table = pa.table({"city": categories(["Rome", None, "Oslo", "Rome"]), "y": [1, 2, 3, 4]})
    table = with_role(table, ["y"], "label")
    result, _ = convert_to_indicator_values(table, categorical_columns_to_convert=["city"])
    assert result.to_pydict() == {
        "city": ["Rome", None, "Oslo", "Rome"],
        "y": [1, 2, 3, 4],
        "city-Oslo": [0, 0, 1, 0],
        "city-Rome": [1, 0, 0, 1],
        "city-#NAN": [0, 1, 0, 0],
    }
    assert role_of(result, "y") == "label"


def test_the_values_are_those_of_pandas() -> None:
    """get_dummies is the plain call."""
    values = np.random.default_rng(0).choice(list("abcdef"), 300)
    result, _ = convert_to_indicator_values(
        pa.table({"c": categories(list(values))}),
        categorical_columns_to_convert=["c"],
        overwrite_categorical_columns=True,
    )
    plain = pd.get_dummies(pd.Series(values), prefix="c", prefix_sep="-", dtype="int32")
    pd.testing.assert_frame_equal(result.to_pandas(), plain)


def test_values_sort_by_their_type() -> None:
    """Numbers by size, also where the dictionary has them otherwise or twice over chunks."""
    column = pa.chunked_array([categories([10, 9]), categories([2, 10])])
    result, _ = convert_to_indicator_values(pa.table({"n": column}), categorical_columns_to_convert=["n"])
    assert result.column_names == ["n", "n-2", "n-9", "n-10"]
    assert result["n-10"].to_pylist() == [1, 0, 0, 1]
    truths, _ = convert_to_indicator_values(
        pa.table({"t": categories([True, False])}), categorical_columns_to_convert=["t"]
    )
    assert truths.column_names == ["t", "t-false", "t-true"]


def test_a_missing_category_is_missing() -> None:
    """A null or NaN among the categories of a dictionary is no value."""
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None]), pa.array([1.5, NAN, None]))
    result, _ = convert_to_indicator_values(pa.table({"f": column}), categorical_columns_to_convert=["f"])
    assert result.column_names == ["f", "f-1.5", "f-#NAN"]
    assert result["f-#NAN"].to_pylist() == [0, 1, 1, 1]


def test_categories_without_rows_make_no_column() -> None:
    """Nothing could be learned from them."""
    column = pa.array(pd.Categorical(["a"], categories=["a", "unused"]))
    result, _ = convert_to_indicator_values(pa.table({"c": column}), categorical_columns_to_convert=["c"])
    assert result.column_names == ["c", "c-a"]


def test_taken_names_are_numbered() -> None:
    """`_1` as in the designer (facts 6), within one call too."""
    table = pa.table({"a": categories(["b-c"]), "a-b": categories(["c"]), "x": [1]})
    result, _ = convert_to_indicator_values(table, categorical_columns_to_convert=["a", "a-b"])
    assert result.column_names == ["a", "a-b", "x", "a-b-c", "a-b-c_1"]


def test_the_transformation_ignores_new_values() -> None:
    """The columns stay those of the fit (facts 5); a plain column of the same values is taken too."""
    table = pa.table({"c": categories(["a", "b"])})
    _, fitted = convert_to_indicator_values(
        table, categorical_columns_to_convert=["c"], overwrite_categorical_columns=True
    )
    again = pickle.loads(pickle.dumps(fitted))
    for column in (categories(["z", "b", None]), pa.array(["z", "b", None])):
        assert again.apply(pa.table({"c": column})).to_pydict() == {"c-a": [0, 0, 0], "c-b": [0, 1, 0]}
    assert again.studiolo_card()["tables"][0]["rows"] == [["c", "a", "c-a"], ["c", "b", "c-b"]]


def test_the_transformation_tells_what_it_can_not_use(refused: Callable[..., Any]) -> None:
    """Missing columns and other types are named (R-4.4)."""
    _, fitted = convert_to_indicator_values(
        pa.table({"c": categories(["a"])}), categorical_columns_to_convert=["c"]
    )
    assert refused(fitted.apply, pa.table({"d": ["a"]}))[0] == "missing-column"
    assert refused(fitted.apply, pa.table({"c": [1]}))[0] == "wrong-column-type"


def test_other_columns_are_refused(refused: Callable[..., Any]) -> None:
    """Error 56 of the retired products, with the way out."""
    table = pa.table({"s": ["a"], "c": categories(["a"])})
    told = refused(convert_to_indicator_values, table, categorical_columns_to_convert=["s"])
    assert told[0] == "wrong-column-type" and '"s" is String' in told[1] and "Edit Metadata" in told[2]
    assert refused(convert_to_indicator_values, table)[0] == "no-columns"
    assert (
        refused(convert_to_indicator_values, table, categorical_columns_to_convert=["x"])[0]
        == "missing-column"
    )


def test_very_many_categories_are_refused(refused: Callable[..., Any]) -> None:
    """10,001 columns are nearly always an identifier chosen by mistake."""
    table = pa.table({"id": categories(list(range(10_001)))})
    told = refused(convert_to_indicator_values, table, categorical_columns_to_convert=["id"])
    assert told[0] == "too-many-columns" and '"id"' in told[2]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_column_without_values_gives_no_value_columns(values: list[Any]) -> None:
    """Empty gives none, all missing the column of the missing."""
    table = pa.table({"ü": pa.array(values, pa.string()).dictionary_encode()})
    result, _ = convert_to_indicator_values(table, categorical_columns_to_convert=["ü"])
    assert result.column_names == (["ü", "ü-#NAN"] if values else ["ü"])
