"""experiment.yaml to an Experiment, with every problem of the file at once."""

from __future__ import annotations

import pytest

from studiolo.domain.experiment import Experiment, Node, Script, Source
from studiolo.domain.limits import Grants, Limits
from studiolo.errors import Problems, UserError
from studiolo.graph.reading import experiment_folder, experiment_names, read_experiment

FULL = """\
name: Churn
nodes:
  customers: {module: import-data, parameters: {path: data/customers.csv}}
  clean:
    module: execute-python-script
    script: scripts/clean.py
    inputs: {dataset1: customers}            # a node with one output needs no port name
    environment: designer-py36               # all from here on optional
    dialect: classic
    limits: {memory_mb: 2048, cpu_seconds: 60, wall_seconds: 120, processes: 32, disk_mb: 512}
    grants: {network: ["myaccount.blob.core.windows.net:443"], read: [data/reference]}
    strict: true
    bundle: bundles/hello.zip
    outputs: {third: dataset, model: object}
    comment: Takes the strange rows out.
  by region:
    module: apply-sql-transformation
    parameters: {query: "select region, avg(churned) as rate from t1 group by region"}
    inputs: {table1: clean.result_dataset}
  pima: {dataset: pima, version: 2}
"""


def test_the_documented_file_is_read_whole(read):
    """ARCHITECTURE "Files of a workspace": each key arrives where it belongs."""
    reading = read(FULL)
    assert reading.problems == ()
    assert reading.experiment == Experiment(
        name="churn",
        title="Churn",
        folder="experiments/churn",
        nodes={
            "customers": Node("customers", "import-data", parameters={"path": "data/customers.csv"}),
            "clean": Node(
                "clean",
                "execute-python-script",
                inputs={"dataset1": Source("customers", "")},
                script=Script("scripts/clean.py", "def azureml_main(a, b):\n    return a,\n"),
                bundle="bundles/hello.zip",
                environment="designer-py36",
                dialect="classic",
                limits=Limits(memory_mb=2048, cpu_seconds=60, wall_seconds=120, processes=32, disk_mb=512),
                grants=Grants(("myaccount.blob.core.windows.net:443",), ("data/reference",)),
                strict=True,
                outputs={"third": "dataset", "model": "object"},
                comment="Takes the strange rows out.",
            ),
            "by region": Node(
                "by region",
                "apply-sql-transformation",
                parameters={"query": "select region, avg(churned) as rate from t1 group by region"},
                inputs={"table1": Source("clean", "result_dataset")},
            ),
            "pima": Node("pima", "dataset", parameters={"name": "pima", "version": 2}),
        },
    )
    assert list(reading.experiment.nodes) == ["customers", "clean", "by region", "pima"]


def test_line_ends_and_marks_of_windows_change_nothing(read):
    """The same file saved by Notepad is the same experiment."""
    assert read("\ufeff" + FULL.replace("\n", "\r\n")).experiment == read(FULL).experiment


def test_a_file_without_a_title_has_the_folders_name(read):
    """`name` is optional."""
    assert read("nodes: {}").experiment == Experiment("churn", "churn", {}, "experiments/churn")
    assert read("nodes:\n").experiment.nodes == {}


def test_names_that_look_like_numbers_or_booleans_are_texts(read):
    """A node called 2024 or no, an environment 3.11: people do not think of YAML's types."""
    text = "name: 2024\nnodes:\n  no: {module: m, environment: 3.11}\n  1: {module: m, inputs: {a: no}, comment: true}"
    experiment = read(text).experiment
    assert experiment.title == "2024"
    assert experiment.nodes == {
        "no": Node("no", "m", environment="3.11"),
        "1": Node("1", "m", inputs={"a": Source("no", "")}, comment="true"),
    }


def test_network_words_and_single_texts_are_understood(read):
    """R-1.9: network none, named hosts or all."""
    text = "nodes:\n  a: {module: m, grants: {network: all, read: data/}}\n  b: {module: m, grants: {network: none}}"
    nodes = read(text).experiment.nodes
    assert (nodes["a"].grants, nodes["b"].grants) == (Grants(("*",), ("data",)), Grants())


def problems(reading) -> list[tuple[str, str, str | None, int | None]]:
    return [(one.code, one.summary, one.where.node, one.where.line) for one in reading.problems]


TWICE = 'The input "dataset1" of node clean has two connections; an input takes one.'


