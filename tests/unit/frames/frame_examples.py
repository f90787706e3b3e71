"""Datasets of every type for the tests of frames, as hypothesis strategies and as fixed examples."""

from __future__ import annotations

import datetime
import decimal
import io
import math
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from studiolo_child.frames import pandas_in, pandas_out
from studiolo_child.frames.arrow_frames import frame_from_table, table_from_frame

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INT64 = st.integers(-(2**63) + 1, 2**63 - 1)


def integers(kind: pa.DataType) -> st.SearchStrategy[int]:
    """Give integers of an Arrow type, its bounds often."""
    bits = kind.bit_width
    if pa.types.is_unsigned_integer(kind):
        return st.integers(0, 2**bits - 1)
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def decimals(precision: int, scale: int) -> st.SearchStrategy[decimal.Decimal]:
    """Give decimals that a decimal128(precision, scale) holds."""
    limit = 10**precision - 1
    return st.integers(-limit, limit).map(lambda number: decimal.Decimal(f"{number}e-{scale}"))


PLAIN: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.bool_(), st.booleans()),
    *[(kind, integers(kind)) for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64())],
    *[(kind, integers(kind)) for kind in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())],
    (pa.float16(), st.floats(width=16)),
    (pa.float32(), st.floats(width=32)),
    (pa.float64(), st.floats()),
    (pa.large_string(), TEXTS),
    (pa.large_binary(), st.binary(max_size=12)),
    *[(pa.timestamp(unit), INT64) for unit in ("s", "ms", "us", "ns")],
    (pa.timestamp("ns", "Europe/Berlin"), INT64),
    (pa.timestamp("us", "UTC"), INT64),
    (pa.timestamp("ms", "+05:30"), INT64),
    *[(pa.duration(unit), INT64) for unit in ("s", "ms", "us", "ns")],
    (pa.date32(), st.integers(-(2**31), 2**31 - 1)),
    (pa.decimal128(9, 2), decimals(9, 2)),
    (pa.decimal128(38, 10), decimals(38, 10)),
    (pa.decimal128(3, 3), decimals(3, 3)),
]


def array(kind: pa.DataType, values: list[Any]) -> pa.Array:
    """Build an Arrow array, times from their numbers."""
    if pa.types.is_temporal(kind):
        number = pa.int32() if kind.bit_width == 32 else pa.int64()
        return pa.array(values, number).view(kind)
    return pa.array(values, kind)


@st.composite
def columns(draw: st.DrawFn, rows: int, kinds: Any = PLAIN) -> pa.Array:
    """Draw a column of any type: without missing values, with some, or with nothing else."""
    kind, values = draw(st.sampled_from(kinds))
    missing = draw(st.sampled_from(["none", "some", "all"]))
    if missing == "all":
        return pa.nulls(rows, kind)
    cells = values if missing == "none" else values | st.none()
    return array(kind, draw(st.lists(cells, min_size=rows, max_size=rows)))


@st.composite
def categoricals(draw: st.DrawFn, rows: int) -> pa.DictionaryArray:
    """Draw a categorical column whose categories have any other type."""
    kind, values = draw(st.sampled_from([pair for pair in PLAIN if pair[0] != pa.float16()]))
    if pa.types.is_floating(kind):
        values = st.floats(allow_nan=False, width=kind.bit_width)
    categories = draw(st.lists(values, max_size=5, unique=True))
    codes = st.integers(0, len(categories) - 1) | st.none() if categories else st.none()
    indices = draw(st.lists(codes, min_size=rows, max_size=rows))
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, pa.int32()), array(kind, categories), ordered=draw(st.booleans())
    )


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Draw a table: empty, of one row or of several, with columns of all types."""
    rows = draw(st.sampled_from([0, 1, 2, 3, 9, 17]))
    arrays = draw(st.lists(columns(rows) | categoricals(rows), max_size=4))
    names = draw(st.lists(NAMES, min_size=len(arrays), max_size=len(arrays), unique=True))
    return pa.table(arrays, names=names)


def frame_of(table: pa.Table) -> bytes:
    """Write a table as a frame, which must need no change."""
    target, receipt = io.BytesIO(), []
    frame_from_table(table, target, receipt)
    assert receipt == []
    return target.getvalue()


def through_pandas(
    frame: bytes, integers_with_missing: str = "float", **options: Any
) -> tuple[bytes, list[dict[str, Any]]]:
    """Read a frame into pandas and write it back; give the new frame and all receipt entries."""
    receipt: list[dict[str, Any]] = []
    dataframe = pandas_in.read_frame(bytearray(frame), integers_with_missing, receipt)
    target = io.BytesIO()
    pandas_out.write_frame(target, dataframe, receipt, **options)
    return target.getvalue(), receipt


def written(dataframe: Any, **options: Any) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Write a DataFrame; give the table and the receipt."""
    receipt: list[dict[str, Any]] = []
    target = io.BytesIO()
    pandas_out.write_frame(target, dataframe, receipt, **options)
    table = table_from_frame(target.getvalue())
    table.validate(full=True)
    return table, receipt


def plain_values(data: pa.ChunkedArray) -> list[Any]:
    """Give values to compare across types: NaN as None, dates as datetimes at midnight, numbers as numbers."""
    if pa.types.is_dictionary(data.type):
        data = data.cast(data.type.value_type)
    if pa.types.is_temporal(data.type):
        per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
        factor = 10**9 * 86400 if pa.types.is_date(data.type) else 10**9 // per_second[data.type.unit]
        number = pa.int32() if data.type.bit_width == 32 else pa.int64()
        counts = pa.chunked_array([chunk.view(number) for chunk in data.chunks], number).to_pylist()
        return [None if count is None else count * factor for count in counts]
    values = data.to_pylist()
    return [None if isinstance(value, float) and math.isnan(value) else value for value in values]


MOMENT = datetime.datetime(2020, 2, 29, 12, 30, 15, 123456)
