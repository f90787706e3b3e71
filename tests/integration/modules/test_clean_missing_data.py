"""Clean Missing Data in all modes (R-4.4, facts 4.6)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from studiolo.formats.missing import with_nulls
from studiolo.modules.data_transformation.apply_transformation import apply_transformation
from studiolo.modules.data_transformation.clean_missing_data import clean_missing_data
from studiolo.sdk.roles import role_of, with_role

NAN = float("nan")
NUMBERS = pa.table({"i": [1, None, 4, 2], "d": [1.0, NAN, 3.0, 8.0], "full": [1, 2, 3, 4]})


def cleaned(table: pa.Table, mode: str, **given: Any) -> dict[str, list[Any]]:
    """Give the cleaned dataset as lists; NaN as None."""
    result = clean_missing_data(table, cleaning_mode=mode, **given)[0]
    return dict(with_nulls(result).to_pydict())


@pytest.mark.parametrize(
    ("mode", "integer", "double"),
    [
        ("Replace with mean", 7 / 3, 4.0),
        ("Replace with median", 2.0, 3.0),
        ("Replace with mode", 7 / 3, 4.0),
        ("Custom substitution value", 0, 0.0),
    ],
)
def test_numbers_are_filled(mode: str, integer: float, double: float) -> None:
    """Mean and median of the values that are there; of several modes their mean (facts 4.6)."""
    assert cleaned(NUMBERS, mode) == {
        "i": [1, integer, 4, 2],
        "d": [1.0, double, 3.0, 8.0],
        "full": [1, 2, 3, 4],
    }


def test_types_follow_from_the_mode() -> None:
    """A mean is no Integer; a mode, or a whole number given, is."""
    types = {
        mode: clean_missing_data(NUMBERS, cleaning_mode=mode)[0].schema.types[0]
        for mode in ("Replace with mean", "Custom substitution value")
    }
    assert types == {"Replace with mean": pa.float64(), "Custom substitution value": pa.int64()}
    assert cleaned(pa.table({"a": [1, 1, None, 2]}), "Replace with mode") == {"a": [1, 1, 1, 2]}
    assert cleaned(NUMBERS.select(["i"]), "Custom substitution value", replacement_value="0.5") == {
        "i": [1.0, 0.5, 4.0, 2.0]
    }


def test_every_type_has_a_mode() -> None:
    """The most frequent value, of several the first in order (facts 4.6)."""
    day = datetime.datetime(2020, 1, 1)
    table = pa.table(
        {
            "s": ["b", None, "a"],
            "c": pa.array(["y", "x", None]).dictionary_encode(),
            "b": [True, None, True],
            "t": [None, day, day],
            "x": [b"1", None, b"1"],
        }
    )
    assert cleaned(table, "Replace with mode") == {
        "s": ["b", "a", "a"],
        "c": ["y", "x", "x"],
        "b": [True, True, True],
        "t": [day, day, day],
        "x": [b"1", b"1", b"1"],
    }


def test_a_given_value_takes_the_type_of_each_column(refused: Callable[..., Any]) -> None:
    """Or it is an error that names value and column (facts 4.6)."""
    table = pa.table(
        {
            "s": ["b", None],
            "c": pa.array(["y", None]).dictionary_encode(),
            "b": [True, None],
            "n": pa.array([1, None], pa.int8()),
            "span": pa.array([1, None], pa.duration("us")),
        }
    )
    some = ["s", "c", "b", "n"]
    assert cleaned(table, "Custom substitution value", columns_to_be_cleaned=some, replacement_value="0") == {
        "s": ["b", "0"],
        "c": ["y", "0"],
        "b": [True, False],
        "n": [1, 0],
        "span": [datetime.timedelta(microseconds=1), None],
    }
    assert refused(clean_missing_data, table, replacement_value="none")[:2] == (
        "value-does-not-fit",
        'The replacement value "none" is no Boolean, which the column "b" is.',
    )


def test_rows_and_columns_are_removed() -> None:
    """NaN counts as missing; roles of what stays are kept."""
    table = with_role(
        pa.table({"a": [1, None, 3], "b": [NAN, 1.0, 2.0], "c": ["x", "y", None]}), ["c"], "label"
    )
    rows = clean_missing_data(table, columns_to_be_cleaned=["a", "b"], cleaning_mode="Remove entire row")[0]
    assert rows.to_pydict() == {"a": [3], "b": [2.0], "c": [None]}
    assert role_of(rows, "c") == "label"
    assert cleaned(table, "Remove entire column", columns_to_be_cleaned=["a", "b"]) == {"c": ["x", "y", None]}


def test_the_ratios_choose_columns_both_ends_included() -> None:
    """Denominator is the number of rows (facts 4.6)."""
    table = pa.table({"quarter": [None, 2, 3, 4], "half": [None, None, 3, 4], "most": [None, None, None, 4]})
    given = {"minimum_missing_value_ratio": 0.5, "maximum_missing_value_ratio": 0.75}
    assert cleaned(table, "Remove entire column", **given) == {"quarter": [None, 2, 3, 4]}
    only_half = {"minimum_missing_value_ratio": 0.5, "maximum_missing_value_ratio": 0.5}
    assert cleaned(table, "Remove entire column", **only_half) == {
        "quarter": [None, 2, 3, 4],
        "most": [None, None, None, 4],
    }


def test_columns_without_any_value_are_removed_or_left() -> None:
    """`Cols with all missing values`; a given value fills them (facts 4.6)."""
    table = pa.table({"a": [NAN, NAN], "b": [1.0, NAN], "s": pa.array([None, None], pa.string())})
    assert cleaned(table, "Replace with mean") == {"b": [1.0, 1.0]}
    assert cleaned(table, "Replace with mean", cols_with_all_missing_values="Propagate") == {
        "a": [None, None],
        "b": [1.0, 1.0],
        "s": [None, None],
    }
    assert cleaned(table, "Custom substitution value")["a"] == [0.0, 0.0]


def test_indicators_say_what_was_filled() -> None:
    """`<col>_IsMissing`, numbered on a clash; none for columns without gaps (facts 4.6 and 6)."""
    table = pa.table({"a": [1, None], "a_IsMissing": [5, 6], "b": [1, 2]})
    result, fitted = clean_missing_data(table, generate_missing_value_indicator_column=True)
    expected = {"a": [1, 0], "a_IsMissing": [5, 6], "b": [1, 2], "a_IsMissing (2)": [False, True]}
    assert result.to_pydict() == expected
    complete = table.slice(0, 1)
    assert clean_missing_data(complete, generate_missing_value_indicator_column=True)[0].equals(complete)
    assert fitted.apply(complete)["a_IsMissing (2)"].to_pylist() == [False]


def test_the_fitted_values_fill_other_data(refused: Callable[..., Any]) -> None:
    """Nothing is fitted again, also not for a column that had no gaps in the first data (facts 4.6)."""
    _, fitted = clean_missing_data(NUMBERS, cleaning_mode="Replace with median")
    other = pa.table({"i": [None, 100], "d": [NAN, 100.0], "full": [None, 100], "more": [None, 1]})
    assert apply_transformation(fitted, other).to_pydict() == {
        "i": [2.0, 100.0],
        "d": [3.0, 100.0],
        "full": [2.5, 100.0],
        "more": [None, 1],
    }
    assert refused(fitted.apply, other.drop_columns(["d"]))[0] == "missing-column"
    assert refused(fitted.apply, other.set_column(1, "d", pa.array([b"x", None])))[0] == "wrong-column-type"


def test_other_data_may_have_other_types_of_the_same_kind() -> None:
    """A row to be scored comes as JSON: whole numbers for Doubles, nothing at all for a text that is missing."""
    table = pa.table({"i": [1, None], "s": ["x", None], "c": pa.array(["x", None]).dictionary_encode()})
    _, fitted = clean_missing_data(table, cleaning_mode="Custom substitution value")
    one = pa.table(
        {"i": [1.5, NAN], "s": pa.array([NAN, NAN]), "c": pa.array([None, "y"], pa.large_string())}
    )
    assert fitted.apply(one).to_pydict() == {"i": [1.5, 0.0], "s": ["0", "0"], "c": ["0", "y"]}


def test_removal_of_rows_looks_at_the_data_at_hand() -> None:
    """`Remove row` is evaluated again when applied (facts 4.6)."""
    _, fitted = clean_missing_data(NUMBERS, cleaning_mode="Remove entire row")
    other = pa.table({"i": [1, None], "d": [NAN, 1.0], "full": [1, 1]})
    assert apply_transformation(fitted, other).num_rows == 0


@pytest.mark.parametrize("mode", ["Replace using MICE", "Replace using Probabilistic PCA"])
def test_gaps_are_predicted_from_the_other_columns(mode: str) -> None:
    """Far nearer to the truth than the mean, where the columns depend on each other."""
    generator = np.random.RandomState(0)
    truth = generator.randn(400, 2) @ generator.randn(2, 6) + 0.1 * generator.randn(400, 6)
    gaps = generator.rand(400, 6) < 0.1
    table = pa.table({f"x{at}": np.where(gaps, np.nan, truth)[:, at] for at in range(6)})
    result, fitted = clean_missing_data(table, cleaning_mode=mode)
    filled = np.column_stack([result[name].to_numpy() for name in result.column_names])
    assert np.array_equal(filled[~gaps], truth[~gaps])
    spread = float(np.sqrt(np.mean(truth[gaps] ** 2)))
    assert float(np.sqrt(np.mean((filled - truth)[gaps] ** 2))) < spread / 4
    applied = apply_transformation(fitted, table)
    again = np.column_stack([applied[name].to_numpy() for name in applied.column_names])
    assert np.allclose(again, filled, rtol=0, atol=1e-9)
    assert clean_missing_data(table, cleaning_mode=mode)[0].equals(result)


@pytest.mark.parametrize(
    "mode",
    ["Replace with mean", "Replace with median", "Replace using MICE", "Replace using Probabilistic PCA"],
)
def test_texts_have_no_mean(refused: Callable[..., Any], mode: str) -> None:
    """Numeric only (facts 4.6); a text column without gaps does no harm."""
    table = pa.table({"s": ["a", None], "d": [1.0, NAN]})
    assert refused(clean_missing_data, table, cleaning_mode=mode)[:2] == (
        "wrong-column-type",
        f'"{mode}" needs numbers; the column "s" is String and has missing values.',
    )
    complete = pa.table({"s": ["a", "b", "c"], "d": [1.0, 1.0, NAN]})
    assert cleaned(complete, mode) == {"s": ["a", "b", "c"], "d": [1.0, 1.0, 1.0]}


@pytest.mark.parametrize(
    "mode", ["Replace with mean", "Replace using MICE", "Replace using Probabilistic PCA"]
)
def test_infinite_values_are_told(refused: Callable[..., Any], mode: str) -> None:
    """No fit has a meaning with them, and a warning of numpy would help nobody."""
    table = pa.table({"a": [float("inf"), float("-inf"), NAN], "b": [1.0, 2.0, 3.0]})
    assert refused(clean_missing_data, table, cleaning_mode=mode)[0] == "value-does-not-fit"


def test_contradictions_are_refused(refused: Callable[..., Any]) -> None:
    """A minimum above the maximum chooses nothing, and an unknown column is a slip."""
    wrong = {"minimum_missing_value_ratio": 0.6, "maximum_missing_value_ratio": 0.5}
    assert refused(clean_missing_data, NUMBERS, **wrong)[0] == "bad-parameter"
    assert refused(clean_missing_data, NUMBERS, columns_to_be_cleaned=["I"])[0] == "missing-column"


def test_the_card_tells_what_replaces_what() -> None:
    """The studio shows it without opening the object (design of objects on ports)."""
    _, fitted = clean_missing_data(NUMBERS.select(["d"]), cleaning_mode="Replace with mean")
    assert fitted.studiolo_card() == {
        "title": "Clean Missing Data",
        "settings": [["Cleaning mode", "Replace with mean"]],
        "tables": [{"title": "Missing values", "columns": ["Column", "Becomes"], "rows": [["d", "4.0"]]}],
    }
