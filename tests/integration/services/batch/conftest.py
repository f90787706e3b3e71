"""What the tests of batch jobs share: a published service that doubles a column, its server, and storage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from studiolo import Workspace
from studiolo.services.registry import Services
from tests.integration.services.batch.tools import Client, Files, Serving
from tests.servers.programs import azurite_command, free_port, moto_program, running

EXPERIMENT = """\
name: Double
nodes:
  rows: {module: import-data, parameters: {path: data/rows.csv, types: "zip: String, day: DateTime"}}
  double:
    module: execute-python-script
    script: scripts/double.py
    inputs: {dataset1: rows}
web_service:
  inputs: {input1: double.dataset1}
  outputs: {output1: double.result_dataset}
  parameters: {factor: double.factor, pause: double.pause}
"""
SCRIPT = """\
import time


def azureml_main(rows, other, factor=2.0, pause=0):
    print("got", len(rows), "rows")
    time.sleep(pause)
    if factor == 13:
        raise ValueError("thirteen")
    rows["y"] = rows["x"] * factor
    return rows
"""
ROWS = "x,zip,day\n1.5,01234,2024-05-06T00:00:00\n2.5,8000,2024-05-07T00:00:00\n"
S3_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIDSERVER", "AWS_SECRET_ACCESS_KEY": "server's own secret"}


@dataclass(frozen=True)
class Desk:
    """A workspace with a published service: its folder, path of its classic addresses, its key."""

    path: Path
    classic: str
    key: str


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The workspace; servers are started on it."""
    folder = tmp_path_factory.mktemp("batch") / "work"
    with Workspace.create(folder, "Test") as made:
        made.path.joinpath("studiolo.toml").write_text(
            'name = "Test"\n[grants]\nnetwork = ["127.0.0.1:*"]\n', encoding="utf-8"
        )
        for path, text in {
            "experiments/double/experiment.yaml": EXPERIMENT,
            "experiments/double/scripts/double.py": SCRIPT,
            "data/rows.csv": ROWS,
        }.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    with Workspace(folder) as opened:
        services = Services(opened)
        published = services.publish("double", "double")
        assert published.keys is not None
        classic = services.addresses(published.service)["batch"].removesuffix("/jobs")
        return Desk(folder, classic, published.keys["primary"])


@pytest.fixture(scope="session")
def files() -> Iterator[Files]:
    """A plain HTTP server."""
    made = Files()
    yield made
    made.close()


@pytest.fixture(scope="session")
def s3_port() -> int:
    """TCP port of the S3 server, known before it is started."""
    return free_port()


@pytest.fixture(scope="session")
def server(desk: Desk, s3_port: int) -> Iterator[Serving]:
    """`studiolo serve`, which has access of its own to the S3 server."""
    made = Serving(desk.path, {**S3_ENVIRONMENT, "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{s3_port}"})
    yield made
    made.close()


@pytest.fixture
def client(server: Serving, desk: Desk) -> Client:
    """Calls the service as classic clients do: paths are those behind `…/services/ID`."""
    return Client(server.address + desk.classic, desk.key)


@pytest.fixture
def own(server: Serving, desk: Desk) -> Client:
    """Calls the service in our own form."""
    return Client(f"{server.address}/api/services/double", desk.key)


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of the emulator's blobs."""
    folder, port = tmp_path_factory.mktemp("azurite"), free_port()
    with running(azurite_command(port, folder), port, folder):
        yield f"http://127.0.0.1:{port}/devstoreaccount1"


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory, s3_port: int) -> Iterator[str]:
    """The endpoint of an S3 server."""
    folder = tmp_path_factory.mktemp("moto")
    with running([*moto_program(), "-H", "127.0.0.1", "-p", str(s3_port)], s3_port, folder):
        yield f"http://127.0.0.1:{s3_port}"
