"""Whatever bytes a file holds, reading gives a valid table or a told error, never another exception (R-12.2)."""

from __future__ import annotations

import gzip
import io
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo.formats import choosing
from studiolo.formats.reading import MemorySource
from studiolo.sdk import ModuleError

TABLE = pa.table(
    {
        "a": [1, None, 3],
        "b": ["x", 'y,"z', "ü\n"],
        "c": [1.5, None, float("inf")],
        "d": pa.array(["u", "v", None]).dictionary_encode(),
    }
)
# What is put into the bytes: signs that mean something to one of the formats, and rubbish.
SIGNS = [
    b'"',
    b"'",
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"{",
    b"}",
    b"[",
    b"%",
    b"?",
    b"\\",
    b"\t",
    b"-",
    b":",
    b"\xff",
]
WORDS = [b"@data\n", b"@attribute x {", b"\xff\xfe", b"\xef\xbb\xbf", b"9" * 30, b"null", b"1:2"]
PIECES = st.sampled_from([*SIGNS, *WORDS]) | st.binary(max_size=4)


def workbook() -> bytes:
    """Give a small workbook."""
    book, data = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["a", "b"])
    book.active.append([1, "x"])
    book.save(data)
    return data.getvalue()


WHOLE = {
    name: choosing.write(TABLE, f"x.{name}") for name in ("csv", "tsv", "arff", "parquet", "arrow", "jsonl")
}
WHOLE |= {
    "svm": b"1 1:2 3:4\n-1 2:1 # c\n",
    "txt": b"a\nb\n",
    "xlsx": workbook(),
    "csv.gz": gzip.compress(b"a,b\n1,2\n"),
}


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """Give the bytes with some replaced, removed, put in or cut off."""
    data = whole
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        piece = draw(PIECES)
        removed = draw(st.integers(0, 8))
        data = data[:place] + piece + data[place + removed :]
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=100, deadline=None)
@given(data=st.data(), header=st.booleans())
def test_damaged_bytes_give_a_table_or_a_told_error(name: str, data: Any, header: bool) -> None:
    """Files come from anywhere; a stack trace of a library tells their owner nothing."""
    content = data.draw(damaged(WHOLE[name]))
    try:
        table = choosing.read(MemorySource(f"x.{name}", content), header=header).table
    except ModuleError as error:
        assert error.summary.endswith(".")
        assert error.code
        return
    table.validate(full=True)
    assert len(set(table.column_names)) == table.num_columns
    assert all(table.column_names)
