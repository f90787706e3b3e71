"""Everything wrong in a graph, found before anything runs (R-3.2)."""

from __future__ import annotations

import os

import pytest

from studiolo.domain.dataset import Column, Schema
from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.limits import Grants
from studiolo.errors import Problems
from studiolo.graph.loading import check_experiment, load_experiment
from studiolo.graph.validation import Surroundings

GOOD = """\
nodes:
  customers: {module: import-data, parameters: {path: data/customers.csv}}
  clean: {module: execute-python-script, script: scripts/clean.py, inputs: {dataset1: customers}, outputs: {m: object}}
  train: {module: train, inputs: {dataset: clean, start_from: clean.m}}
  split: {module: split, inputs: {dataset: train.scores}, parameters: {columns: [age]}}
  out: {module: export-data, inputs: {dataset: split.first}, parameters: {path: data/new.csv}}
"""


def test_a_good_experiment_has_no_problems(check):
    """The other tests would be worth nothing otherwise; the target of an export need not exist."""
    assert check(GOOD) == []


def test_loading_gives_the_resolved_experiment_or_all_problems(churn, workspace, declarations, read):
    """One call for commands: file and graph problems come in one error, by line."""
    read(GOOD)
    resolution = load_experiment(churn, workspace, declarations)
    assert resolution.experiment.nodes["out"].inputs == {"dataset": Source("split", "first")}
    read(GOOD + "  x: {module: splt, comment: [a]}\n  customers: {module: m}\n  y: {module: split}\n")
    with pytest.raises(Problems) as found:
        load_experiment(churn, workspace, declarations)
    assert [(one.code, one.where.line) for one in found.value.problems] == [
        ("unknown-module", 7),
        ("wrong-value", 7),
        ("duplicate-key", 8),
        ("missing-input", 9),
    ]


def test_an_experiment_built_in_python_is_checked_alike(declarations):
    """R-3.6: without a file the problems name the node."""
    experiment = Experiment("e", "e", {"a": Node("a", "split", inputs={"dataset": Source("b", "")})})
    with pytest.raises(Problems) as found:
        check_experiment(experiment, declarations)
    assert [str(one) for one in found.value.problems] == [
        'The input "dataset" of node a comes from "b", which is no node here.\n'
        "There is no node to choose from.\n"
        "[unknown-node] node a, port dataset"
    ]
    good = Experiment("e", "e", {"a": Node("a", "import-data", parameters={"path": "x"})})
    assert check_experiment(good, declarations).experiment == good


