"""Frames that look alike are read from what is remembered of the first one, and nothing goes from one to the next."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from frame_examples import frame_of, tables
from hypothesis import given, settings

from studiolo_child.frames.layout import FrameError
from studiolo_child.frames.pandas_in import read_frame
from studiolo_child.frames.pandas_out import write_frame
from studiolo_child.frames.repeated import RepeatedFrames


def frame(columns: dict[str, list[Any]]) -> bytearray:
    return bytearray(frame_of(pa.table(columns)))


def doubles(rows: int, first: float = 0.5) -> bytearray:
    cells = pa.array([first + row for row in range(rows)], pa.float64())
    return bytearray(frame_of(pa.table({"a": cells, "b": cells, "c": cells})))


def written(dataframe: pd.DataFrame) -> bytes:
    target = io.BytesIO()
    write_frame(target, dataframe)
    return target.getvalue()


@settings(max_examples=200, deadline=None)
@given(tables())
def test_each_frame_is_read_as_alone(table: pa.Table) -> None:
    """Reading by memory gives the same table and the same receipt, for every type (R-2.5)."""
    data = frame_of(table)
    receipt: list[Any] = []
    alone = read_frame(bytearray(data), "float", receipt)
    frames = RepeatedFrames()
    for _ in range(3):
        told: list[Any] = []
        again = frames.read(bytearray(data), "float", told)
        # By bytes: pandas itself can't show, nor compare, a time at the end of what it holds in a zone.
        assert written(again) == written(alone)
        assert list(again.columns) == list(alone.columns)
        assert again.index.equals(alone.index)
        assert again.attrs == alone.attrs
        assert told == receipt


@pytest.mark.parametrize("data", [doubles(2), frame({"a": ["x", "y"], "b": [1, 2]})], ids=["floats", "mixed"])
def test_what_a_script_does_to_its_table_does_not_reach_the_next(data: bytearray) -> None:
    """The remembered columns are shared by all tables of a service (R-9.1)."""
    frames = RepeatedFrames()
    first = frames.read(bytearray(data))
    expected = written(first)
    for _ in range(2):
        given = frames.read(bytearray(data))
        assert written(given) == expected
        assert given.columns.name is None
        given.columns.name = "mine"
        given.index.name = "rows"
        given.loc[0, "b"] = 7
        given["new"] = 1
        given.columns = [f"{name}!" for name in given.columns]


def test_other_rows_and_other_columns_are_noticed() -> None:
    """Only frames whose bytes before the data are the same are read by memory."""
    frames = RepeatedFrames()
    for data in (
        doubles(2),
        doubles(3),
        doubles(2, 8.0),
        frame({"a": [1.0], "c": [2.0]}),
        doubles(0),
        doubles(2),
    ):
        pd.testing.assert_frame_equal(frames.read(bytearray(data)), read_frame(bytearray(data)))


def test_a_cut_frame_is_refused_after_a_good_one() -> None:
    """Its header is known, its length is not."""
    frames = RepeatedFrames()
    frames.read(doubles(2))
    with pytest.raises(FrameError):
        frames.read(doubles(2)[:-64])


def test_a_table_is_a_view_of_its_own_bytes() -> None:
    """Nothing is copied, and a change in place stays in the request's own bytes (R-2.2)."""
    frames = RepeatedFrames()
    for _ in range(2):
        data = doubles(2)
        before = bytes(data)
        table = frames.read(data)
        table.loc[0, "a"] = 77.0
        assert bytes(data) != before
    assert frames.read(doubles(2)).loc[0, "a"] == 0.5
