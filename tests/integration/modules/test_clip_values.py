"""Clip Values: limits, substitutes, indicators (R-4.4, facts 5, tier 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from studiolo.formats.missing import with_nulls
from studiolo.modules.data_transformation.clip_values import clip_values
from studiolo.sdk.roles import role_of, with_role

NAN, INFINITE = float("nan"), float("inf")
TABLE = pa.table({"i": [-5, 1, 50, None, 200], "d": [0.5, NAN, INFINITE, -INFINITE, 99.0], "s": ["x"] * 5})


def clipped(table: pa.Table = TABLE, **given: Any) -> dict[str, list[Any]]:
    """Give the clipped dataset as lists; NaN as None."""
    return dict(with_nulls(clip_values(table, **given)).to_pydict())


def test_peaks_above_the_limit_are_clipped() -> None:
    """99 unless set; a value equal to the limit stays, missing stays, infinity lies beyond."""
    assert clipped() == {
        "i": [-5, 1, 50, None, 99],
        "d": [0.5, None, 99.0, -INFINITE, 99.0],
        "s": ["x"] * 5,
    }
    assert clip_values(TABLE).schema.types[0] == pa.int64()


def test_subpeaks_become_the_lower_limit() -> None:
    """The designer put the upper one in, a fault that is not repeated (facts, tier 3)."""
    result = clipped(set_of_thresholds="ClipSubPeaks", constant_value_for_lower_threshold=0)
    assert (result["i"], result["d"]) == ([0, 1, 50, None, 200], [0.5, None, INFINITE, 0.0, 99.0])


@pytest.mark.parametrize(
    ("substitute", "integers"),
    [
        ("Threshold", [-5, 1, 50, None, 99]),
        ("Mean", [-5, 1, 50, None, 61.5]),
        ("Median", [-5, 1, 50, None, 25.5]),
        ("Missing", [-5, 1, 50, None, None]),
    ],
)
def test_substitutes_are_those_of_the_column_before_clipping(substitute: str, integers: list[Any]) -> None:
    """A mean with decimals makes the column Double."""
    given = {"substitute_value_for_peaks": substitute, "list_of_columns": ["i"]}
    assert clipped(**given)["i"] == integers
    is_whole = substitute in ("Threshold", "Missing")
    assert clip_values(TABLE, **given).schema.types[0] == (pa.int64() if is_whole else pa.float64())


def test_percentiles_are_those_of_numpy() -> None:
    """Linear between values; both limits at once with their own substitutes."""
    values = [float(value) for value in range(101)]
    result = clipped(
        pa.table({"a": [*values, NAN]}),
        set_of_thresholds="ClipPeaksAndSubpeaks",
        threshold="Percentile",
        percentile_value_of_upper_threshold=97.5,
        percentile_value_of_lower_threshold=2.5,
        lower_substitute_value="Missing",
    )["a"]
    high = float(np.percentile(values, 97.5))
    assert result == [None] * 3 + values[3:98] + [high] * 3 + [None]


def test_new_columns_and_indicators_follow() -> None:
    """`_clipped_value` and `_clipped`, numbered on a clash (facts, tier 3)."""
    table = with_role(pa.table({"a": [1, 200], "a_clipped": ["x", "y"]}), ["a"], "label")
    result = clip_values(table, overwrite_flag=False, add_indicator_columns=True)
    assert result.to_pydict() == {
        "a": [1, 200],
        "a_clipped": ["x", "y"],
        "a_clipped_value": [1, 99],
        "a_clipped (2)": [False, True],
    }
    assert (role_of(result, "a"), role_of(result, "a_clipped_value")) == ("label", None)


def test_large_integers_keep_their_digits_and_unsigned_ones_their_limit() -> None:
    """Only what is beyond the limit is written."""
    exact = 2**53 + 1
    table = pa.table({"a": [exact, -1, 2**62], "u": pa.array([0, 5, 9], pa.uint8())})
    result = clipped(
        table,
        set_of_thresholds="ClipPeaksAndSubpeaks",
        constant_value_of_upper_threshold=2.0**61,
        constant_value_of_lower_threshold=6,
    )
    assert result == {"a": [exact, 6, 2**61], "u": [6, 6, 9]}
    below = clipped(table.select(["u"]), constant_value_for_upper_threshold=-1)
    assert below == {"u": [-1, -1, -1]}


def test_columns_without_finite_values_stay() -> None:
    """There is nothing to take a limit from."""
    table = pa.table({"a": [NAN, NAN], "b": [INFINITE, INFINITE], "e": pa.array([None, None], pa.int64())})
    assert clipped(table, upper_threshold="Percentile") == {
        "a": [None, None],
        "b": [INFINITE, INFINITE],
        "e": [None, None],
    }


def test_wrong_settings_are_told(refused: Callable[..., Any]) -> None:
    """Texts can't be clipped; a lower limit above the upper one means nothing."""
    assert refused(clip_values, TABLE, list_of_columns=["s"])[0] == "wrong-column-type"
    given = {"set_of_thresholds": "ClipPeaksAndSubpeaks", "constant_value_of_lower_threshold": 100}
    assert refused(clip_values, TABLE, **given)[:2] == (
        "bad-parameter",
        "The lower threshold, 100, is greater than the upper one, 99.",
    )