BASE = """\
nodes:
  s: {module: split, inputs: {dataset: i}}
  i: {module: import-data, parameters: {path: data/customers.csv}}
"""
CASES = {
    "cycle": (
        "  a: {module: split, inputs: {dataset: c.first}}\n  b: {module: split, inputs: {dataset: a.first}}\n"
        "  c: {module: split, inputs: {dataset: b.second}}",
        (
            "cycle",
            "The nodes form a cycle: a -> b -> c -> a.",
            "Remove one of these connections, such as the input dataset of a.",
            4,
        ),
    ),
    "missing input": (
        "  a: {module: split}",
        (
            "missing-input",
            'The input "dataset" of node a is not connected.',
            "Add dataset: NODE under inputs of a.",
            4,
        ),
    ),
    "unknown input": (
        "  a: {module: split, inputs: {dataset: i, datset: i}}",
        ("unknown-port", 'Node a has no input "datset".', 'Did you mean "dataset"?', 4),
    ),
    "type": (
        "  a: {module: train, inputs: {dataset: i}}\n  b: {module: split, inputs: {dataset: a.trained_model}}",
        (
            "type-mismatch",
            'The input "dataset" of node b takes a dataset; a.trained_model gives an object.',
            "Take a.scores.",
            5,
        ),
    ),
    "device": (
        "  a: {module: execute-python-script, script: scripts/clean.py}\n"
        "  b: {module: execute-python-script, script: scripts/clean.py, inputs: {script_bundle: a.python_device}}",
        (
            "type-mismatch",
            'The input "script_bundle" of node b takes a zip; a.python_device gives console text and pictures.',
            "Connect an output that gives a zip.",
            5,
        ),
    ),
    "no script": (
        "  a: {module: execute-python-script}",
        (
            "missing-script",
            "Node a has no script.",
            "Add script: scripts/NAME.py; the module execute-python-script runs it.",
            4,
        ),
    ),
    "script too many": (
        "  a: {module: split, inputs: {dataset: i}, script: scripts/clean.py}",
        (
            "unexpected-value",
            "Node a has a script, which the module split does not take.",
            "Remove it, or use the module execute-python-script.",
            4,
        ),
    ),
    "bundle too many": (
        "  a: {module: split, inputs: {dataset: i}, bundle: data/customers.csv}",
        (
            "unexpected-value",
            "Node a has a bundle, which the module split does not take.",
            "Remove it, or use the module execute-python-script.",
            4,
        ),
    ),
    "bundle missing": (
        "  a: {module: execute-python-script, script: scripts/clean.py, bundle: bundles/helo.zip}",
        (
            "missing-file",
            'The bundle "bundles/helo.zip" of node a does not exist.',
            'Did you mean "bundles/hello.zip"?',
            4,
        ),
    ),
    "bundle hidden": (
        "  a: {module: execute-python-script, script: scripts/clean.py, bundle: .git}",
        (
            "reserved-path",
            'The bundle ".git" of node a has the part ".git" in it: what begins with a dot is for studiolo and '
            "other programs.",
            "Copy what you need to a file without it, for example in data/.",
            4,
        ),
    ),
    "bundle outside": (
        "  a: {module: execute-python-script, script: scripts/clean.py, bundle: ../x.zip}",
        (
            "missing-file",
            'The bundle "../x.zip" of node a lies outside the workspace.',
            "Copy it to bundles/ and name it as bundles/NAME.zip.",
            4,
        ),
    ),
    "bundle twice": (
        "  z: {dataset: zipped}\n"
        "  a: {module: execute-python-script, script: scripts/clean.py, bundle: bundles/hello.zip,"
        " inputs: {script_bundle: z}}",
        (
            "two-connections",
            'The input "script_bundle" of node a has a connection and a bundle.',
            "Remove one of the two.",
            5,
        ),
    ),
    "outputs of a function": (
        "  a: {module: split, inputs: {dataset: i}, outputs: {x: dataset}}",
        (
            "unexpected-value",
            "Node a declares outputs, which the module split does not take.",
            "Remove them, or use the module execute-python-script.",
            4,
        ),
    ),
    "output declared already": (
        "  a: {module: execute-python-script, script: scripts/clean.py, outputs: {Result Dataset: dataset}}",
        (
            "wrong-output",
            'The output "Result Dataset" of node a is not a name of letters, digits and _.',
            "Rename it, as in third_result.",
            4,
        ),
    ),
    "output of unknown type": (
        "  a: {module: execute-python-script, script: scripts/clean.py, outputs: {x: datset}}",
        ("wrong-output", 'The output "x" of node a has the type "datset".', 'Did you mean "dataset"?', 4),
    ),
    "output of a device": (
        "  a: {module: execute-python-script, script: scripts/clean.py, outputs: {x: device}}",
        (
            "wrong-output",
            'The output "x" of node a has the type "device".',
            "A node can declare outputs of type dataset, object, file, zip.",
            4,
        ),
    ),
    "unknown parameter": (
        "  a: {module: split, inputs: {dataset: i}, parameters: {colums: [x]}}",
        ("unknown-parameter", 'Node a has the unknown parameter "colums".', 'Did you mean "columns"?', 4),
    ),
    "missing file": (
        "  a:\n    module: import-data\n    parameters:\n      path: data/custmers.csv",
        (
            "missing-file",
            'The parameter "path" of node a names "data/custmers.csv", which does not exist.',
            'Did you mean "customers.csv"?',
            7,
        ),
    ),
    "environment": (
        "  a: {module: import-data, parameters: {path: data/customers.csv}, environment: curent}",
        (
            "unknown-environment",
            'Node a wants the unknown environment "curent".',
            'Did you mean "current"?',
            4,
        ),
    ),
    "limit": (
        "  a: {module: import-data, parameters: {path: data/customers.csv}, limits: {memory_mb: 1}}",
        (
            "out-of-range",
            "The limit memory_mb of node a is 1, out of range.",
            "Allowed: 16 to 16777216.",
            4,
        ),
    ),
    "grant": (
        "  a: {module: import-data, parameters: {path: data/customers.csv}, grants: {network: all}}",
        (
            "grant-not-allowed",
            "Node a asks to reach the whole network, which the workspace does not allow.",
            'To allow it, write in studiolo.toml under [grants]: network = ["*"]',
            4,
        ),
    ),
}


