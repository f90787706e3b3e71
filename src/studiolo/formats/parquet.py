"""Reads and writes Parquet."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from studiolo.formats.missing import with_nulls
from studiolo.formats.reading import ReadResult, Source, data_of, entry, unreadable
from studiolo.formats.table_types import as_dataset


def read(source: Source) -> ReadResult:
    """Read a Parquet file with the types it states; see `table_types` for those a dataset lacks.

    A default index that pandas stored (`__index_level_0__`) is dropped, said in the receipt.

    Raises:
        ModuleError: `wrong-format`, `empty-file`.
    """
    receipt: list[dict[str, Any]] = []
    try:
        table = arrow_parquet.ParquetFile(pa.BufferReader(data_of(source))).read()
        table.validate(full=True)
        names = table.column_names
    except (pa.ArrowException, OSError, UnicodeDecodeError) as fault:
        hint = "Check that the file is whole and really Parquet."
        raise unreadable(source, "Parquet", fault, hint) from None
    for name in [name for name in names if re.fullmatch(r"__index_level_\d+__", name)]:
        table = table.drop_columns([name])
        receipt.append(entry("index-dropped", "The index that pandas stored was dropped.", lossy=True))
    return ReadResult(as_dataset(table, receipt), receipt)


def write(table: pa.Table) -> bytes:
    """Write a table as one Parquet file (Snappy), NaN as null."""
    sink = pa.BufferOutputStream()
    arrow_parquet.write_table(with_nulls(table), sink)
    return bytes(sink.getvalue())
