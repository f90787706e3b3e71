"""A workspace with real workers in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studiolo import Workspace

ADD_ONE = """def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["x"] = dataframe1["x"] + 1
    return dataframe1
"""
START = """import pandas as pd

def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"x": [1, 2, 3]})
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "work", "Test") as opened:
        yield opened


def chain(workspace: Workspace, name: str, length: int, step: str = ADD_ONE) -> None:
    """Save an experiment of `length` nodes in a row: n0 makes three rows, each further one adds 1."""
    experiment = workspace.new_experiment(name)
    experiment.remove("script").add("n0", script=START)
    for index in range(1, length):
        experiment.add(f"n{index}", script=step, dataset1=f"n{index - 1}")
    experiment.save()
