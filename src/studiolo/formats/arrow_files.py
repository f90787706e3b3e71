"""Reads and writes Arrow: the file form (also called Feather) and the stream form."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from studiolo.formats.missing import with_nulls
from studiolo.formats.reading import ReadResult, Source, data_of, unreadable
from studiolo.formats.table_types import as_dataset

FILE_MARK = b"ARROW1"
FEATHER_1_MARK = b"FEA1"


def read(source: Source) -> ReadResult:
    """Read an Arrow file or stream, whichever it is, without copying what is not compressed.

    Raises:
        ModuleError: `wrong-format`, `empty-file`.
    """
    receipt: list[dict[str, Any]] = []
    buffer = data_of(source)
    head = buffer.slice(0, min(8, buffer.size)).to_pybytes()
    if head.startswith(FEATHER_1_MARK):
        hint = "Write it again with a current pandas or pyarrow."
        raise unreadable(source, "Arrow", "it is Feather version 1, which is retired", hint)
    try:
        if head.startswith(FILE_MARK):
            table = pa.ipc.open_file(pa.BufferReader(buffer)).read_all()
        else:
            table = pa.ipc.open_stream(pa.BufferReader(buffer)).read_all()
        table.validate(full=True)
        table = table.rename_columns(table.column_names)  # names that are no UTF-8 show here
    except (pa.ArrowException, OSError, UnicodeDecodeError) as fault:
        hint = "Check that the file is whole and really an Arrow file or stream."
        raise unreadable(source, "Arrow", fault, hint) from None
    return ReadResult(as_dataset(table, receipt), receipt)


def write(table: pa.Table, *, stream: bool = False) -> bytes:
    """Write a table as an Arrow file, or as an Arrow stream, NaN as null."""
    table = with_nulls(table)
    sink = pa.BufferOutputStream()
    opened = pa.ipc.new_stream if stream else pa.ipc.new_file
    with opened(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
