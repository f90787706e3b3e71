"""Which part of an experiment a web service needs: what runs at requests, what is frozen, what is refused (R-9.1)."""

from __future__ import annotations

import pytest

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.limits import Grants
from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.errors import Problems, UserError
from studiolo.graph.resolving import Resolution, resolve
from studiolo.graph.web_service_names import with_web_service
from studiolo.services.pruning import Pruned, prune

DATASET, STEP, EXPORT, SAVED = (
    Declaration("import", "Import", "T", outputs=(Port("out"),), parameters=(Parameter("path", "path"),)),
    Declaration(
        "step",
        "Step",
        "T",
        inputs=(Port("a"), Port("b", optional=True)),
        outputs=(Port("out"), Port("other")),
        parameters=(Parameter("count", "integer", default=1),),
    ),
    Declaration("export", "Export", "T", inputs=(Port("a"),), outputs=(Port("file", "file"),)),
    Declaration(
        "dataset", "Saved", "T", outputs=(Port("out"),), parameters=(Parameter("name"),), runner="host"
    ),
)


class Declarations:
    """The modules of these tests."""

    def get(self, name: str) -> Declaration:
        return {one.id: one for one in (DATASET, STEP, EXPORT, SAVED)}[name]


def made(nodes: dict[str, str | Node], **offered: dict) -> Resolution:
    """Give an experiment: node to its module, or to `a=SOURCE b=SOURCE` for steps."""
    built = {}
    for name, told in nodes.items():
        if isinstance(told, Node):
            built[name] = told
        elif "=" in told or told == "step":
            pairs = (pair.split("=") for pair in told.split() if "=" in pair)
            inputs = {port: Source(*[*source.split("."), "out"][:2]) for port, source in pairs}
            built[name] = Node(name, "step", inputs=inputs)
        else:
            built[name] = Node(name, told)
    sources = {key: {n: Source(*one.split(".")) for n, one in offered.get(key, {}).items()} for key in KEYS}
    targets = {n: ParameterTarget(*one.split(".")) for n, one in offered.get("parameters", {}).items()}
    experiment = Experiment("e", "E", built, "experiments/e", WebService(**sources, parameters=targets))
    resolution = with_web_service(resolve(experiment, Declarations()))
    assert resolution.problems == ()
    return resolution


KEYS = ("inputs", "outputs")


def codes(resolution: Resolution) -> list[str]:
    """The codes of everything that `prune` refuses."""
    with pytest.raises(Problems) as caught:
        prune(resolution)
    return [problem.code for problem in caught.value.problems]


def test_what_only_feeds_an_input_does_not_run():
    """The classic rule: a request's table replaces what the connection would deliver."""
    nodes = {"data": "import", "wash": "a=data", "score": "a=wash"}
    pruned = prune(made(nodes, inputs={"input1": "score.a"}, outputs={"output1": "score.out"}))
    assert pruned == Pruned(("score",), {"score": {}}, {"score": {}}, {})


def test_what_no_request_reaches_is_static():
    """A trained model or a lookup table is computed once, at publishing."""
    nodes = {
        "data": "import",
        "table": "import",
        "train": "a=table",
        "wash": "a=data",
        "score": "a=wash b=train",
    }
    pruned = prune(made(nodes, inputs={"input1": "wash.a"}, outputs={"output1": "score.out"}))
    assert pruned.nodes == ("wash", "score")
    assert pruned.inputs == {"wash": {}, "score": {"a": Source("wash", "out")}}
    assert pruned.static == {"wash": {}, "score": {"b": Source("train", "out")}}


def test_what_is_behind_the_outputs_or_beside_them_does_not_run():
    """A picture or an evaluation has no place in an answer."""
    nodes = {"data": "import", "score": "a=data", "evaluate": "a=score", "other": "a=data"}
    pruned = prune(made(nodes, inputs={"input1": "score.a"}, outputs={"output1": "score.out"}))
    assert pruned.nodes == ("score",)


