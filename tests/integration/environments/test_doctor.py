"""`studiolo doctor` tells of every environment that is built, or that the workspace names."""

from __future__ import annotations

import shutil
import sys
import venv
from pathlib import Path

from studiolo import Workspace
from studiolo.environments.registry import Environments
from studiolo.workspace.doctor import EnvironmentReport


def told(workspace: Workspace) -> dict[str, EnvironmentReport]:
    """Give what is said of each environment."""
    return {one.name: one for one in workspace.doctor().environments}


def test_it_tells_what_works_what_is_broken_and_what_is_not_built(tmp_path: Path, own_data: Path) -> None:
    """Each in its own line; what can be built at any time is no fault (R-5.4)."""
    venv.create(tmp_path / "gone", symlinks=True, with_pip=False)
    with Workspace.create(tmp_path / "work", "Test") as workspace:
        own = Environments(workspace.path)
        own.adopt("here", sys.executable)
        own.adopt("lost", str(tmp_path / "gone"))
        shutil.rmtree(tmp_path / "gone")
        (workspace.path / "environments" / "later.toml").write_text(
            'python = "3.12"\npackages = ["six==1.15.0"]\n'
        )
        (workspace.path / "environments" / "faulty.toml").write_text("python = ")
        found = told(workspace)
        assert list(found) == ["current", "faulty", "here", "later", "lost"]
        assert (found["here"].problem, dict(found["here"].packages)["pandas"]) == (
            "",
            dict(found["current"].packages)["pandas"],
        )
        assert "There is no Python interpreter" in found["lost"].problem
        assert "is not TOML" in found["faulty"].problem
        assert (found["later"].is_built, found["later"].problem) == (False, "")


def test_the_usual_environment_of_a_workspace_must_be_built(tmp_path: Path, own_data: Path) -> None:
    """Every run would fail for it, so it is a fault."""
    with Workspace.create(tmp_path / "work", "Test") as workspace:
        (workspace.path / "studiolo.toml").write_text('name = "Test"\nenvironment = "designer-py36"\n')
    with Workspace(tmp_path / "work") as workspace:
        found = told(workspace)
        assert list(found) == ["current", "designer-py36"]
        assert found["designer-py36"].problem
        assert not workspace.doctor().is_well
