"""Frames to Arrow and back, and the promise that equal tables are equal bytes."""

from __future__ import annotations

import datetime
import decimal
import io
import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from frame_examples import MOMENT, frame_of, plain_values, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo_child.frames import layout, pandas_out
from studiolo_child.frames.arrow_frames import frame_from_table, table_from_frame, with_missing

D = decimal.Decimal


def became(data: Any) -> tuple[str, list[Any], list[tuple[str, bool]]]:
    """Write one column `x`; give its Arrow type, its values and the (code, lossy) of its receipt."""
    target, receipt = io.BytesIO(), []
    frame_from_table(pa.table({"x": data}), target, receipt)
    table = table_from_frame(target.getvalue())
    table.validate(full=True)
    codes = [(entry["code"], entry["lossy"]) for entry in receipt]
    return str(table.schema.field("x").type), table.column("x").to_pylist(), codes


@settings(max_examples=300, deadline=None)
@given(tables())
def test_a_table_comes_back_from_its_frame(table: pa.Table) -> None:
    """Arrow, frame, Arrow changes no value, and the second frame is the first (R-2.5)."""
    frame = frame_of(table)
    again = table_from_frame(frame)
    again.validate(full=True)
    assert again.column_names == table.column_names
    for name in table.column_names:
        assert plain_values(again.column(name)) == plain_values(table.column(name))
    assert frame_of(again) == frame


@settings(max_examples=200, deadline=None)
@given(tables(), st.integers(1, 5), st.integers(0, 9))
def test_chunks_and_offsets_do_not_change_the_bytes(table: pa.Table, size: int, offset: int) -> None:
    """A digest is over schema and values, not over chunking or producer (ARCHITECTURE, Store)."""
    whole = pa.concat_tables([table, table])
    pieces = [whole.slice(first, size) for first in range(0, whole.num_rows, size)]
    assert frame_of(pa.concat_tables(pieces) if pieces else whole) == frame_of(whole)
    part = whole.slice(offset)
    assert frame_of(part) == frame_of(part.take(pa.array(range(part.num_rows), pa.int64())))


@settings(max_examples=100, deadline=None)
@given(tables())
def test_a_frame_opens_without_copying(table: pa.Table) -> None:
    """The host turns a frame into a Table without copying: every buffer lies in the frame's bytes."""
    frame = frame_of(table)
    whole = pa.py_buffer(frame)
    for column in table_from_frame(whole).columns:
        for chunk in column.chunks:
            for buffer in chunk.buffers() if len(chunk) else []:
                if buffer is not None and buffer.size:
                    assert whole.address <= buffer.address < whole.address + whole.size


EQUAL = {
    "integers": [1, 2, 3],
    "floats": [1.5, math.nan, -0.0],
    "texts": ["a", None, "ä\U0001f600"],
    "flags": [True, False, True],
    "moments": [MOMENT, None, MOMENT],
    "days": [datetime.date(2020, 1, 1), None, datetime.date(1, 1, 1)],
    "spans": [datetime.timedelta(1), None, datetime.timedelta(0, 0, 1)],
    "amounts": [D("1.10"), None, D("-22.5")],
    "blobs": [b"\xff", None, b""],
    "maybe": [True, None, False],
}


def test_pandas_and_arrow_write_the_same_bytes() -> None:
    """Equal tables are equal bytes whoever made them, so that reuse works across languages and modules."""
    cells = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in EQUAL.items()})
    typed = cells.astype({"integers": "int64", "floats": "float64", "texts": "str", "flags": "bool"})
    typed["group"] = pd.Categorical(["b", None, "a"], categories=["b", "a", "c"])
    typed["zoned"] = pd.to_datetime(pd.Series(EQUAL["moments"])).dt.tz_localize("Europe/Berlin")
    arrow = pa.Table.from_pandas(typed, preserve_index=False)
    by_pandas, by_arrow = io.BytesIO(), io.BytesIO()
    pandas_out.write_frame(by_pandas, typed)
    frame_from_table(arrow, by_arrow)
    assert by_pandas.getvalue() == by_arrow.getvalue()
    by_arrow_dtypes = io.BytesIO()
    pandas_out.write_frame(by_arrow_dtypes, arrow.to_pandas(types_mapper=pd.ArrowDtype))
    assert by_arrow_dtypes.getvalue() == by_pandas.getvalue()


