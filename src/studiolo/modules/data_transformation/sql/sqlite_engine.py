"""Runs a query in SQLite, in memory, with the semantics of the retired products."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from studiolo.formats.column_names import unique
from studiolo.formats.missing import with_nulls
from studiolo.modules.data_transformation.sql.checking import (
    MOST_COLUMNS,
    Tables,
    check_tables,
    failed,
    no_result,
)
from studiolo.modules.data_transformation.sql.sqlite_authorizer import Authorizer
from studiolo.modules.data_transformation.sql.sqlite_values import (
    declared_type,
    python_list,
    result_column,
    storable,
)
from studiolo.modules.data_transformation.sql.statements import Statement, split

BATCH = 32_768
STEPS_BETWEEN_CHECKS = 200_000


def run(tables: Tables, query: str, receipt: list[dict[str, Any]]) -> pa.Table:
    """Run a script and give the table of its last statement.

    Only columns that a single statement reads are loaded. The query can reach nothing but its tables: no
    files, no extensions, no settings.

    Args:
        tables: name (`t1` …) to table.
        query: statements separated by semicolons.
        receipt: gets what loading and the result changed.

    Raises:
        ModuleError: `sql-error`, `sql-not-allowed`, `sql-no-result`, `sql-bad-table`.
        KeyboardInterrupt: a signal handler raised in the middle of a statement, whatever it raised.
    """
    check_tables(tables, MOST_COLUMNS)
    statements = split(query)
    if not statements:
        raise no_result("The query has no statement")
    connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
    try:
        return _run(connection, tables, statements, receipt)
    finally:
        connection.set_authorizer(None)
        connection.close()


def _run(
    connection: sqlite3.Connection, tables: Tables, statements: list[Statement], receipt: list[dict[str, Any]]
) -> pa.Table:
    connection.execute("pragma temp_store = memory")
    tables = {name: with_nulls(table) for name, table in tables.items()}
    for name, table in tables.items():
        columns = (
            f"{_quoted(column)} {declared_type(table.column(column))}" for column in table.column_names
        )
        connection.execute(f"create table {name} ({', '.join(columns)})")
    authorizer = Authorizer()
    runner = _Runner(connection, authorizer, tables)
    connection.set_authorizer(authorizer)
    connection.set_progress_handler(_go_on, STEPS_BETWEEN_CHECKS)
    runner.explain(statements[0])
    used = authorizer.read if len(statements) == 1 else None
    connection.set_authorizer(None)
    for name, table in tables.items():
        _load(connection, name, table, used, receipt)
    connection.set_authorizer(authorizer)
    for statement in statements[:-1]:
        runner.execute(statement)
    return runner.result(statements[-1], receipt)


class _Runner:
    """Executes statements and tells their errors with line and hint."""

    def __init__(self, connection: sqlite3.Connection, authorizer: Authorizer, tables: Tables) -> None:
        self.connection = connection
        self.authorizer = authorizer
        self.tables = tables

    def explain(self, statement: Statement) -> None:
        """Prepare a statement without running it, so that faults show before data is loaded."""
        if not statement.text.lower().startswith("explain"):
            self.execute(Statement(f"explain {statement.text}", statement.line), shown=statement)

    def execute(self, statement: Statement, shown: Statement | None = None) -> sqlite3.Cursor:
        self.authorizer.refusal = ""
        try:
            return self.connection.execute(statement.text)
        except sqlite3.Error as fault:
            raise self._fault(fault, shown or statement) from None

    def result(self, statement: Statement, receipt: list[dict[str, Any]]) -> pa.Table:
        cursor = self.execute(statement)
        if cursor.description is None:
            raise no_result("The last statement gives no table", statement.line)
        names = [column[0] or f"Col{place}" for place, column in enumerate(cursor.description, start=1)]
        columns: list[list[Any]] = [[] for _ in names]
        try:
            while rows := cursor.fetchmany(BATCH):
                for column, values in zip(columns, zip(*rows, strict=True), strict=True):
                    column.extend(values)
        except sqlite3.Error as fault:
            raise self._fault(fault, statement) from None
        names = unique(names, receipt)
        needs_types = any(not any(value is not None for value in column) for column in columns)
        declared = self._declared(statement, len(names)) if needs_types else [""] * len(names)
        arrays = [
            result_column(values, name, kind, receipt)
            for values, name, kind in zip(columns, names, declared, strict=True)
        ]
        return pa.Table.from_arrays(arrays, names=names)

    def _declared(self, statement: Statement, count: int) -> list[str]:
        """Give the declared types of result columns that are table columns as they are, else empty texts."""
        self.connection.set_authorizer(None)
        try:
            body = statement.text.rstrip("; \n\r\t")
            self.connection.execute(f"create temp view studiolo_result as {body}\n")
            rows = self.connection.execute("pragma temp.table_info(studiolo_result)").fetchall()
            kinds = [str(row[2] or "") for row in rows]
        except sqlite3.Error:
            kinds = []
        return kinds if len(kinds) == count else [""] * count

    def _fault(self, fault: sqlite3.Error, statement: Statement) -> BaseException:
        if str(fault) == "interrupted":  # a signal handler raised while SQLite asked `_go_on`
            return KeyboardInterrupt()
        if self.authorizer.refusal:
            hint = "Remove the statement, or use Execute Python Script for what it does."
            return failed(
                self.authorizer.refusal, statement.line, self.tables, code="sql-not-allowed", hint=hint
            )
        line = statement.line + self._line_within(str(fault), statement.text)
        return failed(str(fault), line, self.tables)

    def _line_within(self, reason: str, text: str) -> int:
        """Give how many lines into the statement the error's token stands; 0 when it is not found."""
        match = re.search(r'near "(.+?)": syntax error', reason) or re.search(
            r'unrecognized token: "(.+)"', reason
        )
        named = match or re.search(r"(?:no such \w+|ambiguous column name): (.+)$", reason)
        if named is None:
            return 0
        token = named[1].rpartition(".")[2] if not match else named[1]
        edge = r"(?<![\w])" if token[:1].isalnum() else ""
        ends = [found.end() for found in re.finditer(edge + re.escape(token), text, re.IGNORECASE)]
        if match:
            ends = [end for end in ends if self._breaks(text[:end], reason)] or ends
        return text.count("\n", 0, ends[0]) if ends else 0

    def _breaks(self, beginning: str, reason: str) -> bool:
        """Say whether the beginning of a statement fails in the same way, so that its end is the place."""
        try:
            self.connection.execute(f"explain {beginning}")
        except sqlite3.Error as fault:
            return str(fault) == reason
        return False


def _load(
    connection: sqlite3.Connection,
    name: str,
    table: pa.Table,
    used: set[tuple[str, str]] | None,
    receipt: list[dict[str, Any]],
) -> None:
    """Insert the rows; columns that are not `used` stay null, since nobody looks at them."""
    names = [column for column in table.column_names if used is None or (name, column.lower()) in used]
    if names:
        columns = [storable(table.column(column), column, receipt) for column in names]
    else:
        names = table.column_names[:1]
        columns = [pa.chunked_array([pa.nulls(table.num_rows, pa.int64())])]
    places = ", ".join("?" * len(names))
    listed = ", ".join(_quoted(column) for column in names)
    connection.execute("begin")
    connection.executemany(f"insert into {name} ({listed}) values ({places})", _rows(columns))
    connection.execute("commit")


def _rows(columns: list[pa.ChunkedArray]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(columns[0]), BATCH):
        yield from zip(*(python_list(column.slice(start, BATCH)) for column in columns), strict=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _go_on() -> int:
    """Let Python run its signal handlers; 0 goes on."""
    return 0
