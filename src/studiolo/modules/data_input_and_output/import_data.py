"""Import Data: reads a file of the workspace or an http(s) address into a dataset."""

import pyarrow as pa

from studiolo.formats import choosing
from studiolo.formats.reading import with_receipt
from studiolo.formats.value_types import MARKERS
from studiolo.modules.data_input_and_output.marker_list import parse_markers
from studiolo.sdk import Address, Boolean, Choice, DatasetPort, ModuleError, Path, SourceFile, Text, module

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
        Path("path", label="File", help="A file of the workspace. Give either this or an address."),
        Address(
            "address", label="Address", help="An http(s) address to fetch.", aliases=("URL", "Source URL")
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
    """Read a file or an address into a dataset.

    CSV and TSV (with or without header), ARFF, Parquet, Arrow and Feather, Excel, JSON lines, SVMLight and
    plain text; a zip gives the list of its files. To use a zip as script bundle, take Import Bundle, or name
    it as `bundle` of the script's node.

    Types come from all values of a column, never from the first rows. What reading changed (an encoding, a
    name that occurred twice) stands in the type receipt of the output. A row or value that can't be read is
    an error that names file, line and column.

    Example:
        customers:
          module: import-data
          parameters: {path: data/customers.csv, types: "zip: String"}
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
    result = choosing.read(
        source,
        format,
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
