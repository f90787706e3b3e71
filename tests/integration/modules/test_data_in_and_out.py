"""Import Data, Import Bundle, Enter Data Manually and Export Data on real files (R-4.3)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from studiolo.modules.data_input_and_output.enter_data_manually import enter_data_manually
from studiolo.modules.data_input_and_output.export_data import export_data
from studiolo.modules.data_input_and_output.import_bundle import import_bundle
from studiolo.modules.data_input_and_output.import_data import import_data

File = Callable[..., Any]


def test_import_reads_a_file_by_its_ending(file: File, receipt: Callable[..., Any]) -> None:
    """And hands the receipt of reading over with the table (R-2.4)."""
    table = import_data(path=file("x.csv", " a,a\n1,x\n,NA\n"))
    assert table.to_pydict() == {"a": [1, None], "a (2)": ["x", None]}
    assert [entry["code"] for entry in receipt(table)] == ["name-trimmed", "duplicate-name"]


def test_import_reads_an_address_as_well(file: File) -> None:
    """The host has fetched it; only the name differs."""
    assert import_data(address=file("x.tsv", "a\tb\n1\t2\n")).to_pydict() == {"a": [1], "b": [2]}


def test_import_passes_its_parameters_on(file: File) -> None:
    """Each parameter of the panel reaches its reader."""
    text = "1;?;2,5;x\n2;-;0,5;y\n"
    table = import_data(
        path=file("x.data", text),
        format="csv",
        header=False,
        delimiter="semicolon",
        missing_values="-",
        question_mark_is_missing=True,
        types="Col1: Double, Col2: String",
        decimal=",",
    )
    assert table.to_pydict() == {
        "Col1": [1.0, 2.0],
        "Col2": [None, None],
        "Col3": [2.5, 0.5],
        "Col4": ["x", "y"],
    }
    whole = import_data(path=file("x.txt", "a\nü\n".encode("latin-1")), whole=True, encoding="latin-1")
    assert whole.to_pydict() == {"text": ["a\nü\n"]}


def test_import_needs_exactly_one_source(file: File, refused: Callable[..., Any]) -> None:
    """Two would leave open which one counts."""
    given = file("x.csv", "a\n1\n")
    assert refused(import_data)[:2] == ("bad-parameter", "Import Data needs either a file or an address.")
    assert refused(import_data, path=given, address=given)[0] == "bad-parameter"


def test_import_of_a_zip_lists_it_and_import_bundle_hands_it_on(
    file: File, refused: Callable[..., Any]
) -> None:
    """A bundle passes byte for byte after the check (R-1.5)."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("Hello.py", "def print_hello(): ...")
    assert import_data(path=file("tools.zip", data.getvalue()))["name"].to_pylist() == ["Hello.py"]
    assert import_bundle(path=file("tools.zip", data.getvalue())) == data.getvalue()
    assert refused(import_bundle, path=file("tools.zip", b"a,b\n"))[0] == "bundle-damaged"
    assert refused(import_bundle)[0] == "bad-parameter"


@pytest.mark.parametrize(
    ("data_format", "data", "values"),
    [
        ("CSV", "a,b\n1,x\n", {"a": [1], "b": ["x"]}),
        ("CSV", "a,b\n1,x\n\n2,\n\n\n", {"a": [1, None, 2], "b": ["x", None, None]}),
        ("CSV", "\n\na\n1\n\n2\n", {"a": [1, None, 2]}),
        ("CSV", 'a,b\n1,"x\n\ny"\n', {"a": [1], "b": ["x\n\ny"]}),
        ("CSV", "a,b\r\n\r\n1,x\r\n", {"a": [None, 1], "b": [None, "x"]}),
        ("CSV", "a,b", {"a": [], "b": []}),
        ("TSV", "a\tb\n\t\n1\t2", {"a": [None, 1], "b": [None, 2]}),
        ("ARFF", "@relation r\n@attribute a numeric\n@data\n1\n?\n\n", {"a": [1.0, None]}),
        ("SvmLight", "1 1:2 2:3\n-1 2:1\n", {"Col1": [2.0, 0.0], "Col2": [3.0, 1.0], "Labels": [1, -1]}),
    ],
)
def test_typed_data_is_a_table(data_format: str, data: str, values: dict[str, list[Any]]) -> None:
    """Empty lines at the end do not count, others are rows of missing values (facts 4.8)."""
    assert enter_data_manually(data_format=data_format, data=data).to_pydict() == values


