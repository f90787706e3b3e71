"""Import Data: reads a file, a folder, an address or a database into a dataset; the host fetches the bytes."""

from typing import Any

import pyarrow as pa

from studiolo.formats import choosing, folders, row_text
from studiolo.formats.reading import ReadResult, with_receipt
from studiolo.formats.value_types import MARKERS
from studiolo.modules.data_input_and_output.databases import sqlite_files
from studiolo.modules.data_input_and_output.marker_list import parse_markers
from studiolo.sdk import (
    Address,
    Boolean,
    Choice,
    Code,
    DatasetPort,
    ModuleError,
    Path,
    SourceFile,
    Text,
    module,
)

DELIMITED = ("auto", "csv", "tsv")
TEXTUAL = ("auto", "csv", "tsv", "arff", "jsonl", "svmlight", "text")


@module(
    id="import-data",
    name="Import Data",
    category="Data Input and Output",
    outputs=[
        DatasetPort("result_dataset", label="Result dataset", aliases=("Results dataset", "Results_dataset"))
    ],
    parameters=[
        Path(
            "path",
            label="File",
            help="A file of the workspace, or a folder whose files have the same columns. Give this or an address.",
            accepts=("folder",),
        ),
        Address(
            "address",
            label="Address",
            help="Where to fetch from: https://…, s3://…, azure://…, postgresql://… or sqlite:PATH. Passwords and keys "
            "stand in it as {secret:NAME}.",
            aliases=("URL", "Source URL"),
            accepts=("https", "http", "s3", "azure", "postgresql", "sqlite"),
        ),
        Code(
            "query",
            language="sql",
            label="Query",
            help="For a database: one SELECT. Give this or a table.",
            aliases=("Database query", "Database Query"),
        ),
        Text(
            "table",
            label="Table",
            help="For a database: the table or view to read whole, as TABLE or SCHEMA.TABLE.",
            aliases=("Table name",),
        ),
        Text(
            "headers",
            label="Headers",
            help="For an http(s) address, one a line, such as Authorization: Bearer {secret:NAME}.",
            accepts=("secrets",),
        ),
        Choice(
            "format",
            ("auto", *choosing.READERS),
            label="Format",
            help="auto goes by the ending of the name.",
            aliases=("Data format", "Blob File format"),
        ),
        Boolean(
            "header",
            default=True,
            label="Has header row",
            help="The first row holds the column names; otherwise they are Col1, Col2 and so on.",
            when=("format", (*DELIMITED, "excel")),
            aliases=("CSV or TSV has header row", "File has Header Row"),
        ),
        Text(
            "delimiter",
            label="Delimiter",
            help="One character, or comma, tab, semicolon, space, pipe. Empty: by the format, or found out.",
            when=("format", DELIMITED),
            aliases=("Column delimiter",),
        ),
        Text(
            "encoding",
            default="auto",
            label="Encoding",
            help="auto finds UTF-8, UTF-16 and windows-1252; or the name of another encoding.",
            when=("format", TEXTUAL),
            aliases=("Encoding Format",),
        ),
        Text(
            "missing_values",
            default=", ".join(MARKERS),
            label="Missing values",
            help="Comma-separated texts that mean missing, beside the empty field.",
            when=("format", (*DELIMITED, "excel")),
        ),
        Boolean(
            "question_mark_is_missing",
            label="Question mark is missing",
            help="Count ? as missing too, as the retired designer did.",
            when=("format", DELIMITED),
        ),
        Text(
            "types",
            label="Column types",
            help="Types that are not to be found out, such as `zip: String, day: DateTime(%d.%m.%Y)`.",
            when=("format", DELIMITED),
        ),
        Choice(
            "decimal", (".", ","), label="Decimal mark", help="As in 2.5 or 2,5.", when=("format", DELIMITED)
        ),
        Text(
            "sheet",
            label="Sheet",
            help="Name or number of the sheet; empty for the first.",
            when=("format", ("auto", "excel")),
        ),
        Boolean(
            "whole",
            label="Whole text as one row",
            help="Otherwise each line is a row.",
            when=("format", ("auto", "text")),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "pyarrow.csv", "pyarrow.parquet", "studiolo.formats.delimited"),
    aliases=("4e1b0fe6-aded-4b3f-a36f-39b8862b9004", "Reader"),
)
def import_data(
    *,
    path: SourceFile | None = None,
    address: SourceFile | None = None,
    query: str = "",
    table: str = "",
    headers: str = "",
    format: str = "auto",
    header: bool = True,
    delimiter: str = "",
    encoding: str = "auto",
    missing_values: str = ", ".join(MARKERS),
    question_mark_is_missing: bool = False,
    types: str = "",
    decimal: str = ".",
    sheet: str = "",
    whole: bool = False,
) -> pa.Table:
    r"""Read a file, a folder, an address or a database into a dataset.

    CSV and TSV (with or without header), ARFF, Parquet, Arrow and Feather, Excel, JSON lines, SVMLight and
    plain text; a zip gives the list of its files. To use a zip as script bundle, take Import Bundle, or name
    it as `bundle` of the script's node.

    Types come from all values of a column, never from the first rows. What reading changed (an encoding, a
    name that occurred twice) stands in the type receipt of the output. A row or value that can't be read is
    an error that names file, line and column.

    A folder, or an address of S3 or Azure that ends in a slash, stands for all files below it. They need the same
    columns; a file that differs is named. Hidden files, and those that begin with `_`, do not count.

    From PostgreSQL one query or table is read, in a transaction that can't change anything. Whole numbers keep their
    width and numerics all their digits. Infinite dates become missing; arrays, JSON, UUIDs and intervals with months
    become text. An SQLite file is read whole into memory.

    Passwords and keys are secrets of the workspace (`studiolo secret set NAME`), written `{secret:NAME}` in the
    address. They go only to hosts that `[grants] network` of studiolo.toml covers, and so does everything that is no
    public http(s) address. Classic Import Data kept them in a credential store of the product; the designer in
    datastores.

    Example:
        customers:
          module: import-data
          parameters: {path: data/customers.csv, types: "zip: String"}

    data/customers.csv:
        zip,sales
        01234,3.5
        80331,4
    """
    if (path is None) == (address is None):
        raise ModuleError(
            "Import Data needs either a file or an address."
            if path is None
            else "Import Data has both a file and an address.",
            "Set one of the parameters `path` and `address`.",
            code="bad-parameter",
            parameter="path",
        )
    source = path if path is not None else address
    assert source is not None
    _check_use(source, query=query, table=table, headers=headers)
    result = _read(
        source,
        format,
        query=query,
        table=table,
        header=header,
        delimiter=delimiter,
        encoding=encoding,
        missing_values=parse_markers(missing_values),
        question_mark_is_missing=question_mark_is_missing,
        types=types,
        decimal=decimal,
        sheet=sheet,
        whole=whole,
    )
    return with_receipt(result.table, result.receipt)


def _check_use(source: SourceFile, **given: str) -> None:
    """Refuse what goes with another kind of source: it would change nothing, silently."""
    fitting = {"query", "table"} if _is_database(source) else set()
    if source.name.lower().startswith(("https://", "http://")):
        fitting.add("headers")
    for parameter, text in given.items():
        if text.strip() and parameter not in fitting:
            kind = "an http(s) address" if parameter == "headers" else "a database"
            raise ModuleError(
                f"The parameter {parameter} is for {kind}, which {source.name} is not.",
                "Remove it, or give another address.",
                code="bad-parameter",
                parameter=parameter,
            )


def _is_database(source: SourceFile) -> bool:
    return sqlite_files.is_sqlite(source) or row_text.is_rows(source)


def _read(source: SourceFile, format: str, *, query: str, table: str, **options: Any) -> ReadResult:
    if row_text.is_rows(source):
        return row_text.read(source)
    if format == "auto" and sqlite_files.is_sqlite(source):
        return sqlite_files.read(source, query, table)
    if source.name.endswith("/"):
        return folders.read(source, format, **options)
    return choosing.read(source, format, **options)
