"""In which environment the nodes of modules run that are no scripts: they need studiolo beside them (R-4.6, R-5.1)."""

from __future__ import annotations

import venv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from studiolo import Workspace
from studiolo.environments.registry import Environments
from studiolo.errors import UserError

OWN = """from studiolo.sdk import DatasetPort, module


@module(name="Ones", category="Own", outputs=[DatasetPort("ones")])
def ones():
    '''Give ones.'''
    import pandas

    return pandas.DataFrame({"x": [1, 1]})
"""


@pytest.fixture
def workspace(tmp_path: Path, own_data: Path) -> Iterator[Workspace]:
    """A workspace whose own environment, as one for old scripts, has nothing of studiolo, not even pandas."""
    folder = tmp_path / "work"
    Workspace.create(folder, "Test").close()
    venv.create(tmp_path / "bare", symlinks=True, with_pip=False)
    Environments(folder).adopt("bare", str(tmp_path / "bare"))
    (folder / "studiolo.toml").write_text('name = "Test"\nenvironment = "bare"\n')
    (folder / "modules").mkdir(exist_ok=True)
    (folder / "modules" / "ones.py").write_text(OWN)
    with Workspace(folder) as opened:
        yield opened


def test_modules_run_where_studiolo_is_whatever_the_workspace_s_environment(workspace: Workspace) -> None:
    """Somebody whose scripts need Python 3.6 still wants SQL, training and modules of their own."""
    experiment = workspace.new_experiment("both").remove("script")
    experiment.add("ones", "ones").add(
        "sum", "apply-sql-transformation", table1="ones", query="select sum(x) s from t1"
    )
    result = experiment.run()
    assert {name: str(node.error) for name, node in result.nodes.items() if node.error} == {}
    assert result["sum"].result_dataset.head() == [{"s": 2}]


def test_files_and_frames_become_datasets_there_too(workspace: Workspace, tmp_path: Path) -> None:
    """Import Data reads what `studiolo dataset add` is given."""
    (tmp_path / "rates.csv").write_text("region,rate\nnorth,0.5\n")
    assert workspace.datasets.add("rates", str(tmp_path / "rates.csv")).rows == 1
    assert workspace.datasets.add("frame", pd.DataFrame({"x": [1]})).rows == 1


def test_an_environment_without_studiolo_that_a_node_names_is_told_before_the_run(
    workspace: Workspace,
) -> None:
    """A trace of Python's import system would tell its author nothing."""
    experiment = workspace.new_experiment("named").remove("script")
    experiment.add("typed", "enter-data-manually", data="a\n1\n", environment="bare")
    with pytest.raises(UserError) as caught:
        experiment.run()
    assert (caught.value.code, caught.value.where.node) == ("missing-library", "typed")
    assert caught.value.summary == (
        "The environment bare of node typed has no studiolo, which Enter Data Manually needs."
    )
