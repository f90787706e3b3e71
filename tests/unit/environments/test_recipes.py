"""Recipes and locks: what can be read, what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from studiolo.environments.lock import Lock, make_lock, read_lock
from studiolo.environments.recipe import Recipe, check_name, read_recipe, recipe_text, requirement_name
from studiolo.environments.registry import READY_MADE
from studiolo.errors import Problems, StudioloError, UserError

READY = ["classic-py27", "classic-py35", "designer-py36"]


def read(folder: Path, text: str) -> Recipe:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path, "environments/own.toml")


def problems(folder: Path, text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(StudioloError) as raised:
        read(folder, text)
    found = raised.value.problems if isinstance(raised.value, Problems) else [raised.value]
    return [(one.code, one.where.line) for one in found]


def test_a_recipe_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """What studiolo writes people edit, and studiolo reads again (R-5.1)."""
    recipe = Recipe(
        "own",
        "3.12",
        ('six==1.16.0; python_version > "3"', "idna"),
        'A "line" of ü\\',
        build_last=("idna",),
        file="environments/own.toml",
    )
    assert read(tmp_path, recipe_text(recipe)) == recipe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python = 3.6\n", [("wrong-value", 1)]),
        ('python = "three"\n', [("wrong-value", 1)]),
        ('# nothing\npackages = ["six"]\n', [("missing-key", None)]),
        ('python = "3.12"\npackage = ["six"]\n', [("unknown-key", 2)]),
        ('python = "3.12"\npackages = "six"\n', [("wrong-value", 2)]),
        ('python = "3.12"\npackages = ["--index-url x"]\n', [("wrong-value", 2)]),
        (
            'python = "3.12"\npackages = [\n "./here",\n "six\\n-e ."]\n',
            [("wrong-value", 3), ("wrong-value", None)],
        ),
        ('python = "3.12"\nbase = "designer-py36"\n', [("wrong-value", 1)]),
        ('adopted = "bin/python"\n', [("wrong-value", 1)]),
        ('adopted = "/bin/python"\npython = "3.6"\n', [("wrong-value", 1)]),
        ("python = \n", [("invalid-toml", 1)]),
        ('python = "3.12"\n[', [("invalid-toml", 2)]),
    ],
)
def test_faults_of_a_recipe_are_told_with_their_line(
    tmp_path: Path, text: str, expected: list[tuple[str, int | None]]
) -> None:
    """All of them at once, before anything is fetched (issue 4, bad input)."""
    assert problems(tmp_path, text) == expected


def test_a_recipe_that_is_no_text_or_not_there_is_an_error(tmp_path: Path) -> None:
    """Never a trace (issue 4, bad input)."""
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(UserError) as raised:
        read_recipe(tmp_path / "own.toml", "own.toml")
    assert raised.value.code == "invalid-toml"
    with pytest.raises(UserError) as raised:
        read_recipe(tmp_path / "gone.toml", "gone.toml")
    assert raised.value.code == "unreadable-file"


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "x" * 65, "ä"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    """A name becomes a file's name."""
    with pytest.raises(UserError) as raised:
        check_name(name)
    assert raised.value.code == "wrong-name"


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("Scikit_Learn[all]>=1", "scikit-learn"),
        ("own @ file:///x", "own"),
        ("ruamel.yaml==0.15", "ruamel-yaml"),
        ("-r other.txt", None),
        ("/abs/path", None),
        ("a b", None),
    ],
)
def test_requirements_begin_with_a_name(requirement: str, name: str | None) -> None:
    """Options of pip and paths are no packages."""
    assert requirement_name(requirement) == name


def test_a_lock_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Sorted, the later line of a name winning, what is compiled at the end in its order (R-5.1)."""
    lock = make_lock(
        ["six==1.0", "numpy==1.1", "", "# no", "Six==1.2", "pandas==2", "abc==3"],
        python="3.6.15",
        recipe_digest="ab12",
        build_last=["pandas", "NumPy", "absent"],
    )
    assert lock == Lock(("abc==3", "Six==1.2"), ("pandas==2", "numpy==1.1"), "3.6.15", "ab12")
    path = tmp_path / "own.lock"
    path.write_text(lock.text)
    assert read_lock(path, "own.lock") == lock
    assert read_lock(tmp_path / "gone.lock", "gone.lock") is None


@pytest.mark.parametrize("line", ["six", "-e .", "six>=1", "<<<<<<< HEAD"])
def test_a_lock_with_a_line_that_is_no_version_is_refused(tmp_path: Path, line: str) -> None:
    """A merge conflict in a lock installs nothing."""
    path = tmp_path / "own.lock"
    path.write_text(f"# python: 3.6\nidna==2\n{line}\n")
    with pytest.raises(UserError) as raised:
        read_lock(path, "own.lock")
    assert (raised.value.code, raised.value.where.line) == ("damaged-lock", 3)


def test_ready_made_environments_are_those_of_the_specification() -> None:
    """R-5.2."""
    assert sorted(path.stem for path in READY_MADE.glob("*.toml")) == READY


@pytest.mark.parametrize("name", READY)
def test_ready_made_locks_belong_to_their_recipes(name: str) -> None:
    """They are used as they are: nobody's machine has to choose versions (R-5.2)."""
    recipe = read_recipe(READY_MADE / f"{name}.toml", name)
    expected = make_lock(
        recipe.packages, python=recipe.python, recipe_digest=recipe.digest, build_last=recipe.build_last
    )
    assert read_lock(READY_MADE / f"{name}.lock", name) == expected
    assert all("==" in one for one in recipe.packages)


@pytest.mark.parametrize(
    ("name", "pins"),
    [
        ("designer-py36", {"pandas==0.25.3", "numpy==1.18.2", "scikit-learn==0.22.2", "matplotlib==3.1.3"}),
        (
            "classic-py27",
            {"pandas==0.18.0", "numpy==1.10.4", "scipy==0.17.0", "scikit-learn==0.17.1", "matplotlib==1.5.3"},
        ),
        ("classic-py35", {"pandas==0.18.0", "scikit-learn==0.17.1", "matplotlib==1.5.3"}),
    ],
)
def test_ready_made_environments_have_the_versions_of_their_time(name: str, pins: set[str]) -> None:
    """R-5.2: exactly these."""
    lock = read_lock(READY_MADE / f"{name}.lock", name)
    assert lock is not None
    assert pins <= set(lock.requirements)
    assert not [one for one in lock.requirements if one.startswith("azureml")]
