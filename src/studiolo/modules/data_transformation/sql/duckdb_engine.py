"""Runs a query in DuckDB over the tables as they lie in memory."""

from __future__ import annotations

import os
import re
import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.column_names import unique
from studiolo.formats.missing import with_nulls
from studiolo.formats.reading import entry
from studiolo.formats.table_types import as_dataset
from studiolo.modules.data_transformation.sql.checking import Tables, check_tables, failed, no_result

THREADS = 2
SUM = pa.decimal128(38, 0)  # DuckDB's HUGEINT, the type of sums of whole numbers
SETTINGS = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}
CHANGES = ("INSERT", "UPDATE", "DELETE", "MERGE_INTO", "COPY", "CREATE")
NO_TABLE = (
    "DROP",
    "ALTER",
    "TRANSACTION",
    "SET",
    "VARIABLE_SET",
    "ATTACH",
    "DETACH",
    "LOAD",
    "PREPARE",
    "VACUUM",
)


def run(tables: Tables, query: str, receipt: list[dict[str, Any]]) -> pa.Table:
    """Run a script and give the table of its last statement.

    The tables are read where they are, without a copy, on two threads. The query can reach nothing else: no
    files, no network, no extensions, no settings. Sums of whole numbers are Integer again where they fit, and
    decimals that come from literals (`1.5`) are Double, unless a table has decimals itself.

    Args:
        tables: name (`t1` …) to table.
        query: statements separated by semicolons.
        receipt: gets what loading and the result changed.

    Raises:
        ModuleError: `sql-error`, `sql-not-allowed`, `sql-no-result`, `sql-out-of-memory`, `sql-bad-table`.
        BaseException: what a signal handler raised in the middle of a statement, which ends the statement.
    """
    import duckdb

    check_tables(tables)
    memory = f"{_memory_bytes() // 1024**2}MB"
    connection = duckdb.connect(
        ":memory:", config={**SETTINGS, "threads": str(THREADS), "memory_limit": memory}
    )
    try:
        inputs = {name: _prepared(table) for name, table in tables.items()}
        _set_zone(connection, inputs, receipt)
        connection.execute("set lock_configuration = true")
        for name, table in inputs.items():
            connection.register(name, table)
        kinds = {kind for table in inputs.values() for kind in table.schema.types}
        result = _interruptible(connection, lambda: _result(connection, query, tables))
        return _finished(result, {kind for kind in kinds if pa.types.is_decimal(kind)}, receipt)
    finally:
        connection.close()


def _prepared(table: pa.Table) -> pa.Table:
    """Give the table with nulls for NaN, and with types that DuckDB has functions for."""
    table = with_nulls(table)
    for place, column in enumerate(table.columns):
        kind = column.type
        if pa.types.is_float16(kind):
            table = table.set_column(place, table.column_names[place], pc.cast(column, pa.float32()))
        elif pa.types.is_timestamp(kind) and kind.unit != "us":
            try:
                micros = pc.cast(column, pa.timestamp("us", kind.tz))
            except pa.ArrowInvalid:
                continue
            table = table.set_column(place, table.column_names[place], micros)
    return table


def _set_zone(connection: Any, tables: Tables, receipt: list[dict[str, Any]]) -> None:
    """Let times with a zone keep it; with several zones, or one that DuckDB lacks, take UTC."""
    import duckdb

    kinds = [kind for table in tables.values() for kind in table.schema.types if pa.types.is_timestamp(kind)]
    zones = sorted({kind.tz for kind in kinds if kind.tz})
    for zone in zones if len(zones) == 1 else ():
        try:
            connection.execute("set TimeZone = '" + zone.replace("'", "''") + "'")
            return
        except duckdb.Error:
            continue
    connection.execute("set TimeZone = 'UTC'")
    if zones and zones != ["UTC"]:
        text = f"Times of the zones {', '.join(zones)} are given in UTC."
        receipt.append(entry("zone-to-utc", text, lossy=True))


