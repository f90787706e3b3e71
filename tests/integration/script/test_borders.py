"""What is wrong around the script and not in it: unreadable inputs, outputs too large, faults of ours."""

from __future__ import annotations

import base64

import pytest

PASS = "def azureml_main(a=None):\n    return a,"


@pytest.mark.parametrize("data", [b"", b"no frame", b"STDLFRM1" + b"\xff" * 100])
def test_an_input_that_is_no_dataset_is_named(child, data):
    """Content of the store may be of another version, or damaged."""
    document = {
        "kind": "script",
        "node": "clean",
        "ports": {"inputs": ["dataset1", "dataset2"]},
        "parameters": {},
        "script": {"text": PASS, "file": "scripts/clean.py"},
        "dialect": "designer",
    }
    inputs = [{"name": "dataset1", "type": "dataset", "data": base64.b64encode(data).decode()}]
    error = child.request(document=document, inputs=inputs).error
    assert (error["kind"], error["code"], error["port"]) == ("user", "unreadable-input", "dataset1")


def test_an_output_beyond_its_limit_is_named(child):
    """The kernel refuses to write on; the error names the output and the limit."""
    text = "import pandas\ndef azureml_main():\n    return pandas.DataFrame({'x': range(100000)}),"
    error = child.script(text, limits={"RLIMIT_FSIZE": 1 << 17}).error
    assert (error["kind"], error["code"], error["port"]) == ("user", "output-too-large", "result_dataset")
    assert "output_mb" in error["hint"]


@pytest.mark.parametrize("document", [{"kind": "nosuch"}, {}, {"kind": "script"}, {"kind": "describe"}])
def test_a_document_that_cannot_be_followed_is_a_fault_of_ours(child, document):
    """The report is written whatever happens."""
    error = child.request(document=document).error
    assert (error["kind"], error["code"]) == ("internal", "job-failed")


def test_the_time_of_each_part_is_reported(child):
    """Reading, the call, writing; in milliseconds."""
    timing = child.script(PASS, dataset1={"x": [1]}).report["timing"]
    assert sorted(timing) == ["call_ms", "read_ms", "write_ms"]
    assert all(value >= 0 for value in timing.values())


def test_processes_that_a_script_starts_write_no_compiled_files(child, zip_of):
    """What lies in the working directory is the script's own."""
    text = (
        "import subprocess, sys\ndef azureml_main():\n"
        "    code = 'import sys; sys.path.insert(0, \"Script Bundle\"); import tool'\n"
        "    subprocess.check_call([sys.executable, '-c', code])\n"
    )
    outcome = child.script(text, bundle=zip_of({"tool.py": ""}))
    assert (outcome.report["files"], outcome.log) == (0, "")
