"""The connections to a workspace's SQLite file: opening, migrating, transactions, clear errors."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studiolo.errors import InternalError, StudioloError, UserError
from studiolo.metadata.schema import STEPS
from studiolo.store.failures import disk_full

BUSY_SECONDS = 5.0
CHECKPOINT_PAGES = 500
"""Rows go from the log into the database file when the log has about 2 MB; opening reads the log once."""


class Connection:
    """A database file, open for several threads and beside other processes.

    Reads and writes have a connection each, so that a read never waits for a write; threads take turns on
    each of the two. The log (WAL) lets other processes read while one writes.

    `synchronous` is NORMAL: a commit is not forced to disk. The content a row refers to is durable before
    the row is written, so a row lost with the machine's power only costs a rerun; nothing is lost when
    just the process dies, and the file is consistent in both cases.

    The reading connection is read-only and closed last. That leaves the log where it is instead of copying
    it into the database at every exit, which would cost each command several waits for the disk.

    Must not be carried into a forked process.

    Args:
        path: the database file; made with its tables when it is not there. Its folder must be there.
        busy_seconds: how long to wait for another process that writes.

    Raises:
        UserError: `metadata-locked`, `metadata-damaged`, `metadata-newer`, `metadata-unusable` or
            `workspace-disk-full`.
    """

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._read_lock = threading.RLock()
        self._write_lock = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        with self._explained():
            try:
                self._reader = self._connect(is_reader=True)
                version = self._version(self._reader)
            except sqlite3.OperationalError:
                # Most often there is no file yet; if it is something else, the writer meets it too.
                version = 0
            if version > len(STEPS):
                self.close()
                raise self._newer(version)
            if version < len(STEPS):
                self._migrate()

    def close(self) -> None:
        """Close both connections; does nothing the second time."""
        with self._write_lock, self._read_lock:
            for connection in (self._writer, self._reader):
                if connection is not None:
                    connection.close()
            self._writer = self._reader = None

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def version(self) -> int:
        """Give a number that changes whenever anybody, this object included, has changed the database."""
        row = self._row("PRAGMA data_version")
        return int(row[0]) if row is not None else 0

    # For the rows' files

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query and give all its rows."""
        with self._read_lock, self._explained():
            if self._reader is None:
                self._reader = self._connect(is_reader=True)
            return self._reader.execute(query, values).fetchall()

    def _row(self, query: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Run a query and give its first row, or None."""
        rows = self._rows(query, values)
        return rows[0] if rows else None

    def _change(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one changing statement in a transaction of its own and give the number of changed rows."""
        with self._write_lock, self._explained():
            return self._writing().execute(statement, values).rowcount

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the right to write from the first statement on; commit at the end, roll back on any error."""
        with self._write_lock, self._explained():
            connection = self._writing()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    # Opening

    def _connect(self, *, is_reader: bool) -> sqlite3.Connection:
        mode = "ro" if is_reader else "rwc"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        if not is_reader:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        return connection

    def _writing(self) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = self._connect(is_reader=False)
            if self._reader is None:
                self._reader = self._connect(is_reader=True)
        return self._writer

    def _migrate(self) -> None:
        with self._write_lock:
            self._use_log(self._writing())
        with self._transaction() as connection:
            # Another process may have been quicker.
            version = self._version(connection)
            if version > len(STEPS):
                raise self._newer(version)
            for step in STEPS[version:]:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(STEPS)}")

    def _use_log(self, connection: sqlite3.Connection) -> None:
        """Set the journal mode; SQLite does not wait by itself when two processes do this at once."""
        until = time.monotonic() + self._busy_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.01)

    @staticmethod
    def _version(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])

    # Errors

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._explanation(error) from error

    def _explanation(self, error: sqlite3.Error) -> StudioloError:
        code = getattr(error, "sqlite_errorcode", None)
        primary = None if code is None else code & 0xFF
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return UserError(
                "metadata-locked",
                f'The database "{self.path}" has been in use by another program for '
                f"{self._busy_seconds:g} seconds.",
                "Let it finish (another studiolo, a backup, a database viewer), then try again.",
            )
        if primary == sqlite3.SQLITE_FULL:
            return disk_full(self.path.parent, None)
        if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return UserError(
                "metadata-damaged",
                f'The database "{self.path}" is damaged: {error}.',
                "Put back a copy, or move it away with its -wal and -shm: experiments and data files are not "
                "in it; a new one is made and everything runs once more.",
            )
        if primary in (
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_PERM,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_AUTH,
        ):
            return UserError(
                "metadata-unusable",
                f'The database "{self.path}" cannot be opened or written: {error}.',
                "Check that its folder exists, belongs to you and may be written, and that the disk is well.",
            )
        return InternalError("metadata-refused", f'The database "{self.path}" refused a statement: {error}.')

    def _newer(self, version: int) -> UserError:
        return UserError(
            "metadata-newer",
            f'The database "{self.path}" was written by a newer studiolo: its tables have version {version}, '
            f"known here is {len(STEPS)}.",
            "Use that version or a later one in this workspace; it is not changed by this one.",
        )


def to_text(value: Any) -> str:
    """Write a JSON-ready value as ASCII text, so that any characters of a script's output fit a row."""
    return json.dumps(value, separators=(",", ":"))


def plain(text: str) -> str:
    r"""Make any text fit a row: a lone surrogate becomes its escape, as in `\udc80`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
