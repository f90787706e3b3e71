"""Writes ARFF."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.arff_header import quoted
from studiolo.formats.delimited_writer import BATCH, joined_lines
from studiolo.formats.missing import with_nulls
from studiolo.formats.text_cells import column_texts, moment_texts, with_coarsest_units

FORMS = {"s": "yyyy-MM-dd'T'HH:mm:ss", "ms": "yyyy-MM-dd'T'HH:mm:ss.SSS"}
SPECIAL = r"[^\p{L}\p{N}_.+:/;-]|^$"


def write(table: pa.Table) -> bytes:
    """Write a table as dense ARFF.

    Integer is `integer`, Double `numeric` (infinities as `Infinity`, as Java reads them), String `string`,
    Categorical its values, Boolean `{False,True}`, DateTime `date` with a pattern. TimeSpan and times finer
    than milliseconds, which ARFF has no form for, are `string`. Missing is `?`.

    Raises:
        ModuleError: `format-cannot-hold`: a column of bytes.
    """
    table = with_coarsest_units(with_nulls(table))
    lines = ["@relation studiolo", ""]
    for name, column in zip(table.column_names, table.columns, strict=True):
        lines.append(f"@attribute {quoted(name)} {_kind(column)}")
    lines += ["", "@data", ""]
    pieces = ["\n".join(lines).encode("utf-8")]
    for start in range(0, table.num_rows if table.num_columns else 0, BATCH):
        batch = table.slice(start, BATCH)
        cells = [_cells(column, name) for name, column in zip(batch.column_names, batch.columns, strict=True)]
        pieces.append(joined_lines(cells, ",", "?"))
    return b"".join(pieces)


def _kind(column: pa.ChunkedArray) -> str:
    kind = column.type
    if pa.types.is_boolean(kind):
        return "{False,True}"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "numeric"
    if pa.types.is_date(kind):
        return 'date "yyyy-MM-dd"'
    if pa.types.is_timestamp(kind) and kind.unit in FORMS:
        return f'date "{FORMS[kind.unit]}{"" if kind.tz is None else chr(39) + "Z" + chr(39)}"'
    if pa.types.is_dictionary(kind):
        values = (
            column.unify_dictionaries().chunk(0).dictionary
            if column.num_chunks
            else pa.array([], pa.string())
        )
        texts = column_texts(pa.chunked_array([values]), "", "ARFF").to_pylist()
        return "{" + ",".join(quoted(text) for text in texts if text is not None) + "}"
    return "string"


def _cells(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    kind = column.type
    is_moment = pa.types.is_timestamp(kind)
    texts = moment_texts(column, between="T") if is_moment else column_texts(column, name, "ARFF")
    if pa.types.is_floating(kind):
        return pc.replace_substring(texts, "inf", "Infinity")
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind):
        return texts
    needs = pc.match_substring_regex(texts, SPECIAL)
    if not pc.any(needs).as_py():
        return texts
    escaped = texts
    for plain, written in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        escaped = pc.replace_substring(escaped, plain, written)
    quote, nothing = (
        pa.scalar("'", texts.type),
        pa.scalar("", texts.type),
    )  # plain str would not fit large_string
    return pc.if_else(needs, pc.binary_join_element_wise(quote, escaped, quote, nothing), texts)
