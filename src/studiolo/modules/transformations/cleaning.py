"""The transformation that fills or removes missing values as Clean Missing Data did when it was fitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.choosing import numeric, present
from studiolo.modules.columns.kinds import kind_of, missing_count, missing_in, numbers_of, one_chunk
from studiolo.modules.columns.naming import numbered
from studiolo.modules.columns.replacing import extended, replaced
from studiolo.modules.transformations.imputation import ChainedEquations, ProbabilisticPca
from studiolo.modules.transformations.transformation import Transformation
from studiolo.sdk import ModuleError


@dataclass
class Cleaning(Transformation):
    """Fills or removes missing values.

    Attributes:
        mode: cleaning mode, as its parameter says it.
        rows_by: columns in which a missing value removes the row.
        removed: columns that are taken away; a dataset may lack them.
        replacements: column to what its missing values become, with the type of the result.
        always: columns whose type becomes that of their replacement even where nothing is missing.
        indicators: columns that get a further one that says where values were missing.
        imputed: columns that the imputer fills.
        predictors: columns that the imputer sees, with those that it fills.
        imputer: fills gaps from other columns.
    """

    mode: str = ""
    rows_by: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    replacements: dict[str, pa.Scalar] = field(default_factory=dict)
    always: list[str] = field(default_factory=list)
    indicators: list[str] = field(default_factory=list)
    imputed: list[str] = field(default_factory=list)
    predictors: list[str] = field(default_factory=list)
    imputer: ChainedEquations | ProbabilisticPca | None = None

    def apply(self, table: pa.Table) -> pa.Table:
        """Give the table without the missing values that were to be cleaned.

        Raises:
            ModuleError: `missing-column`, `wrong-column-type` or `value-does-not-fit`, port `dataset`.
        """
        present(table, [*self.rows_by, *self.replacements, *self.predictors])
        filled = self.imputer.filled(self.matrix_of(table)) if self.imputer is not None else None
        return self.cleaned(table, filled)

    def matrix_of(self, table: pa.Table) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Give the columns that the imputer sees as float64 of shape (rows, columns).

        Raises:
            ModuleError: `wrong-column-type`, or `value-does-not-fit` for an infinite value.
        """
        columns = [numbers_of(table.column(name)) for name in numeric(table, self.predictors, "")]
        matrix = np.column_stack(columns)
        infinite = np.isinf(matrix).any(axis=0)
        if infinite.any():
            name = self.predictors[int(np.argmax(infinite))]
            raise ModuleError(
                f'The column "{name[:80]}" has an infinite value, from which nothing can be predicted.',
                "Make it missing or limit it with Clip Values, or leave the column out of the choice.",
                code="value-does-not-fit",
                port="dataset",
            )
        return matrix

    def cleaned(self, table: pa.Table, filled: np.ndarray[Any, Any] | None) -> pa.Table:
        """Give the table cleaned, with what the imputer gave for its matrix."""
        table = self._without_rows(table)
        changed = {name: self._replaced(table, name) for name in self.replacements}
        if filled is not None:
            for name in self.imputed:
                changed[name] = pa.array(filled[:, self.predictors.index(name)])
        taken = set(table.column_names)
        marks: dict[str, pa.Array] = {}
        for name in self.indicators:
            free = numbered(f"{name}_IsMissing", taken)
            taken.add(free)
            marks[free] = missing_in(table.column(name))
        result = replaced(table, {name: array for name, array in changed.items() if array is not None})
        result = extended(result, marks)
        return result.drop_columns([name for name in self.removed if name in result.column_names])

    def _without_rows(self, table: pa.Table) -> pa.Table:
        missing = None
        for name in self.rows_by:
            column = table.column(name)
            if not missing_count(column):
                continue
            here = missing_in(column)
            missing = here if missing is None else pc.or_(missing, here)
        if missing is None or not pc.any(missing).as_py():
            return table
        return table.filter(pc.invert(missing))

    def _replaced(self, table: pa.Table, name: str) -> pa.Array | None:
        """Give the column without gaps; None when it stays as it is."""
        array, value = one_chunk(table.column(name)), self.replacements[name]
        has_gaps = missing_count(array) > 0
        if not has_gaps and (name not in self.always or array.type == value.type):
            return None
        if pa.types.is_dictionary(array.type):
            return _with_category(array, value, name) if has_gaps else None
        array, value = _alike(array, value, name)
        if array.type == pa.float64() and has_gaps:
            numbers = numbers_of(array)
            return pa.array(np.where(np.isnan(numbers), value.as_py(), numbers))
        return pc.if_else(missing_in(array), value, array) if has_gaps else array

    def settings(self) -> list[list[Any]]:
        """Give the mode."""
        return [["Cleaning mode", self.mode]]

    def tables(self) -> list[dict[str, Any]]:
        """Give what replaces the missing values of each column, and what is removed."""
        rows = [[name, str(value.as_py())] for name, value in self.replacements.items()]
        rows += [[name, "predicted from the other columns"] for name in self.imputed]
        rows += [[name, "its row is removed"] for name in self.rows_by]
        rows += [[name, "the column is removed"] for name in self.removed]
        return [{"title": "Missing values", "columns": ["Column", "Becomes"], "rows": rows}]


def _alike(array: pa.Array, value: pa.Scalar, name: str) -> tuple[pa.Array, pa.Scalar]:
    """Give a column and its replacement in one type, in which no value of the column loses anything.

    Raises:
        ModuleError: `wrong-column-type`.
    """
    kinds = kind_of(array.type), kind_of(value.type)
    if array.type == value.type:
        return array, value
    if bool(pc.all(missing_in(array), min_count=0).as_py()):  # a column without values has no type of its own
        return pa.nulls(len(array), value.type), value
    if kinds == ("Integer", "Double"):
        return pc.cast(array, value.type, safe=False), value
    try:
        if kinds[0] == kinds[1] or kinds == ("Double", "Integer"):
            return array, value.cast(array.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        pass
    raise _of_another_type(name, *kinds)


def _of_another_type(name: str, here: str, fitted: str) -> ModuleError:
    return ModuleError(
        f'The column "{name[:80]}" is {here} here and was {fitted} where its replacement was fitted.',
        "Give it the same type with Edit Metadata.",
        code="wrong-column-type",
        port="dataset",
    )


def _with_category(array: pa.DictionaryArray, value: pa.Scalar, name: str) -> pa.Array:
    categories = array.dictionary
    try:
        value = value.cast(categories.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        here = f"Categorical with {kind_of(categories.type)} values"
        raise _of_another_type(name, here, kind_of(value.type)) from None
    at = pc.index(categories, value).as_py()
    if at < 0:
        at = len(categories)
        categories = pa.concat_arrays([categories, pa.array([value.as_py()], categories.type)])
    wide = array.indices.cast(pa.int32())
    indices = pc.if_else(missing_in(array), pa.scalar(at, pa.int32()), wide)
    return pa.DictionaryArray.from_arrays(indices, categories, ordered=array.type.ordered)
