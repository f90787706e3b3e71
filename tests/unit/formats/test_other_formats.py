"""Parquet, Arrow, plain text and zips; and how a format is chosen."""

from __future__ import annotations

import datetime
import io
import stat
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studiolo.formats import arrow_files, choosing, parquet, plain_text, zips
from studiolo.formats.table_types import as_dataset

TABLE = pa.table({"a": [1, None], "b": ["x", "ü"], "c": pa.array(["u", "u"]).dictionary_encode()})


def zipped(entries: dict[str, bytes], flags: int = 0, mode: int = 0) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return data.getvalue()


def test_types_a_dataset_lacks_are_translated_and_said() -> None:
    """Parquet and DuckDB know more types than R-2.1; each becomes something with a receipt where it shows."""
    table = pa.table(
        {
            "nested": pa.array([{"a": 1, "t": datetime.date(2020, 1, 1)}, None]),
            "list": [[1, 2], []],
            "time": pa.array([datetime.time(1, 2, 3), None]),
            "nothing": pa.nulls(2),
            "view": pa.array(["x", None], pa.string_view()),
            "fixed": pa.array([b"ab", None], pa.binary(2)),
            "wide": pa.array([Decimal("1.50"), None], pa.decimal256(50, 2)),
            "index": pa.array(["a", None]).dictionary_encode().cast(pa.dictionary(pa.uint64(), pa.string())),
            "date": pa.array([datetime.date(2020, 1, 1), None], pa.date64()),
            "interval": pa.array([pa.MonthDayNano([0, 1, 500]), None]),
            "": [1, 2],
        }
    )
    receipt: list[dict[str, Any]] = []
    result = as_dataset(table, receipt)
    assert {name: str(result.schema.field(name).type) for name in result.column_names} == {
        "nested": "large_string",
        "list": "large_string",
        "time": "duration[us]",
        "nothing": "double",
        "view": "large_string",
        "fixed": "large_binary",
        "wide": "decimal128(38, 2)",
        "index": "dictionary<values=string, indices=int32, ordered=0>",
        "date": "timestamp[ms]",
        "interval": "duration[ns]",
        "Col11": "int64",
    }
    assert result["nested"].to_pylist() == ['{"a":1,"t":"2020-01-01"}', None]
    assert result["time"].to_pylist() == [datetime.timedelta(hours=1, minutes=2, seconds=3), None]
    assert [(entry["code"], entry["column"]) for entry in receipt] == [
        ("nested-to-json", "nested"),
        ("nested-to-json", "list"),
        ("time-to-span", "time"),
    ]


def test_an_index_that_pandas_stored_is_dropped_and_said(source: Callable[..., Any]) -> None:
    """An index is no column (R-2.3); a named one is one, since somebody named it."""
    data = io.BytesIO()
    pd.DataFrame({"a": [1, 2]}, index=[5, 6]).to_parquet(data)
    result = parquet.read(source(data.getvalue(), "x.parquet"))
    assert (result.table.to_pydict(), [e["code"] for e in result.receipt]) == (
        {"a": [1, 2]},
        ["index-dropped"],
    )
    data = io.BytesIO()
    pd.DataFrame({"a": [1]}, index=pd.Index([5], name="id")).to_parquet(data)
    assert parquet.read(source(data.getvalue(), "x.parquet")).table.to_pydict() == {"a": [1], "id": [5]}


def test_arrow_files_and_streams_are_told_apart_by_content(source: Callable[..., Any]) -> None:
    """.arrow and .feather are used for both."""
    for stream in (False, True):
        data = arrow_files.write(TABLE, stream=stream)
        assert arrow_files.read(source(data, "x.arrow")).table.equals(TABLE)


