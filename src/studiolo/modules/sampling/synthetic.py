"""Made-up rows between rows of one class and their nearest neighbours (SMOTE)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import is_numeric, numbers_of, one_chunk

Rows = np.ndarray[Any, np.dtype[np.int64]]
Numbers = np.ndarray[Any, np.dtype[np.float64]]


def synthetic_rows(table: pa.Table, rows: Rows, count: int, *, neighbours: int, seed: int) -> pa.Table:
    """Give the table with made-up rows at its end; its first column, the label, is that of the class.

    The random numbers are used as imbalanced-learn uses them, so that numeric columns agree with it.

    Args:
        table: the dataset, the label first.
        rows: of the class, two at least.
        count: of new rows.
        neighbours: from which the partner of each is drawn, fewer than rows.
        seed: of the draw.
    """
    generator = np.random.RandomState(seed)
    near = _nearest(table, rows, neighbours)
    drawn = generator.randint(0, len(rows) * neighbours, count)
    steps = generator.uniform(size=count)
    bases = drawn // neighbours
    first = rows[bases]
    second = rows[near[bases, drawn % neighbours]]
    columns = [_taken(table.column(0), first)]
    for column in table.columns[1:]:
        if is_numeric(column.type) and not pa.types.is_decimal(column.type):
            columns.append(_between(column, first, second, steps))
        else:
            columns.append(_taken(column, np.where(steps < 0.5, first, second)))
    # Chunk beside chunk: the rows that were there are not copied.
    both = [
        pa.chunked_array([*column.chunks, *more.chunks], column.type)
        for column, more in zip(table.columns, columns, strict=True)
    ]
    return pa.Table.from_arrays(both, schema=table.schema)


def _nearest(table: pa.Table, rows: Rows, neighbours: int) -> Rows:
    """Give the nearest rows of each row of the class, as places in it, in shape (rows, neighbours)."""
    from sklearn.neighbors import NearestNeighbors

    place = pa.array(rows)
    columns = []
    for column in table.columns[1:]:
        if is_numeric(column.type):
            values = np.array(numbers_of(column.take(place)))
            finite = np.isfinite(values)
            values[~finite] = values[finite].mean() if finite.any() else 0.0
            columns.append(values)
    matrix = np.column_stack(columns) if columns else np.zeros((len(rows), 1))
    found = NearestNeighbors(n_neighbors=neighbours + 1).fit(matrix).kneighbors(matrix, return_distance=False)
    nearest: Rows = found[:, 1:]
    return nearest


def _limits(column: pa.ChunkedArray) -> tuple[float, float]:
    """Give the least and the greatest Double that the integer type of a column can hold."""
    info = np.iinfo(column.type.to_pandas_dtype())
    return float(info.min), float(np.nextafter(float(info.max) + 1, 0))


def _taken(column: pa.ChunkedArray, rows: Rows) -> pa.ChunkedArray:
    return pa.chunked_array([one_chunk(column).take(pa.array(rows))])


def _between(column: pa.ChunkedArray, first: Rows, second: Rows, steps: Numbers) -> pa.ChunkedArray:
    """Give values between those of two rows each, in the type of the column."""
    values = numbers_of(column)
    start, end = values[first], values[second]
    with np.errstate(invalid="ignore", over="ignore"):  # of infinite values
        made = start + steps * (end - start)
    made = np.where(np.isnan(start), end, np.where(np.isnan(end), start, made))
    if pa.types.is_integer(column.type):
        made = np.rint(made)
        limits = _limits(column)
        beyond = (made < limits[0]) | (made > limits[1])
        array = pa.array(np.where(beyond, np.nan, made), from_pandas=True).cast(column.type, safe=False)
        # A Double rounds the greatest integers up, out of their type: there the row's own value stands.
        own = _taken(column, np.where(np.isnan(start), second, first)) if beyond.any() else column
        return pa.chunked_array(
            [pc.if_else(pa.array(beyond), one_chunk(own), array) if beyond.any() else array]
        )
    return pa.chunked_array([pa.array(made).cast(column.type, safe=False)])
