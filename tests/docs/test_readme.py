"""What README promises is done here, word for word, in a fresh folder."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SECTION = "A first experiment"


@pytest.fixture
def shell_environment(tmp_path: Path) -> dict[str, str]:
    """Environment variables as a person has them, with studiolo on the path and a home of one's own."""
    kept = {name: value for name, value in os.environ.items() if name in ("LANG", "LC_ALL", "TMPDIR")}
    home = tmp_path / "home"
    home.mkdir()
    return {**kept, "HOME": str(home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def carry_out(text: str, folder: Path, environment: dict[str, str]) -> str:
    """Run the lines of a shell block in `folder`; the first that fails ends it. Give what was printed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_first_experiment_works_as_written(
    root: Path, tmp_path: Path, blocks_of, shell_environment
) -> None:
    """The first five minutes decide whether somebody stays."""
    folder = tmp_path / "fruit"
    folder.mkdir()
    blocks = [block for block in blocks_of(root / "README.md") if block.heading == SECTION]
    printed = ""
    for block in blocks:
        if block.path:
            path = folder / block.path
            assert path.parent.is_dir(), f"studiolo new made no folder for {block.path}"
            path.write_text(block.text, encoding="utf-8")
        else:
            assert block.language == "sh"
            printed += carry_out(block.text, folder, shell_environment)
    with (folder / "totals.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    totals = [(row["fruit"], row["total"]) for row in rows]
    assert totals == [("apple", "25.0"), ("quince", "9.0"), ("pear", "")]
    assert "kilos missing: 1" in printed
    again = carry_out("studiolo run totals", folder, shell_environment)
    assert "reused" in again


def test_the_python_lines_of_the_readme_work(
    root: Path, tmp_path: Path, blocks_of, shell_environment
) -> None:
    """The Python API is promised in the README."""
    shutil.copytree(root / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns(".studiolo"))
    blocks = [
        block
        for block in blocks_of(root / "README.md")
        if block.language == "python" and "from studiolo import" in block.text
    ]
    assert blocks
    for block in blocks:
        done = subprocess.run(
            [sys.executable, "-c", block.text],
            cwd=tmp_path,
            env=shell_environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert "glucose" in done.stdout
