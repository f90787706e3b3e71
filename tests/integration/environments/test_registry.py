"""What a workspace's environments are: names, files, adopted ones, and what is said when one cannot be had."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from studiolo.environments.interpreters import find, found_interpreters
from studiolo.environments.registry import Environments
from studiolo.errors import StudioloError, UserError


def code_of(action) -> str:
    """Give the code of the error that an action raises."""
    with pytest.raises(StudioloError) as raised:
        action()
    return raised.value.code


def test_names_are_current_the_ready_made_and_the_workspace_s_own(
    environments: Environments, workspace: Path
) -> None:
    """What a node may name (R-5.3)."""
    (workspace / "environments").mkdir()
    (workspace / "environments" / "zebra.toml").write_text('python = "3.12"\n')
    ready = ("current", "classic-py27", "classic-py35", "designer-py36")
    assert environments.names() == (*ready, "zebra")
    assert Environments().names() == ready


@pytest.mark.parametrize(
    ("packages", "python", "word"),
    [
        (["no-such-package-of-studiolo"], "3.12", "no-such-package-of-studiolo"),
        (["six==99.9"], "3.12", "six==99.9"),
        (["requests==2.31.0", "urllib3==1.20"], "3.12", "urllib3"),
        (["no-such-package-of-studiolo"], "3.6", "no-such-package-of-studiolo"),
        (["requests==2.25.1", "urllib3==1.20"], "3.6", "requests 2.25.1 depends on urllib3"),
        (["requests==2.25.1", "urllib3==1.20"], "2.7", "requests 2.25.1 depends on urllib3"),
    ],
)
def test_packages_that_cannot_be_had_are_named_and_nothing_stays(
    environments: Environments, workspace: Path, data: Path, packages: list[str], python: str, word: str
) -> None:
    """Unknown package, conflicting pins: the resolver's reason, short (issue 4, bad input)."""
    with pytest.raises(UserError) as raised:
        environments.create("bad", python=python, packages=packages)
    assert raised.value.code == "cannot-resolve"
    assert word in raised.value.summary
    assert len(raised.value.summary) < 1_200
    assert list((workspace / "environments").iterdir()) == []


def test_a_python_that_is_not_there_is_never_replaced(environments: Environments, workspace: Path) -> None:
    """3.6 does not serve for 3.5 (R-5.1)."""
    with pytest.raises(UserError) as raised:
        environments.create("old", python="3.5", packages=["six"])
    assert raised.value.code == "missing-interpreter"
    assert "pyenv install 3.5" in raised.value.hint
    assert found_interpreters()[0].version in raised.value.summary


def test_an_interpreter_is_found_where_a_variable_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's word comes first."""
    other = tmp_path / "python"
    other.symlink_to(sys.executable)
    monkeypatch.setenv("STUDIOLO_PYTHONS", str(other))
    found = find(".".join(map(str, sys.version_info[:3])))
    assert (found.path, found.found_by) == (str(other), "STUDIOLO_PYTHONS")


def test_a_name_is_taken_once(environments: Environments, workspace: Path, data: Path) -> None:
    """The same name would mean different packages elsewhere."""
    environments.create("own", python="3.12", packages=[])
    assert code_of(lambda: environments.create("own", python="3.12")) == "environment-exists"
    assert code_of(lambda: environments.create("designer-py36", python="3.12")) == "environment-exists"
    (workspace / "environments" / "classic-py27.toml").write_text('python = "3.12"\n')
    assert code_of(lambda: environments.get("classic-py27")) == "environment-exists"
    assert code_of(lambda: environments.get("ownn")) == "unknown-environment"
    assert code_of(lambda: Environments().create("own", python="3.12")) == "no-workspace"


def test_a_changed_recipe_is_locked_anew(environments: Environments, workspace: Path, data: Path) -> None:
    """The lock is always that of the recipe."""
    environments.create("own", python="3.12", packages=["six==1.15.0"])
    path = workspace / "environments" / "own.toml"
    path.write_text(path.read_text().replace("1.15.0", "1.16.0"))
    assert environments.show("own").packages == ()
    assert environments.lock("own").requirements == ("six==1.16.0",)
    assert "six==1.16.0" in (workspace / "environments" / "own.lock").read_text()


def test_an_environment_begins_with_another(environments: Environments, data: Path) -> None:
    """All of its packages, at its versions, and more (R-5.2)."""
    environments.create("first", python="3.12", packages=["six==1.15.0"])
    environments.create("second", base="first", packages=["idna==3.4"])
    assert environments.lock("second").requirements == ("idna==3.4", "six==1.15.0")
    assert environments.get("second").version == environments.get("first").version
    assert code_of(lambda: environments.create("third", base="first", packages=["six==1.16.0"])) == (
        "cannot-resolve"
    )
    assert code_of(lambda: environments.create("fourth", base="current")) == "wrong-value"


