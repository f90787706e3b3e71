"""R-1.9, UX 18: what a page changes is all that changes in experiment.yaml; comments and layout of the rest stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.rewriting import read, rewrite, with_node, with_parameters

from studiolo.domain.experiment import Node, Source
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.graph.editing import remove_node, rename_node

TEXT = """\
# Churn of 2026, see the wiki
name: "Churn"   # people read this

nodes:
    # Where it comes from
    customers:
        module: import-data
        parameters: {path: 'data/customers.csv'}   # from the CRM

    # Takes out what nobody needs
    clean:
        module: "execute-python-script"
        script: scripts/clean.py
        inputs: { dataset1: customers }  # all of them
        parameters:
            # less is faster
            count: 5      # five
            text: |
                one

                two
            columns:
                - a   # first
                - b

    score:   # the end
        module: execute-python-script
        script: scripts/score.py
        inputs:
            dataset1: clean.result_dataset
        strict: false
# Published in May
web_service:
    outputs: {churn: score.result_dataset}
# end
"""


EDITS: dict[str, tuple[Any, str, str]] = {
    "a number": (
        lambda one: with_parameters(one, "clean", count=7),
        "count: 5      # five",
        "count: 7      # five",
    ),
    "a text of several lines": (
        lambda one: with_parameters(one, "clean", text="three\nfour\n"),
        "                one\n\n                two\n",
        "                three\n                four\n",
    ),
    "a value becomes a text of several lines": (
        lambda one: with_parameters(one, "clean", count="x\ny\n"),
        "            count: 5      # five\n",
        "            count: |  # five\n                x\n                y\n",
    ),
    "a text that ends in empty lines": (
        lambda one: with_parameters(one, "clean", text="one\n\n\n"),
        "|\n                one\n\n                two\n",
        '"one\\n\\n\\n"\n',
    ),
    "a list": (
        lambda one: with_parameters(one, "clean", columns=["c"]),
        "            columns:\n                - a   # first\n                - b\n",
        "            columns: [c]\n",
    ),
    "a new parameter": (
        lambda one: with_parameters(one, "clean", more=True),
        "                - b\n",
        "                - b\n            more: true\n",
    ),
    "a parameter less": (
        lambda one: with_parameters(one, "clean", count=None),
        "            count: 5      # five\n",
        "",
    ),
    "a parameter on a line": (
        lambda one: with_parameters(one, "customers", format="csv"),
        "{path: 'data/customers.csv'}   # from",
        "{path: 'data/customers.csv', format: csv}   # from",
    ),
    "a value on a line": (
        lambda one: with_parameters(one, "customers", path="data/b.csv"),
        "'data/customers.csv'",
        "data/b.csv",
    ),
    "a default that was written out": (
        lambda one: with_node(one, "score", strict=True),
        "strict: false",
        "strict: true",
    ),
    "a new field": (
        lambda one: with_node(one, "customers", comment="From the CRM"),
        "# from the CRM\n",
        "# from the CRM\n        comment: From the CRM\n",
    ),
    "the title": (
        lambda one: replace(one, title="Churn: who"),
        'name: "Churn"   # people',
        "name: 'Churn: who'   # people",
    ),
    "a new node": (
        lambda one: replace(one, nodes={**one.nodes, "new": Node("new", "import-data", {"path": "a"})}),
        "        strict: false\n",
        "        strict: false\n    new:\n        module: import-data\n        parameters: {path: a}\n",
    ),
    "a node less": (
        lambda one: replace(
            one, nodes={name: node for name, node in one.nodes.items() if name != "customers"}
        ),
        TEXT[TEXT.index("    customers:") : TEXT.index("\n    # Takes")],
        "",
    ),
    "no web service": (
        lambda one: replace(one, web_service=None),
        "web_service:\n    outputs: {churn: score.result_dataset}\n",
        "",
    ),
    "a parameter of the web service": (
        lambda one: replace(
            one,
            web_service=replace(
                one.web_service, parameters={"n": ParameterTarget("clean", "count", 3, True)}
            ),
        ),
        "    outputs: {churn: score.result_dataset}\n",
        "    outputs: {churn: score.result_dataset}\n    parameters: {n: {target: clean.count, default: 3}}\n",
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_only_what_was_changed_is_another(edit: str, tmp_path: Path) -> None:
    """R-1.9: people write notes into the file; an edit on the canvas must not cost them."""
    change, old, new = EDITS[edit]
    assert TEXT.count(old) == 1
    changed = change(read(TEXT, tmp_path))
    if edit == "a node less":
        changed = with_node(changed, "clean", inputs={})
        written = rewrite(TEXT, changed, tmp_path)
        assert written == TEXT.replace(old, new).replace(
            "        inputs: { dataset1: customers }  # all of them\n", ""
        )
        return
    assert rewrite(TEXT, changed, tmp_path) == TEXT.replace(old, new)


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    """R-1.9: a file of Notepad stays one: every line ends as before."""
    text = TEXT.replace("\n", "\r\n")
    changed = with_parameters(read(text, tmp_path), "clean", count=7, more="x")
    written = rewrite(text, changed, tmp_path)
    assert "\n" not in written.replace("\r\n", "")
    assert "# Takes out what nobody needs" in written


def test_a_renamed_node_keeps_its_place_and_comments(tmp_path: Path) -> None:
    """UX 59: F2 renames; the file shows a renamed key and its users, nothing else."""
    renamed = rename_node(read(TEXT, tmp_path), "clean", "tidy: it")
    written = rewrite(TEXT, renamed, tmp_path, {"clean": "tidy: it"})
    expected = TEXT.replace("    clean:\n", "    'tidy: it':\n")
    assert written == expected.replace(
        "dataset1: clean.result_dataset", "dataset1: 'tidy: it.result_dataset'"
    )


def test_two_nodes_swap_their_names(tmp_path: Path) -> None:
    """UX 59: renames in one go are taken together, not one after the other."""
    one = read("nodes:\n  a: {module: x} # A\n  b: {module: y} # B\n", tmp_path)
    swapped = replace(
        one, nodes={"b": replace(one.nodes["a"], name="b"), "a": replace(one.nodes["b"], name="a")}
    )
    text = "nodes:\n  a: {module: x} # A\n  b: {module: y} # B\n"
    assert rewrite(text, swapped, tmp_path, {"a": "b", "b": "a"}) == (
        "nodes:\n  b: {module: x} # A\n  a: {module: y} # B\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "{nodes: {a: {module: x}, b: {module: y}}}\n",
        "nodes: {}\n",
        "nodes:\n",
        "nodes: {a: {module: x}}",
        "? nodes\n: a: {module: x}\n",
        "nodes:\n  a: &a {module: x}\n  b: *a\n",
        "nodes:\n  a: &a\n    module: x\n    parameters: &p {k: 1}\n  b:\n    module: y\n    parameters: *p\n",
        "---\nnodes:\n  a: !!map {module: x}\n...\n",
        "nodes:\n  a:\n    module: x\n    parameters:\n      k: >+\n        folded\n\n\n  b: {module: y}",
        "nodes:\n\n\n  a: {module: x,\n      parameters: {k: 1, # one\n        l: 2}}\n",
        "\ufeff# with a mark\nnodes:\n  a: {module: x}\n",
    ],
)
def test_unusual_yaml_is_changed_all_the_same(text: str, tmp_path: Path) -> None:
    """R-12.3: whatever the text looks like, what is written says what was wanted."""
    one = read(text, tmp_path)
    for name in [*one.nodes]:
        rewrite(text, with_parameters(one, name, k=2, extra=["a\nb", "c"]), tmp_path)
        rewrite(text, rename_node(one, name, "other"), tmp_path, {name: "other"})
        rewrite(text, remove_node(one, name), tmp_path)
    rewrite(
        text, replace(one, nodes={**one.nodes, "new": Node("new", "z", {"q": "select\n  1\n"})}), tmp_path
    )
    rewrite(text, replace(one, title="T", web_service=WebService({"i": Source("a", "p")})), tmp_path)
