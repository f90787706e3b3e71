"""Tables to learn from: a small mixed one, and the public ones that scikit-learn brings."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa

ROWS = 120
NAN = float("nan")


def mixed(task: str) -> pa.Table:
    """Give 120 rows of every type with gaps and unicode, and a label `ziel` of the task that can be learnt."""
    at = range(ROWS)
    start = datetime.datetime(2020, 1, 1)
    labels: dict[str, list[Any]] = {
        "two-class": [None if one % 17 == 3 else ("ja" if one % 4 > 1 else "nein") for one in at],
        "multiclass": [None if one % 17 == 3 else ("a", "b", "ß")[one % 3] for one in at],
        "regression": [NAN if one % 17 == 3 else 5.0 + one % 4 for one in at],
    }
    labels["quantile"] = labels["regression"]
    columns: dict[str, pa.Array] = {
        "größe": pa.array([NAN if one % 11 == 5 else float(one % 4) for one in at]),
        "anzahl": pa.array([None if one % 13 == 5 else int(one % 3) for one in at], pa.int32()),
        "stadt": pa.array([None if one % 19 == 5 else ("Köln", "Αθήνα", "東京")[one % 3] for one in at]),
        "plan": pa.array([("basic", "pro")[one % 4 > 1] for one in at]).dictionary_encode(),
        "aktiv": pa.array([None if one % 23 == 5 else bool(one % 2) for one in at]),
        "seit": pa.array([start + datetime.timedelta(days=int(one)) for one in at], pa.timestamp("us")),
    }
    if task != "anomaly":
        columns["ziel"] = pa.array(labels[task])
    return pa.table(columns)


def public(name: str) -> tuple[pa.Table, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Give a dataset of scikit-learn as a table with the column `target`, and its matrix and target.

    Args:
        name: `breast_cancer`, `iris` or `diabetes`.
    """
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")()
    columns = {f"x{at}": found.data[:, at].copy() for at in range(found.data.shape[1])}
    return pa.table({**columns, "target": found.target}), found.data, found.target


def halves(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Give the even rows and the odd ones."""
    at = np.arange(table.num_rows)
    return table.filter(pa.array(at % 2 == 0)), table.filter(pa.array(at % 2 == 1))
