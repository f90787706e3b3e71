"""Columns, categories and samples of a service's ports, learnt from stored frames of every type (R-9.1)."""

from __future__ import annotations

import datetime
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from studiolo.domain.service import ServiceColumn
from studiolo.services.learning import MOST_CATEGORIES, SAMPLE_BYTES, learn_columns
from studiolo_child.frames.arrow_frames import frame_from_table

CATEGORY = ServiceColumn("c", "categorical", category_type="string")


def learnt(folder: Path, table: pa.Table, **more: Any):
    """Learn from a table as if a run had left it."""
    buffer = io.BytesIO()
    frame_from_table(table, buffer, [])
    path = folder / "frame"
    path.write_bytes(buffer.getvalue())
    return learn_columns(path, **more)


def test_every_type_has_a_sample_of_json(tmp_path: Path) -> None:
    """A sample is sent as a request: dates, spans, bytes and missing values have the form that is read again."""
    moment = datetime.datetime(2014, 9, 21, 11, 10, 0, 500)
    table = pa.table(
        {
            "int": pa.array([1, None], pa.int32()),
            "double": pa.array([float("inf"), None]),
            "bool": [True, False],
            "text": ["a", None],
            "time": pa.array([moment, None], pa.timestamp("us")),
            "zoned": pa.array([moment, None], pa.timestamp("ns", "Europe/Berlin")),
            "span": pa.array([datetime.timedelta(days=1, seconds=2), None], pa.duration("ms")),
            "date": pa.array([datetime.date(2014, 9, 21), None]),
            "bytes": pa.array([b"\x00\xff", None]),
            "decimal": pa.array([Decimal("1.50"), None], pa.decimal128(5, 2)),
            "category": pa.array(["x", "y"]).dictionary_encode(),
        }
    )
    columns, sample = learnt(tmp_path, table)
    assert json.loads(json.dumps(sample)) == [list(row) for row in sample]
    assert sample[0] == (
        1,
        "Infinity",
        True,
        "a",
        "2014-09-21T11:10:00.0005",
        "2014-09-21T11:10:00.0005Z",
        "1.00:00:02",
        "2014-09-21",
        "AP8=",
        "1.50",
        "x",
    )
    assert sample[1] == (None, None, False, *[None] * 7, "y")
    assert [column.has_missing for column in columns] == [True, True, False, *[True] * 7, False]
    assert columns[-1] == ServiceColumn("category", "categorical", ("x", "y"), category_type="string")


def test_large_data_gives_a_small_sample(tmp_path: Path) -> None:
    """The sample stands in documents that people read; a version is one row of the database."""
    wide = pa.table({f"c{number}": ["x" * 5000] * 10 for number in range(1000)})
    columns, sample = learnt(tmp_path, wide)
    assert (len(columns), len(sample), len(sample[0][0])) == (1000, 1, 1000)
    assert len(json.dumps(sample)) <= SAMPLE_BYTES * 2
    many = pd.DataFrame({"c": pd.Categorical([str(number) for number in range(MOST_CATEGORIES + 1)])})
    columns, sample = learnt(tmp_path, pa.Table.from_pandas(many))
    assert (columns[0].categories, len(sample)) == ((), 5)


def test_without_a_sample_no_value_is_taken_over(tmp_path: Path) -> None:
    """Categories are values of the data too."""
    table = pa.table({"c": pa.array(["x", "y"]).dictionary_encode()})
    assert learnt(tmp_path, table, has_sample=False) == ((CATEGORY,), ())


def test_an_empty_table_has_columns(tmp_path: Path) -> None:
    """A service may be published with nothing but the shape of its data."""
    columns, sample = learnt(tmp_path, pa.table({"x": pa.array([], pa.float64())}))
    assert (columns, sample) == ((ServiceColumn("x", "float64"),), ())
    assert learnt(tmp_path, pa.table({})) == ((), ())
