"""Column rules in a real run: resolved in the job, part of the fingerprint, set from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from studiolo import Workspace
from studiolo.errors import Problems, UserError

RULES = {"begin": "none", "rules": [{"include": {"types": ["Numeric"]}}, {"exclude": {"names": ["b"]}}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Workspace.create(tmp_path / "work", "Test") as workspace:
        experiment = workspace.new_experiment("save").remove("script")
        experiment.add("table", "enter-data-manually", parameters={"data": "a,b,name\n1,2,x\n3,4,y\n"})
        experiment.add("file", "export-data", parameters={"path": "data/out.csv", "columns": RULES})
        experiment.connect("table", "file", "dataset").save()
    return tmp_path / "work"


def written(folder: Path) -> list[str]:
    return list(pd.read_csv(folder / "data" / "out.csv").columns)


def test_rules_choose_by_the_real_columns_and_are_part_of_the_fingerprint(folder: Path) -> None:
    """UX 50, R-3.3: the same rules are reused; other rules run again."""
    with Workspace(folder) as workspace:
        workspace.run("save")
        assert written(folder) == ["a"]
        assert workspace.run("save")["file"].state == "reused"
        text = "{begin: all, rules: [{exclude: {indices: [1]}}]}"
        result = workspace.run("save", set=[f"file.columns={text}"])
        assert result["file"].state == "finished"
        assert written(folder) == ["b", "name"]
        workspace.run("save", set=["file.columns=name,a"])
        assert written(folder) == ["name", "a"]


@pytest.mark.parametrize(
    "rules, code",
    [
        ([{"exclude": {"names": ["aa"]}}], "missing-column"),
        ([{"exclude": "all"}], "no-columns"),
    ],
)
def test_rules_that_do_not_fit_the_table_say_so(folder: Path, rules: list[Any], code: str) -> None:
    """The error stands at the parameter, whether it is found before the run or in the job."""
    with Workspace(folder) as workspace:
        experiment = workspace.experiment("save")
        experiment.set("file", columns={"begin": "all", "rules": rules}).save()
        try:
            error = workspace.run("save")["file"].error
        except Problems as problems:
            error = problems.problems[0]
        assert error is not None
        assert (error.code, error.where.node, error.where.parameter) == (code, "file", "columns")


def test_wrong_rules_are_refused_before_anything_runs(folder: Path) -> None:
    """R-3.2."""
    with Workspace(folder) as workspace, pytest.raises((Problems, UserError), match="types has"):
        workspace.run("save", set=["file.columns={begin: all, rules: [{exclude: {types: [Text]}}]}"])
