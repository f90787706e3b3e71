"""ARFF as Weka and the retired products write it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from studiolo.formats.arff import read

HEAD = """% iris, shortened
@RELATION iris

@ATTRIBUTE 'sepal length'  REAL
@Attribute n integer % how many
@attribute class {setosa, 'blue flag', "a, b"}
@attribute note string
@attribute day date
@attribute day2 date 'dd.MM.yyyy'

@Data
"""
LINES = HEAD.count("\n")


def test_types_come_from_the_header(source: Callable[..., Any], values: Callable[..., Any]) -> None:
    """Keywords in any case, quotes of both kinds, comments, blanks and `?` (the ARFF definition of Weka)."""
    text = HEAD + (
        "5.1, 3, setosa, hello, 2020-01-31T10:11:12, 31.12.2020\n"
        "% between\n\n"
        "?,?,?,?,?,?\n"
        "-1e3,-7,'blue flag','it\\'s \"so\" 100%', \"2020-01-31T00:00:00\" ,'01.02.2020' % end\n"
        "Infinity,5.0,\"a, b\",'?',?,?\n"
    )
    result = read(source(text))
    category = "dictionary<values=string, indices=int32, ordered=0>"
    assert values(result) == {
        "sepal length": ("double", [5.1, None, -1000.0, float("inf")]),
        "n": ("int64", [3, None, -7, 5]),
        "class": (category, ["setosa", None, "blue flag", "a, b"]),
        "note": ("string", ["hello", None, 'it\'s "so" 100%', "?"]),
        "day": (
            "timestamp[us]",
            [datetime.datetime(2020, 1, 31, 10, 11, 12), None, datetime.datetime(2020, 1, 31), None],
        ),
        "day2": (
            "timestamp[us]",
            [datetime.datetime(2020, 12, 31), None, datetime.datetime(2020, 2, 1), None],
        ),
    }
    dictionary = result.table["class"].chunk(0).dictionary.to_pylist()
    assert dictionary == ["setosa", "blue flag", "a, b"]


def test_plain_rows_take_the_fast_way_to_the_same_values(
    source: Callable[..., Any], values: Callable[..., Any]
) -> None:
    """Rows without quotes are split by pyarrow; a quote anywhere must not change the others."""
    head = "@relation r\n@attribute a numeric\n@attribute b {x, y}\n@data\n"
    plain = values(read(source(head + " 1 , x\n?, ?\n2,y\n")))
    spaced = values(read(source(head + "'1', x\n?, ?\n2,'y'\n")))
    tight = values(read(source(head + "1,'x'\n?,?\n'2',y\n")))
    assert plain == spaced == tight
    assert plain["a"] == ("double", [1.0, None, 2.0])


def test_quotes_keep_blanks_and_question_marks(
    source: Callable[..., Any], values: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    """Whichever way rows are split, and a quote that is not closed is an error in both."""
    head = "@relation r\n@attribute a string\n@attribute b string\n@data\n"
    for between in (",", ", "):
        rows = f"' x '{between}'?'\n''{between}?\n'a,b'{between}c d\n"
        assert values(read(source(head + rows))) == {
            "a": ("string", [" x ", "", "a,b"]),
            "b": ("string", ["?", None, "c d"]),
        }
        for row in (f"'x{between}y", f"x{between}'y", f"'it''s'{between}y"):
            assert refused(read, source(head + row + "\n", "x.arff"))[0] == "bad-arff"


def test_sparse_rows_fill_up_with_zero_and_the_first_value(
    source: Callable[..., Any], values: Callable[..., Any]
) -> None:
    """Weka stores index 0 of a nominal attribute as zero, so absent means the first value there."""
    text = HEAD + "{1 7, 2 'a, b', 3 'x, y'}\n{}\n{ 0 ? }\n"
    table = {name: column for name, (_, column) in values(read(source(text))).items()}
    assert (table["sepal length"], table["n"]) == ([0.0, 0.0, None], [7, 0, 0])
    assert table["class"] == ["a, b", "setosa", "setosa"]
    assert (table["note"], table["day"]) == (["x, y", None, None], [None, None, None])


def test_weights_are_dropped_and_it_is_said(source: Callable[..., Any]) -> None:
    """A table has no row weights (R-2.4)."""
    result = read(source("@attribute a numeric\n@attribute b numeric\n@data\n1,2,{5}\n3,4\n"))
    assert result.table.to_pylist() == [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}]
    assert [(entry["code"], entry["lossy"]) for entry in result.receipt] == [("weights-dropped", True)]


@pytest.mark.parametrize(
    ("row", "code", "summary"),
    [
        (
            "5,1,rose,x,?,?",
            "value-does-not-fit",
            'column "class": "rose" is not one of the values in the header.',
        ),
        ("5,1.5,setosa,x,?,?", "value-does-not-fit", 'column "n": "1.5" is not Integer.'),
        ("five,1,setosa,x,?,?", "value-does-not-fit", 'column "sepal length": "five" is not Double.'),
        (
            "5,1,setosa,x,?,2020-01-01",
            "value-does-not-fit",
            'column "day2": "2020-01-01" is not DateTime of the form "dd.MM.yyyy".',
        ),
        ("5,1,setosa,x,?", "bad-arff", "5 values for 6 attributes."),
        ("5,1,setosa,'x,?,?", "bad-arff", 'a quote is not closed, or text follows one, near "\'x".'),
        ("{0 1, 9 2}", "bad-arff", "index 9 is beyond the last attribute, 5."),
        ("{0 1", "bad-arff", "a sparse row lacks its closing brace."),
    ],
)
def test_a_bad_row_names_its_line(
    source: Callable[..., Any], refused: Callable[..., Any], row: str, code: str, summary: str
) -> None:
    """The line is that of the file, with comments and empty lines counted (R-2.1)."""
    given = source(HEAD + "1,2,setosa,x,?,?\n\n% comment\n" + row + "\n", "iris.arff")
    told = refused(read, given)
    between = ", " if code == "value-does-not-fit" else ": "
    assert told == (code, f"iris.arff, line {LINES + 4}{between}{summary}")


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("@relation x\n@attribute a numeric\n", "line 3: there is no @data."),
        ("@relation x\n@data\n1\n", "line 2: there is no @attribute before @data."),
        ("a,b\n1,2\n", 'line 1: "a,b" is neither @relation, @attribute nor @data.'),
        ("@attribute a blob\n@data\n", 'line 1: "a" has the unknown type "blob".'),
        ("@attribute a {x, y\n@data\n", 'line 1: the values of "a" lack a closing brace.'),
        ("@attribute a relational\n", 'line 1: "a" is relational, which a table can\'t hold.'),
    ],
)
def test_a_bad_header_names_its_line(
    source: Callable[..., Any], refused: Callable[..., Any], text: str, summary: str
) -> None:
    """What is not ARFF is told as such, at once."""
    assert refused(read, source(text, "x.arff")) == ("bad-arff", f"x.arff, {summary}")
