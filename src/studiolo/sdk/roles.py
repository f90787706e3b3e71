"""Roles of columns: what a column is for, such as label or score; they travel with a dataset from node to node.

A column without a role counts as a feature. Execute Python Script, Execute R Script and SQL give datasets
without roles, as the retired products did.

In a pyarrow Table roles stand in the metadata of the fields, in a DataFrame in `attrs["studiolo"]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FEATURE, LABEL, SCORE, WEIGHT = "feature", "label", "score", "weight"
FOLD = "fold"
"""Role of the column that says in which part of the data a row is, for cross validation."""
NONE = "none"
"""Role of a column that is no feature and nothing else."""

_MARKS = ("role", "category")


def role_of(data: Any, column: str) -> str | None:
    """Give the role of a column of a Table or DataFrame; None when it has none."""
    return _marks(data, column).get("role")


def category_of(data: Any, column: str) -> str | None:
    """Give what kind of score a column is, such as `Calibrated Score`; None when it has none."""
    return _marks(data, column).get("category")


def columns_with_role(data: Any, role: str) -> list[str]:
    """Give the names of the columns that have a role, in order; no role counts as `feature`."""
    return [name for name in _names(data) if (role_of(data, name) or FEATURE) == role]


def with_role(data: Any, columns: Iterable[str], role: str | None, category: str | None = None) -> Any:
    """Give the same data with a role set on some columns.

    Args:
        data: a pyarrow Table, or a DataFrame, which is changed in place and given back.
        columns: names of columns that it has.
        role: the role; None takes role and category away.
        category: kind of score or further mark.

    Raises:
        KeyError: it has no column of that name.
    """
    columns = list(columns)
    for unknown in set(columns) - set(_names(data)):
        raise KeyError(unknown)
    marks = {"role": role, "category": category}
    kept = {mark: value for mark, value in marks.items() if value is not None}
    return _with_marks(data, dict.fromkeys(columns, kept))


def copy_roles(source: Any, target: Any, renamed: Mapping[str, str] | None = None) -> Any:
    """Give `target` with the roles that its columns have in `source`.

    Args:
        source: Table or DataFrame that has the roles.
        target: Table, or DataFrame, which is changed in place.
        renamed: name in `source` to name in `target`, where they differ.
    """
    names = dict(renamed or {})
    there = set(_names(target))
    found = {names.get(name, name): _marks(source, name) for name in _names(source)}
    return _with_marks(target, {name: marks for name, marks in found.items() if marks and name in there})


def _names(data: Any) -> list[str]:
    return [str(name) for name in data.columns] if _is_frame(data) else list(data.column_names)


def _is_frame(data: Any) -> bool:
    return hasattr(type(data), "attrs")  # of the type: a column may have any name


def _marks(data: Any, column: str) -> dict[str, str]:
    if _is_frame(data):
        return dict(data.attrs.get("studiolo", {}).get(column, {}))
    metadata = data.schema.field(column).metadata or {}
    keys = {mark: f"studiolo.{mark}".encode() for mark in _MARKS}
    return {mark: metadata[key].decode() for mark, key in keys.items() if key in metadata}


def _with_marks(data: Any, marks: Mapping[str, Mapping[str, str]]) -> Any:
    if _is_frame(data):
        known = {name: dict(value) for name, value in data.attrs.get("studiolo", {}).items()}
        known.update({name: dict(value) for name, value in marks.items()})
        data.attrs["studiolo"] = {name: value for name, value in known.items() if value}
        return data
    fields = []
    for field in data.schema:
        if field.name in marks:
            metadata = {
                key: value
                for key, value in (field.metadata or {}).items()
                if key not in {f"studiolo.{mark}".encode() for mark in _MARKS}
            }
            metadata |= {
                f"studiolo.{mark}".encode(): value.encode() for mark, value in marks[field.name].items()
            }
            field = field.with_metadata(metadata or None)
        fields.append(field)
    import pyarrow as pa  # here, so that declaring a module costs no import

    return pa.Table.from_arrays(data.columns, schema=pa.schema(fields, metadata=data.schema.metadata))
