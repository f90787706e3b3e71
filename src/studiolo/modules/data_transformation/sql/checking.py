"""What both engines ask of the tables and of a query, and how their errors are told."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyarrow as pa

from studiolo.sdk import ModuleError
from studiolo_child.nearest import nearest

PORTS = {"t1": "table1", "t2": "table2", "t3": "table3"}
MOST_COLUMNS = 1000
MOST_TEXT = 600
Tables = Mapping[str, pa.Table]


def check_tables(tables: Tables, most_columns: int | None = None) -> None:
    """Check that every table has columns, not too many, and none that SQL takes for another.

    Raises:
        ModuleError: `sql-bad-table` with the port.
    """
    for name, table in tables.items():
        port = PORTS.get(name, name)
        if not table.num_columns:
            raise _bad_table(f"{name} has no columns.", "Connect a dataset that has at least one.", port)
        if most_columns and table.num_columns > most_columns:
            raise _bad_table(
                f"{name} has {table.num_columns} columns; SQLite takes at most {most_columns}.",
                "Select fewer columns upstream, or choose the dialect duckdb.",
                port,
            )
        seen: dict[str, str] = {}
        odd_name = next((column for column in table.column_names if "\0" in column), None)
        if odd_name is not None:
            raise _bad_table(
                f"{name} has the column {odd_name[:80]!r}, whose name has a NUL character in it.",
                "Rename it upstream.",
                port,
            )
        for column in table.column_names:
            other = seen.setdefault(column.lower(), column)
            if other != column:
                raise _bad_table(
                    f'{name} has the columns "{other}" and "{column}", which are one name in SQL.',
                    "Rename one of them upstream.",
                    port,
                )


def no_result(what: str, line: int = 0) -> ModuleError:
    """Give the error of a query whose last statement gives no table."""
    place = f" in line {line}" if line else ""
    return ModuleError(
        f"{what}{place}.",
        "Let the last statement be a select, such as `select * from t1`.",
        code="sql-no-result",
        parameter="query",
    )


def failed(reason: str, line: int, tables: Tables, *, code: str = "sql-error", hint: str = "") -> ModuleError:
    """Give the error of a statement that the engine refused.

    Args:
        reason: the engine's own text.
        line: line of the query, from 1.
        tables: the tables there are, for hints.
        code: `sql-error`, `sql-not-allowed` or `sql-out-of-memory`.
        hint: what to do; found out from the reason when empty.
    """
    text = reason if len(reason) <= MOST_TEXT else reason[:MOST_TEXT] + "…"
    return ModuleError(
        f"The query fails in line {line}: {text.rstrip('.!')}.",
        hint or hint_for(reason, tables),
        code=code,
        parameter="query",
    )


def hint_for(reason: str, tables: Tables) -> str:
    """Give the nearest known name for an unknown one in an engine's error text."""
    table = _named(
        reason, r"no such table: (?:main\.)?(\S+)", r"Table with name \"?([^\s\"]+)\"? does not exist"
    )
    if table:
        if table.lower() in PORTS and table.lower() not in tables:
            return f"Nothing is connected to the port {PORTS[table.lower()]}, so there is no {table.lower()}."
        close = nearest(table, tables)
        return (f'Did you mean "{close}"? ' if close else "") + f"The tables are {', '.join(tables)}."
    column = _named(
        reason,
        r"no such column: (.+)$",
        r"Referenced column \"([^\"]+)\" not found",
        r"does not have a column named \"([^\"]+)\"",
        r"ambiguous column name: (.+)$",
        r"Ambiguous reference to column name \"([^\"]+)\"",
    )
    if not column:
        return ""
    if "mbiguous" in reason:
        return f'Say which table is meant, such as t1."{column}".'
    prefix, dot, bare = column.rpartition(".")
    chosen = {prefix: tables[prefix]} if dot and prefix in tables else tables
    names = list(dict.fromkeys(name for other in chosen.values() for name in other.column_names))
    close = nearest(bare if dot else column, names)
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    return (f'Did you mean "{close}"? ' if close else "") + f"The columns are {shown}."


def _named(reason: str, *patterns: str) -> str:
    for pattern in patterns:
        match = re.search(pattern, reason, re.MULTILINE)
        if match:
            return match[1].strip()
    return ""


def _bad_table(summary: str, hint: str, port: str) -> ModuleError:
    return ModuleError(summary, hint, code="sql-bad-table", port=port)
