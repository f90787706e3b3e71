"""Add Columns: one dataset beside another."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.kinds import one_chunk
from studiolo.modules.columns.naming import numbered
from studiolo.sdk import Choice, DatasetPort, module

BOTH, RIGHT = "_1 and _2", "(2)"


@module(
    id="add-columns",
    name="Add Columns",
    category="Data Transformation / Manipulation",
    inputs=[
        DatasetPort("left_dataset", label="Left dataset", aliases=("Left dataset",)),
        DatasetPort("right_dataset", label="Right dataset", aliases=("Right dataset",)),
    ],
    outputs=[DatasetPort("combined_dataset", label="Combined dataset", aliases=("Combined dataset",))],
    parameters=[
        Choice(
            "suffixes_of_clashing_columns",
            (BOTH, RIGHT),
            label="Suffixes of clashing columns",
            help="Rename both columns of one name, as the designer did, or the right one, as the classic product did.",
        )
    ],
    preload=("numpy", "pyarrow"),
    aliases=("5714a225-befd-438a-9bb5-f6fdc50a4efb",),
)
def add_columns(
    left_dataset: pa.Table, right_dataset: pa.Table, *, suffixes_of_clashing_columns: str = BOTH
) -> pa.Table:
    r"""Put the columns of the right dataset beside those of the left one, row by row.

    Rows are matched by their position alone; Join Data matches them by keys. The shorter dataset is filled up
    with missing values. All columns keep their roles.

    Where both have a column of one name, the left one gets the suffix `_1` and the right one `_2`, as in the
    designer. In the classic product the left one kept its name and the right one got ` (2)`: choose `(2)` for
    scripts that rely on it.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "id,age\n1,30\n2,41\n"}
        cities:
          module: enter-data-manually
          parameters: {data: "id,city\n1,Rome\n2,Oslo\n"}
        beside:
          module: add-columns
          inputs: {left_dataset: customers, right_dataset: cities}
    """
    left_names, right_names = left_dataset.column_names, right_dataset.column_names
    clashing = set(left_names) & set(right_names)
    taken = {*left_names, *right_names}
    names = []
    for number, columns in ((1, left_names), (2, right_names)):
        for name in columns:
            if name in clashing and suffixes_of_clashing_columns == BOTH:
                name = _free(f"{name}_{number}", taken)
            elif name in clashing and number == 2:
                name = numbered(name, taken)
            taken.add(name)
            names.append(name)
    rows = max(left_dataset.num_rows, right_dataset.num_rows)
    columns = [_filled_up(column, rows) for column in (*left_dataset.columns, *right_dataset.columns)]
    given = (*left_dataset.schema, *right_dataset.schema)
    fields = [field.with_name(name) for field, name in zip(given, names, strict=True)]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _free(name: str, taken: set[str]) -> str:
    return numbered(name, taken, "{name}_{number}")


def _filled_up(column: pa.ChunkedArray, rows: int) -> pa.ChunkedArray:
    """Give the column with missing values at its end, up to a number of rows."""
    if len(column) == rows:
        return column
    places = np.arange(rows)
    taken = one_chunk(column).take(pa.array(places, mask=places >= len(column)))
    return pa.chunked_array([taken])
