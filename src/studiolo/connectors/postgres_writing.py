"""Writes rows into a table of a PostgreSQL database: in one transaction, all of them or none."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence

from psycopg import pq

from studiolo.connectors.http import HttpLimits, PassingError, retrying
from studiolo.connectors.postgres import Database, DatabaseLimits, Session
from studiolo.connectors.row_text import RowColumn, pieces, read_head
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

_TYPES = {
    "boolean": "boolean",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "uint64": "numeric(20)",
    "float32": "real",
    "float64": "double precision",
    "decimal": "numeric",  # without bounds: rows that are added later may need more digits
    "text": "text",
    "bytes": "bytea",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp-utc": "timestamptz",
    "span": "interval",
}
_LONGEST_NAME = 63
_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped "
    "ORDER BY attnum"
)


def write_rows(
    database: Database,
    table: str,
    mode: str,
    descriptor: int,
    size: int,
    *,
    network: Sequence[str],
    limits: DatabaseLimits | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Write the rows behind a descriptor into a table; when it fails the database is as it was.

    Args:
        database: where to.
        table: its name; made with fitting types when it is not there.
        mode: what happens when the table is there: `ERROR`, `APPEND` or `REPLACE`. Replaced are its rows; a table with
            other columns is made anew.
        descriptor: of what `studiolo.formats.row_text` wrote.
        size: its length in bytes.
        network: patterns of `[grants] network`.
        limits: bounds.
        cancel: ends it when set.

    Raises:
        UserError: `database-…`, `bad-table-name`, `table-exists`, `missing-column`.
        WorkerError: `cancelled`.
    """
    columns, begin = read_head(descriptor, size)
    name = quoted_name(table)
    _check_lengths(
        [*re.findall(r'"((?:[^"]|"")+)"', name), *(column_name(one.name)[1:-1] for one in columns)]
    )

    def connected() -> Session:
        return Session(database, network, limits or DatabaseLimits(), cancel).__enter__()

    # Only connecting is tried again: after it, the server may have done what was asked.
    with retrying(connected, HttpLimits(), cancel) as session:
        try:
            session.run("BEGIN ISOLATION LEVEL READ COMMITTED")
            _prepare_table(session, name, table, mode, columns)
            _copy(session, name, columns, pieces(descriptor, begin, size))
        except PassingError as fault:
            fault.error.hint = f"{fault.error.hint} Nothing was written."
            raise fault.error from None
        try:
            session.run("COMMIT")
        except PassingError as fault:
            fault.error.hint = (
                "It broke off at the very end: look whether the rows are there before you try again."
            )
            raise fault.error from None


def _check_lengths(names: Iterable[str]) -> None:
    """Refuse names that the server would cut, and so take for another table or column.

    Args:
        names: as they stand between quotes.
    """
    for quoted in names:
        name = quoted.replace('""', '"')
        if len(name.encode()) > _LONGEST_NAME:
            raise UserError(
                "bad-table-name",
                f'The name "{name[:80]}" is too long for the database, which keeps {_LONGEST_NAME} bytes of it.',
                "Shorten it; columns get other names by the parameter `table_columns`.",
            )


def _prepare_table(session: Session, name: str, table: str, mode: str, columns: Sequence[RowColumn]) -> None:
    found = session.run(_COLUMNS, [name])
    known = [(found.get_value(row, 0) or b"").decode("utf-8", "replace") for row in range(found.ntuples)]
    wanted = [column.name for column in columns]
    if known and mode == ERROR:
        raise table_exists(table)
    if known and mode == APPEND:
        missing_columns(table, wanted, known)
    elif known and mode == REPLACE and set(known) == set(wanted):
        # Else the rows of another who replaces them at the same time would stay beside these.
        session.run(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
        session.run(f"DELETE FROM {name}")
    else:
        if known:
            session.run(f"DROP TABLE {name}")
        made = ", ".join(f"{column_name(column.name)} {_TYPES[column.kind]}" for column in columns)
        session.run(f"CREATE TABLE {name} ({made})")


def _copy(session: Session, name: str, columns: Sequence[RowColumn], rows: Iterable[bytes]) -> None:
    names = ", ".join(column_name(column.name) for column in columns)
    session.run(f"COPY {name} ({names}) FROM STDIN")
    session.talk.put_rows(rows)
    result = session.talk.result()
    try:
        session.check(result)
    except UserError as error:
        raise _placed(error, result) from None


def _placed(error: UserError, result: pq.abc.PGresult | None) -> UserError:
    """Say of the error of a row which row it is, which the server counts from 1."""
    context = (result.error_field(pq.DiagnosticField.CONTEXT) or b"") if result is not None else b""
    first = context.decode("utf-8", "replace").partition("\n")[0]
    found = re.search(r"COPY .*?, line ([0-9]+)(?:, column (.+?))?(?::|$)", first)
    if found is not None:
        column = f', column "{found[2][:80]}"' if found[2] else ""
        error.hint = f"It is row {found[1]}{column}. {error.hint}".strip()
    error.hint = f"{error.hint} Nothing was written.".strip()
    return error