def test_environments_that_begin_with_each_other_are_refused(
    environments: Environments, workspace: Path
) -> None:
    """Not followed for ever."""
    (workspace / "environments").mkdir()
    for name, base in (("a", "b"), ("b", "a"), ("c", "c")):
        (workspace / "environments" / f"{name}.toml").write_text(f'base = "{base}"\n')
    assert [code_of(lambda name=name: environments.get(name)) for name in "abc"] == ["wrong-value"] * 3


def test_an_environment_that_is_there_is_adopted_as_it_is(
    environments: Environments, workspace: Path, tmp_path: Path, data: Path
) -> None:
    """Its packages are its lock; a change is seen at once and said (issue 4, 1)."""
    venv.create(tmp_path / "venv", symlinks=True, with_pip=False)
    site = next((tmp_path / "venv/lib").glob("python*/site-packages"))
    (site / "first-1.0.dist-info").mkdir()
    made = environments.adopt("theirs", str(tmp_path / "venv"))
    assert made.python == str(tmp_path / "venv/bin/python")
    assert environments.get("theirs") == made
    assert "first==1.0" in (workspace / "environments/theirs.lock").read_text()
    assert environments.show("theirs").changed == ()
    (site / "first-1.0.dist-info").rename(site / "first-2.0.dist-info")
    assert environments.get("theirs").lock_digest != made.lock_digest
    assert environments.show("theirs").changed == ("first 2.0, was 1.0",)


def test_a_python_that_a_stranger_s_workspace_names_is_not_started(
    environments: Environments, workspace: Path, tmp_path: Path, own_data: Path
) -> None:
    """A recipe that adopts starts a program by path: only after its user has said so."""
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    evil.chmod(0o755)
    (workspace / "environments").mkdir()
    (workspace / "environments" / "theirs.toml").write_text(f'adopted = "{evil}"\n')
    assert code_of(lambda: environments.get("theirs")) == "not-adopted"
    missing = environments.show("theirs").missing
    assert missing is not None and missing.code == "not-adopted"
    assert not (tmp_path / "started").exists()


def test_what_is_no_interpreter_is_not_adopted(
    environments: Environments, workspace: Path, tmp_path: Path, own_data: Path
) -> None:
    """A folder without Python, a text, a program that says nothing."""
    assert code_of(lambda: environments.adopt("a", str(tmp_path))) == "missing-interpreter"
    assert code_of(lambda: environments.adopt("a", "/bin/true")) == "broken-environment"
    assert not (workspace / "environments").exists()


def test_an_export_is_what_pip_installs(environments: Environments, tmp_path: Path, data: Path) -> None:
    """Recipe, lock and requirements.txt (R-5.4)."""
    environments.create("own", python="3.12", packages=["six==1.15.0"])
    written = environments.export("own", tmp_path / "out")
    assert [path.name for path in written] == ["own.lock", "own.toml", "requirements.txt"]
    assert written[2].read_text() == "six==1.15.0\n"


def test_removing_takes_the_files_away(environments: Environments, workspace: Path, data: Path) -> None:
    """Of a ready-made one only what is built can be removed."""
    environments.create("own", python="3.12", packages=["six==1.15.0"])
    assert not environments.remove("own")
    assert list((workspace / "environments").iterdir()) == []
    assert code_of(lambda: environments.remove("designer-py36")) == "environment-exists"
    assert code_of(lambda: environments.remove("current")) == "environment-exists"
    assert code_of(lambda: environments.remove("own")) == "unknown-environment"


def test_the_command_tells_and_builds(workspace: Path, data: Path) -> None:
    """`studiolo env` from outside (R-5.4)."""
    (workspace / "studiolo.toml").write_text('name = "x"\n')

    def studiolo(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "studiolo.cli.main", "env", *words, "--workspace", str(workspace)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    made = studiolo("create", "own", "--python", "3.12", "six==1.15.0")
    assert made.returncode == 0, made.stderr
    assert "1 package locked" in made.stdout
    built = studiolo("build", "own")
    assert "is ready: Python 3.12" in built.stdout, built.stderr
    assert "six" in studiolo("show", "own").stdout
    assert "own" in studiolo("list").stdout
    assert '"is_usable": true' in studiolo("show", "own", "--json").stdout
    assert "Removed own" in studiolo("remove", "own").stdout
    assert studiolo("show", "own").returncode != 0
