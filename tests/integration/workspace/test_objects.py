"""Objects that travel from node to node: scripts by keyword, cards, other environments, pulling (R-1.9, R-4.5)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studiolo import Workspace
from studiolo.errors import Problems
from studiolo.workspace.pulling import pull_node
from tests import in_environments
from tests.integration.studio.served import serving

TRAIN = """
from sklearn.linear_model import LinearRegression

class Model(LinearRegression):
    def studiolo_card(self):
        table = {"title": "Weights", "columns": ["feature", "weight"], "rows": [["x", self.coef_[0].round(6)]]}
        return {"title": "A line", "settings": [["fit_intercept", self.fit_intercept]], "tables": [table]}

def azureml_main(dataframe1=None, dataframe2=None, slope=2.0):
    import pandas as pd
    rows = pd.DataFrame({"x": [0.0, 1.0, 2.0]})
    return rows, None, Model().fit(rows, rows["x"] * slope)
"""
SCORE = """
def azureml_main(dataframe1=None, dataframe2=None, *, model=None, names=None):
    dataframe1["y"] = model.predict(dataframe1).round(6)
    dataframe1["names"] = len(names)
    return dataframe1
"""
CARD = {
    "title": "A line",
    "settings": [["fit_intercept", True]],
    "tables": [{"title": "Weights", "columns": ["feature", "weight"], "rows": [["x", 2.0]], "total_rows": 1}],
}


def lines(workspace: Workspace, **score: str) -> None:
    """Save an experiment whose second script takes the model of the first."""
    experiment = workspace.new_experiment("lines")
    experiment.remove("script").add("train", script=TRAIN, outputs={"model": "object"})
    inputs = {"dataset1": "train", "model": "train.model", "names": "train.result_dataset"}
    experiment.add("score", script=SCORE, inputs=inputs, **score)
    experiment.save()


def test_a_model_goes_from_script_to_script_and_counts_for_reuse(workspace: Workspace) -> None:
    """R-1.9 (3), R-3.3: a node runs again when the model at its further input is another one, and only then."""
    lines(workspace)
    first = workspace.run("lines")
    assert first.is_ok, first.nodes["score"].error
    rows = [
        {"x": 0.0, "y": 0.0, "names": 3},
        {"x": 1.0, "y": 2.0, "names": 3},
        {"x": 2.0, "y": 4.0, "names": 3},
    ]
    assert first["score"].output("result_dataset").head() == rows
    assert workspace.run("lines")["score"].state == "reused"
    changed = workspace.run("lines", set=["train.slope=3"])
    assert changed["score"].output("result_dataset").head()[2]["y"] == 6.0
    assert "input model changed" in changed["score"].reason


def test_a_card_is_read_without_opening_the_object(workspace: Workspace) -> None:
    """What a trained model says of itself is in the Python API and in the studio's (R-2.6)."""
    lines(workspace)
    result = workspace.run("lines")
    assert result["train"].output("model").card == CARD
    assert result["train"].output("result_dataset").card is None
    with serving(workspace) as (_, client):
        assert client.get("/runs/1/nodes/train/ports/model")["card"] == CARD
        assert client.get("/runs/1/nodes/train/ports/result_dataset")["card"] is None
        port = next(one for one in client.get("/modules")["modules"] if one["id"] == "train-model")["inputs"][
            0
        ]
        assert port["holds"] == "untrained model"
    shown = subprocess.run(
        [sys.executable, "-m", "studiolo.cli.main", "show", "lines:train.model"],
        cwd=workspace.path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert shown[2:7] == ["A line", "fit_intercept  true", "", "Weights", "feature  weight"]
    assert shown[7].split() == ["x", "2"]


def test_a_misspelt_keyword_stops_the_run_before_it_begins(workspace: Workspace) -> None:
    """R-1.8: a model that nobody takes would be found out late, or never."""
    lines(workspace)
    experiment = workspace.experiment("lines")
    script = SCORE.replace("model=None", "modell=None").replace("model.p", "modell.p")
    experiment.set_script("score", "# takes a model\n" + script).save()
    with pytest.raises(Problems) as caught:
        workspace.run("lines")
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("unknown-port", 'Did you mean "modell"?')
    assert problem.where.node == "score"


@pytest.mark.ready_made
def test_another_environment_says_that_it_cannot_open_the_object(workspace: Workspace) -> None:
    """Pickles belong to the environment that wrote them; what unpickling says of it is obscure."""
    in_environments.environment_named("classic-py27")
    lines(workspace)
    experiment = workspace.experiment("lines")
    experiment.remove("score")
    script = "def azureml_main(dataframe1=None, dataframe2=None, model=None):\n    return dataframe1\n"
    inputs = {"dataset1": "train", "model": "train.model"}
    experiment.add("score", script=script, inputs=inputs, environment="classic-py27")
    experiment.save()
    error = workspace.run("lines")["score"].error
    assert error is not None
    assert (error.code, error.where.port) == ("unreadable-object", "model")
    assert "in the environment classic-py27: it was written by a newer Python" in error.summary


def test_a_pulled_node_has_its_further_inputs(workspace: Workspace, tmp_path: Path) -> None:
    """R-1.9 (2): what a node got by keyword is there too, and it gives the same."""
    lines(workspace)
    workspace.run("lines")
    folder = tmp_path / "pulled"
    pulled = pull_node(workspace, "lines", "score", folder)
    assert pulled.inputs == {"dataset1": (3, 1), "names": (3, 1)}
    named = {port["name"]: port["file"] for port in json.loads((folder / "node.json").read_text())["inputs"]}
    assert named["model"] == "inputs/model.pkl"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "run_local.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "the same as in run 1" in ran.stdout
    script = (
        "import run_local; print(sorted(run_local.inputs()), run_local.inputs()['model'].coef_[0].round(3))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "['dataset1', 'dataset2', 'model', 'names'] 2.0"
