"""Labels: classes in order, the positive one last, rows without one left out (R-4.1, facts 4.11)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from studiolo.modules.learning.fitting import weights_of
from studiolo.modules.learning.labelling import classes_of, labelled, quantities_of
from studiolo.sdk import ModuleError
from studiolo.sdk.roles import with_role

NAN = float("nan")


def classes(values: pa.Array, task: str = "two-class") -> list[object]:
    """Give the classes of a label."""
    return classes_of(values, "label", task, "A learner").values.to_pylist()


def test_the_last_value_in_order_is_the_positive_class() -> None:
    """Clients of services depend on whose probability is told."""
    assert classes(pa.array(["yes", "no", None])) == ["no", "yes"]
    assert classes(pa.array([True, False])) == [False, True]
    assert classes(pa.array([1.0, NAN, 0.0])) == [0.0, 1.0]
    assert classes(pa.array(["b", "a"]).dictionary_encode()) == ["a", "b"]


def test_classes_keep_their_own_type() -> None:
    """Scored Labels are compared with the label by the next node."""
    found = classes_of(pa.array([3, 7], pa.int16()), "label", "two-class", "A learner")
    assert found.take(np.array([1, 0])).equals(pa.array([7, 3], pa.int16()))


def test_codes_of_unknown_and_missing_values_are_told_apart_from_classes() -> None:
    """The first class is 0: an unknown value may not become it."""
    found = classes_of(pa.array(["a", "b"]), "label", "two-class", "A learner")
    assert found.codes(pa.chunked_array([["b", None], ["c", "a"]])).tolist() == [1, -1, -1, 0]
    numbers = classes_of(pa.array([1, 2]), "label", "two-class", "A learner")
    assert numbers.codes(pa.array([2.0, 1.0, NAN])).tolist() == [1, 0, -1]


@pytest.mark.parametrize("values", [["a", "a"], ["a", "b", "c"]])
def test_a_two_class_learner_wants_two_values(values: list[str]) -> None:
    """Facts 4.11: anything else would be another question than the one asked."""
    with pytest.raises(ModuleError, match="needs a label with two values") as caught:
        classes(pa.array(values))
    assert (caught.value.code, caught.value.parameter) == ("cannot-train", "label_column")


def test_a_quantity_is_not_taken_for_classes() -> None:
    """A thousand classes of one row each is a wrong learner, and takes the memory of the machine."""
    with pytest.raises(ModuleError, match="1001 different values"):
        classes(pa.array(range(1001)), "multiclass")


def test_rows_without_a_label_are_left_out() -> None:
    """Missing and infinite labels can't be learnt."""
    table = pa.table({"x": [1, 2, 3, 4], "y": [1.0, NAN, float("inf"), 2.0]})
    assert labelled(table, "y")["x"].to_pylist() == [1, 4]
    assert labelled(pa.table({"y": ["a", None]}), "y").num_rows == 1
    with pytest.raises(ModuleError, match="No row"):
        labelled(pa.table({"y": [NAN]}), "y")


def test_a_regression_label_is_numbers_of_a_size_to_compute_with() -> None:
    """Text can't be predicted as a number, and 1e308 overflows in every sum of squares."""
    assert quantities_of(pa.array([1, 2], pa.int8()), "y", "A learner").tolist() == [1.0, 2.0]
    with pytest.raises(ModuleError, match="needs a label of numbers"):
        quantities_of(pa.array(["1"]), "y", "A learner")
    with pytest.raises(ModuleError, match="too large"):
        quantities_of(pa.array([1e308]), "y", "A learner")


def test_weights_come_from_the_column_of_that_role() -> None:
    """Missing weights count as 0; negative or text ones are a mistake to tell."""
    table = pa.table({"w": [1.0, NAN, 2.0], "t": ["a", "b", "c"], "n": [1, -1, 1]})
    assert weights_of(table) is None
    found = weights_of(with_role(table, ["w"], "weight"))
    assert found is not None and found.tolist() == [1, 0, 2]
    for names in (["t"], ["n"], ["w", "n"]):
        with pytest.raises(ModuleError) as caught:
            weights_of(with_role(table, names, "weight"))
        assert caught.value.code == "cannot-train"
