"""Convert to TSV: a dataset as the bytes of a TSV file."""

from __future__ import annotations

import pyarrow as pa

from studiolo.formats import delimited_writer
from studiolo.modules.data_format_conversions.writing import written
from studiolo.sdk import DatasetPort, FilePort, module


@module(
    id="convert-to-tsv",
    name="Convert to TSV",
    category="Data Format Conversions",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[FilePort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    preload=("pyarrow", "pyarrow.compute", "studiolo.formats.delimited_writer"),
    aliases=("1cdbcda4-2ece-4908-8b87-e6b636258d3d",),
)
def convert_to_tsv(dataset: pa.Table) -> bytes:
    r"""Write a dataset as TSV, with tabs between the fields.

    UTF-8, LF line ends, the names in the first record; missing is an empty field. Fields with tabs, quotes or line
    ends are quoted. Roles and categories are not kept, bytes have no form.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,city\n30,Rome\n,Oslo\n"}
        file:
          module: convert-to-tsv
          inputs: {dataset: customers}
    """
    return written(delimited_writer.write, dataset, delimiter="\t")
