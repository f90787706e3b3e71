"""Select Columns in Dataset: keeps some columns."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from studiolo.modules.columns.choosing import required
from studiolo.sdk import Columns, DatasetPort, module


@module(
    id="select-columns-in-dataset",
    name="Select Columns in Dataset",
    category="Data Transformation / Manipulation",
    inputs=[DatasetPort("dataset", aliases=("Dataset",))],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    parameters=[
        Columns(
            "select_columns",
            required=True,
            label="Select columns",
            help="The columns to keep, by name or by rules on names, positions, types and roles.",
            aliases=("Select Columns", "columns"),
        )
    ],
    preload=("pyarrow",),
    aliases=("1ec722fa-b623-4e26-a44e-a50c6d726223", "Project Columns"),
)
def select_columns_in_dataset(dataset: pa.Table, *, select_columns: Sequence[str] = ()) -> pa.Table:
    r"""Keep the chosen columns of a dataset.

    Rules give the columns in the order of the dataset; a plain list of names gives them in its own order, each
    of them once. Types and roles stay. Nothing is copied.

    A name that the dataset doesn't have is an error, and so is a choice without any column.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "id,age,city\n1,30,Rome\n2,41,Oslo\n"}
        numbers:
          module: select-columns-in-dataset
          parameters:
            select_columns: {begin: none, rules: [{include: {types: [Numeric]}}, {exclude: {names: [id]}}]}
          inputs: {dataset: customers}
    """
    chosen = required(dataset, select_columns, "select_columns")
    return dataset.select(list(dict.fromkeys(chosen)))
