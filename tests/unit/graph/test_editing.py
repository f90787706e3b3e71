"""Changes to an experiment in memory."""

from __future__ import annotations

import pytest

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.errors import UserError
from studiolo.graph.editing import (
    add_node,
    connect,
    disconnect,
    remove_node,
    rename_node,
    set_from_text,
    set_parameter,
)
from studiolo.graph.resolving import resolve

A, B = Node("a", "import-data"), Node("b", "split", inputs={"dataset": Source("a", "dataset")})
TWO = Experiment("e", "e", {"a": A, "b": B})


def test_each_change_gives_a_new_experiment():
    """R-3.6: experiments are built in Python; nouns are frozen."""
    assert list(add_node(TWO, Node("c", "m")).nodes) == ["a", "b", "c"]
    assert remove_node(TWO, "a").nodes == {"b": Node("b", "split")}
    assert connect(TWO, Source("a", "x"), "b", "other").nodes["b"].inputs["other"] == Source("a", "x")
    assert connect(TWO, Source("a", "dataset"), "b", "dataset") == TWO
    assert disconnect(TWO, "b", "dataset").nodes["b"].inputs == {}
    assert set_parameter(TWO, "a", "rows", 3).nodes["a"].parameters == {"rows": 3}
    assert TWO.nodes == {"a": A, "b": B}


def test_a_rename_follows_the_connections_and_keeps_the_order():
    """Renames never cost a rerun; that needs one that leaves nothing dangling."""
    renamed = rename_node(TWO, "a", "customers")
    assert renamed.nodes == {
        "customers": Node("customers", "import-data"),
        "b": Node("b", "split", inputs={"dataset": Source("customers", "dataset")}),
    }
    assert list(renamed.nodes) == ["customers", "b"]
    assert rename_node(TWO, "a", "a") == TWO


@pytest.mark.parametrize(
    "change, code",
    [
        (lambda: connect(TWO, Source("a", "other"), "b", "dataset"), "two-connections"),
        (lambda: connect(TWO, Source("z", ""), "b", "x"), "unknown-node"),
        (lambda: connect(TWO, Source("a", ""), "z", "x"), "unknown-node"),
        (lambda: add_node(TWO, Node("a", "m")), "node-name"),
        (lambda: add_node(TWO, Node("x.y", "m")), "node-name"),
        (lambda: rename_node(TWO, "a", "b"), "node-name"),
        (lambda: rename_node(TWO, "a", " "), "node-name"),
        (lambda: rename_node(TWO, "z", "y"), "unknown-node"),
        (lambda: remove_node(TWO, "z"), "unknown-node"),
        (lambda: disconnect(TWO, "z", "x"), "unknown-node"),
        (lambda: set_parameter(TWO, "z", "x", 1), "unknown-node"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(change, code):
    """In Python a second connection is an error at the line that makes it."""
    with pytest.raises(UserError) as refused:
        change()
    assert refused.value.code == code


def test_assignments_of_the_command_line_are_read_by_the_parameters_kind(declarations):
    """R-3.1: --set; old names are understood, values may hold = and dots."""
    script = Node("s", "execute-python-script")
    resolution = resolve(Experiment("e", "e", {"a": A, "b": B, "s": script}), declarations)

    def after(assignment: str, node: str) -> object:
        return set_from_text(resolution.experiment, assignment, resolution.declared).nodes[node].parameters

    assert after("a.rows=5", "a") == {"rows": 5}
    assert after("a.File has header row=false", "a") == {"header": False}
    assert after("a.path=data/x=1.csv", "a") == {"path": "data/x=1.csv"}
    assert after("b.columns=age,sex", "b") == {"columns": ["age", "sex"]}
    assert after("s.threshold=0.5", "s") == {"threshold": 0.5}


@pytest.mark.parametrize(
    "assignment, code",
    [
        ("a.rows", "wrong-assignment"),
        ("rows=5", "wrong-assignment"),
        ("a.=5", "wrong-assignment"),
        ("z.rows=5", "unknown-node"),
        ("a.row=5", "unknown-parameter"),
        ("a.rows=x", "wrong-parameter"),
    ],
)
def test_an_assignment_that_fits_nothing_is_refused(declarations, assignment, code):
    """A typing error must not run with the old value."""
    resolution = resolve(TWO, declarations)
    with pytest.raises(UserError) as refused:
        set_from_text(resolution.experiment, assignment, resolution.declared)
    assert refused.value.code == code
