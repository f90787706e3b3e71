"""What the tests of publishing share: a workspace with an experiment that scores rows with a trained table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studiolo import Workspace
from studiolo.domain.service import ServiceVersion
from studiolo.services.registry import Services
from studiolo.services.trying import try_version
from studiolo.worker.pools import Pools
from tests.integration.services.serving import make_pools

EXPERIMENT = """\
name: Churn score
nodes:
  rows: {module: import-data, parameters: {path: data/rows.csv}}
  rates: {dataset: rates}
  train:
    module: execute-python-script
    script: scripts/train.py
    inputs: {dataset1: rates}
  wash:
    module: Double X
    inputs: {table: rows}
  score:
    module: execute-python-script
    script: scripts/score.py
    bundle: bundles/own
    inputs: {dataset1: wash, dataset2: train}
    parameters: {label: high}
web_service:
  inputs: {input1: wash.table}
  outputs: {output1: score.result_dataset, rates: train}
  parameters:
    factor: score.factor
    label: {target: score.label, description: what to call it}
"""
SCRIPTS = {
    "train": "def azureml_main(d):\n    d['weight'] = d['rate'] * 10\n    return d\n",
    "score": """\
import own

def azureml_main(rows, rates, factor=2.0, label="low"):
    print("scoring", len(rows))
    rows["score"] = rows["x"] * factor * rates["weight"].iloc[0] + own.SHIFT
    rows["label"] = label
    return rows
""",
}
MODULE = '''\
"""Double X: doubles a column."""

from studiolo.sdk import DatasetPort, module


@module(name="Double X", category="Own", inputs=[DatasetPort("table")], outputs=[DatasetPort("out")])
def double_x(table):
    """Double the column x."""
    table["x"] = table["x"] * 2
    return table
'''


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """The workspace; nothing has run in it."""
    with Workspace.create(tmp_path / "work", "Test") as opened:
        write(opened, "experiments/score/experiment.yaml", EXPERIMENT)
        for name, text in SCRIPTS.items():
            write(opened, f"experiments/score/scripts/{name}.py", text)
        write(opened, "modules/double_x.py", MODULE)
        write(opened, "bundles/own/own.py", "SHIFT = 0.5\n")
        write(opened, "data/rows.csv", "x,name\n1,a\n2,\n3,c\n")
        write(opened, "data/rates.csv", "rate\n0.5\n")
        opened.datasets.add("rates", opened.path / "data" / "rates.csv")
        yield opened


def write(workspace: Workspace, path: str, text: str) -> None:
    """Write a file of the workspace."""
    file = workspace.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def answer(workspace: Workspace) -> Callable[..., Any]:
    """Ask a version in this process: tables of the answer as lists of rows, by output."""

    def ask(version: ServiceVersion, rows: Any = None, **parameters: Any) -> Any:
        body = {"inputs": dict.fromkeys(version.inputs, rows), "parameters": parameters}
        tried = try_version(workspace, version, body, 30.0)
        return json.loads(json.dumps({name: table["data"] for name, table in tried.outputs.items()}))

    return ask


@pytest.fixture
def services(workspace: Workspace) -> Services:
    """The services of the workspace."""
    return Services(workspace)


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pools]:
    """Pools with a store in a temporary folder."""
    made = make_pools(tmp_path_factory.mktemp("pools"))
    yield made
    made.close()
