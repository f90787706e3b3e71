"""Names to what they stand for: modules, ports and parameters, also by their old names."""

from __future__ import annotations

import pytest

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.module import Declaration, Port
from studiolo.graph.resolving import default_output, fits, resolve


def graph(*nodes: Node) -> Experiment:
    return Experiment("e", "e", {node.name: node for node in nodes})


def test_display_names_of_the_retired_products_are_understood(declarations):
    """R-1.1: "Execute Python Script", "Dataset1", "Result Dataset" and old parameter names."""
    experiment = graph(
        Node("in", "Import Data", parameters={"File has header row": False, "path": "x"}),
        Node("first", "EXECUTE PYTHON SCRIPT", inputs={"Dataset1": Source("in", "Results dataset")}),
        Node("second", "execute-python-script", inputs={"Dataset 2": Source("first", "Result Dataset2")}),
    )
    resolution = resolve(experiment, declarations)
    assert resolution.problems == ()
    assert resolution.experiment == graph(
        Node("in", "import-data", parameters={"header": False, "path": "x"}),
        Node("first", "execute-python-script", inputs={"dataset1": Source("in", "dataset")}),
        Node("second", "execute-python-script", inputs={"dataset2": Source("first", "result_dataset2")}),
    )
    assert {name: one.id for name, one in resolution.declared.items()} == {
        "in": "import-data",
        "first": "execute-python-script",
        "second": "execute-python-script",
    }


def test_resolving_twice_changes_nothing(declarations):
    """A resolved experiment can be saved and loaded again."""
    experiment = graph(Node("a", "Import Data"), Node("b", "Split Data", inputs={"dataset": Source("a", "")}))
    once = resolve(experiment, declarations)
    assert resolve(once.experiment, declarations).experiment == once.experiment


@pytest.mark.parametrize(
    "upstream, module, port, expected",
    [
        (Node("u", "import-data"), "split", "dataset", "dataset"),
        (Node("u", "dataset", parameters={"name": "p"}), "split", "dataset", "dataset"),
        (Node("u", "execute-python-script"), "split", "dataset", "result_dataset"),
        (Node("u", "execute-python-script", outputs={"m": "object"}), "train", "start_from", "m"),
        (Node("u", "train"), "split", "dataset", "scores"),
        (Node("u", "train"), "train", "start_from", "trained_model"),
    ],
    ids=[
        "one output",
        "saved dataset",
        "a script's first",
        "declared object",
        "the only dataset",
        "the only object",
    ],
)
def test_a_connection_that_names_only_the_node_means_the_obvious_output(
    declarations, upstream, module, port, expected
):
    """ARCHITECTURE: a node with one output needs no port name."""
    target = Node("t", module, inputs={port: Source("u", "")})
    resolution = resolve(graph(upstream, target), declarations)
    assert (resolution.problems, resolution.experiment.nodes["t"].inputs) == (
        (),
        {port: Source("u", expected)},
    )


def found(resolution) -> list[tuple[str, str, str, str | None, str | None]]:
    return [(p.code, p.summary, p.hint, p.where.node, p.where.port) for p in resolution.problems]


@pytest.mark.parametrize(
    "upstream, source, expected",
    [
        (
            Node("u", "split"),
            Source("u", ""),
            (
                "ambiguous-output",
                'The input "dataset" of node t does not say which output of u it takes.',
                "Write dataset: u.first or u.second.",
            ),
        ),
        (
            Node("u", "export-data"),
            Source("u", "fiel"),
            ("unknown-port", 'Node u has no output "fiel".', 'Did you mean "file"?'),
        ),
        (
            Node("u", "import-data"),
            Source("v", ""),
            (
                "unknown-node",
                'The input "dataset" of node t comes from "v", which is no node here.',
                'Did you mean "u"?',
            ),
        ),
    ],
    ids=["several outputs", "unknown output", "unknown node"],
)
def test_a_connection_that_is_not_clear_is_a_problem(declarations, upstream, source, expected):
    """R-3.2: with the place and what to write."""
    resolution = resolve(graph(upstream, Node("t", "split", inputs={"dataset": source})), declarations)
    problem = found(resolution)[0]
    if expected[0] == "unknown-node":
        expected = (*expected[:2], problem[2])
    assert problem == (*expected, "t", "dataset")
    assert resolution.experiment.nodes["t"].inputs == {"dataset": source}


def test_no_output_that_fits_is_told_as_such(declarations):
    """A zip input fed by a script that gives only tables."""
    target = Node("t", "execute-python-script", inputs={"script_bundle": Source("u", "")})
    resolution = resolve(graph(Node("u", "execute-python-script"), target), declarations)
    summary = 'The input "script_bundle" of node t comes from u, which gives no zip.'
    assert found(resolution)[0][:2] == ("type-mismatch", summary)


def test_two_names_of_one_input_are_two_connections(declarations):
    """An alias must not be a way around one connection per input."""
    inputs = {"Dataset1": Source("u", ""), "dataset1": Source("u", "")}
    nodes = (Node("u", "import-data"), Node("t", "execute-python-script", inputs=inputs))
    assert found(resolve(graph(*nodes), declarations))[0][0] == "two-connections"
    twice = Node("u", "import-data", parameters={"header": True, "File has header row": True})
    assert found(resolve(graph(twice), declarations))[0][0] == "duplicate-key"


def test_an_unknown_module_is_told_once_and_the_rest_goes_on(declarations):
    """What hangs on it is not blamed."""
    experiment = graph(
        Node("a", "import-dtaa"), Node("b", "split", inputs={"dataset": Source("a", "x")}), Node("c", "")
    )
    assert found(resolve(experiment, declarations)) == [
        ("unknown-module", 'There is no module "import-dtaa".', 'Did you mean "import-data"?', "a", None),
        ("missing-key", "Node c names no module.", "Give the id of its module.", "c", None),
    ]


def test_one_column_may_be_written_without_brackets(declarations):
    """columns: age is what people write first."""
    resolution = resolve(graph(Node("s", "split", parameters={"columns": "age"})), declarations)
    assert resolution.experiment.nodes["s"].parameters == {"columns": ["age"]}


@pytest.mark.parametrize(
    "output, input, expected",
    [
        ("dataset", "dataset", True),
        ("any", "zip", True),
        ("object", "any", True),
        ("dataset", "zip", False),
        ("device", "dataset", False),
    ],
)
def test_types_fit_when_they_are_equal_or_one_is_any(output, input, expected):
    """A saved dataset may be of any kind; what it is shows when it is opened."""
    assert fits(Port("o", output), Port("i", input)) is expected


def test_a_node_that_only_shows_something_gives_that():
    """A module whose only output is a device."""
    declaration = Declaration("d", "D", "c", outputs=(Port("python_device", "device"),))
    assert default_output(Node("n", "d"), declaration, None) == Port("python_device", "device")
    assert default_output(Node("n", "d"), Declaration("d", "D", "c"), None) is None
