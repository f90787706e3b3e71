"""Labels: which rows have one, what its values are, and what becomes of them in training and evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import is_numeric, kind_of, numbers_of, one_chunk
from studiolo.sdk import ModuleError

CLASS_LIMIT = 1000
LARGEST_QUANTITY = 1e100


@dataclass
class Classes:
    """The values of a label in sorted order; of two, the last is the positive one.

    Attributes:
        values: distinct values without missing, in their own type, ascending.
    """

    values: pa.Array

    def __len__(self) -> int:
        return len(self.values)

    @property
    def names(self) -> list[str]:
        """The values as text."""
        return [str(value) for value in self.values.to_pylist()]

    def codes(self, column: pa.ChunkedArray | pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Give the position of each value of a column; -1 for missing and unknown ones."""
        array = plain(column)
        if array.type != self.values.type:
            array = _alike(array, self.values.type)
        found = pc.index_in(array, value_set=self.values, skip_nulls=True)
        codes: np.ndarray[Any, np.dtype[np.int64]] = (
            found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        )
        return codes

    def take(self, codes: np.ndarray[Any, Any]) -> pa.Array:
        """Give the values at positions."""
        return self.values.take(pa.array(codes))


def plain(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Give a column as one array of values: categories decoded, NaN as missing."""
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    return array


def _alike(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    try:
        return pc.cast(array, wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pc.cast(array, pa.string()) if wanted == pa.string() else pa.nulls(len(array), wanted)


def labelled(table: pa.Table, label: str) -> pa.Table:
    """Give the rows that have a label: missing and infinite ones are left out.

    Raises:
        ModuleError: `cannot-train`: no row has one.
    """
    values = plain(table.column(label))
    usable = pc.is_valid(values)
    if pa.types.is_floating(values.type):
        usable = pc.and_(usable, pc.fill_null(pc.is_finite(values), False))
    if not pc.all(usable, min_count=0).as_py():
        table = table.filter(usable)
    if not table.num_rows:
        raise ModuleError(
            f'No row of the dataset has a value in the label column "{label[:80]}".',
            "Choose another label column, or give labelled rows.",
            code="cannot-train",
            parameter="label_column",
        )
    return table


def classes_of(column: pa.ChunkedArray | pa.Array, label: str, task: str, title: str) -> Classes:
    """Give the classes of a label column.

    Raises:
        ModuleError: `cannot-train`: not two of them for a two-class learner, one only, or too many.
    """
    found = pc.drop_null(pc.unique(plain(column)))
    count = len(found)
    if kind_of(found.type) == "Boolean":
        values = pa.array(sorted(found.to_pylist()), pa.bool_())
    else:
        values = found.take(pc.sort_indices(found))
    shown = ", ".join(str(value)[:40] for value in values[:5].to_pylist()) + (", …" if count > 5 else "")
    if task == "two-class" and count != 2:
        raise _cannot(
            f'{title} needs a label with two values; "{label[:80]}" has {count}: {shown}.',
            "Take a multiclass learner, or another label column."
            if count > 2
            else "Give rows of both classes.",
        )
    if count < 2:
        raise _cannot(
            f'The label "{label[:80]}" has one value only: {shown}.', "Give rows of several classes."
        )
    if count > CLASS_LIMIT:
        raise _cannot(
            f'The label "{label[:80]}" has {count} different values; a classifier takes up to {CLASS_LIMIT}.',
            "Take a regression learner for a quantity, or another label column.",
        )
    return Classes(values)


def quantities_of(column: pa.ChunkedArray | pa.Array, label: str, title: str) -> np.ndarray[Any, Any]:
    """Give a label column as numbers for regression.

    Raises:
        ModuleError: `wrong-column-type`, or `cannot-train` for numbers too large to compute with.
    """
    values = plain(column)
    if not is_numeric(values.type):
        raise ModuleError(
            f'{title} needs a label of numbers; "{label[:80]}" is {kind_of(one_chunk(column).type)}.',
            "Take a classification learner, or make numbers of it with Edit Metadata.",
            code="wrong-column-type",
            parameter="label_column",
        )
    numbers = numbers_of(values)
    if np.abs(numbers).max() > LARGEST_QUANTITY:
        raise _cannot(
            f'The label "{label[:80]}" has numbers beyond {LARGEST_QUANTITY:g}, too large to compute with.',
            "Clip Values, or give the label in a larger unit.",
        )
    return numbers


def _cannot(summary: str, hint: str) -> ModuleError:
    return ModuleError(summary, hint, code="cannot-train", parameter="label_column")
