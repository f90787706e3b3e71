"""SMOTE: made-up rows of the rarest class (R-4.4, facts, tier 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.formats.missing import with_nulls
from studiolo.modules.data_transformation.smote import smote
from studiolo.sdk.roles import role_of, with_role

NAN = float("nan")
TABLE = pa.table(
    {
        "x": [0.0, 10.0, 20.0, 0.0, 1.0, 2.0, 3.0],
        "n": [0, 100, 200, 5, 5, 5, 5],
        "s": ["a", "b", "c", "d", "d", "d", "d"],
        "class": [1, 1, 1, 0, 0, 0, 0],
    }
)


def test_the_rarest_class_grows_by_the_percentage_and_the_label_comes_first() -> None:
    """int((100 + p) / 100 · minority) rows of it; the others stay in order (facts, tier 3)."""
    for percentage, count in ((0, 3), (34, 4), (100, 6), (250, 10)):
        result = smote(TABLE, label_column=["class"], smote_percentage=percentage)
        assert result.column_names == ["class", "x", "n", "s"]
        assert result["class"].to_pylist() == [1, 1, 1, 0, 0, 0, 0] + [1] * (count - 3)
        assert result.slice(0, 7).equals(TABLE.select(["class", "x", "n", "s"]))


def test_new_rows_lie_between_a_row_and_its_neighbour() -> None:
    """All columns by the same step; texts are one's or the other's, integers rounded."""
    made = smote(TABLE, label_column=["class"], smote_percentage=2000, random_seed=1).slice(7).to_pylist()
    assert len({row["x"] for row in made}) > 30
    for row in made:
        assert 0 < row["x"] < 20 and row["n"] == round(row["x"] * 10)
        low = int(row["x"] // 10)
        assert row["s"] in "abc"[low : low + 2]
    assert all(row["class"] == 1 for row in made)


def test_the_draw_is_that_of_imbalanced_learn() -> None:
    """Its order of random numbers, written out: rows and neighbours first, then the steps."""
    generator = np.random.RandomState(3)
    values = generator.rand(8, 2)
    table = pa.table(
        {
            "y": ["b"] * 20 + ["a"] * 8,
            "p": [9.0] * 20 + list(values[:, 0]),
            "q": [9.0] * 20 + list(values[:, 1]),
        }
    )
    result = smote(
        table, label_column=["y"], smote_percentage=150, number_of_nearest_neighbors=3, random_seed=7
    )
    distances = ((values[:, None, :] - values[None]) ** 2).sum(axis=2)
    nearest = np.argsort(distances, axis=1)[:, 1:4]
    generator = np.random.RandomState(7)
    drawn = generator.randint(0, 24, 12)
    steps = generator.uniform(size=12)
    rows, others = drawn // 3, nearest[drawn // 3, drawn % 3]
    expected = values[rows] + steps[:, None] * (values[others] - values[rows])
    made = np.column_stack([result["p"].to_numpy()[28:], result["q"].to_numpy()[28:]])
    assert np.array_equal(made, expected)


def test_neighbours_are_at_most_all_others_of_the_class() -> None:
    """A class of three rows has two neighbours for each (facts, tier 3)."""
    many = smote(TABLE, label_column=["class"], number_of_nearest_neighbors=50)
    assert many.equals(smote(TABLE, label_column=["class"], number_of_nearest_neighbors=2))


def test_missing_values_and_classes_do_no_harm() -> None:
    """Between a missing value and another is the other; a row without a class is of none."""
    table = pa.table(
        {
            "x": [NAN, 4.0, 1.0, 2.0, 3.0, 9.0],
            "n": [None, 4, 1, 2, 3, 9],
            "y": ["r", "r", "c", "c", "c", None],
        }
    )
    made = with_nulls(smote(table, label_column=["y"]).slice(6))
    assert made.to_pydict() == {"y": ["r", "r"], "x": [4.0, 4.0], "n": [4, 4]}
    only_missing = table.set_column(0, "x", pa.array([NAN] * 6)).drop_columns(["n"])
    assert with_nulls(smote(only_missing, label_column=["y"]).slice(6))["x"].to_pylist() == [None, None]


def test_of_equal_classes_the_first_in_order_is_taken() -> None:
    """The result must not depend on the order of rows."""
    table = pa.table({"y": ["z", "z", "b", "b", "k", "k", "k"], "x": [1, 2, 3, 4, 5, 6, 7]})
    assert smote(table, label_column=["y"])["y"].to_pylist()[7:] == ["b", "b"]
    categorical = table.set_column(0, "y", table["y"].dictionary_encode())
    assert smote(categorical, label_column=["y"])["y"].to_pylist()[7:] == ["b", "b"]


def test_too_few_rows_or_classes_are_told(refused: Callable[..., Any]) -> None:
    """A single row has no neighbour, a single class no minority."""
    assert refused(smote, TABLE.slice(2), label_column=["class"])[:2] == (
        "no-rows",
        'The rarest class of the label column "class" has one row only, which has no neighbour.',
    )
    assert refused(smote, TABLE.slice(3), label_column=["class"])[0] == "no-rows"
    assert refused(smote, TABLE.slice(0, 0), label_column=["class"])[0] == "no-rows"
    assert refused(smote, TABLE)[0] == "no-columns"
    assert smote(TABLE.slice(2), label_column=["class"], smote_percentage=0).num_rows == 5


def test_roles_stay() -> None:
    """The label is the label still (facts 1.1)."""
    table = with_role(TABLE, ["class"], "label")
    assert role_of(smote(table, label_column=["class"]), "class") == "label"
