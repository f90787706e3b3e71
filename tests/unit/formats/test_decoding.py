"""The encoding of a text is found by what is in the whole file."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any

import pytest

from studiolo.formats import decoding
from studiolo.formats.delimited import read

TEXT = "name,city\nJürgen,Köln\nZoë,Æbeltoft\n"
ROWS = [{"name": "Jürgen", "city": "Köln"}, {"name": "Zoë", "city": "Æbeltoft"}]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (TEXT.encode(), None),
        (codecs.BOM_UTF8 + TEXT.encode(), None),
        (TEXT.encode("utf-16"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32-le"),
        (TEXT.encode("latin-1"), "windows-1252"),
    ],
)
def test_usual_encodings_are_found_and_said(
    source: Callable[..., Any], data: bytes, said: str | None
) -> None:
    """Old files are seldom UTF-8; reading them as something else is a guess and stands in the receipt."""
    result = read(source(data))
    texts = [f"data.csv is not UTF-8 and was read as {said}."] if said else []
    assert (result.table.to_pylist(), [entry["text"] for entry in result.receipt]) == (ROWS, texts)


def test_a_given_encoding_is_taken_at_its_word(
    source: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    """Without a guess, so without a receipt; what does not fit it is an error with its line."""
    result = read(source(TEXT.encode("cp437", "replace").replace(b"?", b"x")), encoding="cp437")
    assert (result.table["name"][0].as_py(), result.receipt) == ("Jürgen", [])
    assert refused(read, source(TEXT.encode("latin-1")), encoding="utf-8") == (
        "bad-encoding",
        "data.csv, line 2: the text is not valid UTF-8.",
    )


def test_damaged_utf8_is_an_error_rather_than_mojibake(
    source: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    """One broken byte must not turn every umlaut of the file into two strange letters."""
    assert refused(read, source(TEXT.encode() + b"bad \xff,x\n")) == (
        "bad-encoding",
        "data.csv, line 4: the text is not valid UTF-8.",
    )


def test_characters_across_the_steps_of_the_check_are_whole(
    source: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check reads large files in steps; a character may lie across two of them."""
    monkeypatch.setattr(decoding, "STEP", 3)
    assert read(source("ab\näöü€𝄞\n")).table.to_pylist() == [{"ab": "äöü€𝄞"}]
    damaged = "aé".encode() + b"\xc3"
    assert decoding.first_invalid(decoding.pa.py_buffer(damaged)) == 3
