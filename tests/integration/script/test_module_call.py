"""Modules: bound by ports and parameters, results by port, errors in their own words (R-4.6)."""

from __future__ import annotations

import base64
import pickle

import pytest

from studiolo.registry.registry import DECLARATIONS


@pytest.fixture(scope="module")
def child(current_child):
    """Modules run in `current` only."""
    return current_child


HEAD = "from studiolo.sdk import *\nimport pandas as pd\n"
TABLE = {"name": "dataset", "type": "dataset", "table": {"x": [1, 2, 3]}}


def own(child, body, signature="dataset", inputs=None, **options):
    """Run a user's own module function with a body."""
    text = f"{HEAD}def run({signature}):\n" + "".join(f"    {line}\n" for line in body)
    return child.module("own:run", text, inputs=[TABLE] if inputs is None else inputs, **options)


def test_a_dataset_comes_as_a_dataframe_of_its_own(child):
    """Modules are plain functions of DataFrames (ARCHITECTURE)."""
    outcome = own(
        child,
        ["dataset['y'] = dataset.x * count", "return dataset"],
        "dataset, *, count",
        parameters={"count": 2},
    )
    assert outcome.rows() == {"x": [1, 2, 3], "y": [2, 4, 6]}


@pytest.mark.parametrize("annotation", ["pa.Table", "'pa.Table'", "pa.Table | None", "'pyarrow.Table'"])
def test_a_dataset_comes_as_a_table_where_the_annotation_says_so(child, annotation):
    """Pyarrow Tables come without a copy."""
    text = f"import pyarrow, pyarrow as pa\ndef run(dataset: {annotation}):\n    return dataset.append_column('t', pa.array([type(dataset).__name__] * 3))"  # noqa: E501
    assert child.module("own:run", text, inputs=[TABLE]).rows() == {"x": [1, 2, 3], "t": ["Table"] * 3}


def test_unconnected_ports_are_none(child):
    """Optional inputs by their place."""
    text = "import pandas\ndef run(left, right):\n    return pandas.DataFrame({'got': [str(left), str(len(right))]})"
    outcome = child.module("own:run", text, inputs=[{**TABLE, "name": "right"}])
    assert outcome.rows() == {"got": ["None", "3"]}


def test_files_come_as_source_files(child):
    """The host reads a path or address; the job gets bytes."""
    body = [
        "return pd.DataFrame({'got': [path.name, path.read().decode(), str(path.size), bundle.read().decode()]})"
    ]
    inputs = [{"name": "bundle", "type": "zip", "data": base64.b64encode(b"zip").decode()}]
    outcome = own(child, body, "bundle, *, path", inputs=inputs, files={"path": "é"})
    assert outcome.rows() == {"got": ["path.txt", "é", "2", "zip"]}


def test_objects_come_unpickled(child):
    """Trained models travel between jailed jobs."""
    inputs = [{"name": "model", "type": "object", "data": base64.b64encode(pickle.dumps({"w": 5})).decode()}]
    assert own(child, ["return pd.DataFrame({'got': [model['w']]})"], "model", inputs=inputs).rows() == {
        "got": [5]
    }


def test_values_go_to_outputs_by_place_and_type(child):
    """Tables, DataFrames, bytes, objects and nothing."""
    body = ["import pyarrow as pa", "return dataset, pa.table({'y': [1.5]}), b'abc', {'w': 1}, None"]
    outputs = {"one": "dataset", "two": "dataset", "file": "file", "model": "object", "none": "dataset"}
    outcome = own(child, body, outputs=outputs)
    assert (outcome.rows("one"), outcome.rows("two"), outcome.rows("none")) == (
        {"x": [1, 2, 3]},
        {"y": [1.5]},
        None,
    )
    assert (outcome.bytes["file"], pickle.loads(outcome.bytes["model"])) == (b"abc", {"w": 1})


def test_a_receipt_in_a_tables_metadata_moves_to_the_output(child):
    """Readers tell what they changed to values (R-2.4)."""
    body = [
        "import json, pyarrow as pa",
        "entry = {'code': 'c', 'text': 't', 'column': 'y', 'lossy': False}",
        "return pa.table({'y': [1]}).replace_schema_metadata({b'studiolo.receipt': json.dumps([entry]).encode()})",
    ]
    assert own(child, body).report["receipts"] == {
        "out:result_dataset": [{"code": "c", "text": "t", "column": "y", "lossy": False}]
    }


@pytest.mark.parametrize("outputs", [{}, {"one": "dataset", "two": "dataset"}, {"one": "dataset"}])
def test_nothing_returned_is_nothing_written(child, outputs):
    """None for every output."""
    assert own(child, ["pass"], outputs=outputs).report["outputs"] == dict.fromkeys(outputs)


