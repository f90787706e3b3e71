"""Parameter values: kinds, ranges, choices, conditions, defaults."""

from __future__ import annotations

import math
import os

import pytest

from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.errors import UserError
from studiolo.graph.parameters import (
    counts,
    effective_parameters,
    is_target,
    parameter_from_text,
    parameter_problems,
)

MODE = Declaration(
    "m",
    "M",
    "c",
    parameters=(
        Parameter("mode", "choice", default="mean", choices=("mean", "value", "drop")),
        Parameter("value", "number", required=True, when=("mode", ("value",))),
        Parameter("mark", "boolean", default=False, when=("mode", ("value", "mean"))),
        Parameter("mark_name", "text", default="marked", when=("mark", ("true",))),
    ),
)


def declared(kind: str, **facts) -> Declaration:
    return Declaration("m", "M", "c", parameters=(Parameter("p", kind, **facts),))


@pytest.mark.parametrize(
    "kind, facts, value, code",
    [
        ("text", {}, "x", None),
        ("text", {}, 5, "wrong-parameter"),
        ("text", {}, "a\0b", "wrong-parameter"),
        ("code", {}, ["x"], "wrong-parameter"),
        ("integer", {}, 3, None),
        ("integer", {}, 3.0, "wrong-parameter"),
        ("integer", {}, True, "wrong-parameter"),
        ("integer", {}, "3", "wrong-parameter"),
        ("integer", {"minimum": 1}, 0, "out-of-range"),
        ("integer", {"maximum": 5}, 6, "out-of-range"),
        ("integer", {"minimum": 1, "maximum": 5}, 5, None),
        ("number", {}, 3, None),
        ("number", {}, 0.5, None),
        ("number", {}, math.nan, "wrong-parameter"),
        ("number", {}, math.inf, "wrong-parameter"),
        ("number", {}, 10**400, "wrong-parameter"),
        ("number", {"minimum": 0, "maximum": 1}, 1.01, "out-of-range"),
        ("boolean", {}, True, None),
        ("boolean", {}, 1, "wrong-parameter"),
        ("boolean", {}, "yes", "wrong-parameter"),
        ("choice", {"choices": ("a", "b")}, "b", None),
        ("choice", {"choices": ("a", "b")}, "c", "unknown-choice"),
        ("choice", {"choices": ("1", "2")}, 1, "wrong-parameter"),
        ("columns", {}, ["a", "b"], None),
        ("columns", {}, ["a", "a"], "wrong-parameter"),
        ("columns", {}, ["a", 1], "wrong-parameter"),
        ("columns", {}, {"a": 1}, "wrong-parameter"),
        ("address", {}, "https://example.com/x.csv", None),
        ("address", {}, "HTTP://example.com", None),
        ("address", {}, "ftp://example.com", "wrong-parameter"),
        ("address", {}, "file:///etc/passwd", "wrong-parameter"),
        ("path", {}, 5, "wrong-parameter"),
        ("integer", {}, None, None),
        ("integer", {"required": True}, None, "missing-parameter"),
        ("integer", {"required": True, "default": 3}, None, None),
        ("text", {"required": True}, "", "missing-parameter"),
        ("columns", {"required": True}, [], "missing-parameter"),
        ("integer", {"required": True}, 0, None),
        ("boolean", {"required": True}, False, None),
    ],
)
def test_a_value_must_be_of_its_kind(kind, facts, value, code):
    """R-3.2: kinds, ranges, choices and required values are checked before anything runs."""
    found = list(parameter_problems(declared(kind, **facts), {"p": value}, "n"))
    assert [one[1] for one in found] == ([code] if code else [])


