"""Excel sheets: the type of a column comes from all of its cells."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest

from studiolo.formats.excel import read


@pytest.fixture
def book(source: Callable[..., Any]) -> Callable[..., Any]:
    """Make a workbook of sheets of rows."""

    def make(**sheets: Sequence[Sequence[Any]]) -> Any:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for title, rows in sheets.items():
            sheet = made.create_sheet(title)
            for row in rows:
                sheet.append(row)
        data = io.BytesIO()
        made.save(data)
        return source(data.getvalue(), "book.xlsx")

    return make


def test_cells_keep_their_types(book: Callable[..., Any], values: Callable[..., Any]) -> None:
    """Whole numbers, numbers, booleans, dates, time spans and texts, with gaps."""
    day = datetime.datetime(2020, 1, 31, 10, 30)
    rows = [
        ["i", "f", "b", "d", "t", "s", "empty"],
        [1, 1, True, day, datetime.time(1, 2, 3), "007"],
        [None, 2.5, None, None, None, None],
        [-3, None, False, datetime.date(2020, 2, 1), datetime.timedelta(hours=30), "2"],
    ]
    result = read(book(Sheet=rows))
    span = [datetime.timedelta(hours=1, minutes=2, seconds=3), None, datetime.timedelta(hours=30)]
    assert values(result) | {"t": None} == {
        "i": ("int64", [1, None, -3]),
        "f": ("double", [1.0, 2.5, None]),
        "b": ("bool", [True, None, False]),
        "d": ("timestamp[us]", [day, None, datetime.datetime(2020, 2, 1)]),
        "t": None,
        "s": ("string", ["007", None, "2"]),
        "empty": ("double", [None, None, None]),
    }
    assert len(span) == 3


def test_sheets_are_chosen_by_name_or_number(book: Callable[..., Any], refused: Callable[..., Any]) -> None:
    """The first one unless another is named; a wrong name gives those there are."""
    both = book(Sales=[["a"], [1]], Costs=[["b"], [2]])
    assert read(both).table.column_names == ["a"]
    assert read(both, sheet="Costs").table.column_names == ["b"]
    assert read(both, sheet=2).table.column_names == read(both, sheet="2").table.column_names == ["b"]
    assert refused(read, both, sheet="Csts") == ("unknown-sheet", 'book.xlsx has no sheet "Csts".')
    assert refused(read, both, sheet="3")[0] == "unknown-sheet"


def test_error_cells_are_missing_and_it_is_said(book: Callable[..., Any]) -> None:
    """A failed formula has no value; the count stands in the receipt (R-2.4)."""
    result = read(book(Sheet=[["a", "s"], [1, "x"], ["#DIV/0!", "#N/A"], ["#DIV/0!", "y"]]))
    assert result.table.to_pydict() == {"a": [1, None, None], "s": ["x", None, "y"]}
    assert [(entry["code"], entry["column"], entry["lossy"]) for entry in result.receipt] == [
        ("error-cells", "a", True),
        ("error-cells", "s", True),
    ]


def test_markers_are_missing_among_numbers_only(book: Callable[..., Any]) -> None:
    """People type NA into number columns; NA among texts is a text."""
    result = read(book(Sheet=[["a", "s"], [1, "x"], ["NA", "NA"], [" ", None]]))
    assert result.table.to_pydict() == {"a": [1, None, None], "s": ["x", "NA", None]}
    assert [entry["code"] for entry in result.receipt] == ["markers-to-missing"]


def test_mixed_columns_become_text_and_it_is_said(book: Callable[..., Any]) -> None:
    """One text far below must not be lost nor fail the rest (R-2.1, R-2.3)."""
    result = read(book(Sheet=[["a"], *[[number] for number in range(500)], ["n.a."]]))
    assert result.table["a"].to_pylist()[-2:] == ["499", "n.a."]
    assert [entry["text"] for entry in result.receipt] == [
        '"a" holds several types (500 Integer, 1 String) and became String.'
    ]


def test_empty_surroundings_are_left_out(book: Callable[..., Any]) -> None:
    """Sheets often begin below the top and end in formatted but empty rows; empty rows within stay."""
    rows = [[None], ["a", None, "a", None], [1, 2, 3, None], [None], [4, 5, 6, None], [None], ["", ""]]
    result = read(book(Sheet=rows))
    assert result.table.to_pydict() == {"a": [1, None, 4], "Col2": [2, None, 5], "a (2)": [3, None, 6]}


def test_without_header_the_columns_are_numbered(book: Callable[..., Any]) -> None:
    """As in every other format."""
    assert read(book(Sheet=[[1, "x"]]), header=False).table.to_pydict() == {"Col1": [1], "Col2": ["x"]}


def test_what_is_no_workbook_is_refused(
    book: Callable[..., Any], source: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    """Text, old workbooks, cut-off ones and empty sheets each in their own words."""
    assert refused(read, source("a,b\n1,2\n", "x.xlsx"))[0] == "wrong-format"
    assert refused(read, source(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "x.xlsx")) == (
        "wrong-format",
        "x.xlsx can't be read as Excel: it is an old .xls or an encrypted workbook.",
    )
    whole = book(Sheet=[["a"], [1]]).read()
    assert refused(read, source(whole[: len(whole) // 2], "x.xlsx"))[0] == "wrong-format"
    assert refused(read, book(Sheet=[])) == ("empty-file", "The sheet of book.xlsx is empty.")
