"""What a service takes from the run because it was learned: trained models and transformations (R-9.1)."""

from __future__ import annotations

import pytest

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.errors import Problems
from studiolo.graph.resolving import Resolution, resolve
from studiolo.services.proposing import plan, propose
from studiolo.services.pruning import prune

MODEL, TRANSFORMATION = "trained model", "transformation"
MODULES = {
    one.id: one
    for one in (
        Declaration("data", "Data", "T", outputs=(Port("out"),)),
        Declaration("split", "Split", "T", inputs=(Port("a"),), outputs=(Port("out"), Port("out2"))),
        Declaration("learner", "Learner", "T", outputs=(Port("model", "object", holds="untrained model"),)),
        Declaration(
            "clean",
            "Clean",
            "T",
            inputs=(Port("a"),),
            outputs=(Port("out"), Port("made", "object", holds=TRANSFORMATION)),
        ),
        Declaration(
            "apply",
            "Apply",
            "T",
            inputs=(Port("made", "object", holds=TRANSFORMATION), Port("a")),
            outputs=(Port("out"),),
        ),
        Declaration(
            "train",
            "Train",
            "T",
            inputs=(Port("learner", "object", holds="untrained model"), Port("a")),
            outputs=(Port("model", "object", holds=MODEL),),
            parameters=(Parameter("k", "integer", default=1),),
        ),
        Declaration(
            "score",
            "Score",
            "T",
            inputs=(Port("model", "object", holds=MODEL), Port("a")),
            outputs=(Port("out"),),
        ),
        Declaration("script", "Script", "T", inputs=(Port("a"),), outputs=(Port("out"),), runner="script"),
    )
}
FLOW = {
    "people": "data",
    "split": "split a=people.out",
    "learner": "learner",
    "train": "train learner=learner.model a=split.out",
    "score": "score model=train.model a=split.out2",
}


class Declarations:
    """The modules of these tests."""

    def get(self, name: str) -> Declaration:
        return MODULES[name]


def built(graph: dict[str, str], offered: WebService | None = None) -> Resolution:
    """Give an experiment: node to `MODULE PORT=NODE.PORT …`."""
    made = {}
    for name, told in graph.items():
        module, *pairs = told.split()
        inputs = {port: Source(*source.split(".")) for port, source in (pair.split("=") for pair in pairs)}
        made[name] = Node(name, module, inputs=inputs)
    resolution = resolve(Experiment("e", "E", made, "experiments/e", offered), Declarations())
    assert resolution.problems == ()
    return resolution


def offer(input: str, output: str = "score.out", **parameters: str) -> WebService:
    targets = {name: ParameterTarget(*target.split(".")) for name, target in parameters.items()}
    return WebService({"i": Source(*input.split("."))}, {"o": Source(*output.split("."))}, targets)


def test_requests_are_proposed_behind_the_training():
    """The documented flow as it stands becomes the predictive service (R-9.1)."""
    resolution = built(FLOW)
    proposal = propose(resolution)
    assert [str(port) for port in proposal.offered.inputs.values()] == ["score.a"]
    assert [str(port) for port in proposal.offered.outputs.values()] == ["score.out"]
    found = plan(resolution, proposal.offered)
    assert (found.at_request, found.left_out) == (("score",), ())
    assert sorted(found.once) == ["learner", "people", "split", "train"]


def test_a_model_is_not_trained_anew_where_requests_begin_before_the_split():
    """As in the retired products: a request of one row must be scored, not trained on."""
    offered = offer("split.a")
    resolution = built(FLOW, offered)
    pruned = prune(resolution)
    assert pruned.nodes == ("split", "score")
    assert pruned.inputs == {"split": {}, "score": {"a": Source("split", "out2")}}
    assert pruned.static == {"split": {}, "score": {"model": Source("train", "model")}}
    found = plan(resolution, offered)
    assert found.at_request == ("split", "score")
    assert sorted(found.once) == ["learner", "people", "train"]


def test_a_transformation_is_taken_from_the_run_too():
    """Means and scales of one request's rows would be others than those that the model was trained with."""
    graph = {"people": "data", "clean": "clean a=people.out", "more": "apply made=clean.made a=clean.out"}
    pruned = prune(built(graph, offer("clean.a", "more.out")))
    assert pruned.nodes == ("clean", "more")
    assert pruned.static["more"] == {"made": Source("clean", "made")}


def test_what_counts_for_training_only_cannot_be_set():
    """It would be asked for at each request and do nothing."""
    with pytest.raises(Problems) as caught:
        prune(built(FLOW, offer("train.a", k="train.k")))
    assert [(one.code, one.summary) for one in caught.value.problems] == [
        (
            "unused-input",
            'The web-service input "i" fills train.a, which counts for training only, and a service does not train.',
        ),
        (
            "unused-parameter",
            'The web-service parameter "k" sets train.k, which counts for training only, and a service does not train.',
        ),
    ]


def test_a_script_that_takes_a_model_by_keyword_is_scoring_too():
    """R-1.9 (3): training is found by the type of what is connected, also at inputs that the node adds."""
    graph = {**FLOW, "score": "script a=split.out2 model=train.model"}
    proposal = propose(built(graph))
    assert [str(port) for port in proposal.offered.inputs.values()] == ["score.a"]
