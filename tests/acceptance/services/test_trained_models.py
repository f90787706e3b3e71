"""Services that predict: the model of the run is kept and never trained anew (R-9.1, R-1.9)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.acceptance.services.server import Desk, Server

DATA = "\\n".join(["x,label", *(f"{x},{'yes' if x > 20 else 'no'}" for x in range(40))])
HALVES = '''\
"""Halves: a module of the workspace that splits rows."""

from studiolo.sdk import DatasetPort, module


@module(
    name="Halves",
    category="Mine",
    inputs=[DatasetPort("dataset")],
    outputs=[DatasetPort("first"), DatasetPort("second")],
    passes_through=True,
)
def halves(dataset):
    """Split rows by turns."""
    return dataset[::2], dataset[1::2]
'''
TRAINING = f"""\
nodes:
  rows: {{module: enter-data-manually, parameters: {{data: "{DATA}"}}}}
  split: {{module: SPLITTER, inputs: {{dataset: rows}}}}
  learner: {{module: two-class-logistic-regression}}
  train:
    module: train-model
    parameters: {{label_column: [label]}}
    inputs: {{untrained_model: learner, dataset: split.FIRST}}
  score: {{module: score-model, inputs: {{trained_model: train, dataset: SCORED}}}}
web_service:
  inputs: {{input1: FILLED}}
  outputs: {{output1: score.scored_dataset}}
"""
SCRIPTS = f"""\
nodes:
  rows: {{module: enter-data-manually, parameters: {{data: "{DATA}"}}}}
  train:
    module: execute-python-script
    script: scripts/train.py
    inputs: {{dataset1: rows}}
    outputs: {{model: object}}
  score:
    module: execute-python-script
    script: scripts/score.py
    inputs: {{dataset1: rows, model: train.model, known: rows}}
web_service:
  inputs: {{input1: score.dataset1}}
  outputs: {{output1: score.result_dataset}}
"""
TRAIN_SCRIPT = """\
class Model(object):
    opened = 0

    def __init__(self, mean):
        self.mean = mean

    def __setstate__(self, state):
        self.__dict__.update(state)
        type(self).opened += 1


def azureml_main(rows, other=None):
    return rows, None, Model(rows["x"].mean())
"""
SCORE_SCRIPT = """\
def azureml_main(rows, other=None, *, model, known):
    rows["above"] = rows["x"] > model.mean
    rows["opened"] = type(model).opened
    rows["known"] = len(known)
    return rows
"""


def training(splitter: str, first: str, scored: str, filled: str) -> str:
    """Give the flow of training and scoring, with a way to split and the port that requests fill."""
    text = TRAINING.replace("SPLITTER", splitter).replace("FIRST", first)
    return text.replace("SCORED", f"split.{scored}").replace("FILLED", filled)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the services of this file."""
    desk = Desk(tmp_path_factory.mktemp("models"))
    desk.write("modules/halves.py", HALVES)
    desk.experiment("behind", training("split-data", "results_dataset1", "results_dataset2", "score.dataset"))
    desk.experiment("begin", training("split-data", "results_dataset1", "results_dataset1", "split.dataset"))
    desk.experiment("own", training("halves", "first", "first", "split.dataset"))
    desk.experiment("script", SCRIPTS, train=TRAIN_SCRIPT, score=SCORE_SCRIPT)
    for name in ("behind", "begin", "own", "script"):
        desk.publish(name)
    desk.publish("script", "--state", "kept", name="kept")
    with Server(desk, "--workers", "1") as server:
        yield server


@pytest.mark.parametrize("name", ["behind", "begin", "own"])
def test_score_model_answers_with_the_model_of_the_run(server: Server, name: str):
    """One row is enough for a prediction; where requests begin before the split, all of them go through (R-9.1)."""
    for _ in range(2):
        answer = server.own(name, [{"x": x, "label": None} for x in (3, 39, 0)])
        assert answer.status == 200, answer.body
        rows = answer.document["outputs"]["output1"]
        assert [row["Scored Labels"] for row in rows] == ["no", "yes", "no"]
        assert rows[1]["Scored Probabilities"] > 0.5
    assert len(server.own(name, [{"x": 30, "label": None}]).document["outputs"]["output1"]) == 1


@pytest.mark.parametrize("name", ["script", "kept"])
def test_a_script_gets_its_model_by_keyword_and_it_is_opened_once(server: Server, name: str):
    """R-1.9: an object goes to the keyword of that name; unpickling a large model at each request would be slow."""
    for x in (1, 39, 5):
        answer = server.own(name, [{"x": x, "label": None}])
        assert answer.status == 200, answer.body
        assert answer.document["outputs"]["output1"] == [
            {"x": x, "label": None, "above": x > 19.5, "opened": 1, "known": 40}
        ]