FAULTY = """\
nam: Churn
nodes:
  clean:
    module: execute-python-script
    scirpt: scripts/clean.py
    script: scripts/claen.py
    inputs: {dataset1: [a, b], dataset1: c, dataset2: {x: y}, script_bundle: }
    limits: {memory_mb: 2 GB, cpu: 3}
    strict: yes
    dialect: clasic
    parameters: [1]
    outputs: {third: [x]}
  clean: {module: m}
  a.b: {module: m}
  nothing:
  bare: {comment: x}
  both: {module: m, dataset: d}
  lost: {version: 3}
"""
FAULTS = [
    ("unknown-key", 'Unknown key "nam".', None, 1),
    ("unknown-key", 'Unknown key "scirpt" of node clean.', "clean", 5),
    ("missing-script", 'There is no script "scripts/claen.py" in churn/.', "clean", 6),
    ("two-connections", TWICE, "clean", 7),
    ("two-connections", TWICE, "clean", 7),
    (
        "wrong-value",
        'The input "dataset2" of node clean must be a node\'s name, not a mapping.',
        "clean",
        7,
    ),
    (
        "wrong-value",
        'The input "script_bundle" of node clean must be a node\'s name, not nothing.',
        "clean",
        7,
    ),
    (
        "wrong-value",
        '"limits.memory_mb" of node clean must be a whole number, not the text "2 GB".',
        "clean",
        8,
    ),
    ("unknown-key", 'Unknown key "cpu" in limits of node clean.', "clean", 8),
    ("wrong-value", '"strict" of node clean must be true or false, not the text "yes".', "clean", 9),
    ("wrong-value", 'Node clean has the unknown dialect "clasic".', "clean", 10),
    (
        "wrong-value",
        '"parameters" of node clean must be names with values, as in {count: 3}, not a list.',
        "clean",
        11,
    ),
    ("wrong-value", '"outputs.third" of node clean must be a text, not a list.', "clean", 12),
    ("duplicate-key", 'The key "clean" stands twice, first in line 3.', "clean", 13),
    ("node-name", 'The node name "a.b" has a dot, which stands between a node and its port.', "a.b", 14),
    ("wrong-value", "Node nothing must be keys such as module and inputs, not nothing.", "nothing", 15),
    ("missing-key", "Node bare names no module.", "bare", 16),
    ("wrong-value", "Node both has both a module and a dataset.", "both", 17),
    ("missing-key", "Node lost names no module.", "lost", 18),
    ("unknown-key", "Node lost has a version but no dataset.", "lost", 18),
]


def test_all_problems_of_a_file_are_found_at_once_by_line(read):
    """R-3.2: the author sees them all before the next try."""
    assert problems(read(FAULTY)) == FAULTS


def test_a_problem_says_what_to_do_next(read):
    """CONVENTIONS "Errors": unknown names come with the nearest match."""
    reading = read("nodes:\n  a: {module: m, scirpt: x, inputs: {d: [a]}, script: 'def f():\n\n  pass'}\n")
    assert [one.hint for one in reading.problems] == [
        'Did you mean "script"?',
        "Write d: NODE or d: NODE.PORT, or leave the key out.",
        "Save the text as scripts/NAME.py and write script: scripts/NAME.py.",
    ]


@pytest.mark.parametrize(
    "text, code, line",
    [
        ("", "empty-experiment", 1),
        ("# nothing\n", "empty-experiment", 1),
        ("- a\n", "wrong-value", 1),
        ("name: x\n", "missing-key", 1),
        ("nodes: 3\n", "wrong-value", 1),
        ("nodes:\n\ta: 1\n", "invalid-yaml", 2),
        ("nodes: {[a]: {module: m}}\n", "wrong-value", 1),
        ("nodes: {~: {module: m}}\n", "wrong-value", 1),
        ("nodes: {' a': {module: m}}\n", "node-name", 1),
        ("nodes: {'': {module: m}}\n", "node-name", 1),
    ],
)
def test_files_that_are_no_experiment_are_told_apart(read, text, code, line):
    """Bad input: each has its own explanation and line."""
    assert [(one.code, one.where.line) for one in read(text).problems] == [(code, line)]


def test_reading_raises_everything_as_one_error(churn, workspace, read):
    """The short way for callers that go no further."""
    read("nodes:\n  a: {modul: x}\n")
    with pytest.raises(Problems) as found:
        read_experiment(churn, workspace)
    assert [one.code for one in found.value.problems] == ["missing-key", "unknown-key"]
    read("nodes:\n  a: {module: x}\n")
    assert read_experiment(churn, workspace).nodes == {"a": Node("a", "x")}


def test_an_experiment_is_found_by_name_or_path(churn, workspace, read):
    """`studiolo run churn` and `studiolo run experiments/churn/experiment.yaml` mean the same."""
    read("nodes: {}")
    assert experiment_names(workspace) == ["churn"]
    for name in ("churn", "experiments/churn", "experiments/churn/experiment.yaml", str(churn)):
        assert experiment_folder(workspace, name) == churn


@pytest.mark.parametrize(
    "name, hint", [("chrun", 'Did you mean "churn"?'), ("/etc", "Known experiments: churn.")]
)
def test_an_unknown_experiment_comes_with_the_nearest(churn, workspace, read, name, hint):
    """Nothing outside the workspace is an experiment of it."""
    read("nodes: {}")
    with pytest.raises(UserError) as unknown:
        experiment_folder(workspace, name)
    assert (unknown.value.code, unknown.value.hint) == ("unknown-experiment", hint)


def test_a_folder_without_the_file_is_a_problem_and_no_crash(workspace):
    """The file may vanish between listing and reading."""
    with pytest.raises(Problems) as found:
        read_experiment(workspace / "experiments" / "gone", workspace)
    assert found.value.problems[0].code == "unknown-experiment"
