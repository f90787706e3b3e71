"""Counts the distinct values of a long column in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studiolo.workspace.arrow_values import scalar

if TYPE_CHECKING:
    import pyarrow

LONG_ROWS = 1_000_000
"""Shorter columns are counted in one table of hashes."""

_PROBED_ROWS = 100_000
_PARTS = 32
_ODD = 0x9E3779B97F4A7C15  # the golden ratio in 64 bits spreads neighbours over the high bits
_PART_SHIFT = 59


def count_distinct(values: pyarrow.ChunkedArray) -> int | None:
    """Give the number of distinct values that are not missing; None where Arrow can't compare the type.

    A table of hashes of ten million different values takes gigabytes and waits for memory at each of them. So a
    long column with many different values is counted in parts that have no value in common.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(values.type):
        return _categories(values)
    try:
        if len(values) >= LONG_ROWS and _are_many(values):
            parts = _parts(values)
            if parts is not None:
                return sum(_count(values.filter(pc.equal(parts, part))) for part in range(_PARTS))
        return _count(values)
    except pa.ArrowNotImplementedError:
        return None


def _count(values: Any) -> int:
    import pyarrow.compute as pc

    count: int = pc.count_distinct(values, mode="only_valid").as_py()
    return count


def _are_many(values: pyarrow.ChunkedArray) -> bool:
    return 2 * _count(values.slice(len(values) // 2, _PROBED_ROWS)) > _PROBED_ROWS


def _parts(values: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray | None:
    """Give each value the number of a part, equal ones the same; None for a type without a quick way."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
        return pa.chunked_array([_text_parts(chunk) for chunk in values.chunks])
    if pa.types.is_floating(kind) and kind.bit_width == 64:  # adding 0 leaves no zero below zero
        bits = [pc.add(chunk, scalar(0.0, pa.float64())).view(pa.uint64()) for chunk in values.chunks]
    elif (pa.types.is_integer(kind) or pa.types.is_temporal(kind)) and kind.bit_width == 64:
        bits = [chunk.view(pa.uint64()) for chunk in values.chunks]
    else:
        return None  # of 32 bits and less there are not that many
    return pa.chunked_array([_spread(chunk) for chunk in bits])


def _spread(bits: pyarrow.Array) -> pyarrow.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    mixed = pc.multiply(bits, scalar(_ODD, pa.uint64()))
    return pc.shift_right(mixed, scalar(_PART_SHIFT, pa.uint64())).cast(pa.uint8())


def _text_parts(values: pyarrow.Array) -> pyarrow.Array:
    """Number texts by their length and three of their bytes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(values)
    _, ends, data = values.buffers()
    if data is None or not data.size:
        return pa.repeat(scalar(0, pa.uint8()), count)
    letters = pa.Array.from_buffers(pa.uint8(), data.size, [None, data])
    offsets = pa.Array.from_buffers(pa.int64(), values.offset + count + 1, [None, ends]).slice(values.offset)
    starts, stops = offsets.slice(0, count), offsets.slice(1)
    mixed = pc.subtract(stops, starts)
    one, many, last = (scalar(value, pa.int64()) for value in (1, 257, data.size - 1))
    for places in (starts, pc.shift_right(pc.add(starts, stops), one), pc.subtract(stops, one)):
        inside = pc.min_element_wise(pc.max_element_wise(places, starts), last)
        picked = pc.if_else(pc.equal(starts, stops), scalar(0, pa.uint8()), letters.take(inside))
        mixed = pc.add(pc.multiply(mixed, many), picked.cast(pa.int64()))
    return _spread(mixed.view(pa.uint64()))


def _categories(values: pyarrow.ChunkedArray) -> int:
    """Count the categories that occur."""
    import pyarrow as pa
    import pyarrow.compute as pc

    decoded = values.unify_dictionaries().combine_chunks()
    chunk = decoded.chunk(0) if isinstance(decoded, pa.ChunkedArray) else decoded
    return len(pc.unique(chunk.indices.drop_null()))
