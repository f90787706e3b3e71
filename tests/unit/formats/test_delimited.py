"""CSV and TSV as they come: quotes, line ends, names, delimiters, missing values."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from studiolo.formats.delimited import read

Source = Callable[..., Any]
Values = Callable[[Any], dict[str, tuple[str, list[Any]]]]
Refused = Callable[..., tuple[str, str]]


def test_a_quoted_field_may_hold_anything(source: Source, values: Values) -> None:
    """Delimiters, doubled quotes and line ends of each kind belong to the text (RFC 4180)."""
    text = 'a,"b ""x"""\n1,"x,y"\n2,"say ""hi"""\n3,"two\nlines"\n4,"three\r\nlines\r"\n'
    assert values(read(source(text))) == {
        "a": ("int64", [1, 2, 3, 4]),
        'b "x"': ("string", ["x,y", 'say "hi"', "two\nlines", "three\r\nlines\r"]),
    }


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_kind_of_line_end_counts(source: Source, values: Values, end: str, last: bool) -> None:
    """Files come from every system, with and without an end of the last line; empty lines are no rows."""
    text = end.join(["a,b", "1,x", "", "2,y"]) + (end if last else "")
    assert values(read(source(text))) == {"a": ("int64", [1, 2]), "b": ("string", ["x", "y"])}


def test_the_empty_field_is_missing_and_the_empty_text_is_not(source: Source, values: Values) -> None:
    """Otherwise what was exported would not come back (R-2.5)."""
    assert values(read(source('a,b\n,""\n1,\nNA,x\n'))) == {
        "a": ("int64", [None, 1, None]),
        "b": ("string", ["", None, "x"]),
    }


def test_markers_of_missing_can_be_chosen(source: Source, values: Values) -> None:
    """The designer counted `?`; others have -999. The defaults go when others are given."""
    text = "a,b,c\n?,-999,NA\n1,2,x\n"
    assert values(read(source(text), question_mark_is_missing=True))["a"] == ("int64", [None, 1])
    assert values(read(source(text), missing_values=["-999"])) == {
        "a": ("string", ["?", "1"]),
        "b": ("int64", [None, 2]),
        "c": ("string", ["NA", "x"]),
    }


def test_names_are_repaired_and_it_is_said(source: Source) -> None:
    """Columns need different names that one can type; changes stand in the receipt (R-2.4)."""
    result = read(source("\ufeff id ,x,,x,x (2)\n1,2,3,4,5\n"))
    assert result.table.column_names == ["id", "x", "Col3", "x (3)", "x (2)"]
    assert [(entry["code"], entry["column"]) for entry in result.receipt] == [
        ("name-trimmed", "id"),
        ("name-filled-in", "Col3"),
        ("duplicate-name", "x (3)"),
    ]


def test_without_header_the_columns_are_numbered(source: Source, values: Values) -> None:
    """Col1 … ColN as in the retired products (facts 4.7), and the first line is data."""
    assert values(read(source("1,x\n2,y\n"), header=False)) == {
        "Col1": ("int64", [1, 2]),
        "Col2": ("string", ["x", "y"]),
    }


def test_a_header_alone_gives_no_rows(source: Source, values: Values) -> None:
    """A filter may have kept nothing; the columns are still there."""
    for text in ("a,b", "a,b\n", "a,b\n\n\n"):
        assert values(read(source(text))) == {"a": ("double", []), "b": ("double", [])}


def test_one_column_needs_no_delimiter(source: Source, values: Values) -> None:
    """Its empty lines are no rows, which is why the writer says NA there."""
    assert values(read(source("a\n1\n\nNA\n3\n"))) == {"a": ("int64", [1, None, 3])}


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_another_delimiter_is_found_and_said(
    source: Source, values: Values, delimiter: str, name: str
) -> None:
    """Spreadsheets write semicolons where the comma is the decimal mark."""
    result = read(source("a;b;c\n1;x y;3\n".replace(";", delimiter)))
    assert values(result) == {"a": ("int64", [1]), "b": ("string", ["x y"]), "c": ("int64", [3])}
    assert [entry["text"] for entry in result.receipt] == [f"data.csv is separated by {name}."]


def test_a_comma_in_the_header_settles_the_delimiter(source: Source, values: Values) -> None:
    """Guessing must never split what commas already split."""
    assert values(read(source("a,b;c\n1,2;3\n"))) == {"a": ("int64", [1]), "b;c": ("string", ["2;3"])}
    assert values(read(source("only;one\nx\n"))) == {"only;one": ("string", ["x"])}


def test_a_given_delimiter_is_used(source: Source, values: Values) -> None:
    """By itself or by name."""
    for delimiter in (" ", "space"):
        assert values(read(source("a b\n1 2\n"), delimiter=delimiter)) == {
            "a": ("int64", [1]),
            "b": ("int64", [2]),
        }


def test_other_quote_rules_can_be_given(source: Source, values: Values) -> None:
    """Single quotes, none at all, and a backslash before quotes."""
    assert values(read(source("a,b\n1,'x,y'\n"), quote="'"))["b"] == ("string", ["x,y"])
    assert values(read(source('a,b\n1,5" pipe\n'), quote=""))["b"] == ("string", ['5" pipe'])
    assert values(read(source('a,b\n1,"x\\"y"\n'), escape="\\"))["b"] == ("string", ['x"y'])
    assert values(read(source('a,b\n1,5" pipe\n2,6"\n')))["b"] == ("string", ['5" pipe', '6"'])


