"""Turns NaN, which stands for missing in frames, into Arrow's nulls."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def with_nulls(table: pa.Table) -> pa.Table:
    """Give the table with nulls where float columns hold NaN; the values themselves are not copied."""
    columns = []
    changed = False
    for column in table.columns:
        if pa.types.is_floating(column.type) and pc.any(pc.is_nan(column)).as_py():
            column = pa.chunked_array([_masked(chunk) for chunk in column.chunks], type=column.type)
            changed = True
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=table.schema) if changed else table


def _masked(chunk: pa.Array) -> pa.Array:
    present = pc.invert(pc.is_nan(chunk)).fill_null(False).to_numpy(zero_copy_only=False)
    offset = chunk.offset
    if offset % 8:
        return pc.if_else(pa.array(present), chunk, pa.scalar(None, chunk.type))
    bits = np.packbits(present, bitorder="little")
    width = chunk.type.bit_width // 8
    values = chunk.buffers()[1].slice(offset * width, len(chunk) * width)
    return pa.Array.from_buffers(chunk.type, len(chunk), [pa.py_buffer(bits), values])
