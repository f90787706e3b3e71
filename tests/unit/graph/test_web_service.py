"""The section `web_service` of an experiment: read, settled, checked, written, edited (R-9.1, R-9.6)."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studiolo.domain.experiment import Experiment, Node, Script, Source
from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.graph.editing import remove_node, rename_node
from studiolo.graph.loading import load_experiment
from studiolo.graph.reading import parse_experiment
from studiolo.graph.resolving import resolve
from studiolo.graph.schema import experiment_schema
from studiolo.graph.web_service_names import with_web_service
from studiolo.graph.web_service_reading import name_problem
from studiolo.graph.writing import experiment_text, write_experiment

SCRIPT = Declaration(
    "execute-python-script",
    "Execute Python Script",
    "Python",
    inputs=(
        Port("dataset1", optional=True, label="Dataset 1", aliases=("Dataset1",)),
        Port("dataset2", optional=True),
        Port("script_bundle", "zip", True),
    ),
    outputs=(Port("result_dataset"), Port("result_dataset2"), Port("python_device", "device")),
    runner="script",
)
SCORE = Declaration(
    "score",
    "Score",
    "Test",
    inputs=(Port("dataset"),),
    outputs=(Port("result"), Port("model", "object")),
    parameters=(Parameter("threshold", "number", default=0.5, maximum=1, aliases=("Threshold value",)),),
)


class Declarations:
    """The two modules of these tests."""

    def get(self, name: str) -> Declaration:
        return {one.id: one for one in (SCRIPT, SCORE)}[name]


NODES = """\
nodes:
  clean: {module: execute-python-script, script: scripts/clean.py}
  score: {module: score, inputs: {dataset: clean}}
"""
GOOD = (
    NODES
    + """\
web_service:
  inputs: {input1: clean.Dataset1}
  outputs: {output1: score.result, "Data set": clean}
  parameters:
    threshold: score.Threshold value
    factor: {target: clean.factor, default: 2.0, description: how much}
    must: {target: clean.must, required: true}
"""
)


@pytest.fixture
def folder(tmp_path):
    """The folder of an experiment with one script."""
    made = tmp_path / "work" / "experiments" / "churn"
    (made / "scripts").mkdir(parents=True)
    (made / "scripts" / "clean.py").write_text("def azureml_main(): pass\n")
    return made


def problems(folder, section: str) -> list[tuple[str, str, int | None]]:
    """Code, summary and line of everything wrong with a section."""
    (folder / "experiment.yaml").write_text(NODES + section)
    reading = parse_experiment(folder, folder.parents[1])
    resolution = with_web_service(resolve(reading.experiment, Declarations(), reading.places))
    found = [*reading.problems, *resolution.problems]
    return [(problem.code, problem.summary, problem.where.line) for problem in found]


def test_a_section_is_read_and_its_names_settled(folder):
    """Ports and parameters may be named as the retired products did; a node alone stands for its dataset output."""
    (folder / "experiment.yaml").write_text(GOOD)
    experiment = load_experiment(folder, folder.parents[1], Declarations()).experiment
    assert experiment.web_service == WebService(
        inputs={"input1": Source("clean", "dataset1")},
        outputs={"output1": Source("score", "result"), "Data set": Source("clean", "result_dataset")},
        parameters={
            "threshold": ParameterTarget("score", "threshold"),
            "factor": ParameterTarget("clean", "factor", 2.0, True, "how much"),
            "must": ParameterTarget("clean", "must", is_required=True),
        },
    )


def test_an_experiment_without_a_section_offers_nothing(folder):
    """Most experiments are never published."""
    for section in ("", "web_service:\n", "web_service: ~\n"):
        (folder / "experiment.yaml").write_text(NODES + section)
        assert parse_experiment(folder, folder.parents[1]).experiment.web_service is None


def test_all_problems_are_told_at_once_with_their_lines(folder):
    """One look at the message is enough to mend the section (R-3.2)."""
    section = """\
web_service:
  inputs:
    a: clen.dataset1
    b: clean.dataset3
    c: clean
    d: clean.script_bundle
    e: score
    f: score.dataset
  outputs:
    g: score
    h: score.model
    i: score.resul
    j: [score]
  parameters:
    k: score.treshold
    l: score
    m: {target: score.threshold, default: 2}
    n: {default: 1}
    o: {target: clean.x, default: 1, required: true}
    p: {target: clean.y, defalt: 1}
  outptus: {}
