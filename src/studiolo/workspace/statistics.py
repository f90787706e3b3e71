"""Per-column statistics over all rows of a dataset, computed by Arrow on the mapped file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Column

if TYPE_CHECKING:
    import pyarrow

NUMBERS = ("Integer", "Double", "Boolean")


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
        "unique": _distinct(values),
        "mean": None,
        "median": None,
        "min": None,
        "max": None,
        "std": None,
    }
    if len(values) == values.null_count:
        return found
    if kind in NUMBERS:
        numbers = (
            values.cast("float64", safe=False) if kind != "Double" or values.type.bit_width == 16 else values
        )
        found["mean"] = pc.mean(numbers).as_py()
        found["median"] = pc.quantile(numbers, q=0.5, interpolation="linear")[0].as_py()
        found["std"] = pc.stddev(numbers, ddof=1).as_py()
    if kind in (*NUMBERS, "DateTime"):
        extremes = pc.min_max(in_python(values)).as_py()
        found["min"], found["max"] = extremes["min"], extremes["max"]
    elif kind == "TimeSpan":
        ticks = in_python(values)
        extremes = pc.min_max(ticks.cast("int64"))  # there is no such kernel for time spans
        found["min"], found["max"] = (extremes[end].cast(ticks.type).as_py() for end in ("min", "max"))
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


def _distinct(values: pyarrow.ChunkedArray) -> int | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        count: int = pc.count_distinct(values, mode="only_valid").as_py()
    except pa.ArrowNotImplementedError:
        decoded = (
            values.unify_dictionaries().combine_chunks() if pa.types.is_dictionary(values.type) else None
        )
        if decoded is None:
            return None
        chunk = decoded.chunk(0) if isinstance(decoded, pa.ChunkedArray) else decoded
        return len(pc.unique(chunk.indices.drop_null()))
    return count