def _interruptible(connection: Any, work: Callable[[], pa.Table]) -> pa.Table:
    """Do the work in a thread of its own, so that signals are heard here and can end it.

    DuckDB looks for signals itself while a statement runs, but at times drops what the handler raised and runs
    on (duckdb 2.0.0: in 15 of 110 tries on a busy machine; this way in none of 80).
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        doing = pool.submit(work)
        try:
            return doing.result()
        except BaseException:
            while not doing.done():
                connection.interrupt()
                wait([doing], timeout=0.05)
            raise


def _result(connection: Any, query: str, tables: Tables) -> pa.Table:
    import duckdb

    lines_before = 0
    current = ""
    try:
        statements = connection.extract_statements(query)
        if not statements:
            raise no_result("The query has no statement")
        offset = 0
        for statement in statements:
            current = statement.query.strip()
            offset = max(query.find(current, offset), offset)
            lines_before = query.count("\n", 0, offset)
            offset += len(current)
            if statement is not statements[-1]:
                connection.execute(statement)
        last = statements[-1]
        kind = last.type.name
        if kind in NO_TABLE:
            raise no_result("The last statement gives no table", lines_before + 1)
        relation = connection.sql(last)
        if relation is None or (kind in CHANGES and relation.columns == ["Count"]):
            raise no_result("The last statement gives no table", lines_before + 1)
        return relation.to_arrow_table()
    except duckdb.Error as fault:
        text = _with_place(connection, current, str(fault)) if current else str(fault)
        raise _told(fault, text, lines_before, tables) from None


def _with_place(connection: Any, statement: str, text: str) -> str:
    """Give the error text of a statement with its place in it, which the way to Arrow does not give."""
    import duckdb

    try:
        connection.execute(f"explain {statement}")
    except duckdb.Error as fault:
        if str(fault).split("\n")[0] == text.split("\n")[0]:
            return str(fault)
    return text


def _told(fault: Exception, text: str, lines_before: int, tables: Tables) -> Exception:
    import duckdb

    place = re.search(r"^LINE (\d+):", text, re.MULTILINE)
    line = lines_before + (int(place[1]) if place else 1)
    reason = text.split("\n\nLINE ")[0].split("\n")[0]
    if isinstance(fault, duckdb.PermissionException) or "configuration has been locked" in text:
        hint = "A query sees only its tables. Use Import Data or Execute Python Script for files."
        return failed(reason, line, tables, code="sql-not-allowed", hint=hint)
    if isinstance(fault, duckdb.OutOfMemoryException):
        hint = "Give the node a higher `memory_mb` limit, or select less in the query."
        return failed(reason, line, tables, code="sql-out-of-memory", hint=hint)
    hint = ""
    if re.search(r"is not an? table|Can only (update|delete from) base table", reason):
        hint = "The inputs can't be changed. Make a copy first: `create table x as select * from t1`."
    return failed(reason, line, tables, hint=hint)


def _finished(table: pa.Table, decimals: set[pa.DataType], receipt: list[dict[str, Any]]) -> pa.Table:
    """Repair names and types; `decimals` are the decimal types of the query's tables."""
    names = unique(table.column_names, receipt)
    columns = []
    for name, column in zip(names, table.columns, strict=True):
        if column.type == SUM and SUM not in decimals:
            column = _integers(column, name, receipt)
        elif pa.types.is_decimal(column.type) and not decimals:
            column = pc.cast(column, pa.float64())
        columns.append(column)
    return as_dataset(pa.Table.from_arrays(columns, names=names), receipt)


def _integers(column: pa.ChunkedArray, name: str, receipt: list[dict[str, Any]]) -> pa.ChunkedArray:
    try:
        return pc.cast(column, pa.int64())
    except pa.ArrowInvalid:
        text = f'The whole numbers in "{name}" need more than 64 bits and became Double.'
        receipt.append(entry("integer-to-double", text, name, lossy=True))
        return pc.cast(column, pa.float64())


def _memory_bytes() -> int:
    """Give three quarters of the memory that this process may use."""
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        soft = resource.getrlimit(limit)[0]
        if soft > 0:
            most = min(most, soft)
    return max(most * 3 // 4, 64 * 1024**2)
