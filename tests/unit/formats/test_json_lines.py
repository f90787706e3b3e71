"""JSON lines: one object a row, nothing guessed that JSON already says."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from studiolo.formats.json_lines import read


def test_columns_are_all_keys_in_order(source: Callable[..., Any], values: Callable[..., Any]) -> None:
    """An absent key and null are both missing."""
    text = '{"b":1,"a":"x"}\n\n{"a":null,"c":true}\r\n{"b":2.5,"a":"007"}\n{"n":null}\n'
    assert values(read(source(text))) == {
        "b": ("double", [1.0, None, 2.5, None]),
        "a": ("string", ["x", None, "007", None]),
        "c": ("bool", [None, True, None, None]),
        "n": ("double", [None, None, None, None]),
    }


def test_iso_texts_are_datetime_only_when_all_are(
    source: Callable[..., Any], values: Callable[..., Any]
) -> None:
    """JSON has no dates; the form decides, over all values (R-2.1), and a zone is not lost."""
    text = '{"t":"2020-01-01","z":"2020-01-01T02:00:00+02:00","s":"2020-01-01"}\n{"t":"2020-01-02T03:04:05.5","s":"x"}'
    result = read(source(text))
    assert values(result) == {
        "t": (
            "timestamp[us]",
            [datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 2, 3, 4, 5, 500000)],
        ),
        "z": ("timestamp[us, tz=UTC]", [datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), None]),
        "s": ("string", ["2020-01-01", "x"]),
    }
    assert [entry["code"] for entry in result.receipt] == ["zone-to-utc"]


def test_nested_values_become_json_text(source: Callable[..., Any]) -> None:
    """Said in the receipt, and written as they stood: no key of another row appears (R-2.3)."""
    result = read(source('{"a":{"x":1}}\n{"a":[1,{"y":null}]}\n{"b":1}\n'))
    assert result.table["a"].to_pylist() == ['{"x":1}', '[1,{"y":null}]', None]
    assert [(entry["code"], entry["column"]) for entry in result.receipt] == [("nested-to-json", "a")]


def test_mixtures_become_text_and_it_is_said(source: Callable[..., Any]) -> None:
    """Never a silent change (R-2.3)."""
    result = read(source('{"a":1}\n{"a":"x"}\n{"a":true}\n{"a":[1]}\n'))
    assert result.table["a"].to_pylist() == ["1", "x", "true", "[1]"]
    assert [entry["code"] for entry in result.receipt] == ["mixed-to-text"]


def test_large_numbers_keep_their_digits(source: Callable[..., Any], values: Callable[..., Any]) -> None:
    """Read by pyarrow alone, they would become rounded doubles."""
    key = "12345678901234567890123"
    assert values(read(source(f'{{"a":{key}}}\n')))["a"] == ("large_string", [key])
    assert values(read(source('{"a":18446744073709551615}\n')))["a"] == ("uint64", [2**64 - 1])
    assert values(read(source('{"a":9007199254740993}\n')))["a"] == ("int64", [9007199254740993])


def test_a_list_of_objects_is_read_too(source: Callable[..., Any], values: Callable[..., Any]) -> None:
    """Most files called .json are one list."""
    assert values(read(source('[{"a":1},\n {"a":2}]'))) == {"a": ("int64", [1, 2])}


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ('{"a":1}\n\n{"a":\n', "data.jsonl, line 3: Expecting value (character 6)."),
        ('{"a":1,"a":2}\n', 'data.jsonl, line 1: the key "a" occurs twice.'),
        ("1\n", 'data.jsonl, line 1: "1" is no object.'),
        ("[1]\n", 'data.jsonl: element 1 is "1", no object.'),
        ('[{"a":1}\n', "data.jsonl, line 2: Expecting ',' delimiter (character 1)."),
        ("a,b\n", "data.jsonl, line 1: Expecting value (character 1)."),
        ('{"a":' + "[" * 100_000 + "\n", "data.jsonl, line 1: it is nested too deeply."),
    ],
)
def test_what_is_not_json_names_its_line(
    source: Callable[..., Any], refused: Callable[..., Any], text: str, summary: str
) -> None:
    """With the character where JSON ends to be JSON."""
    code, told = refused(read, source(text, "data.jsonl"))
    assert (code, told) == ("bad-json-line", summary)
