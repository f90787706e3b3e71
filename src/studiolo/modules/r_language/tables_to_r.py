"""Gives the bytes in which tables go to R: numbers as R holds them in memory, texts as lengths and UTF-8.

Everything is little-endian. A list of texts is their lengths in bytes as int32, -1 for missing, then all bytes. A
table is 1, its rows, its number of columns, their names, then each column: its kind as a text and what that kind
has (`session.R`, get_column, reads it). 0 stands for no table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.reading import entry
from studiolo.sdk import ModuleError

NA_INTEGER = -(2**31)
NA_DOUBLE = 0x7FF00000000007A2
MOST_ROWS = 2**31 - 1
EXACT = 2**53
PROBE = 20_000
PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}

Piece = bytes | memoryview
Receipt = list[dict[str, Any]]


def integer_bytes(value: int) -> bytes:
    """Give one int32."""
    return np.int32(value).tobytes()


def text_bytes(text: str) -> bytes:
    """Give a list of one text."""
    data = text.replace("\0", "").encode("utf-8", "replace")
    return integer_bytes(len(data)) + data


def table_pieces(table: pa.Table | None, port: str, receipt: Receipt) -> Iterator[Piece]:
    """Give the bytes of a table, column by column, so that only one column's copy is held at a time.

    Args:
        table: what is connected; None for nothing.
        port: its input, for messages.
        receipt: gets an entry for each change that R's types force.

    Raises:
        ModuleError: `too-many-rows`.
    """
    if table is None:
        yield integer_bytes(0)
        return
    if table.num_rows > MOST_ROWS:
        raise ModuleError(
            f"{port} has {table.num_rows} rows; a data.frame of R holds {MOST_ROWS}.",
            "Take a part of the rows before this node.",
            code="too-many-rows",
            port=port,
        )
    yield integer_bytes(1) + integer_bytes(table.num_rows) + integer_bytes(table.num_columns)
    names = pa.array(table.column_names, pa.large_string())
    yield from _texts(_without_nul(names, f"the names of columns of {port}", receipt))
    for name, column in zip(table.column_names, table.columns, strict=True):
        yield from _column(column, f'"{name}" of {port}', receipt)


def _column(column: pa.ChunkedArray, what: str, receipt: Receipt) -> Iterator[Piece]:
    values = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(values, pa.ChunkedArray):  # older pyarrow
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)
    kind = values.type
    if pa.types.is_null(kind):
        yield text_bytes("logical")
        yield _integers(pa.nulls(len(values), pa.int32()))
    elif pa.types.is_boolean(kind):
        yield text_bytes("logical")
        yield _integers(pc.cast(values, pa.int32()))
    elif pa.types.is_integer(kind):
        yield from _whole(values, what, receipt)
    elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        if pa.types.is_decimal(kind):
            receipt.append(note("decimal-to-double", f"{what} became double in R", True))
        yield text_bytes("double")
        yield _doubles(pc.cast(values, pa.float64(), safe=False))
    elif pa.types.is_dictionary(kind):
        yield from _factor(values, what, receipt)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        yield text_bytes("bytes")
        yield from _texts(pc.cast(values, pa.large_binary()))
    elif pa.types.is_temporal(kind):
        yield from _temporal(values, what, receipt)
    else:
        yield from _characters(pc.cast(values, pa.large_string()), what, receipt)


def _whole(values: pa.Array, what: str, receipt: Receipt) -> Iterator[Piece]:
    """Give whole numbers as integer where 32 bits hold them all, else as double."""
    lowest, highest = pc.min_max(values).as_py().values()
    if lowest is None or (lowest > NA_INTEGER and highest <= MOST_ROWS):
        yield text_bytes("integer")
        yield _integers(pc.cast(values, pa.int32()))
        return
    is_lossy = lowest < -EXACT or highest > EXACT
    digits = "; numbers beyond 2^53 lost digits" if is_lossy else ", since its integers have 32 bits"
    receipt.append(note("integer-to-double", f"{what} became double in R{digits}", is_lossy))
    yield text_bytes("double")
    yield _doubles(pc.cast(values, pa.float64(), safe=False))


def _factor(values: pa.DictionaryArray, what: str, receipt: Receipt) -> Iterator[Piece]:
    levels = values.dictionary
    if not (pa.types.is_string(levels.type) or pa.types.is_large_string(levels.type)):
        receipt.append(note("levels-to-text", f"the categories of {what} became texts in R", False))
        levels = pc.cast(levels, pa.large_string())
    codes = values.indices
    if levels.null_count or len(levels.unique()) < len(levels):  # R's levels are different and present
        encoded = pc.take(levels, codes).dictionary_encode()
        levels, codes = encoded.dictionary, encoded.indices
    yield text_bytes("ordered" if values.type.ordered else "factor")
    yield integer_bytes(len(levels))
    yield from _texts(_without_nul(levels, what, receipt))
    yield _integers(pc.add(pc.cast(codes, pa.int32()), pa.scalar(1, pa.int32())))


def _temporal(values: pa.Array, what: str, receipt: Receipt) -> Iterator[Piece]:
    kind = values.type
    if pa.types.is_date(kind):
        yield text_bytes("date")
        yield _doubles(pc.cast(pc.cast(pc.cast(values, pa.date32()), pa.int32()), pa.float64()))
        return
    if pa.types.is_time(kind):
        kind = pa.duration("ns")
        values = pc.cast(pc.cast(pc.cast(values, pa.time64("ns")), pa.int64()), kind)
    if pa.types.is_timestamp(kind):
        yield text_bytes("moment")
        yield text_bytes({None: "UTC", "UTC": "Etc/UTC"}.get(kind.tz, kind.tz))
    else:
        yield text_bytes("span")
    numbers = _double_array(pc.cast(pc.cast(values, pa.int64()), pa.float64(), safe=False))
    numbers /= PER_SECOND[kind.unit]
    if not _are_exact(numbers, values):
        receipt.append(note("time-less-exact", f"some times in {what} became less exact in R", True))
    yield _with_na(numbers)


def _are_exact(seconds: np.ndarray, values: pa.Array) -> bool:
    """Say whether microseconds come back from these seconds as they were: 0.000001 s of the year 2250 do not."""
    unit = values.type.unit
    whole = pc.cast(values, pa.int64()).drop_null().to_numpy()
    if unit == "ns":
        if (whole % 1000).any():
            return False
        unit, whole = "us", whole // 1000
    back = np.rint(seconds[~np.isnan(seconds)] * PER_SECOND[unit])
    return bool((back == whole).all())


def _characters(values: pa.Array, what: str, receipt: Receipt) -> Iterator[Piece]:
    values = _without_nul(values, what, receipt)
    head = values.slice(0, PROBE)
    if len(values) > 100 and len(head.unique()) * 2 < len(head):
        encoded = values.dictionary_encode()
        if len(encoded.dictionary) * 2 < len(values):
            yield text_bytes("repeated")
            yield integer_bytes(len(encoded.dictionary))
            yield from _texts(pc.cast(encoded.dictionary, pa.large_string()))
            yield _integers(pc.add(pc.cast(encoded.indices, pa.int32()), pa.scalar(1, pa.int32())))
            return
    yield text_bytes("text")
    yield from _texts(values)


def _without_nul(values: pa.Array, what: str, receipt: Receipt) -> pa.Array:
    values = pc.cast(values, pa.large_string())
    if _any(pc.match_substring(values, "\0")):
        receipt.append(note("nul-removed", f"NUL characters in {what} were left out for R", True))
        values = pc.replace_substring(values, "\0", "")
    return values


def _texts(values: pa.Array) -> Iterator[Piece]:
    """Give a list of texts or bytes: lengths, then what is present, one after the other."""
    lengths = np.array(pc.fill_null(pc.binary_length(values), -1), np.int64)
    if values.null_count:
        values = values.drop_null()
    if len(values):
        _, offsets, data = values.buffers()
        wide = np.frombuffer(offsets, np.int64, len(values) + 1, values.offset * 8)
        yield _memory(lengths.astype(np.int32))
        if data is not None and wide[-1] > wide[0]:
            yield memoryview(data)[wide[0] : wide[-1]]
    elif len(lengths):
        yield _memory(lengths.astype(np.int32))


def _integers(values: pa.Array) -> Piece:
    return _memory(np.ascontiguousarray(pc.fill_null(values, NA_INTEGER).to_numpy(zero_copy_only=False)))


def _doubles(values: pa.Array) -> Piece:
    return _with_na(_double_array(values))


def _double_array(values: pa.Array) -> np.ndarray:
    """Give a copy of the numbers that may be changed, NaN for missing."""
    return np.array(values.to_numpy(zero_copy_only=False), np.float64)


def _with_na(numbers: np.ndarray) -> Piece:
    """Write R's NA wherever there is none or no number: missing is one thing in a dataset."""
    numbers.view(np.uint64)[np.isnan(numbers)] = NA_DOUBLE
    return _memory(numbers)


def _memory(values: np.ndarray) -> Piece:
    return values.data.cast("B") if len(values) else b""


def _any(answers: pa.Array) -> bool:
    return bool(pc.any(answers, min_count=0).as_py())


def note(code: str, text: str, is_lossy: bool) -> dict[str, Any]:
    """Give a receipt entry from a clause without capital and full stop."""
    return entry(code, text[0].upper() + text[1:] + ".", None, is_lossy)