@pytest.mark.parametrize("text, expected", CASES.values(), ids=CASES)
def test_each_fault_is_told_with_place_and_hint(check, workspace, text, expected):
    """Bad input: each fault alone gives exactly one problem, at its line, with what to do."""
    (workspace / "bundles").mkdir()
    (workspace / "bundles" / "hello.zip").write_bytes(b"")
    found = check(BASE + text + "\n", environments=["current", "designer-py36"], ceiling=Grants())
    assert [(one.code, one.summary, one.hint, one.where.line) for one in found] == [expected]
    assert found[0].where.file == "experiments/churn/experiment.yaml"


def test_all_faults_of_a_graph_are_told_at_once_by_line(churn, workspace, declarations, read):
    """R-3.2: all at once, sorted by line, file and graph together."""
    single = [(text, expected) for text, expected in CASES.values() if "\n" not in text]
    read(BASE + "\n".join(text.replace("  a:", f"  a{n}:", 1) for n, (text, _) in enumerate(single)))
    around = Surroundings(workspace, Grants(), ["current"])
    with pytest.raises(Problems) as found:
        load_experiment(churn, workspace, declarations, around)
    told = [(one.code, one.where.line) for one in found.value.problems]
    assert told == [(expected[0], 4 + n) for n, (_, expected) in enumerate(single)]


def schemas(*names: str) -> dict[tuple[str, str], Schema]:
    return {("i", "dataset"): Schema(5, tuple(Column(name, "int64") for name in names))}


def test_a_column_that_the_input_lacks_is_told_where_its_schema_is_known(check):
    """R-3.2: unknown columns, with the nearest; without a known schema nothing is claimed."""
    text = BASE.replace("{dataset: i}}", "{dataset: i}, parameters: {columns: [age, customer_id]}}")
    assert check(text) == []
    assert check(text, schemas=schemas("age", "customer_id")) == []
    (problem,) = check(text, schemas=schemas("age", "customerid"))
    assert (problem.code, problem.summary, problem.hint, problem.where.parameter) == (
        "missing-column",
        'The input of node s has no column "customer_id".',
        'Did you mean "customerid"?',
        "columns",
    )


def test_only_the_nodes_that_run_are_judged(check):
    """--to NODE works while another branch is still being built; a problem of the file's own is always told."""
    text = BASE + "  broken: {module: split}\n"
    assert [one.code for one in check(text)] == ["missing-input"]
    assert check(text, nodes=["i", "s"]) == []


def test_keywords_of_a_script_are_parameters_of_its_node(check):
    """R-9.6: known keywords are checked by name, unknown ones are left to the job."""
    text = (
        BASE + "  a: {module: execute-python-script, script: scripts/clean.py, parameters: {treshold: 0.5}}\n"
    )
    assert check(text) == []
    assert check(text, keywords={"a": {"treshold": 1}}) == []
    (problem,) = check(text, keywords={"a": {"threshold": 1}})
    assert (problem.code, problem.hint) == ("unknown-parameter", 'Did you mean "threshold"?')


def test_a_folder_may_be_a_bundle(check, workspace):
    """`bundle` names a zip or a folder."""
    (workspace / "bundles" / "hello").mkdir(parents=True)
    assert (
        check(
            BASE + "  a: {module: execute-python-script, script: scripts/clean.py, bundle: bundles/hello}\n"
        )
        == []
    )


def test_without_surroundings_only_the_graph_is_judged(declarations):
    """The Python API may check an experiment that has no workspace."""
    node = Node(
        "a", "import-data", parameters={"path": "nowhere.csv"}, environment="x", grants=Grants(("*",))
    )
    assert check_experiment(Experiment("e", "e", {"a": node}), declarations, Surroundings()).problems == ()


def test_a_link_to_a_file_counts_as_the_file(check, workspace):
    """Data often lies on another disk and is linked into data/."""
    os.symlink(workspace / "data" / "customers.csv", workspace / "data" / "link.csv")
    assert check(BASE.replace("customers.csv", "link.csv")) == []
