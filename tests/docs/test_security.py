"""docs/security.md names tests, limits and grants as they are."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from studiolo.domain.limits import Grants, Limits
from studiolo.graph.permissions import grant_problems
from studiolo.graph.reading import parse_experiment
from studiolo.graph.workspace_file import BADGES, read_workspace_file


@pytest.fixture(scope="module")
def page(root: Path) -> Path:
    """The page."""
    return root / "docs" / "security.md"


@pytest.fixture(scope="module")
def text(page: Path) -> str:
    """Its text."""
    return page.read_text(encoding="utf-8")


def test_every_test_of_the_jail_is_named_and_exists(text: str, root: Path) -> None:
    """A promise whose test was renamed away is an empty one; a test that no promise names tells nobody anything."""
    named = set(re.findall(r"`(tests/jail/\w+\.py)`", text))
    assert named == {
        path.relative_to(root).as_posix() for path in (root / "tests" / "jail").glob("test_*.py")
    }


def test_every_promise_has_a_test(text: str) -> None:
    """What is promised is tested (R-6.4): each number of the list stands in the table of tests."""
    promised = re.findall(r"^(\d+)\. ", text.split("## What is promised")[1].split("\n## ")[0], re.M)
    tested = re.findall(r"^\| (\d+) .*`tests/jail/", text, re.M)
    assert promised == tested
    assert len(promised) == 10


def test_the_limits_are_the_defaults(text: str) -> None:
    """Readers plan with these figures."""
    told = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.M))
    assert told == {name: str(value) for name, value in asdict(Limits()).items()}


def test_the_badges_are_those_that_exist(text: str) -> None:
    """A workspace allows a badge by its name."""
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", text.split("## Degrees")[1], re.M)) >= set(
        BADGES
    )


def test_the_files_of_the_page_are_read_as_written(page: Path, tmp_path: Path, blocks_of) -> None:
    """What the docs show is copied by readers; the node's grants lie within the ceiling beside them."""
    weaker, ceiling = (block for block in blocks_of(page) if block.language == "toml")
    (experiment,) = (block for block in blocks_of(page) if block.language == "yaml")
    (tmp_path / "data" / "reference" / "currencies").mkdir(parents=True)
    (tmp_path / "studiolo.toml").write_text(weaker.text + ceiling.text, encoding="utf-8")
    workspace = read_workspace_file(tmp_path)
    assert workspace.allow_badge == "reduced"
    folder = tmp_path / "experiments" / "churn"
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "rates.py").write_text("def azureml_main():\n    pass\n")
    (folder / "experiment.yaml").write_text(experiment.text, encoding="utf-8")
    reading = parse_experiment(folder, tmp_path)
    assert [str(problem) for problem in reading.problems] == []
    node = reading.experiment.nodes["rates"]
    assert node.grants == Grants(("api.example.com:443",), ("data/reference/currencies",))
    assert list(grant_problems(node.grants, workspace.grants, "rates", tmp_path)) == []
    assert (node.limits.memory_mb, node.limits.wall_seconds) == (1024, 120)
