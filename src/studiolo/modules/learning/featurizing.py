"""Features: turns the columns of a dataset into the matrix that estimators take, the same way in training and scoring.

Numbers, dates and time spans give one column each; text, categorical and Boolean columns one for each value
that occurred in training, and one for missing where that occurred. Missing numbers, and infinite ones, count as 0,
after scaling where the learner asks for it; numbers beyond 1e100 count as 1e100. Values that did not occur in
training give zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import (
    kind_of,
    missing_count,
    numbers_of,
    one_chunk,
    texts_of,
    value_kind_of,
)
from studiolo.sdk import ModuleError
from studiolo_child.nearest import did_you_mean

Matrix = Any
"""numpy array or scipy.sparse.csr_matrix of float64, shape (rows, features)."""

MISSING_LEVEL = "#NAN"
LEVEL_LIMIT = 1000
DENSE_COLUMNS = 128
LARGEST = 1e100
_NUMBERS = ("Integer", "Double", "DateTime", "TimeSpan")


@dataclass
class NumberFeature:
    """A column of numbers, dates or time spans.

    Attributes:
        name: of the column.
        low: least value in training; 0 without scaling.
        span: greatest minus least; 1 without scaling and 0 for a constant column.
    """

    name: str
    low: float
    span: float


@dataclass
class LevelFeature:
    """A column of text, categories or Booleans.

    Attributes:
        name: of the column.
        levels: the values of training as text, sorted, with `MISSING_LEVEL` last where missing occurred.
    """

    name: str
    levels: pa.Array
    has_missing: bool


Feature = NumberFeature | LevelFeature


class Featurizer:
    """Fitted features.

    Attributes:
        features: one for each column that counts, in order.
        needs_dense: never give a sparse matrix.
    """

    def __init__(self, features: Sequence[Feature], needs_dense: bool) -> None:
        self.features = list(features)
        self.needs_dense = needs_dense

    @classmethod
    def fit(
        cls, table: pa.Table, columns: Sequence[str], scale: bool, needs_dense: bool = False
    ) -> Featurizer:
        """Learn the bounds and levels of columns.

        Raises:
            ModuleError: `cannot-train`: no columns, bytes, or a text column in which nearly every value differs.
        """
        if not columns:
            raise ModuleError(
                "There is no column to learn from.",
                "Give the dataset columns besides the label; Edit Metadata makes columns features.",
                code="cannot-train",
                port="dataset",
            )
        return cls([_fitted(table, name, scale) for name in columns], needs_dense)

    @property
    def columns(self) -> list[str]:
        """Names of the dataset's columns that it takes."""
        return [feature.name for feature in self.features]

    @property
    def names(self) -> list[str]:
        """Names of the matrix's columns: those of the dataset, or `column_value` for a value of one."""
        names: list[str] = []
        for feature in self.features:
            if isinstance(feature, NumberFeature):
                names.append(feature.name)
            else:
                levels = feature.levels.to_pylist() + ([MISSING_LEVEL] if feature.has_missing else [])
                names += [f"{feature.name}_{level}" for level in levels]
        return names

    @property
    def width(self) -> int:
        """Number of columns of the matrix."""
        return sum(_width(feature) for feature in self.features)

    def transform(self, table: pa.Table) -> Matrix:
        """Give the matrix of a dataset that has all columns of training.

        Raises:
            ModuleError: `missing-column` or `wrong-column-type`, port `dataset`.
        """
        for feature in self.features:
            _check(feature, table)
        if self.needs_dense or self.width <= DENSE_COLUMNS:
            return self._dense(table)
        return self._sparse(table)

    def _dense(self, table: pa.Table) -> Matrix:
        matrix = np.zeros((table.num_rows, self.width), order="F")
        at = 0
        for feature in self.features:
            if isinstance(feature, NumberFeature):
                matrix[:, at] = _scaled(feature, table)
            else:
                codes = _codes(feature, table)
                rows = np.flatnonzero(codes >= 0)
                matrix[rows, at + codes[rows]] = 1.0
            at += _width(feature)
        return matrix

    def _sparse(self, table: pa.Table) -> Matrix:
        import scipy.sparse

        parts = []
        for feature in self.features:
            if isinstance(feature, NumberFeature):
                parts.append(scipy.sparse.csr_matrix(_scaled(feature, table)[:, None]))
                continue
            codes = _codes(feature, table)
            rows = np.flatnonzero(codes >= 0)
            shape = (table.num_rows, _width(feature))
            ones = np.ones(len(rows))
            parts.append(scipy.sparse.csr_matrix((ones, (rows, codes[rows])), shape=shape))
        return scipy.sparse.hstack(parts, format="csr")


