"""Enter Data Manually: a small table typed as text."""

import pyarrow as pa

from studiolo.formats import arff, delimited, svmlight
from studiolo.formats.blank_lines import fill_blank_lines
from studiolo.formats.reading import MemorySource, with_receipt
from studiolo.sdk import Boolean, Choice, Code, DatasetPort, ModuleError, module

DELIMITERS = {"CSV": ",", "TSV": "\t"}


@module(
    id="enter-data-manually",
    name="Enter Data Manually",
    category="Data Input and Output",
    outputs=[DatasetPort("dataset", label="Dataset")],
    parameters=[
        Choice(
            "data_format",
            ("ARFF", "CSV", "SvmLight", "TSV"),
            default="CSV",
            label="Data format",
            help="How the text is to be read.",
            aliases=("DataFormat",),
        ),
        Boolean(
            "has_header",
            default=True,
            label="Has header",
            help="The first line holds the column names; otherwise they are Col1, Col2 and so on.",
            when=("data_format", ("CSV", "TSV")),
            aliases=("HasHeader",),
        ),
        Code("data", language="text", label="Data", help="The table as text.", aliases=("Data",)),
        Boolean(
            "question_mark_is_missing",
            label="Question mark is missing",
            help="Count ? as missing too, as the retired designer did.",
            when=("data_format", ("CSV", "TSV")),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "pyarrow.csv", "studiolo.formats.delimited"),
    aliases=("4fbef0ab-2c8e-4a25-b5c4-7be76eac33d6", "Enter Data"),
)
def enter_data_manually(
    *,
    data_format: str = "CSV",
    has_header: bool = True,
    data: str = "",
    question_mark_is_missing: bool = False,
) -> pa.Table:
    r"""Make a dataset of a text typed in.

    Empty lines at the end do not count. In CSV and TSV any other empty line is a row of missing values. Types
    come from all values; SvmLight gives Col1 … Coln and Labels.

    Example:
        rates:
          module: enter-data-manually
          parameters: {data: "region,rate\nnorth,0.5\nsouth,0.7\n"}
    """
    text = data.lstrip("\ufeff").rstrip("\r\n \t" if data_format in ("ARFF", "SvmLight") else "\r\n")
    if not text.strip():
        raise ModuleError(
            "Enter Data Manually has no data.",
            "Type a table into the parameter `data`, such as `a,b` and below it `1,2`.",
            code="empty-file",
            parameter="data",
        )
    if data_format in DELIMITERS:
        delimiter = DELIMITERS[data_format]
        filled = fill_blank_lines(text + "\n", delimiter)
        result = delimited.read(
            MemorySource("the data", filled.encode("utf-8")),
            delimiter=delimiter,
            header=has_header,
            encoding="utf-8",
            question_mark_is_missing=question_mark_is_missing,
        )
    else:
        reader = arff.read if data_format == "ARFF" else svmlight.read
        result = reader(MemorySource("the data", (text + "\n").encode("utf-8")), encoding="utf-8")
    return with_receipt(result.table, result.receipt)
