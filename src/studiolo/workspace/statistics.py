"""Per-column statistics over all rows of a dataset, computed by Arrow on the mapped file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Column
from studiolo.workspace.arrow_values import scalar
from studiolo.workspace.distinct import count_distinct
from studiolo.workspace.moments import day_text, moment, moment_text

if TYPE_CHECKING:
    import pyarrow

NUMBERS = ("Integer", "Double", "Boolean")
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def column_statistics(table: pyarrow.Table, column: Column) -> dict[str, Any]:
    """Give name, type, missing, unique, mean, median, min, max and std of one column.

    `std` is the sample standard deviation (n - 1); the median of an even count is the mean of the middle
    two. What a type does not have is None. Infinities count as values.
    """
    import pyarrow.compute as pc

    values = table.column(column.name)
    kind = column.studio_type
    found: dict[str, Any] = {
        "name": column.name,
        "type": kind,
        "missing": values.null_count,
        "unique": count_distinct(values),
        "mean": None,
        "median": None,
        "min": None,
        "max": None,
        "std": None,
    }
    if len(values) == values.null_count:
        return found
    if kind in NUMBERS:
        if values.type.bit_width == 16 and kind == "Double":
            values = values.cast("float32")  # there are few kernels for halves
        numbers = values.cast("float64", safe=False) if kind != "Double" else values
        found["mean"] = pc.mean(numbers).as_py()
        found["median"] = pc.quantile(numbers, q=0.5, interpolation="linear")[0].as_py()
        found["std"] = _deviation(numbers, found["median"])
    if kind in (*NUMBERS, "DateTime"):
        extremes = pc.min_max(in_python(values))
        found["min"], found["max"] = (_as_python(extremes[end]) for end in ("min", "max"))
    elif kind == "TimeSpan":
        ticks = in_python(values)
        extremes = pc.min_max(ticks.cast("int64"))  # there is no such kernel for time spans
        found["min"], found["max"] = (_as_python(extremes[end].cast(ticks.type)) for end in ("min", "max"))
    return found


def _deviation(numbers: pyarrow.ChunkedArray, median: Any) -> float | None:
    """Give the standard deviation, taken around the median: of large numbers the mean is not exact enough."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(median, float) and math.isfinite(median):
        shifted = pc.subtract(numbers.cast(pa.float64()), scalar(median, pa.float64()))
        found: float | None = pc.stddev(shifted, ddof=1).as_py()
        if found is None or math.isfinite(found):
            return found
    found = pc.stddev(numbers, ddof=1).as_py()
    return found


def in_python(values: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    """Give times in microseconds, the finest that Python's own types have; other values as they are.

    For nanoseconds pyarrow would make pandas objects, and load pandas for it.
    """
    import pyarrow as pa

    kind = values.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return values.cast(pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_duration(kind) and kind.unit == "ns":
        return values.cast(pa.duration("us"), safe=False)
    return values


def _as_python(scalar: pyarrow.Scalar) -> Any:
    """Give a value of Python, or as text a time that Python's types can't hold, such as one of the year 12000."""
    import pyarrow as pa

    kind = scalar.type
    try:
        if pa.types.is_timestamp(kind):
            return moment(scalar.value, PER_SECOND[kind.unit], kind.tz)
        return scalar.as_py()
    except (ValueError, OverflowError):
        if pa.types.is_duration(kind):
            return f"{scalar.value} {kind.unit}"
        if pa.types.is_date32(kind):
            return day_text(scalar.value)
        return moment_text(scalar.value, PER_SECOND[kind.unit]) + ("Z" if kind.tz else "")
