"""PyTorch in an adopted environment: the worked example of docs/environments.md, through the real command."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.torch_environment import TorchMissingError, torch_environment

from studiolo import Workspace
from studiolo.environments.registry import Environments

pytestmark = pytest.mark.ready_made
ROOT = Path(__file__).resolve().parents[3]

# Workers of a loader are processes, speak over sockets and shared memory, and are sent file descriptors.
WORKERS = """
import pandas as pd
import torch
from torch.utils.data import DataLoader, TensorDataset

def azureml_main(dataframe1=None, dataframe2=None):
    numbers = TensorDataset(torch.arange(12.0))
    loader = DataLoader(numbers, batch_size=3, num_workers=2)
    seen = sorted(float(number) for (batch,) in loader for number in batch)
    square = torch.ones(600, 600)
    return pd.DataFrame({"seen": seen, "sum": (square @ square).sum().item()})
"""
LARGE = """
import torch

def azureml_main(dataframe1=None, dataframe2=None):
    layers = [torch.ones(1000, 1000) for _ in range(1000)]
"""


@pytest.fixture(scope="module")
def torch_folder() -> Path:
    """A plain virtual environment with PyTorch."""
    try:
        return torch_environment()
    except TorchMissingError as error:
        pytest.skip(f"PyTorch cannot be had: {error}")


@pytest.fixture(scope="module")
def page() -> dict[str, str]:
    """The blocks of the worked example, by their language."""
    text = (ROOT / "docs/environments.md").read_text(encoding="utf-8")
    text = text.partition("### Deep learning\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


Studiolo = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def studiolo(torch_folder: Path, page: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Studiolo:
    """The command, in the diabetes example with the experiment of the page and PyTorch adopted as the page says."""
    folder = tmp_path_factory.mktemp("deep") / "workspace"
    shutil.copytree(ROOT / "examples/diabetes/data", folder / "data")
    (folder / "studiolo.toml").write_text('name = "Deep"\n')
    scripts = folder / "experiments/deep/scripts"
    scripts.mkdir(parents=True)
    (scripts.parent / "experiment.yaml").write_text(page["yaml"])
    (scripts / "network.py").write_text(page["python"])
    (folder / "torch-here").symlink_to(torch_folder)
    variables = {**os.environ, "XDG_DATA_HOME": str(folder.with_name("data")), "COLUMNS": "100"}

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "studiolo.cli.main", *words]
        return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)

    adopted = [line for line in page["sh"].splitlines() if line.startswith("studiolo ")]
    assert adopted == ["studiolo env adopt torch torch-here"]
    done = call(*adopted[0].split()[1:])
    assert done.returncode == 0, done.stderr
    assert re.match(r"Environment torch: Python [\d.]+, \d+ packages\.", done.stdout)
    return call


def test_the_lock_names_what_pip_has_installed(studiolo: Studiolo) -> None:
    """Its packages are recorded as its lock (issue 4, point 1)."""
    shown = json.loads(studiolo("env", "show", "torch", "--json").stdout)
    versions = {one["name"].lower(): one["version"] for one in shown["packages"]}
    assert shown["kind"] == "adopted" and shown["is_usable"] and shown["changed"] == []
    assert versions["torch"].startswith("2.13.0")
    assert {"numpy", "pandas", "matplotlib", "sympy"} <= set(versions)


def test_a_network_learns_and_gives_predictions_and_its_loss(studiolo: Studiolo, tmp_path: Path) -> None:
    """Issue 4, point 8: a small network on a real dataset, in the jail, with a picture."""
    done = studiolo("run", "deep")
    assert done.returncode == 0, done.stdout + done.stderr
    said = re.search(
        r"loss ([\d.]+) to ([\d.]+); right for (\d+)% of (\d+) new", studiolo("logs", "deep:network").stdout
    )
    assert said is not None
    first, last, percent, count = (float(one) for one in said.groups())
    assert last < first * 0.75
    assert percent > 65  # two thirds of the patients have no diabetes: it knows more than that or as much
    exported = studiolo("export", "deep:network.result_dataset", str(tmp_path / "told.csv"))
    assert exported.returncode == 0, exported.stderr
    lines = (tmp_path / "told.csv").read_text().splitlines()
    assert lines[0] == "patient,diabetes,chance" and len(lines) == count + 1
    assert all(0 <= float(line.split(",")[2]) <= 1 for line in lines[1:])
    assert "200 x 2" in done.stdout  # a row for each epoch
    shown: dict[str, Any] = json.loads(studiolo("show", "deep:network", "--json").stdout)
    assert "image/png" in json.dumps(shown)


def test_the_second_run_is_reused(studiolo: Studiolo) -> None:
    """The lock's digest is part of the fingerprint, and stays what it is (R-5.3)."""
    assert studiolo("run", "deep").returncode == 0
    again = studiolo("run", "deep", "--json")
    assert again.returncode == 0, again.stderr
    nodes = json.loads(again.stdout)["nodes"]
    assert {name: one["state"] for name, one in nodes.items()} == {"patients": "reused", "network": "reused"}


@pytest.fixture
def workspace(torch_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace with PyTorch adopted."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with Workspace.create(tmp_path / "work", "Deep") as opened:
        Environments(opened.path).adopt("torch", str(torch_folder))
        yield opened


def test_loaders_with_workers_of_their_own_work_and_the_second_job_is_warm(workspace: Workspace) -> None:
    """Threads, processes and shared memory in the jail; a second run starts no interpreter anew."""
    experiment = workspace.new_experiment("workers")
    experiment.remove("script").add("loading", script=WORKERS, environment="torch")
    experiment.save()
    result = workspace.run("workers")
    table = result["loading"].result_dataset.to_pandas()
    assert table["seen"].tolist() == [float(number) for number in range(12)]
    assert table["sum"].unique().tolist() == [600.0**3]
    pool = workspace.pools.get(workspace.environment("torch"))
    zygote = pool.process_ids()
    assert workspace.run("workers", force=True)["loading"].state == "finished"
    assert workspace.pools.get(workspace.environment("torch")).process_ids() == zygote


@pytest.mark.parametrize(
    ("script", "limits", "code", "limit"),
    [
        (LARGE, {"memory_mb": 1024}, "out-of-memory", "memory_mb"),
        (WORKERS, {"processes": 2}, "too-many-processes", "processes"),
    ],
)
def test_what_does_not_fit_names_the_limit(
    workspace: Workspace, script: str, limits: dict[str, int], code: str, limit: str
) -> None:
    """With the figures, and what to raise (R-6.1)."""
    experiment = workspace.new_experiment("large")
    experiment.remove("script").add("large", script=script, environment="torch", limits=limits)
    experiment.save()
    error = workspace.run("large")["large"].error
    assert error is not None
    assert (error.code, f"limits: {{{limit}:" in error.hint) == (code, True), error
