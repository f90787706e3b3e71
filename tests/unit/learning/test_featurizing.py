"""What columns become before an estimator sees them (R-4.1, facts 4.11)."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pytest

from studiolo.modules.learning.featurizing import Featurizer
from studiolo.sdk import ModuleError

NAN = float("nan")


def matrix(table: pa.Table, *, scale: bool = False, of: pa.Table | None = None) -> list[list[float]]:
    """Fit to a table; give the matrix of it, or of another one."""
    featurizer = Featurizer.fit(table, table.column_names, scale)
    found = featurizer.transform(table if of is None else of)
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found).tolist()


def names(table: pa.Table) -> list[str]:
    """Give the names of the features of a table."""
    return Featurizer.fit(table, table.column_names, False).names


def test_numbers_are_scaled_and_missing_is_zero_after_it() -> None:
    """As the designer did: a missing value counts as the least one, not as the mean."""
    table = pa.table({"x": [10.0, 20.0, NAN, 15.0], "n": pa.array([1, None, 3, 2], pa.int8())})
    assert matrix(table, scale=True) == [[0, 0], [1, 0], [0, 1], [0.5, 0.5]]
    assert matrix(table) == [[10, 1], [20, 0], [0, 3], [15, 2]]


def test_scaling_is_that_of_training() -> None:
    """Scoring may not learn anything from the rows that it scores."""
    assert matrix(pa.table({"x": [0.0, 10.0]}), scale=True, of=pa.table({"x": [5, 20]})) == [[0.5], [2]]


def test_a_constant_column_is_zero_when_scaled() -> None:
    """Division by its span would give NaN, which estimators refuse."""
    assert matrix(pa.table({"x": [7.0, 7.0]}), scale=True, of=pa.table({"x": [7.0, 9.0]})) == [[0], [0]]


def test_infinite_numbers_count_as_missing_and_huge_ones_as_the_largest() -> None:
    """Squares of them overflow in every estimator."""
    table = pa.table({"x": [float("inf"), 1.7e308, -1.7e308, 1.0]})
    assert matrix(table) == [[0], [1e100], [-1e100], [1]]
    assert matrix(table, scale=True) == [[0], [1], [0], [0.5]]


def test_text_gives_a_feature_for_each_value_and_for_missing() -> None:
    """Missing says something of its own; sorted so that the order of rows does not matter."""
    table = pa.table({"città": ["Roma", None, "Oslo", "Roma"]})
    assert names(table) == ["città_Oslo", "città_Roma", "città_#NAN"]
    assert matrix(table) == [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_values_that_training_did_not_see_are_zeros() -> None:
    """New categories come every day, and missing where training had none counts as new."""
    assert matrix(pa.table({"c": ["a", "b"]}), of=pa.table({"c": ["c", None]})) == [[0, 0], [0, 0]]


def test_categories_and_text_are_the_same() -> None:
    """A join or a script may turn one into the other between training and scoring."""
    text = pa.table({"c": ["b", "a", None]})
    categories = pa.table({"c": pa.array(["b", "a", None]).dictionary_encode()})
    assert matrix(text, of=categories) == matrix(categories, of=text) == matrix(text)


def test_unused_categories_are_no_features() -> None:
    """A filter upstream leaves categories without rows."""
    column = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), ["used", "unused"])
    assert names(pa.table({"c": column})) == ["c_used"]


def test_a_category_index_of_one_byte_has_room_for_missing() -> None:
    """128 categories fill an 8-bit index; the code for missing must not overflow it."""
    levels = [f"v{at:03}" for at in range(128)]
    indices = pa.array([*range(128), None], pa.int8())
    table = pa.table({"c": pa.DictionaryArray.from_arrays(indices, levels)})
    assert np.argmax(matrix(table), axis=1).tolist() == list(range(129))


def test_booleans_and_whole_number_categories_are_levels() -> None:
    """The designer encoded them so; as numbers 0 and 1 they would have no missing level."""
    assert names(pa.table({"b": [True, False, None]})) == ["b_false", "b_true", "b_#NAN"]
    assert names(pa.table({"n": pa.array([2, 1, 2]).dictionary_encode()})) == ["n_1", "n_2"]


def test_dates_and_time_spans_are_numbers_of_nanoseconds_in_any_unit() -> None:
    """A file gives seconds, a script microseconds: the same day must give the same feature."""
    day = datetime.datetime(2020, 1, 1)
    expected = [[1577836800e9]]
    for kind in (pa.timestamp("s"), pa.timestamp("us"), pa.timestamp("ns"), pa.date32(), pa.date64()):
        assert matrix(pa.table({"d": pa.array([day], kind)})) == expected
    assert matrix(pa.table({"s": pa.array([datetime.timedelta(seconds=2)])})) == [[2e9]]


def test_many_levels_give_a_sparse_matrix_with_the_same_values() -> None:
    """A thousand shops times a million rows does not fit into memory otherwise."""
    levels = [f"shop {at % 300:03}" for at in range(600)]
    table = pa.table({"x": [float(at % 7) for at in range(600)], "shop": levels, "ok": [True, None] * 300})
    sparse = Featurizer.fit(table, table.column_names, True)
    dense = Featurizer.fit(table, table.column_names, True, needs_dense=True)
    assert hasattr(sparse.transform(table), "tocsr") and not hasattr(dense.transform(table), "tocsr")
    assert (sparse.transform(table).toarray() == dense.transform(table)).all()
    assert sparse.names == dense.names


def test_a_text_of_names_is_refused() -> None:
    """It would make a feature of every row and say nothing of the next one."""
    table = pa.table({"id": [f"customer {at}" for at in range(1100)]})
    with pytest.raises(ModuleError, match='"id"') as caught:
        Featurizer.fit(table, ["id"], False)
    assert caught.value.code == "cannot-train"


def test_a_column_of_another_type_than_in_training_is_named() -> None:
    """Text where numbers were would silently count as nothing."""
    fitted = Featurizer.fit(pa.table({"x": [1, 2]}), ["x"], False)
    with pytest.raises(ModuleError, match='"x" held numbers in training and is String') as caught:
        fitted.transform(pa.table({"x": ["1", "2"]}))
    assert (caught.value.code, caught.value.port) == ("wrong-column-type", "dataset")
    assert fitted.transform(pa.table({"x": pa.array([None, None], pa.string())})).tolist() == [[0], [0]]


def test_bytes_and_nothing_are_refused() -> None:
    """There is nothing to learn from."""
    for table in (pa.table({"b": [b"x"]}), pa.table({})):
        with pytest.raises(ModuleError) as caught:
            Featurizer.fit(table, table.column_names, False)
        assert caught.value.code == "cannot-train"
