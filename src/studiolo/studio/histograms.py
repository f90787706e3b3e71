"""Statistics and a histogram of one column over all rows, by Arrow on the mapped file (R-2.6)."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Column
from studiolo.studio.cells import cells_of, finite, label_of, number_text, span_text
from studiolo.workspace.arrow_values import array, scalar
from studiolo.workspace.statistics import NUMBERS, PER_SECOND, column_statistics

if TYPE_CHECKING:
    import pyarrow

LABEL_CHARACTERS = 100
_PIECE_ROWS = 1 << 20


def figures_of(table: pyarrow.Table, column: Column, bins: int, log: bool) -> dict[str, Any]:
    """Give name, type, missing, unique, mean, median, min, max, std, quartiles, bins and other_values.

    What a type does not have is None. `other_values` counts the present values that no bar has: infinities, and
    texts that are less frequent than those with a bar.

    Args:
        table: the column alone; missing floats may be NaN.
        column: its name and type.
        bins: bars, at most.
        log: bars of equal width on a logarithmic scale, where all values are above 0.
    """
    from studiolo_child.frames.arrow_frames import with_missing

    table = with_missing(table)
    found = column_statistics(table, column)
    found["type"] = column.studio_type
    values = one_array(table.column(0))
    present = len(values) - found["missing"]
    if column.studio_type in NUMBERS and present:
        found["quartiles"] = _quartiles(values)
    for name in ("mean", "median", "std"):
        found[name] = finite(found[name])
    for name in ("min", "max"):
        found[name] = _extreme(found[name], values.type)
    bars = bars_of(values, bins, log)
    shown = sum(bar["count"] for bar in bars)
    return {"quartiles": None, **found, "bins": bars, "other_values": present - shown}


def bars_of(values: pyarrow.Array, bins: int, log: bool = False) -> list[dict[str, Any]]:
    """Give the bars of a histogram: ranges of numbers and times, else the most frequent values."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_boolean(kind) or pa.types.is_dictionary(kind) or is_textual(kind):
        labels, counts, _ = most_frequent(values, bins)
        return [{"label": label, "count": count} for label, count in zip(labels, counts, strict=True)]
    low, high = _finite_range(values)
    if low is None or high is None:
        return []
    if low == high:
        return [_bar(kind, low, high, _count_between(values, low, high))]
    if log and low > 0:
        edges = [10**power for power in _edges(math.log10(low), math.log10(high), bins)]
        edges[0], edges[-1] = low, high
    else:
        edges = _edges(low, high, bins)
    counts = _counts(values, edges, log and low > 0)
    return [_bar(kind, edges[at], edges[at + 1], count) for at, count in enumerate(counts)]


def most_frequent(values: pyarrow.Array, most: int) -> tuple[list[str], list[int], pyarrow.Array]:
    """Give the most frequent present values: their labels, counts, and themselves; equal counts by value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_coded = pa.types.is_dictionary(values.type)
    counted = pc.value_counts(values.indices if is_coded else values)
    keys, counts = counted.field(0), counted.field(1)
    is_present = keys.is_valid()
    keys, counts = keys.filter(is_present), counts.filter(is_present)
    if pa.types.is_boolean(keys.type):
        keys = keys.cast(pa.uint8())
    table = pa.table({"key": keys, "count": counts})
    order = [("count", "descending"), ("key", "ascending")]
    chosen = pc.select_k_unstable(table, min(most, len(keys)), order)
    keys, counts = keys.take(chosen), counts.take(chosen)
    kept = values.dictionary.take(keys) if is_coded else keys.cast(values.type)
    labels = [label_of(cell) for cell in cells_of(kept, LABEL_CHARACTERS)[0]]
    return labels, counts.to_pylist(), keys if is_coded else kept


def numbers_of(values: pyarrow.Array) -> pyarrow.Array:
    """Give numbers, times (seconds since 1970) and spans (seconds) as 64-bit floats; NaN and missing are null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_date32(kind):
        return pc.multiply(values.cast(pa.int32()).cast(pa.float64()), scalar(86_400.0, pa.float64()))
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        ticks = values.cast(pa.int64()).cast(pa.float64(), safe=False)
        return pc.divide(ticks, scalar(float(PER_SECOND[kind.unit]), pa.float64()))
    numbers = values.cast(pa.float64(), safe=False)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_nan(numbers), scalar(None, pa.float64()), numbers)
    return numbers


def one_array(values: pyarrow.ChunkedArray) -> pyarrow.Array:
    """Give a column in one piece; columns of the store are in one already."""
    import pyarrow as pa

    if values.num_chunks == 1:
        return values.chunk(0)
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.nulls(0, values.type)


def is_textual(kind: Any) -> bool:
    """Say whether a type holds texts or bytes."""
    import pyarrow as pa

    return bool(pa.types.is_large_string(kind) or pa.types.is_large_binary(kind))


def _pieces(values: pyarrow.Array) -> Any:
    for start in range(0, len(values), _PIECE_ROWS):
        yield numbers_of(values.slice(start, _PIECE_ROWS))


