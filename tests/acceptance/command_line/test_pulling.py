"""`studiolo pull`: a node in a folder, as a person takes it and runs it (R-1.9, 2)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MAKE = "import pandas as pd\ndef azureml_main(a=None, b=None):\n    return pd.DataFrame({'x': [1, 2]})\n"
STEP = "def azureml_main(a=None, b=None, factor=2):\n    return a * factor\n"


@pytest.fixture(scope="module")
def desk(new_workspace, node_text):
    """A workspace with an experiment that ran once."""
    shell = new_workspace("desk")
    step = node_text("step", "inputs: {dataset1: make.result_dataset}", "parameters: {factor: 5}")
    shell.experiment("e", node_text("make") + step, {"make.py": MAKE, "step.py": STEP})
    shell.experiment("new", node_text("make"), {"make.py": MAKE})
    assert shell("run", "e").code == 0
    return shell


def test_a_node_is_pulled_and_run(desk) -> None:
    """Where it lies, what is in it and how to run it is told; running it gives the same result."""
    done = desk("pull", "e:step")
    assert (done.code, done.err) == (0, "")
    assert done.out == "Pulled step of run 1 to e-step: dataset1 2 x 1.\nRun it: python e-step/run_local.py\n"
    ran = subprocess.run(
        [sys.executable, "e-step/run_local.py"], cwd=desk.folder, capture_output=True, text=True
    )
    assert ran.stdout.splitlines()[0].endswith("the same as in run 1")
    assert (desk.folder / "e-step/outputs/result_dataset.csv").read_text() == "x\n5\n10\n"
    assert desk("show", "e").code == 0  # the folder does not disturb the workspace


def test_pull_answers_a_program(desk, tmp_path: Path) -> None:
    """One JSON document."""
    done = desk("pull", "e:step", str(tmp_path / "p"), "--run", "1", "--csv", "--json")
    assert done.document == {
        "folder": str(tmp_path / "p"),
        "run": 1,
        "node": "step",
        "script": "step.py",
        "environment": "current",
        "inputs": {"dataset1": {"rows": 2, "columns": 1}},
        "warnings": [],
    }
    again = desk("pull", "e:step", str(tmp_path / "p"), "--json")
    assert (again.code, again.document["error"]["code"]) == (2, "folder-exists")
    assert desk("pull", "e:step", str(tmp_path / "p"), "--force").code == 0


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["e"], "which-node", "e:NODE"),
        (["e:step.result_dataset"], "which-node", "e:step"),
        (["e:stp"], "unknown-node", "step"),
        (["nothing:step"], "unknown-experiment", ""),
        (["new:make"], "never-run", "studiolo run new"),
        (["e:step", "--run", "9"], "unknown-run", "The only run is 1"),
        (["new:make", "--run", "1"], "wrong-run", "experiment e"),
    ],
)
def test_a_wrong_place_is_told(desk, args: list[str], code: str, words: str) -> None:
    """With the code, and the words that help; nothing is written."""
    before = sorted(desk.folder.iterdir())
    done = desk.inside("pull", *args)
    assert done.code == 2 and f"[{code}]" in done.err and words in done.err
    assert sorted(desk.folder.iterdir()) == before


def test_a_folder_that_cannot_be_made_is_told(desk) -> None:
    """A file stands where a folder would have to be."""
    done = desk.inside("pull", "e:step", "studiolo.toml/below")
    assert done.code != 0 and "Traceback" not in done.err and "[workspace-unwritable]" in done.err
