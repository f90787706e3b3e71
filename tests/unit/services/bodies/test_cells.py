"""Cells of every type: what is read, the bytes it becomes, and how it is written back."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo.domain.service import ServiceColumn
from studiolo.services.bodies.categories import parse_categories
from studiolo.services.bodies.cell_forms import classic_cells, classic_type, double_texts, typed_cells
from studiolo.services.bodies.cells import CellError, parse_cells
from studiolo.services.bodies.frame_reading import read_columns
from studiolo.services.bodies.frame_writing import write_frame
from studiolo_child.frames.arrow_types import arrow_type

D, T, S = datetime.date, datetime.datetime, datetime.timedelta
NAN = math.nan

# frame type, cells as requests hold them, the values, classic cells, typed cells
EXAMPLES: list[tuple[str, list[Any], list[Any], list[Any], list[Any]]] = [
    (
        "int64",
        [1, "2", " -3 ", 4.0, "5.0", True],
        [1, 2, -3, 4, 5, 1],
        ["1", "2", "-3", "4", "5", "1"],
        [1, 2, -3, 4, 5, 1],
    ),
    ("int8", [1, None, ""], [1, None, None], ["1", None, None], [1, None, None]),
    ("uint64", [18446744073709551615, "7"], [2**64 - 1, 7], ["18446744073709551615", "7"], [2**64 - 1, 7]),
    (
        "float64",
        [1, "2.5", "1E-05", "1.5E+20", "Infinity", "-Infinity", True],
        [1.0, 2.5, 1e-5, 1.5e20, math.inf, -math.inf, 1.0],
        ["1", "2.5", "1E-05", "1.5E+20", "Infinity", "-Infinity", "1"],
        [1.0, 2.5, 1e-5, 1.5e20, "Infinity", "-Infinity", 1.0],
    ),
    (
        "float64",
        ["0.287719696760178", "100749.893789066"],
        [0.287719696760178, 100749.893789066],
        ["0.287719696760178", "100749.893789066"],
        [0.287719696760178, 100749.893789066],
    ),
    ("float32", [0.1, "16777216"], [0.1, 16777216.0], ["0.1", "16777216"], [0.1, 16777216.0]),
    ("float16", [0.5, "2"], [0.5, 2.0], ["0.5", "2"], [0.5, 2.0]),
    (
        "bool",
        [True, "False", "true", 0, "1", None, ""],
        [True, False, True, False, True, None, None],
        ["True", "False", "True", "False", "True", None, None],
        [True, False, True, False, True, None, None],
    ),
    (
        "string",
        ["a", "", None, "ö😀", 1, 2.5, True],
        ["a", "", None, "ö😀", "1", "2.5", "True"],
        ["a", "", None, "ö😀", "1", "2.5", "True"],
        ["a", "", None, "ö😀", "1", "2.5", "True"],
    ),
    ("bytes", ["AP8=", None], [b"\0\xff", None], ["AP8=", None], ["AP8=", None]),
    (
        "timestamp[us]",
        [
            "9/21/2014 11:10:00 AM",
            "9/21/2014 12:00:00 AM",
            "2014-09-21T23:10:00.25",
            "2014-09-21T12:00:00+02:00",
            "2014-09-21",
            "",
        ],
        [
            T(2014, 9, 21, 11, 10),
            T(2014, 9, 21),
            T(2014, 9, 21, 23, 10, 0, 250000),
            T(2014, 9, 21, 10),
            T(2014, 9, 21),
            None,
        ],
        [
            "9/21/2014 11:10:00 AM",
            "9/21/2014 12:00:00 AM",
            "9/21/2014 11:10:00 PM",
            "9/21/2014 10:00:00 AM",
            "9/21/2014 12:00:00 AM",
            None,
        ],
        [
            "2014-09-21T11:10:00",
            "2014-09-21T00:00:00",
            "2014-09-21T23:10:00.25",
            "2014-09-21T10:00:00",
            "2014-09-21T00:00:00",
            None,
        ],
    ),
    (
        "timestamp[s, UTC]",
        ["2014-09-21T12:30:00Z"],
        [T(2014, 9, 21, 12, 30, tzinfo=datetime.UTC)],
        ["9/21/2014 12:30:00 PM"],
        ["2014-09-21T12:30:00Z"],
    ),
    (
        "date32",
        ["9/21/2014", "1969-12-31", None],
        [D(2014, 9, 21), D(1969, 12, 31), None],
        ["9/21/2014 12:00:00 AM", "12/31/1969 12:00:00 AM", None],
        ["2014-09-21", "1969-12-31", None],
    ),
    (
        "duration[ms]",
        ["1.02:03:04.5", "-00:00:01", None],
        [S(1, 7384, 500000), S(seconds=-1), None],
        ["1.02:03:04.5000000", "-00:00:01", None],
        ["1.02:03:04.5", "-00:00:01", None],
    ),
    (
        "decimal(9,2)",
        [1.25, "-0.05", 3, "1e2", None],
        [decimal.Decimal("1.25"), decimal.Decimal("-0.05"), decimal.Decimal(3), decimal.Decimal(100), None],
        ["1.25", "-0.05", "3", "100", None],
        [1.25, -0.05, 3.0, 100.0, None],
    ),
    (
        "decimal(38,1)",
        ["1234567890123456789012345678.5"],
        [decimal.Decimal("1234567890123456789012345678.5")],
        ["1234567890123456789012345678.5"],
        ["1234567890123456789012345678.5"],
    ),
]


@pytest.mark.parametrize(("kind", "cells", "values", "classic", "typed"), EXAMPLES)
def test_every_type_is_read_and_written_as_documented(
    kind: str,
    cells: list[Any],
    values: list[Any],
    classic: list[Any],
    typed: list[Any],
    opened: Callable[[bytes], pa.Table],
    frame_of: Callable[[pa.Table], bytes],
) -> None:
    """Texts and numbers become the frame that every other writer makes of the values, and texts again (R-9.2)."""
    frame = write_frame(len(cells), ["x"], [parse_cells(cells, kind)])
    opened(frame)
    assert frame == frame_of(pa.table({"x": pa.array(values, arrow_type(kind))}))
    rows, (column,) = read_columns(frame)
    assert (rows, column.type) == (len(cells), kind)
    assert list(classic_cells(column)) == classic
    assert list(typed_cells(column)) == typed


def test_missing_numbers_are_nan_in_the_frame_and_null_in_both_forms() -> None:
    """null, an empty text and NaN are one and the same in a column of Doubles (R-9.2)."""
    for cells in ([None, "", "NaN", 1], ["", "1.5", "2"], [None, 1, 2.5], ["nan", "1"]):
        buffers = parse_cells(cells, "float64")
        _, (column,) = read_columns(write_frame(len(cells), ["x"], [buffers]))
        expected = [cell not in (None, "", "NaN", "nan") for cell in cells]
        assert [value == value for value in column.values] == expected
        assert [text is not None for text in classic_cells(column)] == expected


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("int64", "1.5"), ("int64", 1e300), ("int64", "x"), ("int64", "1_000"), ("int64", "٣"), ("int64", 2.0**60),
        ("int8", 128), ("uint8", -1), ("int64", "9" * 30), ("int64", []), ("int64", "1,2"),
        ("float64", "one"), ("float64", "1_0"), ("float64", "true"), ("float64", "1e400"), ("float64", "١"),
        ("float64", {}), ("float64", "null"), ("float64", "[1]"), ("float32", 1e300), ("float16", "70000"),
        ("bool", "yes"), ("bool", 2), ("bool", []), ("string", {}), ("string", [1]), ("bytes", "%"), ("bytes", 1),
        ("timestamp[ns]", "2300-01-01"), ("timestamp[us]", "2014-02-30"), ("timestamp[us]", "25/12/2014"),
        ("timestamp[us]", 1), ("timestamp[us]", "2014-01-01T24:00"), ("date32", "2014-01-01T01:00:00"),
        ("duration[ns]", "99:00:00"), ("duration[ns]", 5), ("decimal(4,1)", "1.25"), ("decimal(4,1)", 1000),
        ("decimal(4,1)", "1e-999999999"), ("decimal(4,1)", "1e999999999"), ("decimal(4,1)", "nan"),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_fit_names_its_row(kind: str, bad: Any) -> None:
    """The first bad cell is named, wherever the quick way stopped (issue 5, bad input)."""
    good: Any = {"bool": True, "bytes": "", "string": "a"}.get(
        kind, 1 if kind[0] in "iuf" or "decimal" in kind else None
    )
    with pytest.raises(CellError) as caught:
        parse_cells([good, bad, bad], kind)
    assert (caught.value.row, caught.value.value) == (1, bad)


def test_texts_are_never_taken_for_several_numbers() -> None:
    """Texts are joined to be read at once; none may change what its neighbours are."""
    for cells in (["1,2", "3"], ["[1", "2]"], ["1]", "[2"], ['"1"', "2"], ["1", "2,"], ["{}", "1"]):
        with pytest.raises(CellError):
            parse_cells(cells, "float64")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(allow_nan=False), max_size=30))
def test_doubles_written_as_texts_read_back_exactly(values: list[float]) -> None:
    """15 digits where they suffice, else 17: no digit is lost (facts 2.2)."""
    texts = double_texts(values)
    buffers = parse_cells(texts, "float64")
    _, (column,) = read_columns(write_frame(len(values), ["x"], [buffers]))
    assert [value + 0.0 for value in column.values] == [value + 0.0 for value in values]
    assert not any("e" in (text or "") for text in texts)


def test_exponents_begin_where_those_of_net_do() -> None:
    """Form R of .NET: below 0.0001, and from 15 digits, or 17 where so many are needed (facts 2.2)."""
    values = [0.0001, 0.00001, 1e14, 1e15, 9007199254740992.0, 1e100, -0.0, 1 / 3, 123456789012345680.0]
    expected = [
        "0.0001", "1E-05", "100000000000000", "1E+15", "9007199254740992", "1E+100", "0", "0.33333333333333331",
        "1.2345678901234568E+17",
    ]  # fmt: skip
    assert double_texts(values) == expected
    assert [double_texts([value])[0] for value in [*values, NAN]] == [*expected, None]


def test_categories_keep_their_codes_and_new_ones_follow(
    opened: Callable[[bytes], pa.Table], frame_of: Callable[[pa.Table], bytes]
) -> None:
    """A model that learnt codes finds the same ones; an unseen value is no error (R-9.2)."""
    column = ServiceColumn("x", "categorical", ("red", "green"))
    frame = write_frame(5, ["x"], [parse_categories(["green", "blue", "", None, "red"], column)])
    expected = pa.DictionaryArray.from_arrays(
        pa.array([1, 2, None, None, 0], pa.int8()), pa.array(["red", "green", "blue"])
    )
    assert frame == frame_of(pa.table({"x": expected}))
    opened(frame)
    _, (read,) = read_columns(frame)
    assert classic_cells(read) == typed_cells(read) == ["green", "blue", None, None, "red"]
    numbers = ServiceColumn("x", "categorical", (10, 20))
    _, (read,) = read_columns(write_frame(3, ["x"], [parse_categories(["20", 10, 30], numbers)]))
    assert (typed_cells(read), classic_type(read.type)) == ([20, 10, 30], "Int64")
    with pytest.raises(CellError):
        parse_categories(["x"], numbers)


def test_categories_may_have_any_type_and_an_order(opened: Callable[[bytes], pa.Table]) -> None:
    """Equal values are one category however they are written; missing ones none."""
    dates = ServiceColumn("x", "categorical", ("2014-09-21T00:00:00",), False, "timestamp[us]", True)
    cells = ["9/21/2014", "2014-09-22", "2014-09-22T00:00", "", None]
    frame = write_frame(5, ["x"], [parse_categories(cells, dates)])
    column = opened(frame).column("x")
    assert column.type.ordered
    first, second = T(2014, 9, 21), T(2014, 9, 22)
    assert column.to_pylist() == [first, second, second, None, None]
    assert opened(frame).column("x").chunk(0).dictionary.to_pylist() == [first, second]
    singles = ServiceColumn("x", "categorical", (0.5,), False, "float32")
    frame = write_frame(4, ["x"], [parse_categories(["0.1", 0.10000000001, "NaN", 0.5], singles)])
    assert opened(frame).column("x").chunk(0).indices.to_pylist() == [1, 1, None, 0]
    with pytest.raises(CellError) as caught:
        parse_categories([1, 300], ServiceColumn("x", "categorical", (1,), False, "int8"))
    assert caught.value.row == 1


def test_column_types_have_the_classic_names() -> None:
    """ColumnTypes of details=true (facts 2.2)."""
    names = {kind: classic_type(kind) for kind, *_ in EXAMPLES}
    assert names == {
        "int64": "Int64", "int8": "Int32", "uint64": "UInt64", "float64": "Double", "float32": "Single",
        "float16": "Single", "bool": "Boolean", "string": "String", "bytes": "String", "timestamp[us]": "DateTime",
        "timestamp[s, UTC]": "DateTime", "date32": "DateTime", "duration[ms]": "TimeSpan", "decimal(9,2)": "Double",
        "decimal(38,1)": "Double",
    }  # fmt: skip
