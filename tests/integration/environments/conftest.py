"""A data folder of their own for tests that build, and the interpreters that are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studiolo.environments.interpreters import Interpreter, find
from studiolo.environments.registry import Environments
from studiolo.errors import UserError


@pytest.fixture(scope="session")
def shared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is built in it stays for the next test."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def data(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where environments are built during a test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(shared_data))
    return shared_data / "studiolo" / "environments"


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, empty."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own-data"))
    return tmp_path / "own-data" / "studiolo" / "environments"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The folder of a workspace, as far as environments are concerned."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def environments(workspace: Path, tmp_path: Path) -> Environments:
    """The environments of the workspace."""
    return Environments(workspace, tmp_path / "cache")


@pytest.fixture(scope="session")
def interpreter() -> Callable[[str], Interpreter]:
    """Give an interpreter of a version, or skip, saying which is missing."""

    def found(version: str) -> Interpreter:
        try:
            return find(version)
        except UserError:
            pytest.skip(f"there is no Python {version} here")

    return found
