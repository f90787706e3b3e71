"""Metrics and tags as a hostile child reports them are bounded and of JSON form (R-11.5)."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studiolo.worker.logged import COUNT_LIMIT, NAME_LIMIT, TEXT_LIMIT, VALUE_LIMIT, read_metrics, read_tags

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def count_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(count_of(item) for item in value.values())
    return 1 + sum(count_of(item) for item in value) if isinstance(value, list) else 1


@given(JSON)
def test_anything_becomes_json(value: Any) -> None:
    """No NaN, which is none of JSON's values."""
    for read in (read_metrics, read_tags):
        json.dumps(read(value), allow_nan=False)


def test_honest_metrics_stay_as_they_are() -> None:
    """Values, lists, tables, documents."""
    metrics = {
        "loss": 0.5,
        "losses": [1, 2.5, None, True],
        "table": {"x": [1], "y": "a"},
        "cm": {"data": {"m": [[1]]}},
    }
    assert read_metrics(metrics) == metrics
    assert read_tags({"kind": "trial"}) == {"kind": "trial"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (1 << 64, "a large number"),
        (-(1 << 64), "a large number"),
        ("x" * 5000, "x" * TEXT_LIMIT),
        ([[[[[[[[1]]]]]]]], [[[[[["…"]]]]]]),
    ],
)
def test_odd_values_are_told(value: Any, shown: Any) -> None:
    """What no reader of JSON expects becomes text."""
    assert read_metrics({"m": value}) == {"m": shown}


def test_counts_are_bounded() -> None:
    """However wide or deep."""
    wide = read_metrics(
        {"a": [0] * 100_000, "b": [[0] * 10] * 10_000, "c": {str(i): {} for i in range(100_000)}}
    )
    assert count_of(wide) <= VALUE_LIMIT + 10
    many = read_metrics({f"{'n' * 300}{i}": i for i in range(5000)})
    assert len(many) <= COUNT_LIMIT
    assert max(len(name) for name in many) == NAME_LIMIT
    assert len(read_tags({str(i): "x" * 5000 for i in range(5000)})) == COUNT_LIMIT


@pytest.mark.parametrize("value", [None, [], "text", 5, {"a": 5}, {"a": None}])
def test_tags_are_texts(value: Any) -> None:
    """Anything else is left out."""
    assert read_tags(value) == {}
