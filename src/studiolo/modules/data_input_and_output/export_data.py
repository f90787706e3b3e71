"""Export Data: writes a dataset as a file or as rows; the host puts them where they belong."""

from typing import Any

import pyarrow as pa

from studiolo.formats import choosing, row_text
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

DATABASES = ("postgresql:", "postgres:", "sqlite:")
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
        Address(
            "address",
            label="Address",
            help="Where to send to: https://…, s3://…, azure://…, postgresql://… or sqlite:PATH. Passwords and keys "
            "stand in it as {secret:NAME}.",
            accepts=("https", "http", "s3", "azure", "postgresql", "sqlite"),
        ),
        Choice("method", ("PUT", "POST"), label="Method", help="How an http(s) address takes the file."),
        Text(
            "headers",
            label="Headers",
            help="For an http(s) address, one a line, such as Authorization: Bearer {secret:NAME}.",
            accepts=("secrets",),
        ),
        Text(
            "table",
            label="Table",
            help="For a database: the table to write, as TABLE or SCHEMA.TABLE.",
            aliases=("Data Table Name", "Data table name"),
        ),
        Choice(
            "mode",
            ("Error", "Append", "Replace"),
            label="If the table is there",
            help="For a database: fail, add the rows, or put them in the place of all rows.",
        ),
        Text(
            "table_columns",
            label="Table columns",
            help="For a database: names of the columns in the table, with commas between; as many as are written.",
            aliases=("Comma separated list of datatable columns",),
        ),
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
    headers: str = "",
    table: str = "",
    mode: str = "Error",
    table_columns: str = "",
    format: str = "auto",
    columns: list[str] | None = None,
    header: bool = True,
    delimiter: str = "",
    encoding: str = "utf-8",
    label_column: str = "",
) -> bytes:
    r"""Write a dataset to a file, an address or a table of a database.

    CSV, TSV, ARFF, Parquet, Arrow, JSON lines, SVMLight or plain text, packed when the name ends in `.gz`. The
    bytes leave on the port `file`, and the studio writes them to the path or sends them to the address. A column that
    the format has no form for is an error.

    Whatever is written is written whole or not at all: files and objects are replaced in one step, tables in one
    transaction. A table that is not there is made with fitting types. `Append` adds rows to one that has these columns;
    `Replace` removes its rows, or makes it anew when its columns are others. Missing values are NULL. In SQLite, which
    has fewer types, booleans become 0 and 1, decimals and time spans (in seconds) REAL, dates and times text.

    Each run writes again, also when nothing changed: `Append` then adds the rows once more. Classic Export Data wrote a
    table in groups of rows and left those before a fault there.

    Passwords and keys are secrets of the workspace, written `{secret:NAME}`; hosts have to be allowed by `[grants]
    network` of studiolo.toml.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "name,city\nAda,Rome\nLi,Oslo\n"}
        save:
          module: export-data
          parameters: {address: "sqlite:data/example/customers.sqlite", table: customers, mode: Replace}
          inputs: {dataset: customers}
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
    chosen = dataset.select(columns) if columns else dataset
    if address is not None and name.lower().startswith(DATABASES):
        return row_text.write(_renamed(chosen, table_columns))
    if table.strip() or table_columns.strip():
        raise ModuleError(
            f"{name} is no database, and takes neither table nor table columns.",
            "Remove these parameters, or give an address that begins with postgresql:// or sqlite:.",
            code="bad-parameter",
            parameter="table",
        )
    return choosing.write(
        chosen,
        name,
        format,
        header=header,
        delimiter=delimiter,
        encoding=encoding,
        label_column=label_column,
    )


def _renamed(table: pa.Table, names: str) -> pa.Table:
    """Give the table with the names that the database's table has for its columns."""
    if table.num_columns == 0:
        raise ModuleError("The dataset has no columns to write.", code="no-columns", port="dataset")
    if not names.strip():
        return table
    wanted = [name.strip() for name in names.split(",")]
    if len(wanted) != table.num_columns or len(set(wanted)) < len(wanted) or not all(wanted):
        raise ModuleError(
            f"The parameter table_columns names {len(wanted)} columns; {table.num_columns} different ones are needed.",
            f"Name one for each of {', '.join(table.column_names[:10])}.",
            code="bad-parameter",
            parameter="table_columns",
        )
    return table.rename_columns(wanted)