def test_a_problem_names_the_value_and_the_way_out():
    """CONVENTIONS "Errors": one sentence that names the thing, and what to do next."""
    assert list(parameter_problems(declared("text"), {"p": True}, "n")) == [
        (
            "p",
            "wrong-parameter",
            'The parameter "p" of node n must be a text, not true.',
            "Put it in quotes: 'true'.",
        )
    ]
    assert list(parameter_problems(declared("number", minimum=0, maximum=1), {"p": 7}, "n")) == [
        ("p", "out-of-range", 'The parameter "p" of node n is 7, out of range.', "Allowed: 0 to 1.")
    ]
    assert list(parameter_problems(declared("integer", minimum=1, required=True), {}, "n")) == [
        ("p", "missing-parameter", 'Node n needs the parameter "p".', "Add p: 3 under parameters of n.")
    ]
    long = "x" * 5_000
    (problem,) = parameter_problems(declared("choice", choices=("a",)), {"p": long}, "n")
    assert len(problem[2]) < 200


@pytest.mark.parametrize(
    "given, missing",
    [
        ({}, []),
        ({"mode": "value"}, ["value"]),
        ({"mode": "value", "value": 3}, []),
        ({"mode": "drop", "mark": "nonsense of another mode"}, []),
    ],
)
def test_a_parameter_of_another_mode_is_not_asked_for(given, missing):
    """UX 48: parameters that appear only for a mode; switching the mode keeps what was typed."""
    assert [one[0] for one in parameter_problems(MODE, given, "n")] == missing


def test_conditions_follow_one_another():
    """mark_name counts only when mark counts and is true."""
    name = MODE.parameter("mark_name")
    assert counts(MODE, name, {"mark": True}) is True
    assert counts(MODE, name, {"mark": False}) is False
    assert counts(MODE, name, {"mark": True, "mode": "drop"}) is False
    circular = Declaration(
        "m", "M", "c", parameters=(Parameter("a", when=("b", ("x",))), Parameter("b", when=("a", ("x",))))
    )
    assert counts(circular, circular.parameter("a"), {"a": "x", "b": "x"}) is True


def test_a_job_gets_every_value():
    """Design: all values, defaults filled in; what belongs to another mode is at its default."""
    assert effective_parameters(MODE, {"mode": "drop", "value": 3, "mark": None, "extra": [1]}) == {
        "mode": "drop",
        "value": None,
        "mark": False,
        "mark_name": "marked",
        "extra": [1],
    }


def test_a_scripts_keywords_must_have_a_json_form():
    """They travel in the job's document."""
    script = Declaration("s", "S", "c", runner="script")
    assert list(parameter_problems(script, {"x": {"a": [1, None, "b", 0.5]}}, "n")) == []
    assert [one[1] for one in parameter_problems(script, {"x": [math.nan]}, "n")] == ["wrong-parameter"]
    assert [one[1] for one in parameter_problems(script, {"x": 1}, "n", keywords={"y": 2})] == [
        "unknown-parameter"
    ]


def test_files_are_looked_for_in_the_workspace(workspace):
    """R-3.2: a missing file, a folder, an address in the wrong parameter."""
    (workspace / "data" / "sub").mkdir()
    os.symlink("/etc/passwd", workspace / "data" / "link")

    def found(path: str) -> list[tuple[str, str, str]]:
        return [
            one[1:] for one in parameter_problems(declared("path"), {"p": path}, "n", workspace=workspace)
        ]

    assert found("data/customers.csv") == []
    assert found(str(workspace / "data" / "customers.csv")) == []
    assert found("data/customer.csv")[0][2] == 'Did you mean "customers.csv"?'
    assert found("data/sub") == [
        ("not-a-file", 'The parameter "p" of node n names "data/sub", which is a folder.', "Name a file.")
    ]
    assert found("dta/customers.csv")[0][2] == 'There is no folder "dta" in the workspace.'
    assert [found(path)[0][0] for path in ("../x.csv", "/etc/passwd", "data/link")] == [
        "outside-workspace"
    ] * 3
    assert found("https://example.com/x.csv")[0][0] == "wrong-parameter"


