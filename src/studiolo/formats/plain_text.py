"""Reads plain text as a table of one column, and writes one."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.decoding import utf8_text
from studiolo.formats.delimited_writer import encoded
from studiolo.formats.missing import with_nulls
from studiolo.formats.reading import ReadResult, Source
from studiolo.formats.text_cells import column_texts, with_coarsest_units
from studiolo.sdk import ModuleError

COLUMN = "text"


def read(source: Source, *, encoding: str = "", whole: bool = False) -> ReadResult:
    """Read text into the String column `text`: one row per line, or one row in all.

    Lines end in LF, CRLF or CR. An empty line is an empty text; nothing is missing.

    Args:
        source: the file; gzip when its name ends in `.gz`.
        encoding: see `decoding.utf8_text`.
        whole: one row that holds everything.

    Raises:
        ModuleError: `bad-encoding`, `empty-file`.
    """
    receipt: list[dict[str, Any]] = []
    text = utf8_text(source, encoding, receipt).to_pybytes().decode("utf-8")
    lines = [text] if whole else re.split(r"\r\n|\n|\r", text)
    if not whole and lines[-1] == "":
        lines.pop()
    return ReadResult(pa.table({COLUMN: pa.array(lines, pa.large_string())}), receipt)


def write(table: pa.Table, *, encoding: str = "") -> bytes:
    """Write a table of one column as lines; a missing value is an empty line.

    Raises:
        ModuleError: `format-cannot-hold`: more or fewer columns than one, or a text with a line end in it.
    """
    if table.num_columns != 1:
        raise ModuleError(
            f"Plain text holds one column; this dataset has {table.num_columns}.",
            "Choose the one column in the parameter `columns`, or export as CSV.",
            code="format-cannot-hold",
            parameter="format",
        )
    name = table.column_names[0]
    texts = column_texts(with_coarsest_units(with_nulls(table)).column(0), name, "plain text")
    breaks = pc.fill_null(pc.match_substring_regex(texts, r"[\r\n]"), False)
    row = pc.index(breaks, True).as_py()
    if row >= 0:
        raise ModuleError(
            f'Row {row + 1} of "{name}" has a line end in it, which plain text can\'t hold.',
            "Export as CSV or JSON lines.",
            code="format-cannot-hold",
            parameter="format",
        )
    return encoded("".join((text or "") + "\n" for text in texts.to_pylist()).encode("utf-8"), encoding)