def test_pandas_writes_texts_alike_however_it_keeps_them() -> None:
    """str, string and object columns of equal texts are one dataset."""
    frames = set()
    for dtype in ("str", "object", "string[python]", "string[pyarrow]", pd.ArrowDtype(pa.string())):
        for texts in (["a", None, "ä"], ["a", "b", ""], []):
            target = io.BytesIO()
            pandas_out.write_frame(target, pd.DataFrame({"x": pd.Series(texts, dtype=dtype)}))
            frames.add((tuple(texts), target.getvalue()))
    assert len(frames) == 3


@pytest.mark.parametrize(
    ("data", "type_", "stored", "codes"),
    [
        (pa.array(["a", None]), "large_string", ["a", None], []),
        (pa.array(["a", None], pa.string_view()), "large_string", ["a", None], []),
        (pa.array([b"a", None]), "large_binary", [b"a", None], []),
        (pa.array([b"a", None], pa.binary_view()), "large_binary", [b"a", None], []),
        (pa.array([b"ab", None], pa.binary(2)), "large_binary", [b"ab", None], []),
        (pa.array([1.5, None], pa.float32()), "float", [1.5, math.nan], []),
        (pa.array([1.5, None], pa.float16()), "halffloat", [1.5, math.nan], []),
        (pa.array([None, None]), "double", [math.nan, math.nan], [("null-to-double", False)]),
        (
            pa.array([datetime.date(2020, 1, 1), None], pa.date64()),
            "date32[day]",
            [datetime.date(2020, 1, 1), None],
            [("date-width", False)],
        ),
        (
            pa.array([datetime.time(1, 2, 3), None], pa.time64("us")),
            "large_string",
            ["01:02:03", None],
            [("time-to-string", True)],
        ),
        (pa.array([[1, None], None]), "large_string", ["[1, null]", None], [("nested-to-json", False)]),
        (pa.array([{"a": "ä"}, None]), "large_string", ['{"a": "ä"}', None], [("nested-to-json", False)]),
        (
            pa.array([D("1.5"), None], pa.decimal256(50, 1)),
            "decimal128(38, 1)",
            [D("1.5"), None],
            [("decimal-width", False)],
        ),
        (
            pa.array([D("1.5"), None], pa.decimal64(5, 1)),
            "decimal128(5, 1)",
            [D("1.5"), None],
            [("decimal-width", False)],
        ),
        (
            pa.array([D("1e3"), None], pa.decimal128(5, -2)),
            "decimal128(7, 0)",
            [D(1000), None],
            [("decimal-width", False)],
        ),
        (
            pa.array([D(10) ** 45, None], pa.decimal256(50, 1)),
            "large_string",
            ["1" + "0" * 45 + ".0", None],
            [("decimal-to-string", True)],
        ),
        (pa.RunEndEncodedArray.from_arrays([2, 3], ["a", None]), "large_string", ["a", "a", None], []),
        (
            pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
            "large_string",
            ["MonthDayNano(months=1, days=2, nanoseconds=3)"],
            [("object-to-string", True)],
        ),
        (pa.chunked_array([["a"], [None, "b"]]), "large_string", ["a", None, "b"], []),
        (pa.chunked_array([], pa.int64()), "int64", [], []),
    ],
)
def test_arrow_types_outside_the_set_become_the_nearest_one(
    data: Any, type_: str, stored: list[Any], codes: list[tuple[str, bool]]
) -> None:
    """SQL engines and Parquet files bring every Arrow type; what changes is told."""
    got_type, got, got_codes = became(data)
    assert (got_type, repr(got), got_codes) == (type_, repr(stored), codes)


