"""A few declarations and a workspace on disk for the tests of graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.errors import StudioloError
from studiolo.graph.reading import Reading, parse_experiment
from studiolo.graph.resolving import resolve
from studiolo.graph.validation import Surroundings, validate
from studiolo.registry.registry import Registry

SCRIPT = Declaration(
    id="execute-python-script",
    name="Execute Python Script",
    category="Python",
    inputs=(
        Port("dataset1", optional=True, label="Dataset 1", aliases=("Dataset1",)),
        Port("dataset2", optional=True, label="Dataset 2", aliases=("Dataset2",)),
        Port("script_bundle", "zip", True, "Script Bundle"),
    ),
    outputs=(
        Port("result_dataset", label="Result Dataset"),
        Port("result_dataset2", label="Result Dataset2"),
        Port("python_device", "device", label="Python Device"),
    ),
    parameters=(
        Parameter("integers_with_missing", "choice", default="float", choices=("float", "nullable")),
    ),
    runner="script",
)
IMPORT = Declaration(
    id="import-data",
    name="Import Data",
    category="Data",
    outputs=(Port("dataset", aliases=("Results dataset",)),),
    parameters=(
        Parameter("source", "choice", default="file", choices=("file", "address")),
        Parameter("path", "path", required=True, when=("source", ("file",))),
        Parameter("address", "address", required=True, when=("source", ("address",))),
        Parameter("rows", "integer", minimum=0, maximum=100),
        Parameter("share", "number", default=0.5, minimum=0, maximum=1),
        Parameter("header", "boolean", default=True, aliases=("File has header row",)),
    ),
)
EXPORT = Declaration(
    id="export-data",
    name="Export Data",
    category="Data",
    inputs=(Port("dataset"),),
    outputs=(Port("file", "file"),),
    parameters=(Parameter("path", "path", required=True),),
)
SPLIT = Declaration(
    id="split",
    name="Split Data",
    category="Data",
    inputs=(Port("dataset"),),
    outputs=(Port("first"), Port("second")),
    parameters=(Parameter("columns", "columns", default=[]), Parameter("note", "text", default="")),
)
TRAIN = Declaration(
    id="train",
    name="Train",
    category="Learn",
    inputs=(Port("dataset"), Port("start_from", "object", True)),
    outputs=(Port("trained_model", "object"), Port("scores")),
)


@pytest.fixture(scope="session")
def declarations() -> Registry:
    """A registry of five modules and the saved dataset."""
    registry = Registry()
    for declaration in (SCRIPT, IMPORT, EXPORT, SPLIT, TRAIN):
        registry.add(declaration, "tests")
    for declaration in Registry.load():
        if declaration.id == "dataset":
            registry.add(declaration, "tests")
    return registry


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty workspace with data/customers.csv."""
    (tmp_path / "studiolo.toml").write_text('name = "test"\n')
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "customers.csv").write_text("id\n1\n")
    return tmp_path


@pytest.fixture
def churn(workspace: Path) -> Path:
    """The folder of an experiment with scripts/clean.py and no experiment.yaml yet."""
    folder = workspace / "experiments" / "churn"
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "clean.py").write_text("def azureml_main(a, b):\n    return a,\n")
    return folder


@pytest.fixture
def read(workspace: Path, churn: Path) -> Callable[[str | bytes], Reading]:
    """Read the text as experiments/churn/experiment.yaml."""

    def read(text: str | bytes) -> Reading:
        data = text if isinstance(text, bytes) else text.encode()
        (churn / "experiment.yaml").write_bytes(data)
        return parse_experiment(churn, workspace)

    return read


@pytest.fixture
def check(read, declarations, workspace) -> Callable[..., list[StudioloError]]:
    """Read, resolve and validate the text; give every problem."""

    def check(text: str, nodes=None, **around) -> list[StudioloError]:
        reading = read(text)
        resolution = resolve(reading.experiment, declarations, reading.places)
        surroundings = Surroundings(**{"workspace": workspace, **around})
        return [*reading.problems, *validate(resolution, surroundings, nodes)]

    return check
