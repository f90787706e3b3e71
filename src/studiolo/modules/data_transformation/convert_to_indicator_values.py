"""Convert to Indicator Values: a column of 0 and 1 for each value of categorical columns."""

from __future__ import annotations

import pyarrow as pa

from studiolo.modules.columns.choosing import required
from studiolo.modules.columns.kinds import kind_of
from studiolo.modules.transformations.indicators import Indicators, fit
from studiolo.sdk import Boolean, Columns, DatasetPort, ModuleError, ObjectPort, module

MOST_COLUMNS = 10_000


@module(
    id="convert-to-indicator-values",
    name="Convert to Indicator Values",
    category="Data Transformation / Manipulation",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[
        DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",)),
        ObjectPort(
            "indicator_values_transformation",
            holds="transformation",
            label="Indicator values transformation",
            aliases=("Indicator values transformation",),
        ),
    ],
    parameters=[
        Columns(
            "categorical_columns_to_convert",
            label="Categorical columns to convert",
            help="One or more Categorical columns; Edit Metadata makes others Categorical.",
            required=True,
            aliases=("Categorical columns to convert",),
        ),
        Boolean(
            "overwrite_categorical_columns",
            label="Overwrite categorical columns",
            help="Take the columns themselves away.",
            aliases=("Overwrite categorical columns",),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy", "studiolo.modules.transformations.indicators"),
    aliases=("6ea59c36-f283-410e-b34c-edfabfac39b0", "Indicator Values"),
)
def convert_to_indicator_values(
    dataset: pa.Table,
    *,
    categorical_columns_to_convert: list[str] | None = None,
    overwrite_categorical_columns: bool = False,
) -> tuple[pa.Table, Indicators]:
    r"""Make a column of 0 and 1 for each value of categorical columns.

    The new Integer columns are named `<column>-<value>`, in the order of the sorted values, and stand at the end.
    Where a value is missing, a last one named `<column>-#NAN` marks the rows without a value (classic named it
    `<column>-Missing`). A name that is taken gets `_1`. Categories that no row has make no column. More than 10,000
    new columns are refused.

    The transformation makes the same columns of another dataset (Apply Transformation): values that were not there
    in the first one give 0 in all of them.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "city,age\nRome,30\nOslo,41\n,25\n"}
        typed:
          module: edit-metadata
          parameters: {column: [city], categorical: Make categorical}
          inputs: {dataset: customers}
        indicators:
          module: convert-to-indicator-values
          parameters: {categorical_columns_to_convert: [city]}
          inputs: {dataset: typed}
    """
    names = list(
        dict.fromkeys(required(dataset, categorical_columns_to_convert, "categorical_columns_to_convert"))
    )
    for name in names:
        kind = kind_of(dataset.schema.field(name).type)
        if kind != "Categorical":
            raise ModuleError(
                f'The column "{name[:80]}" is {kind}; indicator values are made from Categorical columns.',
                "Make it Categorical with Edit Metadata, or leave it out of the choice.",
                code="wrong-column-type",
                parameter="categorical_columns_to_convert",
            )
    fitted = fit(dataset, names, overwrite_categorical_columns, "Convert to Indicator Values", MOST_COLUMNS)
    return fitted.apply(dataset), fitted
