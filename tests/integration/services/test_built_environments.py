"""Environments of published versions are found where they were built, whatever the workspace says now (R-9.1)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studiolo.domain.service import FrozenEnvironment
from studiolo.environments import Environment, current_environment
from studiolo.environments.folders import finished
from studiolo.services.built_environments import remember, remembered
from studiolo.services.environments import environment_of

DIGEST = "ab" * 32


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's environments."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "studiolo" / "environments"


@pytest.fixture
def built(data: Path) -> Environment:
    """An environment that was built to its end, as far as its folder tells."""
    folder = data / f"packages-{DIGEST}"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    finished(folder, {"version": "3.11"})
    made = replace(current_environment(), name="packages of the node", python=str(folder / "bin" / "python"))
    return replace(made, prefix=str(folder), read_only=(str(folder),), lock_digest=DIGEST)


def test_a_built_environment_is_found_although_the_workspace_knows_nothing_of_it(
    built: Environment, tmp_path: Path
) -> None:
    """The script's header, or the recipe, has been changed since: the version goes on with what it had."""
    remember(built)
    remember(built)
    frozen = FrozenEnvironment(built.name, DIGEST, built.version)
    assert environment_of(tmp_path, frozen) == (built, "")


def test_one_that_was_removed_is_not_found(built: Environment) -> None:
    """Half of it would fail in the middle of a request."""
    remember(built)
    (Path(built.prefix) / "built.json").unlink()
    assert remembered(DIGEST) is None


def test_an_environment_that_studiolo_has_not_built_is_not_remembered(data: Path) -> None:
    """`current` and adopted ones change at their place: where they were says nothing of what they are."""
    here = current_environment()
    remember(here)
    assert remembered(here.lock_digest) is None
    assert not data.exists()


def test_a_damaged_or_foreign_note_counts_for_nothing(built: Environment, data: Path) -> None:
    """What a note says decides what the jail shows of the machine."""
    remember(built)
    (note,) = (data / "published").iterdir()
    told = json.loads(note.read_text())
    for wrong in (
        "",
        "[]",
        json.dumps({**told, "prefix": "/usr"}),
        json.dumps({**told, "lock_digest": "0" * 64}),
    ):
        note.write_text(wrong)
        assert remembered(DIGEST) is None
    assert remembered("../x") is None
