"""Cycles, order and nodes without connections."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.graph.connections import cycles, in_order, isolated_nodes


def graph(**upstream: str) -> Experiment:
    return Experiment(
        "e",
        "e",
        {
            name: Node(name, "m", inputs={f"i{n}": Source(one, "o") for n, one in enumerate(before)})
            for name, before in upstream.items()
        },
    )


@pytest.mark.parametrize(
    "experiment, expected",
    [
        (graph(a="", b="a", c="ab"), []),
        (graph(a="a"), [["a"]]),
        (graph(a="b", b="a"), [["a", "b"]]),
        (graph(a="c", b="a", c="b"), [["a", "b", "c"]]),
        (graph(s="", a="sc", b="a", c="b", after="c"), [["a", "b", "c"]]),
        (graph(a="b", b="a", x="y", y="x"), [["a", "b"], ["x", "y"]]),
        (graph(first="b", a="b", b="a"), [["a", "b"]]),
        (graph(a="missing"), []),
    ],
    ids=["none", "itself", "two", "three", "with tails", "two cycles", "begins behind", "unknown node"],
)
def test_a_cycle_is_named_in_the_direction_of_the_data(experiment, expected):
    """R-3.2: the author can follow it on the canvas; nodes before and behind it are not blamed."""
    assert cycles(experiment) == expected


def test_the_order_puts_each_node_after_those_it_uses():
    """Otherwise it is the file's order."""
    assert in_order(graph(z="a", a="", b="a", c="zb")) == ["a", "z", "b", "c"]
    assert in_order(graph(s="", a="sb", b="a")) == ["s"]


def test_nodes_without_connections_can_be_pointed_out():
    """They run, but are often forgotten; a single node is no such case."""
    assert isolated_nodes(graph(a="", b="a", alone="")) == ("alone",)
    assert isolated_nodes(graph(a="")) == ()


@settings(max_examples=200, deadline=None, database=None)
@given(
    st.integers(1, 8).flatmap(
        lambda n: st.lists(st.sets(st.integers(0, n - 1), max_size=3), min_size=n, max_size=n)
    )
)
def test_every_cycle_found_is_one_and_none_is_overlooked(sets):
    """A node is in order exactly when no cycle leads to it; a graph with such nodes has a cycle."""
    experiment = graph(
        **{chr(97 + i): "".join(chr(97 + j) for j in sorted(before)) for i, before in enumerate(sets)}
    )
    found = cycles(experiment)
    assert bool(found) == (len(in_order(experiment)) < len(sets))
    for cycle in found:
        for name, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            assert name in set(experiment.upstream(following))
