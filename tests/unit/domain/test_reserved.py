"""Which files of a workspace an experiment may read and write (H5-A: it must not change what runs)."""

from __future__ import annotations

import pytest

from studiolo.domain.reserved import WORKSPACE_FILE, WRITTEN_ENDINGS, reading_problem, writing_problem
from studiolo.formats import choosing
from studiolo.graph.workspace_file import FILE


def code(problem):
    return problem[0] if problem else None


@pytest.mark.parametrize(
    "path",
    [
        "studiolo.toml",
        "STUDIOLO.TOML",
        "experiments/x/experiment.yaml",
        "experiments",
        "Experiments/x.csv",
        "experiments./x.csv",
        "experiments /x.csv",
        "exper\u200cIments/x.csv",
        "modules/x.csv",
        "ｍodules/x.csv",
        "bundles/x.csv",
        "environments/x.csv",
        ".studiolo/x.csv",
        ".git/config",
        "\u200c.git/config",
        ".x.csv",
        "data/.hidden/x.csv",
    ],
)
def test_what_decides_what_runs_cannot_be_written(path):
    """Also not where the file system takes case and invisible letters to be the same."""
    assert code(writing_problem(path.split("/"))) == "reserved-path"


@pytest.mark.parametrize(
    "path",
    [
        "Makefile",
        "conftest.py",
        "pyproject.toml",
        "data/x.yaml",
        "x.csv.exe",
        "x.csv.zip",
        "x.zip",
        "x.tar.gz",
        "x.gz",
        "data/csv",
        "data/x.csv/run",
        "x.csv.gz.gz",
        "requirements-dev.txt",
        "CMakeLists.txt",
        "web/package.json",
    ],
)
def test_only_names_of_data_files_can_be_written(path):
    """What other programs run or obey has another ending, or is known by name."""
    assert code(writing_problem(path.split("/"))) == "wrong-name"


@pytest.mark.parametrize(
    "path", ["x.csv", "data/X.CSV.GZ", "out/2026/experiments/x.parquet", "data/modules.json", "a.b.txt"]
)
def test_data_files_can_be_written_anywhere_else(path):
    """Exporting is what the module is for."""
    assert writing_problem(path.split("/")) is None


def test_every_written_format_keeps_its_endings():
    """A new format must not be forgotten here, and what is only read is not written."""
    written = {ending for ending, name in choosing.ENDINGS.items() if name in choosing.WRITERS}
    assert set(WRITTEN_ENDINGS) == written
    assert WORKSPACE_FILE == FILE


@pytest.mark.parametrize("path", [".env", ".git/config", "data/.x/y.csv", "\u200c.env"])
def test_hidden_files_cannot_be_read(path):
    """They hold keys and passwords."""
    assert code(reading_problem(path.split("/"))) == "reserved-path"


@pytest.mark.parametrize("path", ["data/x.csv", "experiments/x/scripts/x.py", "studiolo.toml", "a.b/c", "x"])
def test_everything_else_can_be_read(path):
    """No secret stands there."""
    assert reading_problem(path.split("/")) is None
