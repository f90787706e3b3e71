"""What an experiment without a section could offer, and what a version would hold (R-9.1)."""

from __future__ import annotations

import pytest
from tests.unit.services.test_pruning import made

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.module import Declaration, Port
from studiolo.domain.service import WebService
from studiolo.errors import Problems, UserError
from studiolo.graph.resolving import Resolution, resolve
from studiolo.services.proposing import Proposal, plan, propose

DATA = Declaration("data", "Data", "T", outputs=(Port("out"),))
STEP = Declaration("step", "Step", "T", inputs=(Port("a"), Port("b", optional=True)), outputs=(Port("out"),))
SPLIT = Declaration("split", "Split", "T", inputs=(Port("a"),), outputs=(Port("out"), Port("out2")))
TRAIN = Declaration("train", "Train", "T", inputs=(Port("a"),), outputs=(Port("model", "object"),))
SCORE = Declaration(
    "score", "Score", "T", inputs=(Port("model", "object"), Port("a")), outputs=(Port("out"),)
)
DRAW = Declaration("draw", "Draw", "T", inputs=(Port("a"),), outputs=(Port("device", "device"),))
MODULES = {one.id: one for one in (DATA, STEP, SPLIT, TRAIN, SCORE, DRAW)}


class Declarations:
    """The modules of these tests."""

    def get(self, name: str) -> Declaration:
        return MODULES[name]


def built(**nodes: str) -> Resolution:
    """Give an experiment: node to `MODULE PORT=NODE.PORT …`."""
    made: dict[str, Node] = {}
    for name, told in nodes.items():
        module, *pairs = told.split()
        inputs = {port: Source(*source.split(".")) for port, source in (pair.split("=") for pair in pairs)}
        made[name] = Node(name, module, inputs=inputs)
    resolution = resolve(Experiment("e", "E", made, "experiments/e"), Declarations())
    assert resolution.problems == ()
    return resolution


def ports(proposal: Proposal) -> tuple[list[str], list[str]]:
    return [str(port) for port in proposal.offered.inputs.values()], [
        str(port) for port in proposal.offered.outputs.values()
    ]


TRAINING = {
    "people": "data",
    "split": "split a=people.out",
    "train": "train a=split.out",
    "score": "score model=train.model a=split.out2",
}


def test_what_comes_first_is_replaced_and_what_comes_last_is_returned():
    """A chain of tables begins at the port behind the data (R-9.1)."""
    proposal = propose(built(data="data", wash="step a=data.out", count="step a=wash.out"))
    assert ports(proposal) == (["wash.a"], ["count.out"])
    assert [reason for reason in proposal.reasons if "data" in reason] == [
        "Requests take the place of data, the data that wash begins with."
    ]


def test_requests_come_in_behind_the_training():
    """The model is trained once; filling the split's input would train it anew at each request (R-9.1)."""
    resolution = built(**TRAINING)
    proposal = propose(resolution)
    assert ports(proposal) == (["score.a"], ["score.out"])
    assert any("train gives a model" in reason for reason in proposal.reasons)
    found = plan(resolution, proposal.offered)
    assert found.at_request == ("score",)
    assert found.once == ("people", "split", "train")
    assert found.left_out == ()


def test_a_node_that_left_no_table_is_passed_over():
    """A script that only draws has a table port that is empty: what it draws from is returned instead."""
    resolution = built(data="data", wash="step a=data.out", show="step a=wash.out")
    proposal = propose(resolution, lambda node, port: node == "show")
    assert ports(proposal) == (["wash.a"], ["wash.out"])
    assert "show, which comes after it, gives no table" in proposal.reasons[0]


def test_pictures_are_no_outputs():
    """A device port can't be returned: the table that was drawn is, but not one that another output is made from."""
    tables = {"data": "data", "wash": "step a=data.out", "draw": "draw a=wash.out"}
    assert ports(propose(built(**tables)))[1] == ["wash.out"]
    assert ports(propose(built(**tables, count="step a=wash.out")))[1] == ["count.out"]


def test_an_experiment_without_tables_proposes_nothing():
    """Nothing to offer is said as such, not made up."""
    assert ports(propose(built())) == ([], [])


def test_a_plan_says_what_is_left_out():
    """Data that requests replace, and nodes beside the outputs, are no part of a version (R-9.1)."""
    nodes = {"data": "data", "wash": "step a=data.out", "other": "step a=data.out"}
    offered = WebService(inputs={"i": Source("wash", "a")}, outputs={"o": Source("wash", "out")})
    found = plan(built(**nodes), offered)
    assert (found.at_request, found.once, found.left_out) == (("wash",), (), ("data", "other"))


def test_a_plan_is_refused_as_publishing_is():
    """What keeps an experiment from being published is told before it runs (R-9.1)."""
    resolution = made({"data": "import", "wash": "a=data", "alone": "a=data"})
    offered = WebService(inputs={"i": Source("alone", "a")}, outputs={"o": Source("wash", "out")})
    with pytest.raises(Problems):
        plan(resolution, offered)
    with pytest.raises(UserError):
        plan(resolution, WebService())