@pytest.mark.parametrize("index", [pa.int8(), pa.uint16(), pa.int64(), pa.uint64()], ids=str)
def test_dictionaries_of_any_index_type_become_categorical(index: pa.DataType) -> None:
    """Codes take the width that the categories need, whoever wrote them."""
    data = pa.DictionaryArray.from_arrays(pa.array([1, None, 0], index), pa.array(["a", "b"]))
    assert became(data) == ("dictionary<values=large_string, indices=int8, ordered=0>", ["b", None, "a"], [])


def test_dictionaries_with_nulls_repeats_and_several_chunks_are_made_whole() -> None:
    """In pandas no category stands twice and none that is missing."""
    one = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), pa.array(["a", None, "a"]))
    two = pa.DictionaryArray.from_arrays(pa.array([1, 0, None]), pa.array(["a", "b"]))
    _, values, codes = became(one)
    assert (values, codes) == (["a", None, "a"], [("categories-merged", False)])
    assert became(pa.chunked_array([two, two.slice(1)]))[1:] == (["b", "a", None, "a", None], [])
    nan = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array([math.nan, 1.5]))
    assert became(nan)[1] == [None, 1.5]
    lists = pa.DictionaryArray.from_arrays(pa.array([0, None]), pa.array([[1]]))
    assert became(lists) == (
        "large_string",
        ["[1]", None],
        [("categories-dropped", False), ("nested-to-json", False)],
    )


def test_values_under_nulls_do_not_reach_the_bytes() -> None:
    """What stands under a null is no value, and must not make another digest or leak."""
    odd = pa.Array.from_buffers(
        pa.int64(), 3, [pa.py_buffer(b"\xfd"), pa.py_buffer(np.array([1, 99, 3], "i8").tobytes())]
    )
    text = pa.Array.from_buffers(
        pa.large_string(),
        3,
        [pa.py_buffer(b"\x05"), pa.py_buffer(np.array([0, 1, 3, 4], "i8").tobytes()), pa.py_buffer(b"axxb")],
    )
    flags = pa.Array.from_buffers(pa.bool_(), 3, [pa.py_buffer(b"\x05"), pa.py_buffer(b"\xff")])
    clean = pa.table({"i": [1, None, 3], "s": ["a", None, "b"], "b": [True, None, True]})
    assert frame_of(pa.table({"i": odd, "s": text, "b": flags})) == frame_of(clean)


def test_the_number_that_means_nat_becomes_missing() -> None:
    """In pandas it would be missing; then it is missing for everyone."""
    data = pa.array([-(2**63), 1], pa.int64()).view(pa.timestamp("us"))
    assert became(data)[1:] == (
        [None, datetime.datetime(1970, 1, 1, 0, 0, 0, 1)],
        [("time-to-missing", False)],
    )


def test_nan_becomes_missing_where_asked_for() -> None:
    """Frames keep missing floats as NaN; SQL and Arrow want nulls."""
    table = pa.table(
        {"f": [1.5, math.nan], "h": pa.array([1.5, math.nan], pa.float16()), "i": [1, 2], "g": [1.0, 2.0]}
    )
    opened = table_from_frame(frame_of(table))
    missing = with_missing(opened)
    assert missing.to_pydict() == {"f": [1.5, None], "h": [1.5, None], "i": [1, 2], "g": [1.0, 2.0]}
    assert (
        missing.column("g").chunk(0).buffers()[1].address == opened.column("g").chunk(0).buffers()[1].address
    )


def test_duplicate_names_of_a_query_become_unique() -> None:
    """`select a.id, b.id` gives two columns of one name."""
    target, receipt = io.BytesIO(), []
    table = pa.table([[1], [2]], names=["id", "id"])
    shape = frame_from_table(table, target, receipt, dialect="classic")
    assert table_from_frame(target.getvalue()).column_names == ["id", "id (2)"]
    assert shape == {"rows": 1, "columns": 2, "size": len(target.getvalue())}
    assert [entry["text"] for entry in receipt] == ["duplicate `id` became `id (2)`"]


def test_a_damaged_frame_is_refused() -> None:
    """The host opens what lies on disk."""
    with pytest.raises(layout.FrameError):
        table_from_frame(frame_of(pa.table({"x": [1, 2]}))[:-64])
