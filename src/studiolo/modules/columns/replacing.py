"""Tables with a column replaced, added or taken away, roles kept."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from studiolo.sdk.roles import with_role


def replaced(table: pa.Table, values: Mapping[str, pa.Array]) -> pa.Table:
    """Give the table with other values in some columns; names, order and roles stay."""
    for name, array in values.items():
        at = table.column_names.index(name)
        field = table.schema.field(at).with_type(array.type)
        table = table.set_column(at, field, array)
    return table


def appended(
    table: pa.Table, name: str, array: pa.Array, role: str | None = None, category: str | None = None
) -> pa.Table:
    """Give the table with a column at its end, or in place of the one of that name."""
    if name in table.column_names:
        table = table.drop_columns([name])
    table = table.append_column(name, array)
    result: pa.Table = with_role(table, [name], role, category) if role else table
    return result