def test_typed_data_may_have_no_header() -> None:
    """Then the columns are Col1 … ColN."""
    assert enter_data_manually(data="1,x\n\n", has_header=False).to_pydict() == {"Col1": [1], "Col2": ["x"]}


def test_typed_data_keeps_a_question_mark_unless_told() -> None:
    """The designer counted it as missing, which an imported graph asks for."""
    assert enter_data_manually(data="a\n?\n1").to_pydict() == {"a": ["?", "1"]}
    assert enter_data_manually(data="a\n?\n1", question_mark_is_missing=True).to_pydict() == {"a": [None, 1]}


@pytest.mark.parametrize("data_format", ["CSV", "TSV", "ARFF", "SvmLight"])
def test_no_typed_data_is_said(refused: Callable[..., Any], data_format: str) -> None:
    """A new node has none yet."""
    assert refused(enter_data_manually, data_format=data_format, data=" \n\n")[0] == "empty-file"


def test_a_ragged_line_of_typed_data_is_named(refused: Callable[..., Any]) -> None:
    """Empty lines before it count as lines."""
    assert refused(enter_data_manually, data="a,b\n\n1,2,3\n")[1].startswith("the data, line 3 has 3 values")


def test_export_gives_the_bytes_of_the_format() -> None:
    """By the ending of the target; NaN is missing, the columns are those chosen, in that order."""
    table = pa.table({"a": [1.0, float("nan")], "b": ["x", "y"], "c": [1, 2]})
    assert export_data(table, path="out/x.csv", columns=["b", "a"]) == b"b,a\nx,1.0\ny,\n"
    assert (
        export_data(table, address="https://h/x.csv?k=1", header=False, delimiter=";") == b"1.0;x;1\n;y;2\n"
    )
    assert (
        export_data(table, path="x", format="jsonl") == b'{"a":1.0,"b":"x","c":1}\n{"a":null,"b":"y","c":2}\n'
    )
    assert export_data(table, path="x.csv", encoding="utf-16", columns=["c"]) == "c\n1\n2\n".encode("utf-16")


def test_export_refuses_what_it_can_not_do(refused: Callable[..., Any]) -> None:
    """Unknown columns come with the nearest name, unknown endings with the formats."""
    table = pa.table({"customer id": [1], "ü": ["€"]})
    assert refused(export_data, table, path="x.csv", columns=["customer_id"]) == (
        "missing-column",
        'The dataset has no column "customer_id".',
        'Did you mean "customer id"?',
    )
    assert refused(export_data, table, path="x.xlsx")[0] == "unknown-format"
    assert refused(export_data, table)[0] == "bad-parameter"
    assert refused(export_data, table, path="x.csv", encoding="ascii")[0] == "bad-parameter"


def test_what_was_exported_can_be_imported(file: File) -> None:
    """The pair belongs together (R-2.5)."""
    table = pa.table({"a": [1, None], "b": ["x,y", ""], "t": pa.array([0, None], pa.timestamp("us"))})
    for name in ("x.csv", "x.tsv", "x.parquet", "x.arrow", "x.csv.gz", "x.jsonl"):
        assert import_data(path=file(name, export_data(table, path=name))).to_pydict() == table.to_pydict()


def test_pandas_reads_what_was_exported(tmp_path: Path) -> None:
    """The file is for others."""
    import pandas as pd

    table = pa.table({"a": [1, 2], "b": ['say "hi"', "x\ny"], "ok": [True, False]})
    (tmp_path / "x.csv").write_bytes(export_data(table, path="x.csv"))
    assert pd.read_csv(tmp_path / "x.csv").to_dict("list") == table.to_pydict()


@pytest.mark.parametrize("parameter", ["query", "table", "headers"])
def test_what_goes_with_another_kind_of_source_is_refused(file, refused, parameter) -> None:
    """A parameter that would change nothing is a mistake of the author's, who should know."""
    code, summary, _ = refused(import_data, path=file("x.csv", "a\n1\n"), **{parameter: "orders"})
    assert (code, summary.startswith(f"The parameter {parameter} is for")) == ("bad-parameter", True)


def test_a_table_is_only_for_databases(refused) -> None:
    """Export Data to a file has no table to write."""
    table = pa.table({"a": [1]})
    assert refused(export_data, table, path="x.csv", table="orders")[0] == "bad-parameter"
    code, summary, hint = refused(export_data, table, address="sqlite:x.db", table="t", table_columns="a, b")
    assert (code, "names 2 columns; 1 different" in summary, hint) == (
        "bad-parameter",
        True,
        "Name one for each of a.",
    )
