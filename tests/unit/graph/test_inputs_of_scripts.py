"""Inputs that a node names beyond those of its module, and what objects hold (R-1.9, R-3.2)."""

from __future__ import annotations

import pytest

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.module import Declaration, Port
from studiolo.graph.node_check import Surroundings
from studiolo.graph.resolving import Resolution, fits, further_inputs, input_ports, resolve, what_fits
from studiolo.graph.validation import validate

BASE = """\
nodes:
  i: {module: import-data, parameters: {path: data/customers.csv}}
  t: {module: execute-python-script, script: scripts/clean.py, inputs: {dataset1: i}, outputs: {model: object}}
  s: {module: execute-python-script, script: scripts/score.py, inputs: {dataset1: i, INPUT}PARAMETERS}
"""
SCRIPT = (
    "def azureml_main(dataframe1=None, dataframe2=None, *, model=None, table=None):\n    return dataframe1\n"
)


@pytest.fixture
def wrong(churn, check):
    """Give what is wrong when the script `s` has a further input."""

    def wrong(input: str, script: str = SCRIPT, parameters: str = "") -> list[tuple[str, ...]]:
        (churn / "scripts" / "score.py").write_text(script)
        parameters = f", parameters: {{{parameters}}}" if parameters else ""
        text = BASE.replace("INPUT", input).replace("PARAMETERS", parameters)
        return [(one.code, one.summary, one.hint, one.where.port) for one in check(text)]

    return wrong


@pytest.mark.parametrize("input", ["model: t.model", "table: i", "model: t.model, table: t.result_dataset2"])
def test_a_script_may_have_further_inputs(wrong, input):
    """R-1.9 (3): an object or a further dataset goes to the keyword of that name."""
    assert wrong(input) == []


@pytest.mark.parametrize(
    ("input", "summary", "hint"),
    [
        (
            "modl: t.model",
            'Node s has no input "modl", and its script has no parameter of that name.',
            'Did you mean "model"?',
        ),
        (
            "extra: t.model",
            'Node s has no input "extra", and its script has no parameter of that name.',
            "Add it to the script's function, behind the datasets: `*, extra=None`.",
        ),
        (
            "dataset_1: t.result_dataset",
            'Node s has no input "dataset_1", and its script has no parameter of that name.',
            'Did you mean "dataset1"?',
        ),
        (
            "a-b: i",
            'The input "a-b" of node s is no name that a parameter of a script can have.',
            "Known inputs: ",
        ),
        (
            "class: i",
            'The input "class" of node s is no name that a parameter of a script can have.',
            "Known inputs: ",
        ),
    ],
)
def test_a_name_that_the_script_cannot_have_is_told_before_it_runs(wrong, input, summary, hint):
    """A misspelt port must not become a further input that nobody takes."""
    ((code, told, way, port),) = wrong(input)
    assert (code, told, port) == ("unknown-port", summary, input.split(":")[0])
    assert way.startswith(hint)


@pytest.mark.parametrize(
    "script", ["def azureml_main(*a, **more): ...\n", "from bundle import *\n", "azureml_main = make()\n"]
)
def test_a_script_whose_keywords_cannot_be_seen_is_left_to_the_run(wrong, script):
    """A check by words must never refuse what would run."""
    assert wrong("modl: t.model", script) == []


def test_one_keyword_gets_one_value(wrong):
    """A parameter and a connection of one name would fight."""
    assert [found[0] for found in wrong("model: t.model", parameters="model: 3")] == ["unexpected-value"]


def test_pictures_are_no_input(wrong):
    """Console text and pictures are for people."""
    ((code, summary, hint, _),) = wrong("model: t.python_device")
    assert code == "type-mismatch" and "python_device" not in hint
    assert (
        summary
        == 'The input "model" of node s takes anything; t.python_device gives console text and pictures.'
    )


def test_keywords_that_are_known_count(declarations):
    """Where the script was read, its keywords are known for certain."""
    nodes = {"i": Node("i", "import-data", parameters={"path": "x"})}
    inputs = {"modle": Source("i", "")}
    nodes["s"] = Node("s", "execute-python-script", inputs=inputs)
    resolution = resolve(Experiment("e", "e", nodes), declarations)
    codes = {one.code for one in validate(resolution, Surroundings(keywords={"s": {"modle": None}}))}
    assert "unknown-port" not in codes


def test_other_modules_have_no_further_inputs(check):
    """Only scripts have keywords that the module does not declare."""
    problems = check(
        "nodes:\n  i: {module: import-data, parameters: {path: data/customers.csv}, inputs: {x: i}}\n"
    )
    assert "unknown-port" in [one.code for one in problems]


LEARNER = Declaration("learner", "Learner", "T", outputs=(Port("model", "object", holds="untrained model"),))
TRAIN = Declaration("train", "Train", "T", outputs=(Port("model", "object", holds="trained model"),))
SCORE = Declaration("score", "Score", "T", inputs=(Port("model", "object", holds="trained model"),))
ANY = Declaration("any", "Any", "T", inputs=(Port("thing", "object"),), outputs=(Port("thing", "object"),))
PYTHON = Declaration("script", "Script", "T", inputs=(Port("dataset1", optional=True),), runner="script")


class Declarations:
    """The modules of the tests below."""

    def get(self, name: str) -> Declaration:
        return {one.id: one for one in (LEARNER, TRAIN, SCORE, ANY, PYTHON)}[name]


def joined(source: str, target: str, port: str, given: str = "") -> Resolution:
    nodes = {"a": Node("a", source), "b": Node("b", target, inputs={port: Source("a", given)})}
    return resolve(Experiment("e", "e", nodes), Declarations())


def mismatches(resolution: Resolution) -> list[str]:
    return [one.summary for one in validate(resolution) if one.code == "type-mismatch"]


def test_texts_say_what_an_object_holds():
    """`gives an object` helps nobody: an untrained model in place of a trained one is the usual mistake (R-3.2)."""
    assert mismatches(joined("learner", "score", "model", "model")) == [
        'The input "model" of node b takes a trained model; a.model gives an untrained model.'
    ]
    assert mismatches(joined("learner", "any", "thing")) == []
    assert mismatches(joined("any", "score", "model", "thing")) == []
    assert [
        what_fits(port) for port in (Port("d"), Port("o", "object"), *LEARNER.outputs, Port("x", "any"))
    ] == [
        "a dataset",
        "an object",
        "an untrained model",
        "anything",
    ]


def test_a_further_input_is_what_is_connected_to_it():
    """Services, checks and the page ask for its type."""
    resolution = joined("train", "script", "model")
    node = resolution.experiment.nodes["b"]
    assert further_inputs(node, PYTHON) == ("model",)
    ports = input_ports(node, resolution.experiment.nodes, resolution.declared)
    assert ports[-1] == Port("model", "object", optional=True, label="model", holds="trained model")
    assert fits(TRAIN.outputs[0], ports[-1])
