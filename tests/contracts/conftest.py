"""One thread for each learner (tables of forty rows only wait for more), and a folder for what modules leave behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when the first library that uses it is loaded


@pytest.fixture(autouse=True, scope="session")
def working_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which modules are called, as a job has one: R leaves its plots there."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(autouse=True)
def _inside(working_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(working_directory)