"""
    found = sorted(problems(folder, section), key=lambda one: one[2] or 0)
    assert [(code, line) for code, _, line in found] == [
        ("unknown-node", 6),
        ("unknown-port", 7),
        ("ambiguous-input", 8),
        ("type-mismatch", 9),
        ("two-connections", 11),
        ("type-mismatch", 14),
        ("unknown-port", 15),
        ("wrong-value", 16),
        ("unknown-parameter", 18),
        ("wrong-value", 19),
        ("out-of-range", 20),
        ("missing-key", 21),
        ("wrong-value", 22),
        ("unknown-key", 23),
        ("unknown-key", 24),
    ]
    assert found[4][1] == 'The input score.dataset has two names in web_service: "e" and "f".'


@pytest.mark.parametrize(
    "name", ["input1", "WebServiceInput0", "Data set", "ü", "a.b", "x" * 100, "1", "</p>"]
)
def test_names_that_old_clients_use_are_good(name):
    """Classic services named their ports freely."""
    assert name_problem(name) is None


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "a\x00", " a", "a\u2028b"])
def test_names_that_break_lines_or_have_no_end_are_refused(name):
    """A name stands in addresses of errors, tables and logs."""
    assert name_problem(name) is not None


def test_what_is_written_is_read_as_it_was_and_fits_the_schema(folder):
    """The studio writes the same file that people edit."""
    (folder / "experiment.yaml").write_text(GOOD)
    experiment = load_experiment(folder, folder.parents[1], Declarations()).experiment
    text = experiment_text(experiment)
    assert (
        text.partition("web_service:")[2]
        == """
  inputs: {input1: clean.dataset1}
  outputs: {output1: score.result, Data set: clean.result_dataset}
  parameters:
    threshold: score.threshold
    factor: {target: clean.factor, default: 2.0, description: how much}
    must: {target: clean.must, required: true}
"""
    )
    jsonschema.Draft202012Validator(experiment_schema()).validate(yaml.safe_load(text))
    write_experiment(experiment, folder)
    assert parse_experiment(folder, folder.parents[1]).experiment.web_service == experiment.web_service


def test_another_order_of_the_section_is_a_change(folder):
    """The order of inputs is the order of the documents that clients read."""
    offered = WebService(
        outputs={"a": Source("clean", "result_dataset"), "b": Source("clean", "result_dataset2")}
    )
    node = Node("clean", "execute-python-script", script=Script("scripts/clean.py", "x = 1\n"))
    experiment = Experiment("churn", "churn", {"clean": node}, "experiments/churn", offered)
    write_experiment(experiment, folder)
    turned = replace(offered, outputs=dict(reversed(offered.outputs.items())))
    write_experiment(replace(experiment, web_service=turned), folder)
    read = parse_experiment(folder, folder.parents[1]).experiment.web_service
    assert read is not None and list(read.outputs) == ["b", "a"]


NAMES = st.text(min_size=1, max_size=30).filter(lambda text: name_problem(text) is None)
SOURCES = st.builds(Source, st.just("clean"), st.sampled_from(["dataset1", ""]))
VALUES = st.one_of(
    st.integers(), st.text(), st.booleans(), st.floats(allow_nan=False), st.lists(st.integers())
)
TARGETS = st.one_of(
    st.builds(ParameterTarget, st.just("clean"), st.sampled_from(["x", "y z"])),
    st.builds(ParameterTarget, st.just("clean"), st.just("x"), VALUES, st.just(True), st.text(max_size=20)),
    st.builds(ParameterTarget, st.just("clean"), st.just("x"), is_required=st.just(True)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    inputs=st.dictionaries(NAMES, SOURCES, max_size=3),
    outputs=st.dictionaries(NAMES, SOURCES, max_size=3),
    parameters=st.dictionaries(NAMES, TARGETS, max_size=3),
)
def test_any_section_survives_the_round_trip(folder, inputs, outputs, parameters):
    """Names and defaults are the author's own; none may come back as something else."""
    offered = WebService(inputs, outputs, parameters)
    node = Node("clean", "execute-python-script", script=Script("scripts/clean.py", "x = 1\n"))
    experiment = Experiment("churn", "churn", {"clean": node}, "experiments/churn", offered)
    (folder / "experiment.yaml").write_text(experiment_text(experiment), encoding="utf-8")
    reading = parse_experiment(folder, folder.parents[1])
    assert reading.problems == ()
    assert reading.experiment.web_service == offered


def test_renaming_and_removing_a_node_keeps_the_section_sound(folder):
    """The section names nodes; what the studio does to a node it does there too."""
    (folder / "experiment.yaml").write_text(GOOD)
    experiment = parse_experiment(folder, folder.parents[1]).experiment
    renamed = rename_node(experiment, "clean", "tidy").web_service
    assert renamed is not None
    assert renamed.inputs == {"input1": Source("tidy", "Dataset1")}
    assert renamed.parameters["factor"].node == "tidy"
    removed = remove_node(experiment, "clean").web_service
    assert removed is not None
    assert (removed.inputs, list(removed.outputs), list(removed.parameters)) == (
        {},
        ["output1"],
        ["threshold"],
    )
