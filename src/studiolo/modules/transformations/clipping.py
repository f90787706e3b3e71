"""Values beyond limits replaced: the arithmetic of Clip Values for one column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import numbers_of, one_chunk

Numbers = np.ndarray[Any, np.dtype[np.float64]]

INTEGERS_END = 2.0**63
CONSTANT, PERCENTILE = "Constant", "Percentile"
THRESHOLD, MEAN, MEDIAN, MISSING = "Threshold", "Mean", "Median", "Missing"


@dataclass(frozen=True)
class Limit:
    """One side of clipping.

    Attributes:
        is_upper: values above it are clipped, otherwise those below it.
        kind: Constant or Percentile.
        value: the constant, or the percentile from 0 to 100.
        substitute: Threshold, Mean, Median or Missing.
    """

    is_upper: bool
    kind: str
    value: float
    substitute: str

    def threshold(self, present: Numbers) -> float:
        """Give the limit for finite values of a column; there is at least one."""
        if self.kind == CONSTANT:
            return self.value
        return _scaled(lambda values: np.percentile(values, self.value), present)

    def replacement(self, present: Numbers) -> float:
        """Give what values beyond the limit become."""
        if self.substitute == THRESHOLD:
            return self.threshold(present)
        if self.substitute == MEAN:
            return _scaled(np.mean, present)
        return _scaled(np.median, present) if self.substitute == MEDIAN else float("nan")


def clipped(column: pa.ChunkedArray, limits: list[Limit]) -> tuple[pa.Array, pa.Array]:
    """Give a numeric column clipped, and where it was.

    Percentiles, mean and median are those of the finite values before clipping. An Integer column stays Integer
    where all that is put in is whole and no larger than an integer can be.

    Args:
        column: Integer or Double.
        limits: one or two.
    """
    array = one_chunk(column)
    values = numbers_of(array)
    present = values[np.isfinite(values)]
    beyond_any = np.zeros(len(values), bool)
    result, put_in = values, []
    for limit in limits if len(present) else ():
        threshold = limit.threshold(present)
        beyond = values > threshold if limit.is_upper else values < threshold
        if beyond.any():
            result = result.copy() if result is values else result
            put_in.append(limit.replacement(present))
            result[beyond] = put_in[-1]
            beyond_any |= beyond
    if not put_in:
        return array, pa.array(beyond_any)
    is_whole = all(value % 1 == 0 and abs(value) < INTEGERS_END for value in put_in if value == value)
    if not pa.types.is_integer(array.type) or not is_whole:
        return pa.array(result), pa.array(beyond_any)
    return _whole(array, result, beyond_any), pa.array(beyond_any)


def _scaled(measure: Callable[[Numbers], Any], values: Numbers) -> float:
    """Give a measure between the least and the greatest value, of values so large that their sum is none."""
    greatest = float(np.abs(values).max())
    return float(measure(values)) if greatest < 1e290 else float(measure(values / greatest)) * greatest


def _whole(array: pa.Array, result: Numbers, beyond: np.ndarray[Any, np.dtype[np.bool_]]) -> pa.Array:
    """Give the integers with what was put in; those within the limits keep all their digits."""
    new = pa.array(result[beyond], from_pandas=True)
    try:
        return pc.replace_with_mask(array, pa.array(beyond), new.cast(array.type))
    except pa.ArrowInvalid:  # a limit beyond the type, such as -1 for an unsigned one
        return pc.replace_with_mask(
            array.cast(pa.int64(), safe=False), pa.array(beyond), new.cast(pa.int64())
        )
