"""Reads a table or a query of an SQLite file; the file is read into memory and can't be written to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pyarrow as pa

from studiolo.formats.column_names import unique
from studiolo.formats.reading import ReadResult, Source, unreadable
from studiolo.formats.table_types import as_dataset
from studiolo.modules.data_transformation.sql.sqlite_authorizer import Authorizer
from studiolo.modules.data_transformation.sql.sqlite_values import result_column
from studiolo.sdk import ModuleError
from studiolo_child.nearest import did_you_mean

MAGIC = b"SQLite format 3\0"
ENDINGS = (".sqlite", ".sqlite3", ".db")
_BATCH = 32_768
_VERSIONS = slice(18, 20)
"""Bytes of the header that say whether a log lies beside the file; the host has made sure that none does."""


def is_sqlite(source: Source) -> bool:
    """Say whether a source is an SQLite file, by its first bytes."""
    with source.open() as file:
        return file.read(len(MAGIC)) == MAGIC


def read(source: Source, query: str, table: str) -> ReadResult:
    """Read what a query gives, or a whole table; the only table when neither is given.

    Raises:
        ModuleError: `wrong-format`, `missing-query`, `missing-table`, `sql-error`, `sql-not-allowed`, `sql-no-result`.
    """
    data = bytearray(source.read())
    data[_VERSIONS] = b"\1\1"
    with closing(sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)) as connection:
        try:
            connection.deserialize(bytes(data))
            del data
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
            tables = [
                str(row[0])
                for row in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
                    "ESCAPE '\\' ORDER BY name"
                )
            ]
        except sqlite3.DatabaseError as fault:
            raise unreadable(source, "an SQLite database", fault) from None
        wanted = query if query.strip() else f"SELECT * FROM {_quoted(_table(source, table, tables))}"
        if query.strip() and table.strip():
            raise _ambiguous(source, tables)
        return _result(connection, wanted, source)


def _table(source: Source, table: str, tables: list[str]) -> str:
    if not table.strip():
        if len(tables) != 1:
            raise _ambiguous(source, tables)
        return tables[0]
    known = {name.lower(): name for name in tables}
    if table.strip().lower() not in known:
        raise ModuleError(
            f'{source.name} has no table "{table[:80]}".',
            did_you_mean(table, tables, "table"),
            code="missing-table",
            parameter="table",
        )
    return known[table.strip().lower()]


def _ambiguous(source: Source, tables: list[str]) -> ModuleError:
    shown = ", ".join(tables[:10]) + (f" and {len(tables) - 10} more" if len(tables) > 10 else "")
    return ModuleError(
        f"Reading {source.name} needs a query or a table, and not both.",
        f"Set one of the parameters `query` and `table`. It has {shown or 'no tables'}.",
        code="missing-query",
        parameter="query",
    )


def _result(connection: sqlite3.Connection, query: str, source: Source) -> ReadResult:
    authorizer = Authorizer()
    connection.set_authorizer(authorizer)
    receipt: list[dict[str, Any]] = []
    try:
        cursor = connection.execute(query)
        if cursor.description is None:
            raise ModuleError(
                "The query gives no table.", "Write one SELECT.", code="sql-no-result", parameter="query"
            )
        names = unique([one[0] or f"Col{at}" for at, one in enumerate(cursor.description, 1)], receipt)
        columns: list[list[Any]] = [[] for _ in names]
        while rows := cursor.fetchmany(_BATCH):
            for column, values in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(values)
    except (sqlite3.Error, sqlite3.Warning, sqlite3.ProgrammingError) as fault:
        is_refused = bool(authorizer.refusal)
        raise ModuleError(
            f"The query of {source.name} failed: {authorizer.refusal or str(fault)[:300]}.",
            "Write one SELECT over the tables of the file.",
            code="sql-not-allowed" if is_refused else "sql-error",
            parameter="query",
        ) from None
    arrays = [result_column(values, name, "", receipt) for values, name in zip(columns, names, strict=True)]
    return ReadResult(as_dataset(pa.Table.from_arrays(arrays, names=names), receipt), receipt)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
