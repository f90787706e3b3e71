"""What the tests of databases share: a PostgreSQL server, and a workspace that may reach it and knows its password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.servers.postgres import PASSWORD, Postgres, running_postgres

from studiolo import Workspace
from studiolo.errors import StudioloError


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of its own for this process."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the keys of secrets lie."""
    return tmp_path_factory.mktemp("config")


class Desk:
    """A workspace on which nodes are run one at a time.

    Attributes:
        workspace: opened.
        address: of the database, with the password as a secret.
    """

    def __init__(self, workspace: Workspace, address: str) -> None:
        self.workspace = workspace
        self.address = address

    def read(self, **parameters: Any) -> pa.Table:
        """Run Import Data and give its table."""
        result = self.run({"read": ("import-data", {}, parameters)})
        self._raise(result, "read")
        table: pa.Table = result["read"].outputs["result_dataset"].to_arrow()
        return table

    def receipts(self, **parameters: Any) -> list[str]:
        """Run Import Data and give the codes of its receipt."""
        result = self.run({"read": ("import-data", {}, parameters)})
        self._raise(result, "read")
        return sorted(entry.code for entry in result["read"].outputs["result_dataset"].receipt)

    def refused(self, **parameters: Any) -> StudioloError:
        """Run Import Data, which must fail, and give its error."""
        with pytest.raises(StudioloError) as caught:
            self.read(**parameters)
        return caught.value

    def write(self, query: str, **parameters: Any) -> None:
        """Write what a query gives by Export Data."""
        given = {"address": self.address, **parameters}
        read = ("import-data", {}, {"address": self.address, "query": query})
        result = self.run({"read": read, "save": ("export-data", {"dataset": "read"}, given)})
        for name in ("read", "save"):
            self._raise(result, name)

    def not_written(self, query: str, **parameters: Any) -> StudioloError:
        """Write, which must fail, and give the error."""
        with pytest.raises(StudioloError) as caught:
            self.write(query, **parameters)
        return caught.value

    def run(self, nodes: dict[str, Any]) -> Any:
        """Run nodes, given as module, inputs and parameters, in an experiment of their own; give the result."""
        count = len(self.workspace.experiment_names())
        experiment = self.workspace.new_experiment(f"e{count}").remove("script")
        for name, (module, inputs, parameters) in nodes.items():
            experiment.add(name, module, inputs=inputs, parameters=parameters)
        return experiment.run()

    def _raise(self, result: Any, name: str) -> None:
        if result[name].error is not None:
            raise result[name].error


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, keys: Path) -> Iterator[Workspace]:
    """The workspace; its processes are kept for all tests."""
    folder = tmp_path_factory.mktemp("databases") / "work"
    Workspace.create(folder, "Test").close()
    (folder / "studiolo.toml").write_text(f'name = "Test"\n[grants]\nnetwork = ["{postgres.place}"]\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(keys))
        with Workspace(folder) as workspace:
            workspace.secrets.set("warehouse", PASSWORD)
            yield workspace


@pytest.fixture
def desk(opened: Workspace, postgres: Postgres, keys: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Reads from and writes to the server's database."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(keys))
    return Desk(opened, f"postgresql://ada:{{secret:warehouse}}@{postgres.place}/postgres")