def test_a_node_that_only_a_parameter_reaches_runs():
    """Its result depends on the request although it gets no table of it (R-9.6)."""
    nodes = {"data": "import", "table": "a=data", "score": "a=data b=table"}
    resolution = made(
        nodes, inputs={"i": "score.a"}, outputs={"o": "score.out"}, parameters={"count": "table.count"}
    )
    pruned = prune(resolution)
    assert pruned.nodes == ("table", "score")
    assert pruned.static == {"table": {"a": Source("data", "out")}, "score": {}}


def test_an_input_may_be_in_the_middle_and_a_second_one_before_it():
    """The first is not lost when its node also feeds something else that is needed."""
    nodes = {"data": "import", "wash": "a=data", "left": "a=wash", "join": "a=left b=wash"}
    resolution = made(nodes, inputs={"raw": "wash.a", "middle": "left.a"}, outputs={"o": "join.out"})
    assert prune(resolution).nodes == ("wash", "left", "join")


def test_an_input_that_another_input_cuts_off_is_refused():
    """Its rows would never be looked at."""
    nodes = {"data": "import", "wash": "a=data", "score": "a=wash"}
    resolution = made(nodes, inputs={"raw": "wash.a", "clean": "score.a"}, outputs={"o": "score.out"})
    assert codes(resolution) == ["unused-input"]


def test_a_port_without_connection_may_be_an_input():
    """Somebody may build a service that has no example data."""
    resolution = made(
        {"data": "import", "score": "a=data"}, inputs={"i": "score.b"}, outputs={"o": "score.out"}
    )
    assert prune(resolution).static == {"score": {"a": Source("data", "out")}}


def test_an_output_that_nothing_reaches_is_constant():
    """A service may give its lookup table beside the answer."""
    nodes = {"data": "import", "table": "a=data", "score": "a=data"}
    pruned = prune(made(nodes, inputs={"i": "score.a"}, outputs={"o": "score.out", "t": "table.other"}))
    assert (pruned.nodes, pruned.constants) == (("score",), {"t": Source("table", "other")})


def test_everything_that_cannot_be_frozen_is_told_at_once():
    """A version answers the same for ever: nothing of it may look at the workspace or the world."""
    nodes = {
        "data": "import",
        "saved": "dataset",
        "reads": Node("reads", "step", inputs={"a": Source("data", "out")}, grants=Grants(read=("data/x",))),
        "calls": Node("calls", "step", inputs={"a": Source("reads", "out")}, grants=Grants(network=("*",))),
        "join": Node("join", "step", inputs={"a": Source("calls", "out"), "b": Source("saved", "out")}),
        "alone": "a=data",
    }
    resolution = made(
        nodes,
        inputs={"i": "reads.a", "lost": "alone.a"},
        outputs={"o": "join.out"},
        parameters={"name": "saved.name", "count": "alone.count", "ok": "join.count"},
    )
    assert codes(resolution) == ["unused-input", "unused-parameter", *["cannot-publish"] * 3]


def test_a_parameter_cannot_choose_a_file():
    """A request would read the workspace's files."""
    resolution = made({"data": "import"}, outputs={"o": "data.out"}, parameters={"p": "data.path"})
    assert codes(resolution) == ["cannot-publish"]


def test_grants_of_nodes_that_run_only_once_are_no_hindrance():
    """Data may be fetched at publishing."""
    grants = Grants(network=("*",), read=("data",))
    nodes = {"data": Node("data", "import", grants=grants), "score": "a=data", "end": "a=score b=data"}
    pruned = prune(made(nodes, inputs={"i": "score.a"}, outputs={"o": "end.out"}))
    assert pruned.nodes == ("score", "end")


def test_without_a_section_the_hint_is_one_to_copy():
    """The message shows the ports that there are, as YAML."""
    resolution = made({"data": "import", "wash": "a=data", "score step": "a=wash"})
    with pytest.raises(UserError) as caught:
        prune(resolution)
    assert caught.value.code == "no-web-service"
    assert caught.value.hint == (
        "Add this to experiments/e/experiment.yaml and keep the lines that you want:\n"
        "web_service:\n"
        "  inputs:\n"
        "    input1: wash.a\n"
        "    input2: 'score step.a'\n"
        "  outputs:\n"
        "    output1: 'score step.out'"
    )