@pytest.mark.parametrize("reader", [parquet.read, arrow_files.read])
def test_damaged_files_are_refused(
    source: Callable[..., Any], refused: Callable[..., Any], reader: Any
) -> None:
    """Cut off, another format, or empty: a sentence, never a stack trace."""
    whole = parquet.write(TABLE) if reader is parquet.read else arrow_files.write(TABLE)
    for data in (whole[: len(whole) // 2], b"a,b\n1,2\n", b"FEA1xxxx", b"\0" * 100):
        assert refused(reader, source(data, "x"))[0] == "wrong-format"
    assert refused(reader, source(b"", "x")) == ("empty-file", "x is empty.")


def test_parquet_keeps_the_widths_of_types(source: Callable[..., Any]) -> None:
    """Precise widths are kept (R-2.1)."""
    table = pa.table({"i": pa.array([1], pa.int8()), "f": pa.array([1.5], pa.float32())})
    data = io.BytesIO()
    pq.write_table(table, data)
    assert parquet.read(source(data.getvalue())).table.schema.types == [pa.int8(), pa.float32()]


def test_text_is_read_by_line_or_whole(source: Callable[..., Any], refused: Callable[..., Any]) -> None:
    """A line is a row; nothing in it means anything."""
    assert plain_text.read(source("a,b\n\nNA\r\nlast")).table.to_pydict() == {
        "text": ["a,b", "", "NA", "last"]
    }
    assert plain_text.read(source("a\nb\n"), whole=True).table.to_pydict() == {"text": ["a\nb\n"]}
    assert plain_text.write(pa.table({"n": [1, None]})) == b"1\n\n"
    assert refused(plain_text.write, TABLE)[0] == "format-cannot-hold"
    assert refused(plain_text.write, pa.table({"t": ["a", "b\nc"]})) == (
        "format-cannot-hold",
        'Row 2 of "t" has a line end in it, which plain text can\'t hold.',
    )


def test_a_zip_is_listed(source: Callable[..., Any]) -> None:
    """So that one sees what is in a bundle."""
    result = zips.read(source(zipped({"Hello.py": b"x" * 100, "pkg/": b"", "pkg/data.txt": b"1"}), "b.zip"))
    assert result.table.select(["name", "size", "modified"]).to_pylist() == [
        {"name": "Hello.py", "size": 100, "modified": datetime.datetime(2020, 1, 2, 3, 4, 6)},
        {"name": "pkg/data.txt", "size": 1, "modified": datetime.datetime(2020, 1, 2, 3, 4, 6)},
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped({"../evil.py": b""}), "bundle-unsafe"),
        (zipped({"/etc/passwd": b""}), "bundle-unsafe"),
        (zipped({"C:\\evil.py": b""}), "bundle-unsafe"),
        (zipped({"link": b"/etc"}, mode=stat.S_IFLNK | 0o777), "bundle-unsafe"),
        (zipped({"zeros": b"\0" * 100_000_000}), "bundle-too-large"),
        (b"no zip at all", "bundle-damaged"),
        (b"", "empty-file"),
    ],
)
def test_zips_that_could_do_harm_are_refused(
    source: Callable[..., Any], refused: Callable[..., Any], data: bytes, code: str
) -> None:
    """Zip-slip, links, bombs (R-1.5), by the check that unpacking uses too, under the name of the file."""
    told = refused(zips.check, source(data, "b.zip"))
    assert told[0] == code
    assert "b.zip" in told[1]


@pytest.mark.parametrize(
    ("name", "given", "chosen"),
    [
        ("data/x.csv", "auto", "csv"),
        ("DATA.TSV", "auto", "tsv"),
        ("x.csv.gz", "auto", "csv"),
        ("https://host/path/x.parquet?sig=a.b#c", "auto", "parquet"),
        ("https://host/x%2Ejsonl", "auto", "jsonl"),
        ("my.data.feather", "auto", "arrow"),
        ("noending", "csv", "csv"),
        ("x.csv", "text", "text"),
    ],
)
def test_the_ending_or_the_parameter_decides(name: str, given: str, chosen: str) -> None:
    """An address carries its ending in its path; what is given goes first."""
    assert choosing.format_of(name, given) == chosen


@pytest.mark.parametrize(
    ("name", "given", "summary"),
    [
        ("x.cvs", "auto", 'x.cvs has the ending ".cvs", which names no format.'),
        ("noending", "auto", "noending has no ending, which names no format."),
        ("https://host/data", "auto", "https://host/data has no ending, which names no format."),
        ("x.csv", "xml", 'There is no format "xml".'),
    ],
)
def test_an_unknown_format_lists_those_there_are(
    refused: Callable[..., Any], name: str, given: str, summary: str
) -> None:
    """The author can choose at once."""
    assert refused(choosing.format_of, name, given) == ("unknown-format", summary)


def test_options_reach_only_the_formats_that_have_them(source: Callable[..., Any]) -> None:
    """One module passes all of them; a TSV is a CSV with tabs."""
    given = source("a\tb,c\n1\t2\n", "x.tsv")
    assert choosing.read(given, sheet="x", whole=True, header=True).table.column_names == ["a", "b,c"]
    assert choosing.write(TABLE, "x.tsv", header=False, label_column="") == "1\tx\tu\n\tü\tu\n".encode()


def test_what_can_only_be_read_is_not_written(refused: Callable[..., Any]) -> None:
    """Excel and zip are read only (R-2.1)."""
    assert refused(choosing.write, TABLE, "x.xlsx") == (
        "unknown-format",
        "The format excel can be read but not written.",
    )
