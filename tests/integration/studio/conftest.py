"""A workspace with the studio's API on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studiolo import Workspace
from tests.integration.studio.served import Client, Listener, serving

STEP = """def azureml_main(dataframe1=None, dataframe2=None, count=1, *, name="a", later=None, sum=len("ab")):
    # adds
    dataframe1["x"] = dataframe1["x"] + count
    return dataframe1
"""
START = """import pandas as pd

def azureml_main(dataframe1=None, dataframe2=None):
    print("starts")
    return pd.DataFrame({"x": [1, 2, 3]})
"""
FILE = """\
# What it is for
name: Churn
nodes:
  # Where it comes from
  first:
    module: execute-python-script
    script: scripts/first.py

  # Adds one
  step:
    module: Execute Python Script   # the old name
    script: scripts/step.py
    inputs: {Dataset1: first}
    parameters:
      count: 5   # five
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "work", "Test") as opened:
        yield opened


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """Give the folder of an experiment of two nodes, written by a person."""
    folder = workspace.path / "experiments" / "churn"
    (folder / "scripts").mkdir(parents=True)
    (folder / "experiment.yaml").write_text(FILE)
    (folder / "scripts" / "first.py").write_text(START)
    (folder / "scripts" / "step.py").write_text(STEP)
    return folder


@pytest.fixture
def client(workspace: Workspace, folder: Path) -> Iterator[Client]:
    with serving(workspace) as (_, client):
        yield client


@pytest.fixture
def listener(client: Client) -> Iterator[Listener]:
    """Give the events of a page that shows the experiment."""
    listener = Listener(client.port, "churn")
    listener.wait("status")
    yield listener
    listener.close()