def test_types_can_be_given(source: Source, values: Values) -> None:
    """What the rule would read as numbers may be codes, and dates have many forms."""
    text = "zip,day,n,ok,t,c\n1234,31.12.2020,007,1,1.02:03:04,x\n,,,,,\n"
    types = "zip: String, day: DateTime(%d.%m.%Y), n: integer, ok: boolean, t: TimeSpan, c: Categorical"
    result = read(source(text), types=types)
    kinds = {name: kind for name, (kind, _) in values(result).items()}
    assert kinds == {
        "zip": "string",
        "day": "timestamp[us]",
        "n": "int64",
        "ok": "bool",
        "t": "duration[us]",
        "c": "dictionary<values=string, indices=int32, ordered=0>",
    }
    assert result.table.to_pylist()[0] | {"t": None, "day": None} == {
        "zip": "1234",
        "day": None,
        "n": 7,
        "ok": True,
        "t": None,
        "c": "x",
    }
    assert read(source(text), types={"n": "Double"}).table["n"].to_pylist() == [7.0, None]
    assert read(source(text), types='{"n": "String"}').table["n"].to_pylist() == ["007", None]


def test_gzip_is_unpacked(source: Source, values: Values) -> None:
    """`.csv.gz` is how large tables travel."""
    data = gzip.compress(b"a\n1\n")
    assert values(read(source(data, "https://host/data.csv.gz?key=1"))) == {"a": ("int64", [1])}


def test_records_longer_than_a_block_are_read(source: Source, values: Values) -> None:
    """One field may be larger than what is parsed at a time."""
    long = "x" * 3_000_000 + "\n" + "y" * 3_000_000
    assert values(read(source(f'a,b\n1,"{long}"\n2,z\n'))) == {
        "a": ("int64", [1, 2]),
        "b": ("string", [long, "z"]),
    }


def test_many_columns_are_read(source: Source) -> None:
    """Wide tables are common after one-hot encoding."""
    names = [f"column {number}" for number in range(5000)]
    table = read(source(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")).table
    assert (table.column_names, table.num_rows, set(table.schema.types)) == (
        names,
        1,
        {table.schema.types[0]},
    )


@pytest.mark.parametrize(
    ("text", "code", "summary"),
    [
        (
            "a,b\n1,2\n\n3\n",
            "ragged-row",
            'data.csv, line 4 has 1 value for 2 columns: the column "b" and what follows it has no value.',
        ),
        (
            "a,b\n1,2\n3,4,5,6\n",
            "ragged-row",
            'data.csv, line 3 has 4 values for 2 columns: nothing names the value "5" after the column "b".',
        ),
        (
            'a,b\n"x\ny\nz",1\n2\n',
            "ragged-row",
            'data.csv, line 5 has 1 value for 2 columns: the column "b" and what follows it has no value.',
        ),
        ('a,b\n1,"2\n3,4\n5,6\n', "unclosed-quote", "data.csv, line 2: a quote is opened and never closed."),
        ('a,b\n1,2\n"3,4\n5,6\n', "unclosed-quote", "data.csv, line 3: a quote is opened and never closed."),
        ('a,b\n1,2\n3,"', "unclosed-quote", "data.csv, line 3: a quote is opened and never closed."),
        ('a,b\n1,2\n3,"x ""y""\n', "unclosed-quote", "data.csv, line 3: a quote is opened and never closed."),
        ("", "empty-file", "data.csv is empty."),
        ("\n\r\n", "empty-file", "data.csv holds no record, only empty lines."),
    ],
)
def test_what_can_not_be_read_names_its_line(
    source: Source, refused: Refused, text: str, code: str, summary: str
) -> None:
    """The author has to find the place in the file (issue 2, bad input); no row is dropped or filled silently."""
    assert refused(read, source(text)) == (code, summary)


def test_closed_quotes_at_the_end_are_no_fault(source: Source, values: Values) -> None:
    """The check for open quotes must not refuse texts that only look like it."""
    for text in ('a\n"x\n"\n', 'a\n""', 'a\n"""x"""', 'a\nb"', 'a\n"x\n"', 'a\n""""'):
        assert read(source(text)).table.num_rows == 1


def test_a_value_that_does_not_fit_its_given_type_names_its_line(source: Source, refused: Refused) -> None:
    """Row, column and value (R-2.1), with lines counted as an editor counts them."""
    text = 'a,b\n1,"x\ny"\n\n2,abc\n3,z\n'
    assert refused(read, source(text), types="b: Integer") == (
        "value-does-not-fit",
        'data.csv, line 2, column "b": "x\\ny" is not an Integer.',
    )
    text = "a,b\n" + "1,2\n" * 5000 + "1,2.5\n1,x\n"
    assert refused(read, source(text), types="b: Integer") == (
        "value-does-not-fit",
        'data.csv, line 5002, column "b": "2.5" is not an Integer.',
    )
    mixed = "t\n2020-01-01\n2020-01-02T00:00Z\n"
    assert refused(read, source(mixed), types="t: DateTime") == (
        "value-does-not-fit",
        'data.csv, line 3, column "t": "2020-01-02T00:00Z" is not a DateTime.',
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"delimiter": "ab"}, "bad-parameter"),
        ({"encoding": "utf-99"}, "bad-parameter"),
        ({"types": "a: Intger"}, "bad-parameter"),
        ({"types": "Integer"}, "bad-parameter"),
        ({"types": '{"a": 1}'}, "bad-parameter"),
        ({"types": '{"a"'}, "bad-parameter"),
        ({"types": "nope: Integer"}, "missing-column"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    source: Source, refused: Refused, options: dict[str, str], code: str
) -> None:
    """A mistyped option must not be taken for the default."""
    assert refused(read, source("a,b\n1,2\n"), **options)[0] == code