def test_a_module_that_gives_a_file_and_no_dataset_writes_its_path(workspace):
    """Export Data names a file that need not exist yet."""
    export = Declaration("e", "E", "c", outputs=(Port("file", "file"),), parameters=(Parameter("p", "path"),))
    assert is_target(export)

    def codes(path: str) -> list[str]:
        return [one[1] for one in parameter_problems(export, {"p": path}, "n", workspace=workspace)]

    assert codes("data/new.csv") == codes("new folder/new.csv") == codes("data/customers.csv") == []
    assert (codes("../new.csv"), codes("data")) == (["outside-workspace"], ["not-a-file"])
    assert not is_target(declared("path"))
    (workspace / "out.csv").symlink_to("studiolo.toml")
    reserved = (".studiolo/studiolo.db", "studiolo.toml", "modules/x.csv", ".git/hooks/pre-push", "out.csv")
    assert [codes(path) for path in reserved] == [["reserved-path"]] * 5
    assert [codes(path) for path in ("Makefile", "new.py", "data/new.zip")] == [["wrong-name"]] * 3
    (found,) = parameter_problems(export, {"p": "out.csv"}, "n", workspace=workspace)
    assert found[2].startswith(
        'The parameter "p" of node n names "out.csv", a link to "studiolo.toml", which is'
    )


def test_hidden_files_are_not_read(workspace):
    """H5-A: they hold passwords."""
    (workspace / ".env").write_text("KEY=x")
    (workspace / "link.csv").symlink_to(".env")
    for path in (".env", "link.csv", ".git/config"):
        (found,) = parameter_problems(declared("path"), {"p": path}, "n", workspace=workspace)
        assert found[1] == "reserved-path"


@pytest.mark.parametrize(
    "address, place",
    [
        ("https://Data.example.org/x.csv?k=1", "data.example.org:443"),
        ("http://127.0.0.1:8080/x", "127.0.0.1:8080"),
        ("http://[::1]/x", "[::1]:80"),
    ],
)
def test_sending_to_an_address_has_to_be_allowed_before_anything_runs(address, place):
    """H5-B: a long run must not end with a refusal that was sure from the beginning."""
    export = Declaration(
        "e", "E", "c", outputs=(Port("file", "file"),), parameters=(Parameter("p", "address"),)
    )

    def found(*network: str):
        return [one[1:] for one in parameter_problems(export, {"p": address}, "n", network=network)]

    assert found("other:443") == [
        (
            "address-not-allowed",
            f'The parameter "p" of node n would send data to "{place}", which the workspace does not allow.',
            f'To allow it, write in studiolo.toml under [grants]: network = ["{place}"]',
        )
    ]
    assert found(place) == found("*") == []
    assert list(parameter_problems(export, {"p": address}, "n")) == []
    assert list(parameter_problems(declared("address"), {"p": address}, "n", network=())) == []


@pytest.mark.parametrize(
    "kind, text, value",
    [
        ("integer", "5", 5),
        ("number", "1e-3", 0.001),
        ("boolean", "true", True),
        ("text", "5", "5"),
        ("text", "", ""),
        ("columns", "age, sex ,", ["age", "sex"]),
        ("choice", "a", "a"),
        (None, "5", 5),
        (None, "no", "no"),
    ],
)
def test_a_value_typed_on_the_command_line_is_read_by_its_kind(kind, text, value):
    """R-3.1: --set node.parameter=value."""
    parameter = Parameter("p", kind, choices=("a",)) if kind else None
    assert parameter_from_text(parameter, text) == value


@pytest.mark.parametrize(
    "kind, text", [("integer", "x"), ("integer", "1.5"), ("boolean", "yes"), ("number", "")]
)
def test_a_typed_value_of_another_kind_is_refused(kind, text):
    """The error names the parameter; the run does not begin."""
    with pytest.raises(UserError) as refused:
        parameter_from_text(Parameter("p", kind), text)
    assert (refused.value.code, refused.value.where.parameter) == ("wrong-parameter", "p")
