"""Writes CSV and TSV so that reading gives the same values back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.delimited_records import FOUND, delimiter_named
from studiolo.formats.missing import with_nulls
from studiolo.formats.reading import shown
from studiolo.formats.text_cells import column_texts, with_coarsest_units
from studiolo.formats.value_types import MARKERS
from studiolo.sdk import ModuleError

BATCH = 65_536


def write(table: pa.Table, *, delimiter: str = ",", header: bool = True, encoding: str = "") -> bytes:
    """Write a table as delimited text in UTF-8 with LF line ends.

    Only fields that need quotes get them: those holding the delimiter, a quote or a line end, and texts that
    would otherwise read as missing (the empty text, `NA` …). A missing value is an empty field; in a table of
    one column it is `NA`, since an empty line is no record, and other usual delimiters are quoted there too.
    See `text_cells` for the forms of values.

    A text that looks like a number reads back as a number: CSV does not keep types.

    Args:
        table: any dataset.
        delimiter: as in `delimited.read`.
        header: write the names as the first record.
        encoding: another encoding than UTF-8, such as `utf-8-sig` for old versions of Excel.

    Raises:
        ModuleError: `format-cannot-hold`: a column of bytes; `bad-parameter`.
    """
    delimiter = delimiter_named(delimiter)
    pieces = list(_pieces(with_coarsest_units(with_nulls(table)), delimiter, header))
    data = b"".join(pieces)
    return encoded(data, encoding)


def encoded(data: bytes, encoding: str) -> bytes:
    """Give UTF-8 text in another encoding; empty and `auto` leave it.

    Raises:
        ModuleError: `bad-parameter`: the encoding is unknown or lacks a character of the text.
    """
    if not encoding or encoding.lower() in ("auto", "utf-8", "utf8"):
        return data
    try:
        return data.decode("utf-8").encode(encoding)
    except LookupError:
        summary = f'The encoding "{encoding}" is unknown.'
    except UnicodeEncodeError as fault:
        summary = f"The encoding {encoding} has no form for {shown(fault.object[fault.start])}."
    raise ModuleError(summary, "Use utf-8.", code="bad-parameter", parameter="encoding")


def _pieces(table: pa.Table, delimiter: str, header: bool) -> Iterator[bytes]:
    format_name = "TSV" if delimiter == "\t" else "CSV"
    is_single = table.num_columns == 1
    missing = "NA" if is_single else ""
    separators = delimiter + ("".join(FOUND) if is_single else "")
    if header and table.num_columns:
        names = quoted(pa.chunked_array([pa.array(table.column_names, pa.string())]), separators)
        yield (delimiter.join(names.to_pylist()) + "\n").encode("utf-8")
    for batch in _batches(table):
        cells = []
        for name, column in zip(batch.column_names, batch.columns, strict=True):
            texts = column_texts(column, name, format_name)
            cells.append(quoted(texts, separators) if _may_need_quotes(column.type) else texts)
        if cells:
            yield joined_lines(cells, delimiter, missing)


def _batches(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, BATCH):
        yield table.slice(start, BATCH)


def _may_need_quotes(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_floating(kind))


def quoted(texts: pa.ChunkedArray, separators: str) -> pa.ChunkedArray:
    """Put quotes around the texts that need them: any of `separators`, a quote or a line end is in it."""
    needs = pc.or_(
        pc.match_substring_regex(texts, '["\\r\\n' + re.escape(separators) + "]"),
        pc.is_in(texts, value_set=pa.array(["", *MARKERS], texts.type)),
    )
    if not pc.any(needs).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    quote, nothing = (
        pa.scalar('"', texts.type),
        pa.scalar("", texts.type),
    )  # plain str would not fit large_string
    return pc.if_else(needs, pc.binary_join_element_wise(quote, doubled, quote, nothing), texts)


def joined_lines(cells: list[pa.ChunkedArray], delimiter: str, missing: str) -> bytes:
    """Join columns of texts to lines of text, each ended by LF."""
    wide = [pc.cast(cell, pa.large_string()) for cell in cells]
    options = {"null_handling": "replace", "null_replacement": missing}
    lines = pc.binary_join_element_wise(*wide, pa.scalar(delimiter, pa.large_string()), **options)
    empty = pa.scalar("", pa.large_string())
    ended = pc.binary_join_element_wise(lines, empty, pa.scalar("\n", pa.large_string()))
    pieces: list[bytes] = []
    for chunk in ended.chunks:
        offsets = chunk.buffers()[1]
        first, last = _offsets(offsets, chunk.offset), _offsets(offsets, chunk.offset + len(chunk))
        data = chunk.buffers()[2]
        pieces.append(data.slice(first, last - first).to_pybytes() if data is not None else b"")
    return b"".join(pieces)


def _offsets(buffer: pa.Buffer, place: int) -> int:
    return int.from_bytes(buffer.slice(place * 8, 8).to_pybytes(), "little")
