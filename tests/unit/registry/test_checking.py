"""Declarations that come out of a jail are data of a stranger (R-6.3)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.registry.checking import checked_declarations

GOOD = Declaration(
    "m",
    "M",
    "c",
    "s",
    "d",
    3,
    (Port("a"), Port("b", "zip", True, "B", ("x",))),
    (Port("o", "any"),),
    (
        Parameter("p", "number", default=0.5, minimum=0, maximum=1.5),
        Parameter("q", "choice", default="x", choices=("x", "y"), when=("p", ("1", True))),
        Parameter("r", "columns", default=["a"]),
    ),
    preload=("pandas",),
    entry="f:g",
    aliases=("old",),
)


def test_a_sound_declaration_comes_through_as_it_was():
    """Also after its way through JSON, where tuples become lists."""
    assert checked_declarations(json.loads(json.dumps([GOOD.to_json()]))) == [GOOD]
    assert checked_declarations([]) == []


def changed(**values: object) -> dict:
    return {**GOOD.to_json(), **values}


PORT, PARAMETER = GOOD.inputs[0].__dict__, GOOD.parameters[0].__dict__
BAD = [
    None,
    {},
    "x",
    [5],
    [[]],
    [{}],
    [{"id": "m"}] * 501,
    [changed(id="")],
    [changed(id=5)],
    [changed(id="a\nb")],
    [changed(id="x" * 201)],
    [changed(name=None)],
    [changed(summary="x" * 100_001)],
    [changed(version="1")],
    [changed(version=True)],
    [changed(runner="host")],
    [changed(deterministic=1)],
    [changed(aliases="old")],
    [changed(aliases=[5])],
    [changed(preload=[None])],
    [changed(inputs=5)],
    [changed(inputs=[5])],
    [changed(inputs=[{"label": "x"}])],
    [changed(inputs=[{**PORT, "name": "no identifier"}])],
    [changed(inputs=[{**PORT, "type": "table"}])],
    [changed(inputs=[{**PORT, "more": 1}])],
    [changed(inputs=[PORT, PORT])],
    [changed(outputs=[{**PORT, "name": f"p{n}"} for n in range(501)])],
    [changed(parameters=[{**PARAMETER, "kind": "password"}])],
    [changed(parameters=[{**PARAMETER, "minimum": "0"}])],
    [changed(parameters=[{**PARAMETER, "maximum": float("nan")}])],
    [changed(parameters=[{**PARAMETER, "when": "p"}])],
    [changed(parameters=[{**PARAMETER, "when": ["p", "x"]}])],
    [changed(parameters=[{**PARAMETER, "when": ["p", [[1]]]}])],
    [changed(parameters=[{**PARAMETER, "default": {"a": 1}}])],
    [changed(parameters=[{**PARAMETER, "choices": [1]}])],
    [changed(unknown=1)],
]


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_anything_else_is_refused(data):
    """Each of these would break a check, the panel or the screen later."""
    with pytest.raises(ValueError):
        checked_declarations(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, database=None)
@given(st.sampled_from(sorted(GOOD.to_json())), values)
def test_no_value_in_any_place_leads_to_another_error(key, value):
    """R-12.2 in small: a hostile report is refused, never an exception of ours."""
    try:
        checked_declarations([changed(**{key: value})])
    except ValueError:
        pass
