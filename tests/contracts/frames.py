"""What a job does with tables around a call: column rules become names, and roles stay with their columns."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyarrow as pa

from studiolo.sdk.roles import category_of, columns_with_role, copy_roles, role_of
from studiolo_child.column_rules import chosen
from studiolo_child.failing import JobError
from studiolo_child.frames.arrow_frames import frame_from_table
from studiolo_child.frames.layout import read_header


def columns_by_rules(rules: Any, table: pa.Table, parameter: str) -> list[str]:
    """Give the names that rules choose of a table; none where a job would refuse them."""
    buffer = io.BytesIO()
    try:
        frame_from_table(table, buffer, [])
        names: list[str] = chosen(rules, read_header(buffer.getvalue())[0]["columns"], parameter, "dataset")
    except JobError:
        return []
    return names


def as_dataframe(table: pa.Table) -> pd.DataFrame:
    """Give a table as a module gets it that takes DataFrames."""
    return copy_roles(table, table.to_pandas())


def marks_of(data: Any) -> dict[str, tuple[str | None, str | None]]:
    """Give role and category of each column that has any."""
    names = data.column_names if isinstance(data, pa.Table) else list(data.columns)
    return {name: (role_of(data, name), category_of(data, name)) for name in names if role_of(data, name)}


def as_comparable(value: Any) -> Any:
    """Give a value of a port so that equal ones compare as equal, missing values too."""
    if isinstance(value, pa.Table):
        kinds = [(field.name, str(field.type)) for field in value.schema]
        return kinds, marks_of(value), repr(value.to_pydict())
    if isinstance(value, pd.DataFrame):
        return as_comparable(copy_roles(value, pa.Table.from_pandas(value, preserve_index=False)))
    return value


__all__ = ["as_comparable", "as_dataframe", "columns_by_rules", "columns_with_role", "marks_of"]
