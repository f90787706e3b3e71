"""Normalize Data: five formulas, fitted once (R-4.4, facts 4.13)."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import lognorm

from studiolo.formats.missing import with_nulls
from studiolo.modules.data_transformation.normalize_data import METHODS, normalize_data
from studiolo.sdk.roles import role_of, with_role

NAN, INFINITE = float("nan"), float("inf")
VALUES = [1.0, 2.0, 4.0, 9.0]
PRESENT = np.array(VALUES)
SIGMA = np.log(PRESENT).std()


def normalized(table: pa.Table, method: str, **given: Any) -> dict[str, list[Any]]:
    """Give the normalized dataset as lists; NaN as None."""
    return dict(with_nulls(normalize_data(table, transformation_method=method, **given)[0]).to_pydict())


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("ZScore", (PRESENT - PRESENT.mean()) / PRESENT.std()),
        ("MinMax", (PRESENT - 1) / 8),
        ("Logistic", 1 / (1 + np.exp(-PRESENT))),
        ("LogNormal", lognorm.cdf(PRESENT, s=SIGMA, scale=math.exp(np.log(PRESENT).mean()))),
        ("Tanh", np.tanh(PRESENT)),
    ],
)
def test_the_formulas(method: str, expected: Any) -> None:
    """σ is that of the population; missing stays, infinity becomes missing and counts for nothing (facts 4.13)."""
    table = pa.table(
        {"d": [*VALUES, NAN, INFINITE, -INFINITE], "i": [1, 2, 4, 9, None, None, None], "s": ["x"] * 7}
    )
    result = normalized(table, method)
    for name in ("d", "i"):
        assert result[name][:4] == pytest.approx(list(expected), rel=1e-12)
        assert result[name][4:] == [None, None, None]
    assert result["s"] == ["x"] * 7


@pytest.mark.parametrize("method", ["ZScore", "MinMax", "LogNormal"])
def test_constant_columns_become_zero_or_missing(method: str) -> None:
    """By the box; a missing value stays missing either way (facts 4.13)."""
    table = pa.table({"a": [5, 5, None]})
    assert normalized(table, method) == {"a": [0.0, 0.0, None]}
    assert normalized(table, method, use_0_for_constant_columns=False) == {"a": [None, None, None]}


def test_lognormal_knows_positive_values_only() -> None:
    """Others have probability 0; without any positive value there is nothing to fit."""
    result = normalized(pa.table({"a": [-1.0, 0.0, *VALUES], "b": [-1.0] * 6}), "LogNormal")
    assert result["a"][:2] == [0.0, 0.0]
    assert result["a"][2:] == pytest.approx(
        list(lognorm.cdf(PRESENT, s=SIGMA, scale=math.exp(np.log(PRESENT).mean())))
    )
    assert result["b"] == [0.0] * 6


def test_only_numeric_columns_are_taken(refused: Callable[..., Any]) -> None:
    """All of them by default; Boolean is none (facts 4.13 and 1.2)."""
    table = pa.table({"b": [True, False], "名": [1, 3], "m": pa.array([NAN, NAN]), "s": ["x", "y"]})
    assert normalized(table, "MinMax") == {
        "b": [True, False],
        "名": [0.0, 1.0],
        "m": [None, None],
        "s": ["x", "y"],
    }
    assert refused(normalize_data, table, columns_to_transform=["b"])[:2] == (
        "wrong-column-type",
        'The column "b" is Boolean; only numbers can be used here.',
    )
    assert refused(normalize_data, table, columns_to_transform=["c"])[0] == "missing-column"


def test_the_second_output_repeats_the_fitted_values(refused: Callable[..., Any]) -> None:
    """Not those of the new data (facts 4.13)."""
    _, function = normalize_data(pa.table({"a": [0, 10], "k": [5, 5]}), transformation_method="MinMax")
    other = pa.table({"k": [5.0, 6.0, NAN], "a": [20.0, INFINITE, -5.0], "more": ["x", "y", "z"]})
    assert with_nulls(function.apply(other)).to_pydict() == {
        "k": [0.0, 0.0, None],
        "a": [2.0, None, -0.5],
        "more": ["x", "y", "z"],
    }
    assert refused(function.apply, other.select(["a"]))[0] == "missing-column"
    texts = pa.table({"a": ["1"], "k": [1]})
    assert refused(function.apply, texts)[0] == "wrong-column-type"


def test_the_card_tells_the_fitted_values() -> None:
    """The studio shows it without opening the object."""
    _, function = normalize_data(pa.table({"a": [0, 10]}), transformation_method="MinMax")
    assert function.studiolo_card() == {
        "title": "Normalize Data",
        "settings": [["Transformation method", "MinMax"], ["Use 0 for constant columns", True]],
        "tables": [
            {"title": "Fitted values", "columns": ["Column", "Minimum", "Range"], "rows": [["a", 0.0, 10.0]]}
        ],
    }


def test_values_too_far_apart_are_told(refused: Callable[..., Any]) -> None:
    """Their range is no number."""
    table = pa.table({"a": [-1.7e308, 1.7e308]})
    for method in ("ZScore", "MinMax"):
        assert refused(normalize_data, table, transformation_method=method)[0] == "value-does-not-fit"


@pytest.mark.parametrize("method", METHODS)
def test_the_input_is_left_as_it_was(method: str) -> None:
    """Tables share memory with the store and with other nodes."""
    table = with_role(pa.table({"a": [*VALUES, INFINITE], "s": ["x"] * 5}), ["a"], "label")
    result, _ = normalize_data(table, transformation_method=method)
    assert table["a"].to_pylist() == [*VALUES, INFINITE]
    assert role_of(result, "a") == "label"


@pytest.mark.parametrize(("method", "has_it"), [("Logistic", True), ("ZScore", False)])
def test_what_applying_needs_is_imported_when_the_transformation_is_opened(method: str, has_it: bool) -> None:
    """R-10.1: each request of a fresh service would import scipy.special anew, for longer than it works."""
    fitted = normalize_data(pa.table({"x": VALUES}), transformation_method=method)[1]
    code = "import pickle, sys; pickle.loads(sys.stdin.buffer.read()); print('scipy.special' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(fitted), capture_output=True, check=True
    )
    assert told.stdout.decode().strip() == str(has_it)
