"""Convert to ARFF: a dataset as the bytes of an ARFF file."""

from __future__ import annotations

import pyarrow as pa

from studiolo.formats import arff_writer
from studiolo.modules.data_format_conversions.writing import written
from studiolo.sdk import DatasetPort, FilePort, module


@module(
    id="convert-to-arff",
    name="Convert to ARFF",
    category="Data Format Conversions",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[FilePort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    preload=("pyarrow", "pyarrow.compute", "studiolo.formats.arff_writer"),
    aliases=("62d2cece-d832-4a7a-a0bd-f01f03af0960",),
)
def convert_to_arff(dataset: pa.Table) -> bytes:
    r"""Write a dataset as ARFF, the format of Weka.

    The types of columns stay: integer, numeric, string, date, and the values of Categorical columns as nominal ones.
    Missing is `?`. TimeSpan is written as text; bytes have no form.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,city\n30,Rome\n,Oslo\n"}
        file:
          module: convert-to-arff
          inputs: {dataset: customers}
    """
    return written(arff_writer.write, dataset)
