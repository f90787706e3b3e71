"""Roles of columns from node to node, through files, jails and the store (R-4.1)."""

from __future__ import annotations

from pathlib import Path

from studiolo import Workspace

MARK = '''"""Two modules that mark a column: one in DataFrames, one in Tables."""

import pandas
import pyarrow

from studiolo.sdk import DatasetPort, module
from studiolo.sdk.roles import with_role


@module(name="Mark Label", category="Own", outputs=[DatasetPort("dataset")])
def mark_label():
    """Give a frame whose label is known."""
    frame = pandas.DataFrame({"größe": [1.5, 2.5], "churned": ["no", "yes"]})
    return with_role(frame, ["churned"], "label")


@module(name="Mark Score", category="Own", inputs=[DatasetPort("dataset")], outputs=[DatasetPort("marked")])
def mark_score(dataset: pyarrow.Table) -> pyarrow.Table:
    """Mark a score in a table."""
    return with_role(dataset, ["größe"], "score", "Regression Assigned Labels")


@module(name="Tell Roles", category="Own", inputs=[DatasetPort("dataset")], outputs=[DatasetPort("told")])
def tell_roles(dataset):
    """Give the roles that arrive in a DataFrame."""
    from studiolo.sdk.roles import category_of, role_of

    roles = [role_of(dataset, name) for name in dataset.columns]
    kinds = [category_of(dataset, name) for name in dataset.columns]
    return pandas.DataFrame({"column": dataset.columns, "role": roles, "kind": kinds})
'''


def test_roles_go_from_frames_to_tables_and_back(workspace: Workspace) -> None:
    """What a module marked is what every module after it sees, whichever form either takes."""
    (Path(workspace.path) / "modules").mkdir(exist_ok=True)
    (Path(workspace.path) / "modules" / "marking.py").write_text(MARK, encoding="utf-8")
    experiment = workspace.new_experiment("roles").remove("script")
    experiment.add("label", "mark-label").add("score", "mark-score", dataset="label")
    experiment.add("told", "tell-roles", dataset="score")
    result = experiment.run()
    assert {name: node.error for name, node in result.nodes.items() if node.error} == {}
    assert result["told"].told.head() == [
        {"column": "größe", "role": "score", "kind": "Regression Assigned Labels"},
        {"column": "churned", "role": "label", "kind": None},
    ]
