"""Export Data: writes a dataset in a file format; the host puts the bytes where they belong."""

from typing import Any

import pyarrow as pa

from studiolo.formats import choosing
from studiolo.sdk import (
    Address,
    Boolean,
    Choice,
    Columns,
    DatasetPort,
    FilePort,
    ModuleError,
    Path,
    Text,
    module,
)
from studiolo_child.nearest import did_you_mean

TEXTUAL = ("auto", "csv", "tsv", "text")


@module(
    id="export-data",
    name="Export Data",
    category="Data Input and Output",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset", "Input_path"))],
    outputs=[FilePort("file", label="File")],
    parameters=[
        Path(
            "path", label="File", help="The file of the workspace to write. Give either this or an address."
        ),
        Address("address", label="Address", help="An http(s) address to send the file to."),
        Choice("method", ("PUT", "POST"), label="Method", help="How an address takes the file."),
        Choice(
            "format",
            ("auto", *choosing.WRITERS),
            label="Format",
            help="auto goes by the ending of the name.",
            aliases=("file_type", "Blob File format"),
        ),
        Columns(
            "columns",
            label="Columns",
            help="The columns to write, in this order; none given means all.",
            aliases=("Comma separated list of columns to be saved", "column_list_to_be_saved"),
        ),
        Boolean(
            "header",
            default=True,
            label="Write header row",
            help="The first row holds the column names.",
            when=("format", ("auto", "csv", "tsv")),
        ),
        Text(
            "delimiter",
            label="Delimiter",
            help="One character, or comma, tab, semicolon, space, pipe. Empty: by the format.",
            when=("format", ("auto", "csv", "tsv")),
        ),
        Text(
            "encoding",
            default="utf-8",
            label="Encoding",
            help="utf-8, utf-8-sig (for old versions of Excel) or another name that Python knows.",
            when=("format", TEXTUAL),
        ),
        Text(
            "label_column",
            label="Label column",
            help="The column to write as label; empty for Labels, or else the last.",
            when=("format", ("auto", "svmlight")),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "pyarrow.parquet", "studiolo.formats.delimited_writer"),
    aliases=("7a391181-b6a7-4ad4-b82d-e419c0d6522c", "Writer"),
)
def export_data(
    dataset: pa.Table,
    *,
    path: Any = None,
    address: Any = None,
    method: str = "PUT",
    format: str = "auto",
    columns: list[str] | None = None,
    header: bool = True,
    delimiter: str = "",
    encoding: str = "utf-8",
    label_column: str = "",
) -> bytes:
    """Write a dataset as a file.

    CSV, TSV, ARFF, Parquet, Arrow, JSON lines, SVMLight or plain text, packed when the name ends in `.gz`. The
    bytes leave on the port `file`, and the studio writes them to the path or sends them to the address by the
    method given. A column that the format has no form for is an error.

    Example:
        save:
          module: export-data
          parameters: {path: data/result.csv}
          inputs: {dataset: clean.result_dataset}
    """
    if (path is None) == (address is None):
        raise ModuleError(
            "Export Data needs either a file or an address to write to.",
            "Set one of the parameters `path` and `address`.",
            code="bad-parameter",
            parameter="path",
        )
    target = path if path is not None else address
    name = target if isinstance(target, str) else str(target.name)
    for column in columns or ():
        if column not in dataset.column_names:
            raise ModuleError(
                f'The dataset has no column "{column}".',
                did_you_mean(column, dataset.column_names, "column"),
                code="missing-column",
                parameter="columns",
            )
    return choosing.write(
        dataset.select(columns) if columns else dataset,
        name,
        format,
        header=header,
        delimiter=delimiter,
        encoding=encoding,
        label_column=label_column,
    )
