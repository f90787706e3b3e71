"""What the tests of object storages share: Azurite and an S3 server, and a workspace that may reach them."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.servers.azurite import ACCOUNT, ACCOUNT_KEY
from tests.servers.programs import azurite_command, free_port, moto_program, running

from studiolo import Workspace
from studiolo.connectors.address import parse_address
from studiolo.connectors.http import HttpLimits, ask
from studiolo.connectors.s3 import S3Access, bucket_url, object_signature
from studiolo.errors import StudioloError

KEY_ID, SECRET = "AKIDTESTS", "a secret/of+the=bucket"


@dataclass(frozen=True)
class Azurite:
    """The running emulator."""

    port: int

    @property
    def endpoint(self) -> str:
        """The address of its blobs."""
        return f"http://127.0.0.1:{self.port}/{ACCOUNT}"

    @property
    def connection(self) -> str:
        """Its connection string."""
        words = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY}"
        return f"{words};BlobEndpoint={self.endpoint};"


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """The Azure emulator, which checks signatures."""
    folder, port = tmp_path_factory.mktemp("azurite"), free_port()
    with running(azurite_command(port, folder), port, folder):
        yield Azurite(port)


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """TCP port of an S3 server, in which the bucket `reports` is."""
    folder, port = tmp_path_factory.mktemp("moto"), free_port()
    with running([*moto_program(), "-H", "127.0.0.1", "-p", str(port)], port, folder):
        access = S3Access(KEY_ID, SECRET, endpoint=f"http://127.0.0.1:{port}")
        put(
            bucket_url(access, "reports"), object_signature(access, bucket_url(access, "reports"), "PUT", 600)
        )
        yield port


def put(url: str, query: str) -> None:
    """Make a bucket by a signed address."""
    address = parse_address(f"{url}?{query}")
    request = urllib.request.Request(address.url, data=b"", method="PUT")
    with ask(address, request, HttpLimits(), ["127.0.0.1:*"]):
        pass


class Desk:
    """A workspace on which nodes are run one after the other."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def run(self, nodes: dict[str, Any]) -> Any:
        """Run nodes, given as module, inputs and parameters, in an experiment of their own; give the result."""
        count = len(self.workspace.experiment_names())
        experiment = self.workspace.new_experiment(f"e{count}").remove("script")
        for name, (module, inputs, parameters) in nodes.items():
            experiment.add(name, module, inputs=inputs, parameters=parameters)
        return experiment.run()

    def write(self, address: str, data: str, **parameters: Any) -> None:
        """Send a table that is given as CSV to an address."""
        rows = ("enter-data-manually", {}, {"data": data})
        given = {"address": address, **parameters}
        result = self.run({"rows": rows, "save": ("export-data", {"dataset": "rows"}, given)})
        self._raise(result, "save")

    def read(self, **parameters: Any) -> dict[str, list[Any]]:
        """Run Import Data and give what it read."""
        result = self.run({"read": ("import-data", {}, parameters)})
        self._raise(result, "read")
        found: dict[str, list[Any]] = result["read"].outputs["result_dataset"].to_arrow().to_pydict()
        return found

    def refused(self, **parameters: Any) -> StudioloError:
        """Run Import Data, which must fail, and give its error."""
        with pytest.raises(StudioloError) as caught:
            self.read(**parameters)
        return caught.value

    def _raise(self, result: Any, name: str) -> None:
        if result[name].error is not None:
            raise result[name].error


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A workspace that may reach this machine."""
    folder = tmp_path / "work"
    Workspace.create(folder, "Test").close()
    (folder / "studiolo.toml").write_text('name = "Test"\n[grants]\nnetwork = ["127.0.0.1:*"]\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("no_proxy", "*")
    with Workspace(folder) as workspace:
        yield Desk(workspace)
