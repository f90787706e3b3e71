"""What the tables of all databases have in common: their names, and the ways of writing them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError

ERROR, APPEND, REPLACE = "Error", "Append", "Replace"
MODES = (ERROR, APPEND, REPLACE)


def table_exists(table: str) -> UserError:
    """Give the error for a table that is there although it must not be."""
    return UserError(
        "table-exists",
        f'The table "{table[:80]}" is there already.',
        f"Choose another name, or set the parameter `mode` to {APPEND} or {REPLACE}.",
    )


def missing_columns(table: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    """Make sure that a table has the columns that are to be written.

    Raises:
        UserError: `missing-column`.
    """
    for name in wanted:
        if name not in known:
            raise UserError(
                "missing-column",
                f'The table "{table[:80]}" has no column "{name[:80]}".',
                f"{did_you_mean(name, known, 'column')} Choose the columns, or name them as the table does by "
                "`table_columns`.",
            )


def quoted_name(text: str) -> str:
    """Give a table's name as SQL has it; `schema.table` are two names unless they stand in quotes.

    Raises:
        UserError: `bad-table-name`.

    >>> quoted_name("sales.Orders"), quoted_name('"a.b"')
    ('"sales"."Orders"', '"a.b"')
    """
    found = re.fullmatch(r'\s*(?:("(?:[^"]|"")+"|[^".]+)\.)?("(?:[^"]|"")+"|[^".]+)\s*', text)
    if found is None or "\0" in text:
        raise UserError(
            "bad-table-name", f"{text[:80]!r} can't be the name of a table.", "Write TABLE or SCHEMA.TABLE."
        )
    return ".".join(
        part if part.startswith('"') else column_name(part.strip()) for part in found.groups() if part
    )


def column_name(name: str) -> str:
    """Give a name as SQL has it, in quotes."""
    return '"' + name.replace('"', '""') + '"'