@pytest.mark.parametrize(
    ("expression", "outputs", "summary"),
    [
        ("dataset, dataset", {"one": "dataset"}, "run returned a tuple for its output one."),
        ("dataset", {"one": "dataset", "two": "dataset"}, "run returned a DataFrame; it declares 2 outputs."),
        ("dataset,", {"one": "dataset", "two": "dataset"}, "run returned 1 values; it declares 2 outputs."),
        ("5", {"one": "dataset"}, "run returned a int for its output one."),
        ("'x'", {"one": "file"}, "run returned a str for its output one."),
        ("5", {}, "run returned a int; it declares 0 outputs."),
    ],
)
def test_wrong_values_are_clear_errors(child, expression, outputs, summary):
    """The wrong number or type names the output and what it takes."""
    error = own(child, [f"return {expression}"], outputs=outputs).error
    assert (error["kind"], error["code"], error["summary"]) == ("script", "module-bad-return", summary)


def test_a_module_error_is_told_in_its_own_words(child):
    """What the user can mend needs no stack trace (sdk.failing)."""
    error = own(
        child,
        [
            "raise ModuleError('No column x.', 'Pick one.', code='missing-column', parameter='c', port='dataset')"
        ],
    ).error
    assert error == {
        "kind": "user", "code": "missing-column", "summary": "No column x.", "hint": "Pick one.",
        "parameter": "c", "port": "dataset",
    }  # fmt: skip


def test_another_exception_shows_the_modules_own_lines(child):
    """Frames of ours are removed; the author's file and line stay."""
    error = own(child, ["return dataset.x / missing"]).error
    assert (error["kind"], error["code"], error["file"], error["line"]) == (
        "script",
        "module-raised",
        "modules/own.py",
        4,
    )
    assert error["traceback"].startswith(
        'Traceback (most recent call last):\n  File "modules/own.py", line 4, in run\n'
    )


@pytest.mark.parametrize(
    ("entry", "text", "code"),
    [
        ("own:run", "x =", "script-syntax"),
        ("own:run", "import nosuchthing", "missing-library"),
        ("own:other", "def run(): pass", "broken-module"),
        ("studiolo.modules.nosuch:run", None, "missing-library"),
    ],
)
def test_a_file_without_the_function_is_an_error(child, entry, text, code):
    """The file may have changed since it was described."""
    assert child.module(entry, text).error["code"] == code


def test_a_built_in_module_runs(child):
    """Built-in modules enter by the same door."""
    outcome = child.module(
        "studiolo.modules.data_input_and_output.enter_data_manually:enter_data_manually",
        parameters={"data": "x,y\n1,a\n"},
    )
    assert outcome.rows() == {"x": [1], "y": ["a"]}


def test_a_built_in_modules_fault_names_its_file(child):
    """A fault in a module of ours is told with the file to look into."""
    error = child.module(
        "studiolo.modules.data_input_and_output.enter_data_manually:enter_data_manually",
        parameters={"data": 5},
    ).error
    assert (error["code"], error["file"]) == (
        "module-raised",
        "studiolo/modules/data_input_and_output/enter_data_manually.py",
    )
    assert "studiolo_child" not in error["traceback"]


DECLARE = HEAD + (
    "@module(name='First', category='My', inputs=[DatasetPort('dataset')], outputs=[DatasetPort('result')],\n"
    "        parameters=[Integer('count', default=1)])\ndef first(dataset, *, count):\n    '''Keep rows.'''\n"
)


def describe(child, text):
    """Describe a file."""
    return child.request(
        document={
            "kind": "describe",
            "module": {"entry": "own", "source": {"text": text, "file": "modules/own.py"}},
        }
    )


def test_a_file_is_described_by_its_declarations(child):
    """The registry never executes a user's file itself (ARCHITECTURE)."""
    outcome = describe(child, DECLARE)
    (declaration,) = outcome.report["declarations"]
    assert (declaration["id"], declaration["entry"], declaration["summary"]) == (
        "first",
        "own:first",
        "Keep rows.",
    )
    assert declaration["parameters"][0]["name"] == "count"


def test_an_installed_entry_is_described(child):
    """Packages offer modules by entry point (R-4.6)."""
    document = {
        "kind": "describe",
        "module": {"entry": "studiolo.modules.data_input_and_output.export_data:export_data", "source": None},
    }
    assert [one["id"] for one in child.request(document=document).report["declarations"]] == ["export-data"]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("x =", "script-syntax", 1),
        ("\n1 / 0", "module-raised", 2),
        ("x = 1", "broken-module", None),
        ("from studiolo.modules.data_input_and_output.export_data import export_data", "broken-module", None),
        (DECLARE.replace("count)", "county)"), "broken-module", 3),
        (DECLARE.replace("name='First'", "name=First"), "module-raised", 3),
        ("raise SystemExit", "script-exited", 1),
    ],
)
def test_what_cannot_be_described_says_where(child, text, code, line):
    """With the line in the author's file."""
    error = describe(child, text).error
    assert (error["code"], error.get("line"), error["file"]) == (code, line, "modules/own.py")


def test_the_generated_declarations_hold_execute_python_script():
    """The palette knows the main module by its id and old names (R-1.1)."""
    assert "cdb56f95-7f4c-404d-bde7-5bb972e6f232" in DECLARATIONS.read_text()
