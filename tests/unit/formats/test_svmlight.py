"""SVMLight gives Col1 … Coln and Labels, dense (facts 4.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from studiolo.formats.svmlight import read, write


def test_absent_values_are_zero(source: Callable[..., Any], values: Callable[..., Any]) -> None:
    """That is what sparse means; comments and empty lines are no rows."""
    text = "# two rows\n1 1:0.5 3:2 # first\n\n-1 qid:7 2:1e2\n"
    assert values(read(source(text))) == {
        "Col1": ("double", [0.5, 0.0]),
        "Col2": ("double", [0.0, 100.0]),
        "Col3": ("double", [2.0, 0.0]),
        "qid": ("int64", [None, 7]),
        "Labels": ("int64", [1, -1]),
    }


def test_labels_may_be_fractions_and_rows_empty(
    source: Callable[..., Any], values: Callable[..., Any]
) -> None:
    """Regression has such labels; a row of zeros has no pair."""
    assert values(read(source("1.5\n2 1:1\n"))) == {
        "Col1": ("double", [0.0, 1.0]),
        "Labels": ("double", [1.5, 2.0]),
    }


def test_counting_from_zero_is_noticed_and_said(source: Callable[..., Any]) -> None:
    """Index 0 exists only there; without a shift the first column would be lost."""
    result = read(source("1 0:5 1:6\n"))
    assert result.table.to_pylist() == [{"Col1": 5.0, "Col2": 6.0, "Labels": 1}]
    assert [entry["code"] for entry in result.receipt] == ["indexes-from-zero"]


@pytest.mark.parametrize(
    ("line", "token"),
    [
        ("1 a:1", "a:1"),
        ("1 1", "1"),
        ("x 1:1", "x"),
        ("1 1:x", "1:x"),
        ("1 -1:2", "-1:2"),
        ("1,2 1:1", "1,2"),
    ],
)
def test_a_bad_line_is_named(
    source: Callable[..., Any], refused: Callable[..., Any], line: str, token: str
) -> None:
    """Line and token (R-2.1)."""
    assert refused(read, source(f"1 1:1\n{line}\n", "x.svm")) == (
        "bad-svmlight",
        f'x.svm, line 2: "{token}" is neither a label nor index:value.',
    )


def test_a_table_too_large_to_be_dense_is_refused(
    source: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    """One line can name a column of two billion; memory must not be taken for it."""
    assert refused(read, source("1 1:1 2000000000:1\n"))[0] == "too-many-cells"


def test_only_numbers_without_gaps_can_be_written(refused: Callable[..., Any]) -> None:
    """The format knows nothing else, and zero must not stand for missing."""
    assert refused(write, pa.table({"a": ["x"], "Labels": [1]})) == (
        "format-cannot-hold",
        'The column "a" is no number, which SVMLight can\'t hold.',
    )
    assert refused(write, pa.table({"a": [None, 1.0], "Labels": [1, 2]}))[0] == "format-cannot-hold"
    assert refused(write, pa.table({"a": [float("nan")], "Labels": [1]}))[0] == "format-cannot-hold"
    assert refused(write, pa.table({"a": [1.0]}), label_column="b")[0] == "missing-column"


def test_the_number_of_columns_survives_zeros() -> None:
    """The first row states the last column even when all of it is zero."""
    table = pa.table({"a": [1, 0], "z": [0, 0], "Labels": [1, 2]})
    assert write(table) == b"1 1:1 2:0\n2\n"
