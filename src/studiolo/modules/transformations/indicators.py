"""Indicator columns: 1 where a categorical column has a value, else 0; fitted on the values that occurred."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.choosing import present
from studiolo.modules.columns.kinds import kind_of, one_chunk, texts_of, value_kind_of
from studiolo.modules.columns.naming import numbered
from studiolo.modules.columns.replacing import extended
from studiolo.modules.transformations.transformation import Transformation
from studiolo.sdk import ModuleError

MISSING = "#NAN"


@dataclass
class Level:
    """A value of a column with the indicator column that stands for it; the value None is missing."""

    value: Any
    name: str


@dataclass
class Indicators(Transformation):
    """Values of columns that became indicator columns.

    Attributes:
        levels: for each column its values in order.
        kinds: for each column the kind of its values when it was fitted.
        is_overwriting: the columns themselves are taken away.
    """

    levels: dict[str, list[Level]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    is_overwriting: bool = False

    def apply(self, table: pa.Table) -> pa.Table:
        """Append an Integer column of 0 and 1 for each fitted value; values not seen then give 0 everywhere.

        A column of plain values is taken as well, as long as their kind is the same.
        """
        present(table, list(self.levels))
        kept = table.drop_columns(list(self.levels)) if self.is_overwriting else table
        taken = set(kept.column_names)
        new: dict[str, pa.Array] = {}
        for name, levels in self.levels.items():
            self._check(table, name)
            for free, array in _columns(one_chunk(table.column(name)), levels).items():
                new[_free(free, taken)] = array  # names clash in another dataset only: the fit saw to its own
        return extended(kept, new)

    def _check(self, table: pa.Table, name: str) -> None:
        kind = value_kind_of(table.schema.field(name).type)
        if kind != self.kinds[name]:
            raise ModuleError(
                f'The column "{name[:80]}" holds {kind} values; its indicators were made from {self.kinds[name]} ones.',
                "Give it the same type with Edit Metadata.",
                code="wrong-column-type",
                port="dataset",
            )

    def settings(self) -> list[list[Any]]:
        """Give whether the columns stay."""
        return [["Overwrite categorical columns", self.is_overwriting]]

    def tables(self) -> list[dict[str, Any]]:
        """Give the values with their columns."""
        rows = [
            [name, None if level.value is None else str(level.value), level.name]
            for name, levels in self.levels.items()
            for level in levels
        ]
        return [
            {"title": "Indicator columns", "columns": ["Column", "Value", "Indicator column"], "rows": rows}
        ]


def fit(table: pa.Table, names: list[str], is_overwriting: bool, title: str, most: int) -> Indicators:
    """Find the values of categorical columns, sorted, missing last, and names for their indicator columns.

    Raises:
        ModuleError: `too-many-columns`: more than `most` indicator columns.
    """
    taken = {name for name in table.column_names if not is_overwriting or name not in names}
    levels: dict[str, list[Level]] = {}
    count = 0
    for name in names:
        column = one_chunk(table.column(name))
        values = _occurring(column)
        has_gap = bool(column.null_count) or len(values) < _distinct(column)
        count += len(values) + has_gap
        if count > most:
            raise ModuleError(
                f"The chosen columns have {count:,} values or more; at most {most:,} indicator columns are made.",
                f'Leave out columns with many values, such as "{name[:80]}", or group their values first.',
                code="too-many-columns",
                parameter="categorical_columns_to_convert",
            )
        texts = texts_of(values).to_pylist()
        levels[name] = []
        for value, text in zip(values.to_pylist(), texts, strict=True):
            levels[name].append(Level(value, _free(f"{name}-{text}", taken)))
        if has_gap:
            levels[name].append(Level(None, _free(f"{name}-{MISSING}", taken)))
    kinds = {name: value_kind_of(table.schema.field(name).type) for name in names}
    return Indicators(title, levels, kinds, is_overwriting)


def _free(name: str, taken: set[str]) -> str:
    name = numbered(name, taken, "{name}_{number}", first=1)
    taken.add(name)
    return name


def _distinct(column: pa.DictionaryArray) -> int:
    return len(pc.unique(column.indices.drop_null()))


def _occurring(column: pa.DictionaryArray) -> pa.Array:
    """Give the values that occur, sorted; a category that is missing itself (null, NaN) is left out."""
    values = column.dictionary.take(pc.unique(column.indices.drop_null()))
    if pa.types.is_floating(values.type):
        values = values.filter(pc.invert(pc.is_nan(values)))
    values = pc.unique(values.drop_null())
    if kind_of(values.type) == "Boolean":
        return pa.array(sorted(values.to_pylist()), pa.bool_())
    return values.take(pc.sort_indices(values))


def _columns(column: pa.Array, levels: list[Level]) -> dict[str, pa.Array]:
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    values = column.dictionary.to_pylist()
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    places: dict[Any, list[int]] = {}
    for place, value in enumerate(values):
        is_gap = value is None or (isinstance(value, float) and np.isnan(value))
        places.setdefault(None if is_gap else value, []).append(place)
    places.setdefault(None, []).append(-1)
    result = {}
    for level in levels:
        found = places.get(level.value, [])
        hits = codes == found[0] if len(found) == 1 else np.isin(codes, found)
        result[level.name] = pa.array(hits.astype(np.int32))
    return result
