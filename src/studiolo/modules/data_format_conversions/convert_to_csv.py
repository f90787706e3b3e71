"""Convert to CSV: a dataset as the bytes of a CSV file."""

from __future__ import annotations

import pyarrow as pa

from studiolo.formats import delimited_writer
from studiolo.modules.data_format_conversions.writing import written
from studiolo.sdk import DatasetPort, FilePort, module


@module(
    id="convert-to-csv",
    name="Convert to CSV",
    category="Data Format Conversions",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[FilePort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    preload=("pyarrow", "pyarrow.compute", "studiolo.formats.delimited_writer"),
    aliases=("faa6ba63-383c-4086-ba58-7abf26b85814",),
)
def convert_to_csv(dataset: pa.Table) -> bytes:
    r"""Write a dataset as CSV, to download or to hand to another program.

    UTF-8, LF line ends, commas, the names in the first record; missing is an empty field. Fields with commas, quotes
    or line ends are quoted (classic left embedded commas alone). Roles and categories are not kept, bytes have no
    form. Export Data writes to a file or an address instead.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age\tcity\n30\tRome, Italy\n", data_format: TSV}
        file:
          module: convert-to-csv
          inputs: {dataset: customers}
    """
    return written(delimited_writer.write, dataset)
