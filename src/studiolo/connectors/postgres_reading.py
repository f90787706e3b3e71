"""Reads the rows of one query of a PostgreSQL database into the store: streamed, read-only, as `COPY` writes them."""

from __future__ import annotations

import os
import string
import threading
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import pq

from studiolo.connectors.http import HttpLimits, PassingError, check_cancel, retrying
from studiolo.connectors.postgres import Database, DatabaseLimits, Session
from studiolo.connectors.row_text import head_of
from studiolo.connectors.tables import quoted_name
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError
from studiolo.store.blobs import BlobStore
from studiolo.store.failures import size_text, storing
from studiolo.store.temporary import TemporaryFile

_PIECE_BYTES = 1 << 20
_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_COPY = "COPY ("


def read_rows(
    database: Database,
    blobs: BlobStore,
    *,
    query: str = "",
    table: str = "",
    network: Sequence[str],
    limits: DatabaseLimits | None = None,
    cancel: threading.Event | None = None,
    told: Callable[[str], None] | None = None,
) -> tuple[str, int]:
    """Keep the rows that a query gives; give their digest and size.

    The transaction is read-only and sees one moment of the data. Memory stays the same whatever their number.
    It is tried again when the connection breaks off.

    Args:
        database: where to.
        blobs: the store.
        query: one statement that gives rows; may end in a semicolon.
        table: to read whole, instead of a query.
        network: patterns of `[grants] network`.
        limits: bounds.
        cancel: ends it when set.
        told: is told of each fault that another try follows.

    Raises:
        UserError: `database-…`, `bad-table-name`, `missing-table`, `missing-query`, `no-columns`.
        WorkerError: `cancelled`.
    """
    bounds = limits or DatabaseLimits()
    if bool(query.strip()) == bool(table.strip()):
        raise UserError(
            "missing-query",
            "Reading a database needs a query or a table, and not both.",
            "Set the parameter `query`, as in SELECT * FROM customers, or `table`.",
        )
    # Not by a pattern, which would look at each of a million spaces a million times.
    wanted = query.rstrip(f";{string.whitespace}") if query.strip() else f"SELECT * FROM {quoted_name(table)}"

    def attempt() -> tuple[str, int]:
        with Session(database, network, bounds, cancel) as session:
            session.run(_BEGIN)
            columns = _described(session, wanted, table)
            return _kept(session, wanted, columns, blobs, bounds, cancel)

    return retrying(attempt, HttpLimits(), cancel, told)


def _described(session: Session, query: str, table: str) -> list[dict[str, Any]]:
    """Let the server prepare the query, which it does for a single statement alone, and give its columns."""
    connection = session.talk.connection
    connection.send_prepare(b"", query.encode())
    result = session.talk.result()
    if table and result is not None and result.error_field(pq.DiagnosticField.SQLSTATE) == b"42P01":
        raise _missing_table(session, table)
    session.check(result, query)
    connection.send_describe_prepared(b"")
    described = session.talk.result()
    session.check(described, query)
    assert described is not None
    if described.nfields == 0:
        raise UserError(
            "no-columns",
            "The query gives no columns.",
            "Write a SELECT; statements that change the database are not for reading.",
        )
    return [
        {
            "name": (described.fname(place) or b"").decode("utf-8", "replace"),
            "type": described.ftype(place),
            "modifier": described.fmod(place),
        }
        for place in range(described.nfields)
    ]


def _kept(
    session: Session,
    query: str,
    columns: Sequence[dict[str, Any]],
    blobs: BlobStore,
    limits: DatabaseLimits,
    cancel: threading.Event | None,
) -> tuple[str, int]:
    talk = session.talk
    # By the extended protocol, which takes one statement: nothing in the query can end this one and begin another.
    talk.connection.send_query_params(f"{_COPY}{query}\n) TO STDOUT (FORMAT csv)".encode(), [])
    session.check(talk.result(), query, len(_COPY))
    with storing(blobs.temporary, None), TemporaryFile(blobs.temporary) as file:
        file.write(head_of(columns))
        size = os.lseek(file.descriptor, 0, os.SEEK_CUR)
        waiting = bytearray()
        for data in talk.rows():
            waiting += data
            if len(waiting) >= _PIECE_BYTES:
                check_cancel(cancel)
                size += len(waiting)
                if size > limits.size_bytes:
                    raise _too_large(session, limits)
                file.write(waiting)
                waiting.clear()
        file.write(waiting)
        size += len(waiting)
        last = talk.result()
        session.check(last, query, len(_COPY))
        if last is None or last.status != pq.ExecStatus.COMMAND_OK:
            raise PassingError(_broken(session))
        return blobs.put_temporary(file, size), size


def _missing_table(session: Session, table: str) -> UserError:
    session.run("ROLLBACK")
    found = session.run(
        "SELECT CASE WHEN n.nspname = ANY (current_schemas(false)) THEN c.relname ELSE n.nspname || '.' || c.relname "
        "END FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')"
        " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND has_schema_privilege(n.oid, 'USAGE') "
        "ORDER BY 1 LIMIT 1000"
    )
    names = [(found.get_value(row, 0) or b"").decode("utf-8", "replace") for row in range(found.ntuples)]
    return UserError(
        "missing-table",
        f'The database has no table "{table[:80]}".',
        did_you_mean(table, names, "table"),
    )


def _too_large(session: Session, limits: DatabaseLimits) -> UserError:
    return UserError(
        "address-too-large",
        f"{session.database.shown} gives more than {size_text(limits.size_bytes)}.",
        "Let the query choose rows and columns, or count and add up in the database.",
        allowed_bytes=limits.size_bytes,
    )


def _broken(session: Session) -> UserError:
    return UserError(
        "database-unreachable",
        f"{session.database.shown} broke off in the middle of the rows.",
        "Try again later.",
    )
