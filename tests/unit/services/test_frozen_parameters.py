"""Types, defaults and choices of web-service parameters (R-9.6)."""

from __future__ import annotations

from typing import Any

import pytest

from studiolo.domain.experiment import Experiment, Node
from studiolo.domain.module import Declaration, Parameter
from studiolo.domain.run import NodeRun
from studiolo.domain.service import ParameterTarget, ServiceParameter
from studiolo.errors import Problems
from studiolo.services.frozen_parameters import frozen_parameters, lacking_keywords

DECLARATION = Declaration(
    "score",
    "Score",
    "T",
    parameters=(
        Parameter("count", "integer", default=3, help="How many."),
        Parameter("share", "number", default=0.5),
        Parameter("mode", "choice", default="a", choices=("a", "b")),
        Parameter("columns", "columns"),
        Parameter("needed", "text", required=True),
    ),
    runner="script",
)


def frozen(
    target: ParameterTarget, given: dict[str, Any] | None = None, keywords: dict[str, Any] | None = None
) -> ServiceParameter:
    """Freeze one parameter of a node with these values, whose script has these keywords."""
    experiment = Experiment("e", "E", {"n": Node("n", "score", parameters=given or {})})
    rows = {"n": NodeRun(1, "n", "finished", keywords=keywords or {})}
    return frozen_parameters({"p": target}, experiment, {"n": DECLARATION}, rows)["p"]


def at(parameter: str, *more: Any, **facts: Any) -> ParameterTarget:
    """Target a parameter of the node."""
    return ParameterTarget("n", parameter, *more, **facts)


@pytest.mark.parametrize(
    ("target", "given", "keywords", "expected"),
    [
        (at("count"), {}, {}, ("integer", 3)),
        (at("count"), {"count": 5}, {}, ("integer", 5)),
        (at("count", 7, True), {"count": 5}, {}, ("integer", 7)),
        (at("share"), {}, {}, ("number", 0.5)),
        (at("mode"), {}, {}, ("string", "a")),
        (at("columns"), {}, {}, ("any", None)),
        (at("factor"), {}, {"factor": 2.0}, ("number", 2.0)),
        (at("factor"), {"factor": 3}, {"factor": 2.0}, ("number", 3)),
        (at("factor"), {"factor": 3}, {"factor": None}, ("integer", 3)),
        (at("factor", None, True), {}, {"factor": 3}, ("integer", None)),
        (at("flag"), {}, {"flag": False}, ("boolean", False)),
        (at("flag", 1, True), {}, {"flag": False}, ("any", 1)),
        (at("name"), {}, {"name": ""}, ("string", "")),
        (at("names"), {}, {"names": ["a"]}, ("any", ["a"])),
    ],
)
def test_the_nearest_default_counts(target, given, keywords, expected):
    """First the section, then the node, then the declaration or the script; the type is what they agree on."""
    made = frozen(target, given, keywords)
    assert (made.type, made.default, made.is_required) == (*expected, False)


def test_choices_and_help_come_from_the_declaration():
    """Clients see what the properties panel shows."""
    assert frozen(at("mode")).choices == ("a", "b")
    assert frozen(at("count")).description == "How many."
    assert frozen(at("count", description="own")).description == "own"


def test_a_required_one_has_no_default():
    """Every request must say it, whatever the node's value is."""
    made = frozen(at("factor", is_required=True), {"factor": 3}, {"factor": 2.0})
    assert (made.type, made.default, made.is_required) == ("number", None, True)
    assert frozen(at("needed", is_required=True)).type == "string"


def test_without_any_default_it_is_refused():
    """A request that leaves it out could not be answered."""
    for target in (at("unknown"), at("needed")):
        with pytest.raises(Problems) as caught:
            frozen(target, {}, {"factor": 1})
        assert [problem.code for problem in caught.value.problems] == ["missing-default"]


def test_nodes_that_ran_before_keywords_were_kept_are_found():
    """They run once more, so that old workspaces can publish what they have."""
    experiment = Experiment("e", "E", {"n": Node("n", "score", parameters={"given": 1})})
    cases = {"factor": True, "given": False, "count": False}
    for parameter, is_lacking in cases.items():
        rows = {"n": NodeRun(1, "n", "reused")}
        found = lacking_keywords({"p": at(parameter)}, experiment, {"n": DECLARATION}, rows)
        assert found == ({"n"} if is_lacking else set())
    known = {"n": NodeRun(1, "n", "reused", keywords={"factor": 1})}
    assert lacking_keywords({"p": at("factor")}, experiment, {"n": DECLARATION}, known) == set()
