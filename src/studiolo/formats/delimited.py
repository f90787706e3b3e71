"""Reads CSV and TSV: names from the first record, types from all values, every oddity an error or a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from studiolo.formats import column_names
from studiolo.formats.decoding import utf8_text
from studiolo.formats.delimited_records import Dialect, Records, delimiter_named
from studiolo.formats.given_types import convert, parse_types, require_columns
from studiolo.formats.reading import ReadResult, Source, entry
from studiolo.formats.value_types import MARKERS, find_type

FIRST_BLOCK = 1024 * 1024
LARGEST_BLOCK = 1024 * 1024 * 1024


def read(
    source: Source,
    *,
    delimiter: str = "",
    header: bool = True,
    encoding: str = "",
    missing_values: Iterable[str] = MARKERS,
    question_mark_is_missing: bool = False,
    types: str | Mapping[str, str] | None = None,
    quote: str = '"',
    escape: str = "",
    decimal: str = ".",
) -> ReadResult:
    r"""Read a table from delimited text.

    Types come from all values of a column by the rule in `value_types`. An empty field is missing; an empty
    text in quotes is an empty text in a String column. Empty lines are passed over. Lines may end in LF, CRLF
    or CR; a quoted field may hold them.

    Args:
        source: the file; gzip when its name ends in `.gz`.
        delimiter: one character, or `tab`, `comma`, `semicolon`, `space`, `pipe`. Empty: the comma, unless the
            first record has none and is split by semicolons, tabs or bars just as the second is.
        header: the first record holds the names; otherwise they are Col1, Col2 …
        encoding: see `decoding.utf8_text`.
        missing_values: markers of missing values beside the empty field.
        question_mark_is_missing: count `?` among them, as the designer did.
        types: column types that are not to be found out; see `given_types.parse_types`.
        quote: the character around fields that hold delimiters; it stands doubled inside. Empty for none.
        escape: a character before a literal quote, such as a backslash. Empty for none.
        decimal: the decimal mark, `.` or `,`.

    Returns:
        The table; empty and equal names are repaired with a receipt.

    Raises:
        ModuleError: `ragged-row`, `unclosed-quote`, `value-does-not-fit` with file, line and column;
            `bad-encoding`, `empty-file`, `bad-parameter`, `missing-column`.
    """
    receipt: list[dict[str, Any]] = []
    wanted = parse_types(types)
    markers = [*missing_values, *(["?"] if question_mark_is_missing else [])]
    text = utf8_text(source, encoding, receipt)
    dialect = Dialect(delimiter_named(delimiter), quote, escape)
    records = Records(text, source.name, dialect)
    if not delimiter:
        records = records.with_delimiter_found()
        if records.dialect.delimiter != ",":
            name = {"\t": "tabs", ";": "semicolons", "|": "bars"}[records.dialect.delimiter]
            receipt.append(entry("delimiter-found", f"{source.name} is separated by {name}."))
    first = records.first()
    if header:
        names = column_names.usable(first.fields, receipt)
        records = records.after(first)
    else:
        names = column_names.numbered(len(first.fields))
    require_columns(wanted, names)
    columns = _texts(records, names, markers)

    def typed(place: int) -> tuple[pa.ChunkedArray, list[dict[str, Any]]]:
        name, texts = names[place], columns[place]
        told: list[dict[str, Any]] = []
        columns[place] = None  # the texts of a column go as soon as its values are there
        if name in wanted:
            return convert(texts, wanted[name], name, markers, records.place_of_row), told
        return find_type(texts, markers, name, told, decimal), told

    with ThreadPoolExecutor(max_workers=pa.cpu_count()) as pool:
        found = list(pool.map(typed, range(len(names))))
    receipt.extend(change for _, told in found for change in told)
    return ReadResult(pa.Table.from_arrays([column for column, _ in found], names=names), receipt)


def _texts(records: Records, names: list[str], markers: list[str]) -> list[pa.ChunkedArray]:
    """Give every column as texts, unquoted markers and empty fields as nulls."""
    if not records.text.size:
        return [pa.chunked_array([], pa.string()) for _ in names]
    block = FIRST_BLOCK
    while True:
        try:
            table = _parsed(records, len(names), markers, block)
            break
        except pa.ArrowInvalid as fault:
            if "straddl" in str(fault) and block < min(records.text.size, LARGEST_BLOCK):
                block = min(block * 16, LARGEST_BLOCK)
                continue
            raise records.fault(names, str(fault)) from None
    if table.num_rows:
        last = table.column(len(names) - 1)[-1].as_py()
        records.require_closed_quote(last)
    return list(table.columns)


def _parsed(records: Records, count: int, markers: list[str], block: int) -> pa.Table:
    keys = [str(place) for place in range(count)]
    dialect = records.dialect
    return arrow_csv.read_csv(
        pa.BufferReader(records.text),
        read_options=arrow_csv.ReadOptions(column_names=keys, block_size=block),
        parse_options=arrow_csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote or False,
            escape_char=dialect.escape or False,
            newlines_in_values=True,
        ),
        convert_options=arrow_csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(keys, pa.string()),
            null_values=["", *markers],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
