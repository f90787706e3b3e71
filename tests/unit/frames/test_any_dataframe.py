"""Whatever a script returns comes back from its frame the same, or the receipt says what is not (R-2.3, R-2.5)."""

from __future__ import annotations

import datetime
import io
from typing import Any

import numpy as np
import pandas as pd
from frame_examples import NAMES, TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studiolo_child.frames import pandas_in, pandas_out

MISSING = st.sampled_from([None, np.nan, pd.NaT, pd.NA])
KINDS: list[st.SearchStrategy[Any]] = [
    st.booleans(),
    st.booleans().map(np.bool_),
    st.integers(),
    st.integers(-100, 100).map(np.int8),
    st.floats(),
    st.floats(width=32).map(np.float32),
    st.complex_numbers(),
    st.decimals(),
    TEXTS,
    st.text(max_size=5),
    st.binary(max_size=5),
    st.binary(max_size=5).map(bytearray),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.datetimes(pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01")).map(pd.Timestamp),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.timedeltas(datetime.timedelta(-9999), datetime.timedelta(9999)).map(pd.Timedelta),
    st.lists(st.integers() | TEXTS, max_size=3),
    st.dictionaries(TEXTS, st.none() | st.floats(), max_size=2),
    st.fractions(),
    st.uuids(),
]


@st.composite
def object_columns(draw: st.DrawFn, rows: int) -> pd.Series:
    """Draw an object column of one kind of values, or of several, with missing ones of every kind between."""
    kinds = draw(
        st.lists(st.sampled_from(KINDS), min_size=1, max_size=draw(st.sampled_from([1, 1, 1, 2, 3])))
    )
    values = st.one_of(kinds)
    if draw(st.booleans()):
        values |= MISSING
    cells = np.empty(rows, object)
    for row in range(rows):
        cells[row] = draw(values)
    return pd.Series(cells, dtype=object)


@st.composite
def typed_columns(draw: st.DrawFn, rows: int) -> pd.Series:
    """Draw a column of any numpy dtype, or of one of pandas' own."""
    kinds = arrays.boolean_dtypes() | arrays.integer_dtypes() | arrays.unsigned_integer_dtypes()
    kinds |= arrays.floating_dtypes() | arrays.complex_number_dtypes()
    kinds |= st.sampled_from([f"{code}8[{unit}]" for code in "Mm" for unit in ("s", "ms", "us", "ns")]).map(
        np.dtype
    )
    values = draw(arrays.arrays(draw(kinds), rows))
    series = pd.Series(values)
    wrap = draw(st.sampled_from(["plain", "category", "nullable"]))
    if not series.dtype.isnative or series.dtype == np.float16:
        return series  # pandas itself takes them no further
    if wrap == "category":
        return series.astype("category")
    return series.convert_dtypes() if wrap == "nullable" and series.dtype.kind in "iub" else series


@st.composite
def dataframes(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a DataFrame with any columns, names and index."""
    rows = draw(st.sampled_from([0, 1, 2, 5, 9]))
    columns = draw(st.lists(object_columns(rows) | typed_columns(rows), max_size=4))
    labels = NAMES | st.text(max_size=3) | st.integers(-2, 2) | st.none() | st.tuples(NAMES, st.integers())
    names = draw(st.lists(labels, min_size=len(columns), max_size=len(columns)))
    dataframe = pd.DataFrame(dict(enumerate(columns)), index=range(rows))
    dataframe.columns = pd.Index(names, dtype=object, tupleize_cols=False)
    if draw(st.booleans()):
        dataframe.index = pd.Index(draw(st.lists(st.integers(-2, 9), min_size=rows, max_size=rows)))
    return dataframe


def same(before: Any, after: Any) -> bool:
    """Say whether two cells are the same value; missing is missing, a date is its midnight."""
    is_gone = [cell is None or cell is pd.NaT or cell is pd.NA or cell != cell for cell in (before, after)]
    if any(is_gone):
        return all(is_gone)
    if isinstance(before, datetime.date) and not isinstance(before, datetime.datetime):
        return pd.Timestamp(before) == pd.Timestamp(after)
    if isinstance(before, datetime.datetime) and before.tzinfo is not None:
        # The same moment: Python compares clock times of one zone, which are not one to one where it changed.
        return before.astimezone(datetime.UTC) == after.astimezone(datetime.UTC)
    return bool(before == after)


def is_missing_decimal(cell: Any) -> bool:
    return hasattr(cell, "is_nan") and cell.is_nan()


@settings(max_examples=500, deadline=None)
@given(dataframes())
def test_every_cell_is_the_same_or_its_column_is_told(dataframe: pd.DataFrame) -> None:
    """Never a silent change (R-2.3), and never an exception whatever stands in the cells."""
    target, receipt = io.BytesIO(), []
    before = dataframe.copy(deep=True)
    pandas_out.write_frame(target, dataframe, receipt)
    back = pandas_in.read_frame(bytearray(target.getvalue()), "nullable", receipt)
    assert back.shape == (dataframe.shape if len(dataframe.columns) else (0, 0))
    assert list(back.columns) == list(dict.fromkeys(back.columns))
    told = {entry["column"] for entry in receipt if entry["code"] not in ("name-to-text", "column-renamed")}
    for at, name in enumerate(back.columns):
        if name not in told:
            for cell, again in zip(before.iloc[:, at], back.iloc[:, at], strict=True):
                assert is_missing_decimal(cell) or same(cell, again), (name, cell, again)
    if list(dataframe.index) != list(range(len(dataframe))) and len(dataframe.columns):
        assert any(entry["code"] == "index-dropped" for entry in receipt)
    frames = io.BytesIO()
    pandas_out.write_frame(frames, dataframe, [])
    assert frames.getvalue() == target.getvalue()