def _finite_range(values: pyarrow.Array) -> tuple[float | None, float | None]:
    import pyarrow.compute as pc

    lows, highs = [], []
    for piece in _pieces(values):
        ends = pc.min_max(piece.filter(pc.is_finite(piece)))
        if ends["min"].is_valid:
            lows.append(ends["min"].as_py())
            highs.append(ends["max"].as_py())
    return (min(lows), max(highs)) if lows else (None, None)


def _count_between(values: pyarrow.Array, low: float, high: float) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = scalar(low, pa.float64()), scalar(high, pa.float64())
    return sum(
        pc.sum(pc.and_(pc.greater_equal(piece, ends[0]), pc.less_equal(piece, ends[1]))).as_py() or 0
        for piece in _pieces(values)
    )


def _edges(low: float, high: float, bins: int) -> list[float]:
    """Give the ends of `bins` ranges of equal width, the sums as numpy.linspace makes them.

    >>> _edges(0.0, 1.0, 4)
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    width = high - low
    if math.isinf(width):  # the whole range of floats
        return [2 * edge for edge in _edges(low / 2, high / 2, bins)[:-1]] + [high]
    step = width / bins
    if step == 0:  # as close as two floats can be
        return [low + at / bins * width for at in range(bins)] + [high]
    return [low + at * step for at in range(bins)] + [high]


def _counts(values: pyarrow.Array, edges: list[float], is_log: bool) -> list[int]:
    """Count the values of each range; a value on an edge belongs to the range above, the last edge to the last."""
    import pyarrow as pa
    import pyarrow.compute as pc

    bins = len(edges) - 1
    ends = array(edges, pa.float64())
    low, high = edges[0], edges[-1]
    first, last = (math.log10(low), math.log10(high)) if is_log else (low / 2, high / 2)
    counts = [0] * bins
    half, start, width, many = (scalar(one, pa.float64()) for one in (2.0, first, last - first, float(bins)))
    zero, one, most = (scalar(value, pa.int64()) for value in (0, 1, bins - 1))
    for piece in _pieces(values):
        piece = piece.filter(pc.is_finite(piece))
        scaled = pc.log10(piece) if is_log else pc.divide(piece, half)  # halved: the width may not be a float
        share = pc.divide(pc.subtract(scaled, start), width)
        places = pc.cast(pc.multiply(share, many), pa.int64(), safe=False)
        places = pc.min_element_wise(pc.max_element_wise(places, zero), most)
        # The share may be off by a rounding: the edges decide, as in numpy.histogram.
        is_below = pc.less(piece, ends.take(places))
        places = pc.subtract(places, is_below.cast(pa.int64()))
        is_above = pc.greater_equal(piece, ends.take(pc.add(places, one)))
        is_above = pc.and_(is_above, pc.less(places, most))
        places = pc.add(places, is_above.cast(pa.int64()))
        for entry in pc.value_counts(places).to_pylist():
            counts[entry["values"]] += entry["counts"]
    return counts


def _quartiles(values: pyarrow.Array) -> list[float] | None:
    import pyarrow.compute as pc

    found = pc.quantile(numbers_of(values), q=[0.25, 0.5, 0.75], interpolation="linear").to_pylist()
    return found if all(isinstance(one, float) and math.isfinite(one) for one in found) else None


def _extreme(value: Any, kind: Any) -> Any:
    """Give a smallest or greatest value as a cell of its column shows it."""
    import pyarrow as pa

    if isinstance(value, bool):
        return label_of(value)
    if isinstance(value, int | float):
        return cells_of(array([value], kind))[0][0]
    if isinstance(value, datetime.timedelta):
        return span_text((value // datetime.timedelta(microseconds=1)) * 1000)
    if isinstance(value, datetime.datetime):
        since = value - datetime.datetime(1970, 1, 1, tzinfo=value.tzinfo and datetime.UTC)
        ticks = array([since // datetime.timedelta(microseconds=1)], pa.timestamp("us", kind.tz))
        return cells_of(ticks)[0][0]
    if isinstance(value, datetime.date | decimal.Decimal):
        return str(value)
    return value


def _bar(kind: Any, low: float, high: float, count: int) -> dict[str, Any]:
    unit = "s" if high - low >= 1 else "us"
    ends = [_edge_label(kind, edge, unit) for edge in (low, high)]
    label = ends[0] if low == high else f"{ends[0]} to {ends[1]}"
    return {"label": label, "count": count, "low": low, "high": high}


def _edge_label(kind: Any, edge: float, unit: str) -> str:
    import pyarrow as pa

    if pa.types.is_date32(kind):
        days = array([math.floor(edge / 86_400)], pa.date32())
        return str(cells_of(days)[0][0])
    if pa.types.is_timestamp(kind):
        ticks = array([math.floor(edge * PER_SECOND[unit])], pa.timestamp(unit, kind.tz))
        return str(cells_of(ticks)[0][0])
    if pa.types.is_duration(kind):
        return span_text(math.floor(edge * PER_SECOND[unit]) * (10**9 // PER_SECOND[unit]))
    return number_text(edge)