def _width(feature: Feature) -> int:
    return 1 if isinstance(feature, NumberFeature) else len(feature.levels) + feature.has_missing


def _fitted(table: pa.Table, name: str, scale: bool) -> Feature:
    column = one_chunk(table.column(name))
    kind = kind_of(column.type)
    if value_kind_of(column.type) == "Bytes":
        raise ModuleError(
            f'The column "{name[:80]}" holds bytes, which can\'t be learnt from.',
            "Leave it out with Select Columns in Dataset.",
            code="cannot-train",
            port="dataset",
        )
    if kind in _NUMBERS:
        values = _finite(_numbers(column))
        if not scale or np.isnan(values).all():
            return NumberFeature(name, 0.0, 1.0)
        low = float(np.nanmin(values))
        return NumberFeature(name, low, float(np.nanmax(values)) - low)
    levels = texts_of(column)
    found = pc.drop_null(pc.unique(levels))
    present = len(levels) - levels.null_count
    if kind == "String" and len(found) > LEVEL_LIMIT and len(found) > 0.97 * present:
        raise ModuleError(
            f'Nearly every one of the {present} values of the text column "{name[:80]}" is different.',
            "Such a column says nothing of other rows: leave it out, or make features of it with Feature Hashing.",
            code="cannot-train",
            port="dataset",
        )
    return LevelFeature(name, found.take(pc.sort_indices(found)), bool(levels.null_count))


def _numbers(column: pa.Array) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Give numbers as they are, dates as nanoseconds since 1970 and time spans as nanoseconds."""
    kind = kind_of(column.type)
    if kind not in (*_NUMBERS, "Boolean"):  # nothing but missing, see `_check`
        return np.full(len(column), np.nan)
    if kind in ("DateTime", "TimeSpan"):
        if pa.types.is_date(column.type):
            column = pc.cast(column, pa.timestamp("s"))
        factor = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0}[column.type.unit]
        return numbers_of(pc.cast(column, pa.int64())) * factor
    return numbers_of(column)


def _finite(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Give infinite numbers as missing and those beyond the largest as the largest, so that squares don't overflow."""
    if not len(values):
        return values
    low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    if np.isnan(low) or (low >= -LARGEST and high <= LARGEST):
        return values
    return np.clip(np.where(np.isinf(values), np.nan, values), -LARGEST, LARGEST)


def _scaled(feature: NumberFeature, table: pa.Table) -> np.ndarray[Any, Any]:
    values = _finite(_numbers(one_chunk(table.column(feature.name))))
    if feature.span == 0:
        return np.zeros(len(values))
    if (feature.low, feature.span) != (0.0, 1.0):
        values = (values - feature.low) / feature.span
    return np.nan_to_num(values, nan=0.0) if np.isnan(values).any() else values


def _codes(feature: LevelFeature, table: pa.Table) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Give the position of each value among the levels; -1 for those that training did not see."""
    column = one_chunk(table.column(feature.name))
    missing = len(feature.levels) if feature.has_missing else -1
    encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(texts_of(column))
    known = pc.index_in(texts_of(encoded.dictionary), value_set=feature.levels)
    positions = np.append(known.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64), missing)
    indices = (
        pc.cast(encoded.indices, pa.int64()).fill_null(len(positions) - 1).to_numpy(zero_copy_only=False)
    )
    codes: np.ndarray[Any, np.dtype[np.int64]] = positions[indices]
    return codes


def _check(feature: Feature, table: pa.Table) -> None:
    if feature.name not in table.column_names:
        raise ModuleError(
            f'The trained model needs the column "{feature.name[:80]}", which the dataset does not have.',
            did_you_mean(feature.name, table.column_names, "column"),
            code="missing-column",
            port="dataset",
        )
    column = table.column(feature.name)
    if isinstance(feature, NumberFeature) and kind_of(column.type) not in _NUMBERS:
        if missing_count(column) == table.num_rows or kind_of(column.type) == "Boolean":
            return
        raise ModuleError(
            f'The column "{feature.name[:80]}" held numbers in training and is {kind_of(column.type)} here.',
            "Give it the type that it had in training, with Edit Metadata.",
            code="wrong-column-type",
            port="dataset",
        )
