"""The tables that every module is called with: the usual one, and whatever data can be."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

ROWS = 40
_AT = np.arange(ROWS)
NAN = float("nan")


def usual(*, label: str = "churned") -> pa.Table:
    """Give a table as people have them: every type, gaps, and labels that can be learnt.

    Args:
        label: which of `churned` (two values), `level` (three) and `spent` (a number) is there, as last column.
    """
    start = datetime.datetime(2020, 1, 1)
    columns = {
        "age": pa.array([NAN if at % 9 == 4 else 20.0 + at for at in _AT]),
        "income": pa.array((_AT * 37 % 101).astype("float64") * 1000),
        "children": pa.array([None if at % 11 == 5 else int(at % 4) for at in _AT], pa.int16()),
        "city": pa.array([None if at % 13 == 6 else ("Rome", "Oslo", "Graz")[at % 3] for at in _AT]),
        "plan": pa.array([("basic", "pro")[at % 2] for at in _AT]).dictionary_encode(),
        "active": pa.array([bool(at % 5) for at in _AT]),
        "joined": pa.array([start + datetime.timedelta(days=int(at)) for at in _AT], pa.timestamp("us")),
        "note": pa.array([None if at % 7 == 3 else f"Calls {at % 6} times, likes tea" for at in _AT]),
    }
    labels = {
        "churned": pa.array(["yes" if at % 3 == 0 or at > 30 else "no" for at in _AT]),
        "level": pa.array([("low", "middle", "high")[min(at // 14, 2)] for at in _AT]),
        "spent": pa.array(20.0 + 3 * _AT + (_AT % 5)),
    }
    return pa.table({**columns, label: labels[label]})


USUAL = usual()

TABLES = {
    "usual": USUAL,
    "empty": pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}),
    "one row": pa.table({"a": [1], "b": ["x"], "c": [True]}),
    "all missing": pa.table(
        {
            "a": pa.array([NAN] * 3),
            "b": pa.array([None] * 3, pa.string()),
            "c": pa.array([None] * 3, pa.int64()),
            "d": pa.array([None] * 3, pa.timestamp("us")),
            "e": pa.array([None] * 3, pa.bool_()),
            "f": pa.array(pd.Categorical([None] * 3, categories=["x"])),
        }
    ),
    "unicode names": pa.table(
        {"größe (m²)": [1.5, 2.5], "名前": ["山", None], 'a "b", c;\td': [1, 2], "🙂": [1, None]}
    ),
    "wide": pa.table({f"column {number}": [number, None] for number in range(500)}),
    "every type": pa.table(
        {
            "boolean": [True, None],
            "integer": pa.array([1, None], pa.int16()),
            "double": [1.5, NAN],
            "infinite": [float("inf"), float("-inf")],
            "string": ["x", None],
            "time": pa.array([1, None], pa.timestamp("ns")),
            "zoned": pa.array([1, None], pa.timestamp("us", "Europe/Rome")),
            "span": pa.array([1, None], pa.duration("us")),
            "category": pa.array(["x", None]).dictionary_encode(),
        }
    ),
    "many categories": pa.table(
        {
            "id": [f"customer {at}" for at in range(600)],
            "shop": pa.array([f"shop {at % 300}" for at in range(600)]).dictionary_encode(),
            "value": [float(at % 17) for at in range(600)],
        }
    ),
    "text only": pa.table(
        {"word": ["tea", "coffee", "tea"], "number": ["1", "2,5", "x"], "empty": ["", " ", ""]}
    ),
    "numbers only": pa.table({"x": [1.0, 2.0, 4.0, 8.0], "y": [1, 0, 1, 0]}),
    "infinities": pa.table({"x": [float("inf"), 1.0, float("-inf")], "y": [1.0, float("inf"), 2.0]}),
    "huge numbers": pa.table(
        {
            "x": [1.7e308, -1.7e308, 1e300],
            "y": [2**62, -(2**62), 1],
            "z": pa.array([2**63, 1, 2], pa.uint64()),
        }
    ),
    "equal rows": pa.table({"x": [1.0] * 5, "y": ["same"] * 5}),
    "bytes": pa.table({"bytes": [b"\x00\xff", None]}),
    "names that clash": pa.table(
        {"Scored Labels": [1, 2], "Scored Probabilities": [0.1, 0.9], "Fold Assignments": [1, 2], "x": [1, 2]}
    ),
    "no columns": pa.table({}),
}
