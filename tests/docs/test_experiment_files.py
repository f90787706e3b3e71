"""docs/experiment-files.md agrees with what studiolo reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studiolo.domain.limits import LIMIT_NAMES, Grants, Limits
from studiolo.graph.keys import NODE_KEYS, TOP_KEYS
from studiolo.graph.reading import parse_experiment
from studiolo.graph.workspace_file import WorkspaceFile, read_workspace_file


@pytest.fixture(scope="module")
def page(root: Path) -> Path:
    """The page."""
    return root / "docs" / "experiment-files.md"


def test_the_table_of_keys_is_complete(page: Path) -> None:
    """A key that is not in the table is found by nobody, one too many is an error for everybody."""
    rows = re.findall(r"^\| (`.+`) \| (experiment|node) \|", page.read_text(encoding="utf-8"), re.M)
    told = [(of, key) for keys, of in rows for key in re.findall(r"`(\w+)`", keys)]
    known = [*(("experiment", key) for key in TOP_KEYS), *(("node", key) for key in NODE_KEYS)]
    assert sorted(told) == sorted(known)


def test_the_limits_are_complete(page: Path) -> None:
    """The names carry their units, so they must be right to the letter."""
    row = re.search(r"^\| `limits` \| node \| (.+) \|$", page.read_text(encoding="utf-8"), re.M)
    assert row is not None
    assert tuple(re.findall(r"`(\w+)`", row[1])) == LIMIT_NAMES


def test_the_limits_in_the_readme_are_the_defaults(root: Path) -> None:
    """README states what a job may take; the defaults are the truth."""
    text = " ".join((root / "README.md").read_text(encoding="utf-8").split())
    limits = Limits()
    assert (limits.cpu_seconds, limits.wall_seconds) == (3600, 3600)
    told = (
        f"{limits.memory_mb // 1024} GiB of memory beyond its inputs, an hour of CPU and of wall time, "
        f"{limits.processes} processes, {limits.disk_mb} MiB of disk"
    )
    assert told in text


def test_the_workspace_file_of_the_docs_is_read_as_written(page: Path, tmp_path: Path, blocks_of) -> None:
    """What the docs show is copied by readers."""
    (block,) = (block for block in blocks_of(page) if block.language == "toml")
    (tmp_path / "studiolo.toml").write_text(block.text, encoding="utf-8")
    (tmp_path / "data" / "reference").mkdir(parents=True)
    assert read_workspace_file(tmp_path) == WorkspaceFile(
        name="Churn",
        environment="current",
        allow_badge="full",
        grants=Grants(network=("myaccount.example.com:443",), read=("data/reference",)),
        slots=2,
        memory_mb=8192,
    )


def test_every_example_is_read_without_a_problem(root: Path) -> None:
    """The examples are the first experiments that people see."""
    folders = sorted(path.parent for path in (root / "examples").glob("*/experiments/*/experiment.yaml"))
    assert len(folders) == 4
    for folder in folders:
        workspace = folder.parents[1]
        assert read_workspace_file(workspace).name
        assert [str(problem) for problem in parse_experiment(folder, workspace).problems] == []
