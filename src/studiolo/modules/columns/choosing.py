"""Columns that a parameter names, checked against the table."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from studiolo.modules.columns.kinds import is_numeric, kind_of
from studiolo.sdk import ModuleError
from studiolo_child.nearest import did_you_mean


def required(
    table: pa.Table, columns: Sequence[str] | None, parameter: str, port: str = "dataset"
) -> list[str]:
    """Give the chosen columns, at least one, each of them there.

    Raises:
        ModuleError: `no-columns` or `missing-column`.
    """
    chosen = list(columns or ())
    if not chosen:
        raise ModuleError(
            "No column is chosen.",
            f"Choose one or more columns of {port}.",
            code="no-columns",
            parameter=parameter,
        )
    return present(table, chosen, parameter, port)


def present(table: pa.Table, columns: Sequence[str], parameter: str = "", port: str = "dataset") -> list[str]:
    """Give the columns as a list when the table has each of them.

    Raises:
        ModuleError: `missing-column`.
    """
    there = set(table.column_names)
    for name in columns:
        if name not in there:
            raise ModuleError(
                f'The input {port} has no column "{name[:80]}".',
                did_you_mean(name, table.column_names, "column"),
                code="missing-column",
                parameter=parameter,
                port="" if parameter else port,
            )
    return list(columns)


def one(table: pa.Table, columns: Sequence[str] | None, parameter: str, port: str = "dataset") -> str:
    """Give the single chosen column.

    Raises:
        ModuleError: `no-columns`, `missing-column`, or `too-many-columns` when there are several.
    """
    chosen = required(table, columns, parameter, port)
    if len(chosen) > 1:
        raise ModuleError(
            f"{len(chosen)} columns are chosen where one is wanted: {', '.join(name[:80] for name in chosen[:5])}.",
            "Choose one column.",
            code="too-many-columns",
            parameter=parameter,
        )
    return chosen[0]


def numeric(
    table: pa.Table, columns: Sequence[str] | None, parameter: str, port: str = "dataset"
) -> list[str]:
    """Give the chosen columns, all of them Integer or Double; all numeric ones when none is chosen.

    Raises:
        ModuleError: `missing-column` or `wrong-column-type`.
    """
    if not columns:
        return [field.name for field in table.schema if is_numeric(field.type)]
    for name in present(table, columns, parameter, port):
        data_type = table.schema.field(name).type
        if not is_numeric(data_type):
            raise ModuleError(
                f'The column "{name[:80]}" is {kind_of(data_type)}; only numbers can be used here.',
                "Leave it out of the choice, or change its type with Edit Metadata.",
                code="wrong-column-type",
                parameter=parameter,
                port="" if parameter else port,
            )
    return list(columns)
