"""Select Columns Transform: remembers the columns of a dataset, to keep the same ones of another."""

from __future__ import annotations

import pyarrow as pa

from studiolo.modules.transformations.column_selection import ColumnSelection
from studiolo.sdk import DatasetPort, ModuleError, ObjectPort, module
from studiolo.sdk.roles import LABEL, SCORE, role_of


@module(
    id="select-columns-transform",
    name="Select Columns Transform",
    category="Data Transformation / Manipulation",
    inputs=[
        DatasetPort(
            "dataset_with_desired_columns",
            label="Dataset with desired columns",
            aliases=("Dataset with desired columns",),
        )
    ],
    outputs=[
        ObjectPort(
            "columns_selection_transformation",
            holds="transformation",
            label="Columns selection transformation",
            aliases=("Columns selection transformation",),
        )
    ],
    preload=("pyarrow", "studiolo.modules.transformations.column_selection"),
    aliases=("aa517da1-4978-43ed-960f-f26cf55bfa95",),
)
def select_columns_transform(dataset_with_desired_columns: pa.Table) -> ColumnSelection:
    r"""Remember which columns a dataset has, so that Apply Transformation keeps the same of another one.

    Its use is a choice that an experiment makes once, such as that of Filter Based Feature Selection, and that
    scoring then repeats.

    Applied, it keeps the remembered columns in their order and, as the designer did, the label and score
    columns of the other dataset in addition. A remembered column that is absent is an error, unless it was a
    label or a score here: data to be scored has none.

    Example:
        wanted:
          module: enter-data-manually
          parameters: {data: "age,city\n30,Rome\n"}
        all_columns:
          module: enter-data-manually
          parameters: {data: "id,city,age\n1,Oslo,41\n2,Bari,25\n"}
        remembered:
          module: select-columns-transform
          inputs: {dataset_with_desired_columns: wanted}
        kept:
          module: apply-transformation
          inputs: {transformation: remembered, dataset: all_columns}
    """
    table = dataset_with_desired_columns
    if not table.num_columns:
        raise ModuleError(
            "The dataset with desired columns has no columns.",
            "Connect one that has the columns to keep.",
            code="no-columns",
            port="dataset_with_desired_columns",
        )
    targets = [name for name in table.column_names if role_of(table, name) in (LABEL, SCORE)]
    return ColumnSelection("Select Columns Transform", list(table.column_names), targets)
