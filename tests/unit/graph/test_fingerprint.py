"""What names a computation, and the sentence that says why a node ran (R-3.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Node, Script, Source
from studiolo.domain.limits import Grants, Limits
from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.graph.fingerprint import (
    changed_parts,
    fingerprint,
    fingerprint_parts,
    never_reused,
    reused,
    why,
)

DECLARATION = Declaration(
    "execute-python-script",
    "Execute Python Script",
    "Python",
    version=2,
    inputs=(Port("dataset1", optional=True), Port("dataset2", optional=True)),
    parameters=(
        Parameter("count", "integer", default=3),
        Parameter("share", "number", default=0.5),
        Parameter("path", "path"),
        Parameter("mode", "choice", default="a", choices=("a", "b")),
        Parameter("only_b", "text", default="", when=("mode", ("b",))),
    ),
    runner="script",
)
NODE = Node(
    "clean",
    "execute-python-script",
    inputs={"dataset1": Source("customers", "dataset")},
    script=Script("scripts/clean.py", "def azureml_main(a):\n    return a\n"),
    parameters={"path": "data/x.csv"},
)
INPUT = Content("dataset", "a" * 64, 100)


def parts(node: Node = NODE, declaration: Declaration = DECLARATION, **facts) -> dict[str, str]:
    given = {"inputs": {"dataset1": INPUT}, "environment": "lock-1", "files": {"path": "f" * 64}, **facts}
    return fingerprint_parts(node, declaration, **given)


def test_the_parts_are_everything_that_counts():
    """ARCHITECTURE "Fingerprint and reuse", part by part."""
    node = replace(
        NODE,
        outputs={"m": "object"},
        grants=Grants(("b:1", "a:1"), ("data",)),
        dialect="classic",
        strict=True,
    )
    found = parts(node, bundle="bundle-digest", source=Script("modules/m.py", "# x\ny = 1\n"))
    script, source = found.pop("script"), found.pop("source")
    assert (len(script), len(source)) == (64, 64)
    assert found == {
        "module": "execute-python-script 2",
        "environment": "lock-1",
        "dialect": "classic",
        "strict": "true",
        "bundle": "bundle-digest",
        "outputs": "m: object",
        "grants": '{"network":["a:1","b:1"],"read":["data"]}',
        "parameter:count": "3",
        "parameter:share": "0.5",
        "parameter:path": '"data/x.csv"',
        "parameter:mode": '"a"',
        "parameter:only_b": '""',
        "file:path": "f" * 64,
        "input:dataset1": "dataset " + "a" * 64,
    }


def test_the_fingerprint_is_known_beforehand():
    """It is stored: a new version of studiolo must not compute another one unnoticed."""
    assert fingerprint({"b": "2", "a": "1"}) == fingerprint({"a": "1", "b": "2"})
    assert fingerprint({"a": "1"}) == "9afeb0f2b203f254312ec8ded441d0318b7c34c57f8695ede42d2215a30c0960"


SAME = {
    "another name": replace(NODE, name="tidy"),
    "another source of the same bytes": replace(NODE, inputs={"dataset1": Source("elsewhere", "other")}),
    "a comment on the node": replace(NODE, comment="new"),
    "a comment in the script": replace(NODE, script=Script("scripts/clean.py", "# x\n" + NODE.script.text)),
    "a moved script": replace(NODE, script=Script("scripts/tidy.py", NODE.script.text)),
    "other limits": replace(NODE, limits=Limits(memory_mb=64)),
    "a default written out": replace(NODE, parameters={"path": "data/x.csv", "count": 3}),
    "parameters in another order": replace(NODE, parameters={"mode": "a", "path": "data/x.csv"}),
    "a value of another mode": replace(NODE, parameters={"path": "data/x.csv", "only_b": "z"}),
}


@pytest.mark.parametrize("node", SAME.values(), ids=SAME)
def test_what_cannot_change_the_result_never_costs_a_rerun(node):
    """Issue 2: comments or a rename or a moved box never cost a rerun."""
    assert fingerprint(parts(node)) == fingerprint(parts())


def test_equal_numbers_are_equal():
    """1 and 1.0 are the same share."""
    one, same = (replace(NODE, parameters={"share": value}) for value in (1, 1.0))
    assert fingerprint(parts(one)) == fingerprint(parts(same))


CHANGES = {
    "script": (parts(replace(NODE, script=Script("a.py", "x = 2\n"))), "ran because the script changed"),
    "parameter": (
        parts(replace(NODE, parameters={"path": "data/x.csv", "count": 5})),
        "ran because parameter count changed from 3 to 5",
    ),
    "long parameter": (
        parts(replace(NODE, parameters={"path": "d" * 300})),
        "ran because parameter path changed",
    ),
    "keyword": (
        parts(replace(NODE, parameters={"path": "data/x.csv", "threshold": 1})),
        "ran because parameter threshold is new",
    ),
    "input": (
        parts(inputs={"dataset1": Content("dataset", "b" * 64, 100)}),
        "ran because input dataset1 changed",
    ),
    "second input": (
        parts(inputs={"dataset1": INPUT, "dataset2": INPUT}),
        "ran because input dataset2 was connected",
    ),
    "no input": (parts(inputs={}), "ran because input dataset1 was disconnected"),
    "file": (parts(files={"path": "e" * 64}), "ran because the content of data/x.csv changed"),
    "environment": (parts(environment="lock-2"), "ran because the environment changed"),
    "bundle": (parts(bundle="b"), "ran because the script bundle changed"),
    "dialect": (
        parts(replace(NODE, dialect="classic")),
        "ran because the dialect changed from designer to classic",
    ),
    "strict": (parts(replace(NODE, strict=True)), "ran because strict was switched on"),
    "outputs": (parts(replace(NODE, outputs={"m": "object"})), "ran because the declared outputs changed"),
    "grants": (parts(replace(NODE, grants=Grants(("*",)))), "ran because the grants changed"),
    "version": (
        parts(declaration=replace(DECLARATION, version=3)),
        "ran because module execute-python-script has version 3 now",
    ),
    "module": (
        parts(declaration=replace(DECLARATION, id="other")),
        "ran because the module changed from execute-python-script to other",
    ),
    "module file": (parts(source=Script("modules/m.py", "x")), "ran because the module's file changed"),
}


@pytest.mark.parametrize("now, sentence", CHANGES.values(), ids=CHANGES)
def test_what_can_change_the_result_costs_a_rerun_and_is_told(now, sentence):
    """R-3.3: "why did this run?" answered for every node run."""
    assert fingerprint(now) != fingerprint(parts())
    assert why(parts(), now) == sentence


def test_several_changes_are_told_together():
    """The author's own first, inputs last; more than four are counted."""
    now = parts(
        replace(NODE, script=Script("a.py", "x"), parameters={"path": "data/x.csv", "count": 5}),
        inputs={"dataset1": Content("dataset", "b" * 64, 1)},
    )
    assert why(parts(), now) == (
        "ran because the script changed, parameter count changed from 3 to 5 and input dataset1 changed"
    )
    many = {f"parameter:p{n}": "1" for n in range(6)}
    assert why({}, many) == (
        "ran because parameter p0 is new, parameter p1 is new, parameter p2 is new and 3 other things changed"
    )
    assert changed_parts(many, {})[0] == "parameter p0 is gone"


