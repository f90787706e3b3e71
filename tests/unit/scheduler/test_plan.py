"""Which nodes run, what they need from earlier runs, and the plan made of it."""

from __future__ import annotations

import pytest

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.limits import Limits
from studiolo.errors import Problems, UserError
from studiolo.scheduler.plan import Plan, PlannedNode, Selection, given_outputs, make_plan, select


def experiment(**graph: tuple[str, ...]) -> Experiment:
    nodes = {
        name: Node(name, "m", inputs={f"dataset{i}": Source(one, "out") for i, one in enumerate(upstream, 1)})
        for name, upstream in graph.items()
    }
    return Experiment("churn", "Churn", nodes)


DIAMOND = experiment(a=(), b=("a",), c=("a",), d=("b", "c"), e=("d",), x=())


@pytest.mark.parametrize(
    "given, run, needed",
    [
        ({}, "abcdex", ""),
        ({"to": ["d"]}, "abcd", ""),
        ({"to": ["b", "x"]}, "abx", ""),
        ({"start": ["d"]}, "de", "bc"),
        ({"start": ["a"]}, "abcde", ""),
        ({"only": ["d"]}, "d", "bc"),
        ({"only": ["b", "d"]}, "bd", "ac"),
        ({"start": ["b"], "to": ["d"]}, "bd", "ac"),
        ({"start": ["b"], "to": ["b"]}, "b", "a"),
    ],
    ids=str,
)
def test_the_options_choose_nodes_and_what_they_need(given, run, needed):
    """R-3.1: --to, --from and --only, alone and together, and the outputs that must be there already."""
    expected_needed = tuple(Source(name, "out") for name in needed)
    chosen = select(DIAMOND, **given)
    assert (chosen.run, set(chosen.needed)) == (tuple(run), set(expected_needed))
    assert len(chosen.needed) == len(expected_needed)


def test_force_means_all_that_run_or_those_named():
    """R-3.1: --force runs again what could be reused."""
    assert select(DIAMOND, to=["b"], force=True) == Selection(("a", "b"), (), frozenset("ab"))
    assert select(DIAMOND, to=["b"], force=["b"]).forced == frozenset("b")
    assert select(DIAMOND).forced == frozenset()


@pytest.mark.parametrize(
    "given, code",
    [
        ({"to": ["dd"]}, "unknown-node"),
        ({"force": ["q"]}, "unknown-node"),
        ({"only": ["a"], "to": ["b"]}, "wrong-selection"),
        ({"start": ["d"], "to": ["a"]}, "nothing-to-run"),
    ],
    ids=str,
)
def test_a_selection_that_makes_no_sense_is_refused(given, code):
    """A typing error must not run something else."""
    with pytest.raises(UserError) as refused:
        select(DIAMOND, **given)
    assert refused.value.code == code


def test_an_empty_experiment_has_nothing_to_run():
    """Said plainly rather than as a run of no nodes."""
    with pytest.raises(UserError) as refused:
        select(Experiment("empty", "Empty", {}))
    assert refused.value.code == "nothing-to-run"


def test_earlier_outputs_stand_in_for_nodes_that_do_not_run():
    """--only uses what earlier runs left."""
    content = Content("dataset", "0" * 64, 5)
    chosen = select(DIAMOND, only=["b"])
    assert given_outputs(DIAMOND, chosen, {"a": {"out": content}}) == {Source("a", "out"): content}


def test_every_missing_output_is_named_with_the_command_that_makes_it():
    """The author sees at once what to run first."""
    with pytest.raises(Problems) as missing:
        given_outputs(DIAMOND, select(DIAMOND, only=["d"]), {"c": {}})
    assert [(one.code, one.summary, one.hint) for one in missing.value.problems] == [
        (
            "missing-output",
            "Node b does not run and has no earlier output to use.",
            "Make it first: studiolo run churn --to b",
        ),
        (
            "missing-output",
            'The latest run of node c left no output "out".',
            "Make it first: studiolo run churn --to c",
        ),
    ]


def test_a_command_with_an_odd_name_can_be_pasted_into_a_shell():
    """Node names are any text."""
    graph = experiment(**{"my node's": (), "b": ("my node's",)})
    with pytest.raises(Problems) as missing:
        given_outputs(graph, select(graph, only=["b"]), {})
    assert missing.value.problems[0].hint == "Make it first: studiolo run churn --to 'my node'\\''s'"


def test_a_plan_knows_only_connections_between_its_own_nodes():
    """What is given needs no waiting for; a node used twice is waited for once."""
    nodes = {
        "a": Node("a", "m"),
        "b": Node(
            "b", "m", inputs={"x": Source("a", "o"), "y": Source("a", "p")}, limits=Limits(memory_mb=64)
        ),
        "c": Node("c", "m", inputs={"x": Source("b", "o")}, limits=Limits(memory_mb=32)),
    }
    graph = Experiment("e", "e", nodes)
    plan = make_plan(graph, select(graph, start=["b"]), slots=0, memory_mb=512, unsafe=["c"])
    expected = (PlannedNode("b", (), 64, True), PlannedNode("c", ("b",), 32, False))
    assert plan == Plan(expected, 1, 512, frozenset())


def test_a_done_node_counts_only_when_all_before_it_are_done():
    """After a kill b's row may be stored and a's not; a may now give something else, so b is looked up again."""
    plan = make_plan(DIAMOND, select(DIAMOND), slots=2, memory_mb=512, done=["a", "b", "d", "nobody"])
    assert plan.done == frozenset("ab")
