"""The guide to scripts in R: its experiment runs as it stands and gives what the guide says (R-4.2)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from studiolo import Workspace


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_experiment_of_the_guide_runs(root: Path, tmp_path: Path) -> None:
    """Whoever follows the guide gets two datasets, the summary in the log, and a plot."""
    text = (root / "docs" / "r.md").read_text(encoding="utf-8")
    named = re.findall(r"^`(experiments/cities/[\w/.]+)`:\n\n```\w+\n(.*?)^```$", text, re.M | re.S)
    assert [name for name, _ in named] == [
        "experiments/cities/experiment.yaml",
        "experiments/cities/scripts/warm.R",
    ]
    with Workspace.create(tmp_path / "work", "Guide") as workspace:
        for name, content in named:
            file = workspace.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        node = workspace.run("cities")["warm"]
        assert node.state == "finished", node.error
        assert node.result_dataset.to_pandas()["is_warm"].tolist() == [False, True, None]
        assert node.result_dataset2.to_pandas()["Freq"].tolist() == [1, 1, 1]
        assert b"Median" in node.log
        assert [picture.name for picture in node.pictures] == ["Rplot001.png"]
