"""Values that stand in for missing ones: a given text, or the mean, median or mode of a column."""

from __future__ import annotations

import decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.converting import converted
from studiolo.modules.columns.kinds import is_numeric, missing_in, numbers_of, one_chunk, value_kind_of
from studiolo.sdk import ModuleError


def custom_value(column: pa.ChunkedArray, text: str, name: str, parameter: str) -> pa.Scalar:
    """Give a text as a value of a column's type; for an Integer column also one with decimals, as a Double.

    Raises:
        ModuleError: `value-does-not-fit`.
    """
    kind = value_kind_of(column.type)
    wanted = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    try:
        if kind == "Bytes":
            return pa.scalar(text.encode(), wanted)
        if pa.types.is_decimal(wanted):
            return pa.scalar(decimal.Decimal(text.strip()), wanted)
        if kind == "Integer" and not pa.types.is_dictionary(column.type):
            return _whole_or_fraction(text, wanted, name)
        return pc.cast(converted(pa.array([text]), kind, name), wanted)[0]
    except (ModuleError, pa.ArrowInvalid, decimal.InvalidOperation, ValueError):
        raise ModuleError(
            f'The replacement value "{text[:60]}" is no {kind}, which the column "{name[:80]}" is.',
            "Choose a value that fits all chosen columns, or choose only columns of one type.",
            code="value-does-not-fit",
            parameter=parameter,
        ) from None


def statistic(column: pa.ChunkedArray, mode: str, name: str, parameter: str) -> pa.Scalar:
    """Give the mean, median or mode of a column that has values.

    Args:
        column: numeric for mean and median.
        mode: ends with `mean`, `median` or `mode`.
        name: of the column, for messages.
        parameter: that an error is about.

    Raises:
        ModuleError: `value-does-not-fit` where infinite values leave no such number.
    """
    if not mode.endswith("mode"):
        numbers = numbers_of(column)
        present = numbers[~np.isnan(numbers)]
        with np.errstate(all="ignore"):
            found = float(np.mean(present) if mode.endswith("mean") else np.median(present))
        if not np.isfinite(found):
            raise ModuleError(
                f'The column "{name[:80]}" has infinite values, so that its {mode.split()[-1]} is no number.',
                "Make them missing, limit them with Clip Values, or choose another cleaning mode.",
                code="value-does-not-fit",
                parameter=parameter,
            )
        return pa.scalar(found)
    return _mode(column)


def _whole_or_fraction(text: str, wanted: pa.DataType, name: str) -> pa.Scalar:
    try:
        return pc.cast(converted(pa.array([text]), "Integer", name), wanted)[0]
    except (ModuleError, pa.ArrowInvalid):
        return converted(pa.array([text]), "Double", name)[0]


def _mode(column: pa.ChunkedArray) -> pa.Scalar:
    """Give the most frequent value; of several their mean in numeric columns, otherwise the first in order."""
    array = one_chunk(column)
    present = array.filter(pc.invert(missing_in(array)))
    if pa.types.is_dictionary(present.type):  # not by its places: one value may have several
        present = present.dictionary_decode()
    counted = pc.value_counts(present)
    values = counted.field("values")
    counts = counted.field("counts")
    modes = values.filter(pc.equal(counts, pc.max(counts)))
    if len(modes) == 1 or not is_numeric(column.type) or pa.types.is_decimal(column.type):
        return modes.take(pc.sort_indices(modes).slice(0, 1))[0]
    with np.errstate(all="ignore"):
        mean = float(np.mean(numbers_of(modes)))
    if pa.types.is_integer(column.type) and mean.is_integer() and abs(mean) < 2**53:
        return pa.scalar(int(mean), column.type)
    if not np.isfinite(mean):
        return modes.take(pc.sort_indices(modes).slice(0, 1))[0]
    return pa.scalar(mean, pa.float64() if pa.types.is_integer(column.type) else column.type)
