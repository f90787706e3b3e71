"""Writes rows into a table of an SQLite file of the workspace: in one transaction, all of them or none."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from studiolo.connectors.http import check_cancel
from studiolo.connectors.row_text import RowColumn, read_head, rows
from studiolo.connectors.sqlite_logs import check_journal
from studiolo.connectors.tables import (
    APPEND,
    ERROR,
    REPLACE,
    column_name,
    missing_columns,
    quoted_name,
    table_exists,
)
from studiolo.errors import UserError
from studiolo.store.failures import storing
from studiolo.store.temporary import TemporaryFile, sync_folder

BUSY_SECONDS = 30.0
_CHECKED_ROWS = 10_000
_CHECKED_STEPS = 100_000
_TYPES = {
    "boolean": "BOOLEAN",
    "int16": "BIGINT",
    "int32": "BIGINT",
    "int64": "BIGINT",
    "uint64": "NUMERIC",
    "float32": "DOUBLE",
    "float64": "DOUBLE",
    "decimal": "NUMERIC",
    "bytes": "BLOB",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamp-utc": "TIMESTAMP",
    "span": "DOUBLE",
}


def write_sqlite(
    name: str,
    path: Path,
    table: str,
    mode: str,
    descriptor: int,
    size: int,
    cancel: threading.Event | None = None,
) -> None:
    """Write the rows behind a descriptor into a table; when it fails the file is as it was.

    A file that is not there is made whole or not at all. Booleans become 0 and 1, decimals and spans (in seconds) REAL,
    dates and times text.

    Args:
        name: of the file as the author wrote it.
        path: of the file; its folder may be missing.
        table: its name; made when it is not there.
        mode: as for `postgres_writing.write_rows`.
        descriptor: of what `studiolo.formats.row_text` wrote.
        size: its length in bytes.
        cancel: ends it when set.

    Raises:
        UserError: `sqlite-unusable`, `bad-table-name`, `table-exists`, `missing-column`; a full disk.
        WorkerError: `cancelled`.
    """
    columns, begin = read_head(descriptor, size)
    if "." in table and quoted_name(table).count('"."'):
        raise UserError(
            "bad-table-name",
            f"{table[:80]!r} names a schema, which SQLite does not have.",
            "Write the table alone.",
        )
    work = _Writing(name, table, mode, columns, cancel)
    check_journal(name, path)
    if path.exists():
        work.write(path, rows(descriptor, begin, size))
        return
    with storing(path.parent, size):
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(path.parent) as file:
            work.write(file.path, rows(descriptor, begin, size))
            os.fsync(file.descriptor)
            file.place(path)
        sync_folder(path.parent)


class _Writing:
    def __init__(
        self, name: str, table: str, mode: str, columns: Sequence[RowColumn], cancel: threading.Event | None
    ) -> None:
        self._name, self._table, self._mode = name, table, mode
        self._columns = columns
        self._cancel = cancel
        self._row = 0

    def write(self, path: Path, rows: Iterator[list[str | None]]) -> None:
        try:
            with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
                connection.set_progress_handler(self._is_cancelled, _CHECKED_STEPS)
                connection.execute("PRAGMA trusted_schema = OFF")
                connection.execute("BEGIN IMMEDIATE")
                self._prepare(connection)
                self._insert(connection, rows)
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            check_cancel(self._cancel)
            place = f" at row {self._row:,}" if isinstance(error, sqlite3.IntegrityError) else ""
            raise UserError(
                "sqlite-unusable",
                f'"{self._name}" did not take the rows{place}: {str(error)[:300]}.',
                "Nothing was written. Is the file an SQLite database, and nobody else writing in it?",
            ) from None

    def _is_cancelled(self) -> bool:
        """Say whether to end a statement: a trigger of the file may go on for ever."""
        return self._cancel is not None and self._cancel.is_set()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        name = quoted_name(self._table)
        plain = name[1:-1].replace('""', '"')
        known = [str(row[1]) for row in connection.execute("SELECT * FROM pragma_table_info(?)", [plain])]
        wanted = [column.name for column in self._columns]
        if known and self._mode == ERROR:
            raise table_exists(self._table)
        if known and self._mode == APPEND:
            missing_columns(self._table, wanted, known)
        elif known and self._mode == REPLACE and set(known) == set(wanted):
            connection.execute(f"DELETE FROM {name}")
        else:
            if known:
                connection.execute(f"DROP TABLE {name}")
            made = ", ".join(
                f"{column_name(one.name)} {_TYPES.get(one.kind, 'TEXT')}" for one in self._columns
            )
            connection.execute(f"CREATE TABLE {name} ({made})")

    def _insert(self, connection: sqlite3.Connection, rows: Iterator[list[str | None]]) -> None:
        names = ", ".join(column_name(column.name) for column in self._columns)
        marks = ", ".join("?" * len(self._columns))
        statement = f"INSERT INTO {quoted_name(self._table)} ({names}) VALUES ({marks})"
        connection.executemany(statement, self._values(rows))

    def _values(self, rows: Iterator[list[str | None]]) -> Iterator[list[Any]]:
        makers = [_MAKERS.get(column.kind, str) for column in self._columns]
        for number, row in enumerate(rows, 1):
            if number % _CHECKED_ROWS == 0:
                check_cancel(self._cancel)
            self._row = number
            yield [None if text is None else make(text) for make, text in zip(makers, row, strict=True)]


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _span(text: str) -> float:
    return int(text.partition(" ")[0]) / 1e6


def _uint64(text: str) -> int | float:
    number = int(text)
    return number if number < 1 << 63 else float(number)


_MAKERS: dict[str, Callable[[str], Any]] = {
    "boolean": lambda text: int(text == "t"),
    "int16": int,
    "int32": int,
    "int64": int,
    "uint64": _uint64,
    "float32": float,
    "float64": float,
    "decimal": float,
    "bytes": _bytes,
    "span": _span,
}
