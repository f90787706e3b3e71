"""Tables with a column replaced, added or taken away, roles kept."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from studiolo.sdk.roles import with_role


def replaced(table: pa.Table, values: Mapping[str, pa.Array]) -> pa.Table:
    """Give the table with other values in some columns; names, order and roles stay."""
    if not values:
        return table
    places = {name: place for place, name in enumerate(table.column_names)}
    columns, fields = list(table.columns), list(table.schema)
    for name, array in values.items():
        at = places[name]
        columns[at], fields[at] = array, fields[at].with_type(array.type)
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=table.schema.metadata))


def extended(table: pa.Table, values: Mapping[str, pa.Array]) -> pa.Table:
    """Give the table with columns at its end, all at once; their names are new ones."""
    if not values:
        return table
    fields = [*table.schema, *(pa.field(name, array.type) for name, array in values.items())]
    schema = pa.schema(fields, metadata=table.schema.metadata)
    return pa.Table.from_arrays([*table.columns, *values.values()], schema=schema)


def appended(
    table: pa.Table, name: str, array: pa.Array, role: str | None = None, category: str | None = None
) -> pa.Table:
    """Give the table with a column at its end, or in place of the one of that name."""
    if name in table.column_names:
        table = table.drop_columns([name])
    table = table.append_column(name, array)
    result: pa.Table = with_role(table, [name], role, category) if role else table
    return result
