"""Learns from the data of a run what a web service's input or output looks like: columns, categories, a sample.

Loads pyarrow; only publishing does this.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain.service import ServiceColumn
from studiolo.services.bodies.moments import iso_date, iso_moment, span_text
from studiolo.store.codec import open_table, read_schema

if TYPE_CHECKING:
    import pyarrow

SAMPLE_ROWS = 5
MOST_CATEGORIES = 1000
LONGEST_TEXT = 1_000
"""A longer text of a sample is cut: the sample stands in documents that people read."""

SAMPLE_BYTES = 1 << 20
CATEGORIES_BYTES = 100_000
"""Of one column; with more than that none of its categories are told."""


def learn_columns(
    blob: Path, has_sample: bool = True
) -> tuple[tuple[ServiceColumn, ...], tuple[tuple[Any, ...], ...]]:
    """Give the columns of a stored frame, and its first rows in JSON-ready form.

    Args:
        blob: path of the frame.
        has_sample: take values over; without, the sample is empty and so are the categories.

    Raises:
        InternalError: `damaged-frame`.
    """
    from studiolo_child.frames.arrow_frames import with_missing

    schema = read_schema(blob)
    table = with_missing(open_table(blob))
    columns = tuple(
        ServiceColumn(
            name=column.name,
            type=column.type,
            categories=_categories(table.column(position)) if has_sample else (),
            has_missing=table.column(position).null_count > 0,
            category_type=_category_type(table.column(position).type),
            is_ordered=getattr(table.column(position).type, "ordered", False),
        )
        for position, column in enumerate(schema.columns)
    )
    if not has_sample:
        return columns, ()
    first = table.slice(0, SAMPLE_ROWS)
    cells = [_cells(first.column(position)) for position in range(len(columns))]
    sample = tuple(zip(*cells, strict=True))
    while len(sample) > 1 and _length(sample) > SAMPLE_BYTES:
        sample = sample[: len(sample) // 2]
    return columns, sample


def _categories(values: pyarrow.ChunkedArray) -> tuple[Any, ...]:
    import pyarrow as pa

    if not pa.types.is_dictionary(values.type) or not values.num_chunks:
        return ()
    dictionary = values.chunk(0).dictionary
    if len(dictionary) > MOST_CATEGORIES:
        return ()
    found = tuple(_cells(dictionary, CATEGORIES_BYTES))
    return found if _length(found) <= CATEGORIES_BYTES else ()


def _length(value: Any) -> int:
    return len(json.dumps(value))


def _category_type(kind: pyarrow.DataType) -> str:
    import pyarrow as pa

    from studiolo_child.frames.arrow_types import frame_type

    return frame_type(kind.value_type) if pa.types.is_dictionary(kind) else ""


def _cells(values: Any, longest: int = LONGEST_TEXT) -> list[Any]:
    import pyarrow as pa

    kind = values.type
    if pa.types.is_dictionary(kind):
        return _cells(values.cast(kind.value_type), longest)
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        numbers = values.cast(pa.int64()).to_pylist()
        if pa.types.is_duration(kind):
            return [None if one is None else span_text(one, kind.unit) for one in numbers]
        return [None if one is None else iso_moment(one, kind.unit, kind.tz) for one in numbers]
    if pa.types.is_date32(kind):
        return [None if one is None else iso_date(one) for one in values.cast(pa.int32()).to_pylist()]
    return [_cell(one, longest) for one in values.to_pylist()]


def _cell(value: Any, longest: int) -> Any:
    """Give a value as JSON holds it: NaN as null, infinities and decimals as text, bytes in base64."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, bytes):
        return base64.b64encode(value[: longest // 4 * 3]).decode("ascii")
    if isinstance(value, str):
        return value[:longest]
    if isinstance(value, decimal.Decimal | datetime.date | datetime.timedelta):
        return str(value)
    return value