@pytest.mark.parametrize(
    "previous, facts, sentence",
    [
        (None, {}, "first run"),
        (None, {"is_forced": True}, "ran because it was forced"),
        ({"a": "1"}, {"is_forced": True}, "ran because it was forced"),
        ({"a": "1"}, {"never": "never reused: x"}, "never reused: x"),
        ({"a": "1"}, {}, "ran because its earlier result did not finish or is no longer kept"),
    ],
)
def test_a_run_without_a_change_has_a_reason_too(previous, facts, sentence):
    """Forced, first, not deterministic, or the result is gone."""
    assert why(previous, {"a": "1"}, **facts) == sentence


def test_results_that_may_differ_are_never_reused():
    """ARCHITECTURE: non-deterministic modules and those with network grants are never reused."""
    assert never_reused(NODE, DECLARATION) is None
    assert never_reused(NODE, replace(DECLARATION, deterministic=False)) == (
        "never reused: the module execute-python-script is not deterministic"
    )
    assert (
        never_reused(replace(NODE, grants=Grants(("a:1",))), DECLARATION)
        == "never reused: it may reach the network"
    )
    assert never_reused(replace(NODE, grants=Grants(read=("data/r",))), DECLARATION) == (
        "never reused: it may read data/r, whose content may change"
    )


def test_a_reused_node_says_from_which_run():
    """Issue 2: "reused from run 12"."""
    assert reused(12) == "reused from run 12"
