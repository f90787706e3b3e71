"""Convert to SVMLight: numeric columns and a label as the bytes of an SVMLight file."""

from __future__ import annotations

import pyarrow as pa

from studiolo.formats import svmlight
from studiolo.modules.data_format_conversions.writing import written
from studiolo.sdk import DatasetPort, FilePort, ModuleError, module
from studiolo.sdk.roles import LABEL, columns_with_role


@module(
    id="convert-to-svmlight",
    name="Convert to SVMLight",
    category="Data Format Conversions",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[FilePort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    preload=("pyarrow", "pyarrow.compute", "studiolo.formats.svmlight"),
    aliases=("8d44b923-97df-4dd5-a6d4-173bb89c7441",),
)
def convert_to_svmlight(dataset: pa.Table) -> bytes:
    r"""Write a dataset as SVMLight: `label index:value index:value …`, zeros left out.

    The label is the column marked as label, else the column `Labels`, else the last. The other columns are the
    features, numbered from 1; their names are not kept. All columns must be Integer, Double or Boolean and have no
    missing value.

    Example:
        points:
          module: enter-data-manually
          parameters: {data: "x,y,Labels\n0.5,0,1\n0,2,-1\n"}
        file:
          module: convert-to-svmlight
          inputs: {dataset: points}
    """
    labels = columns_with_role(dataset, LABEL)
    if not dataset.num_columns:
        raise ModuleError(
            "The dataset has no columns.", "Connect one with a label.", code="no-columns", port="dataset"
        )
    if len(labels) > 1:
        raise ModuleError(
            f"The dataset has {len(labels)} label columns; an SVMLight file has one label.",
            "Clear the label of the others with Edit Metadata, or leave them out.",
            code="too-many-columns",
            port="dataset",
        )
    return written(svmlight.write, dataset, label_column=labels[0] if labels else "")
