"""Packages of a node: chosen, locked and installed from wheels only, with nothing of theirs started outside a jail."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.integration.wheels import hostile_files, make_source, make_wheel, variables_to_find

from studiolo.environments import added
from studiolo.environments.interpreters import Interpreter
from studiolo.environments.making import Maker
from studiolo.environments.packages_of_node import NodeRecipe, PackagesOfNodes
from studiolo.environments.progress import BuildProgress
from studiolo.environments.registry import Environments
from studiolo.errors import UserError

VERSIONS = ["2.7", "3.6", "3.7", "3.8", "3.11", "3.13"]
OLD_AND_NEW = ["3.6", "3.11"]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which uv and pip find packages."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in variables_to_find(folder).items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    """A folder in which a package leaves a trace when it runs."""
    folder = tmp_path / "witness"
    folder.mkdir()
    return folder


@pytest.fixture
def maker(
    tmp_path: Path, data: Path, interpreter: Callable[[str], Interpreter]
) -> Callable[[str, str], Maker]:
    """Make environments of a version in a folder of a name."""

    def made(version: str, name: str) -> Maker:
        scratch = tmp_path / f"{name}-scratch"
        scratch.mkdir()
        return Maker(tmp_path / name, interpreter(version), scratch, lambda word: None)

    return made


def recipe(workspace: Path, *requirements: str, python: str = "", base: str | None = None) -> NodeRecipe:
    return NodeRecipe(
        "clean", requirements, python, base, workspace / "scripts/clean.lock", "scripts/clean.lock"
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_of_a_hostile_wheel_runs_when_it_is_chosen_and_installed(
    version: str, maker: Callable[[str, str], Maker], index: Path, witness: Path
) -> None:
    """Start-up files, files that replace those of Python, and another `bin/python`: uv's way and pip's."""
    make_wheel(index, "evil", hostile_files(witness, replaces_python=version in ("2.7", "3.6", "3.7")))
    pins = added.choose(maker(version, "chosen"), ["evil"], None, "node clean", False)
    assert pins == ["evil==1.0"]
    made = maker(version, "installed")
    added.install(made, pins, False, "node clean")
    assert (made.folder / added.FOLDER / "evil.pth").is_file()
    assert os.listdir(witness) == []
    assert not (made.folder / "bin/python").read_bytes().startswith(b"#!")
    assert "/nowhere" not in (made.folder / "pyvenv.cfg").read_text()


@pytest.mark.parametrize("version", VERSIONS)
def test_what_has_no_wheel_is_not_built(
    version: str, maker: Callable[[str, str], Maker], index: Path, witness: Path
) -> None:
    """Building runs `setup.py` outside the jail, so a run never does it; the error names the package."""
    make_source(index, "studiolo_sourced", f"open({str(witness / 'setup')!r}, 'w').close()")
    with pytest.raises(UserError) as caught:
        added.choose(maker(version, "chosen"), ["studiolo_sourced"], None, "node clean", False)
    assert caught.value.code == "needs-building"
    assert caught.value.summary.startswith("studiolo-sourced has no wheel for Python")
    with pytest.raises(UserError) as caught:
        added.install(maker(version, "installed"), ["studiolo_sourced==1.0"], False, "node clean")
    assert caught.value.code in ("needs-building", "cannot-build")
    assert os.listdir(witness) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wheel_that_needs_a_source_by_its_address_builds_nothing(
    version: str, maker: Callable[[str, str], Maker], index: Path, witness: Path, tmp_path: Path
) -> None:
    """The `--only-binary` of pip does not count for addresses; it can start no program instead."""
    source = make_source(tmp_path, "studiolo_sourced", f"open({str(witness / 'setup')!r}, 'w').close()")
    make_wheel(index, "lure", {"lure.py": ""}, [f"studiolo_sourced @ file://{source}"])
    with pytest.raises(UserError) as caught:
        added.choose(maker(version, "chosen"), ["lure"], None, "node clean", False)
    assert caught.value.code in ("cannot-resolve", "needs-building")
    assert os.listdir(witness) == []


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_its_user_can_have_it_built(version: str, maker: Callable[[str, str], Maker], index: Path) -> None:
    """`studiolo env build EXPERIMENT:NODE` is the way out."""
    make_source(index, "studiolo_sourced")
    pins = added.choose(maker(version, "chosen"), ["studiolo_sourced"], None, "node clean", True)
    made = maker(version, "installed")
    added.install(made, pins, True, "node clean")
    assert (made.folder / added.FOLDER / "studiolo_sourced.py").is_file()


@pytest.mark.parametrize("version", OLD_AND_NEW)
@pytest.mark.parametrize(
    ("requirements", "reason"),
    [
        (["studiolo-no-such-package"], "studiolo-no-such-package"),
        (["one==1.0", "two==1.0"], "two"),
    ],
    ids=["unknown", "conflict"],
)
def test_the_resolvers_reason_is_told_shortly(
    version: str, requirements: list[str], reason: str, maker: Callable[[str, str], Maker], index: Path
) -> None:
    """Bad input of the issue: an unknown package, conflicting pins."""
    make_wheel(index, "one", {"one.py": ""}, ["two==2.0"])
    make_wheel(index, "two", {"two.py": ""})
    make_wheel(index, "two", {"two.py": ""}, version="2.0")
    with pytest.raises(UserError) as caught:
        added.choose(maker(version, "chosen"), requirements, None, "node clean", False)
    assert caught.value.code == "cannot-resolve"
    assert caught.value.summary.startswith("No set of packages fits what node clean asks for.\n")
    assert reason in caught.value.summary
    assert len(caught.value.summary) < 1_000


def test_an_environment_is_locked_and_built_once_and_used_without_network_after(
    environments: Environments, workspace: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-5.3: the lock beside the script decides; it is made again when the requirements change, and only then."""
    steps: list[BuildProgress] = []
    first = PackagesOfNodes(environments, steps.append).get(recipe(workspace, "idna==3.4"))
    lock = (workspace / "scripts/clean.lock").read_text()
    assert {step.name for step in steps} >= {"resolving", "creating", "installing", "compiling", "built"}
    assert "\nidna==3.4\n" in lock and "\npandas==" in lock
    assert (Path(first.prefix) / added.FOLDER / "idna/__pycache__").is_dir()
    assert not os.access(Path(first.prefix) / added.FOLDER / "idna", os.W_OK) or os.geteuid() == 0

    for name in ("UV_NO_INDEX", "PIP_NO_INDEX"):
        monkeypatch.setenv(name, "1")
    for name in ("UV_FIND_LINKS", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, str(workspace))
    steps.clear()
    assert PackagesOfNodes(environments, steps.append).get(recipe(workspace, "idna==3.4")) == first
    assert steps == []
    assert (workspace / "scripts/clean.lock").read_text() == lock
    with pytest.raises(UserError) as caught:
        PackagesOfNodes(environments).get(recipe(workspace, "idna==3.4", "studiolo-no-such-package"))
    assert caught.value.code == "cannot-resolve"
    assert (workspace / "scripts/clean.lock").read_text() == lock


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("idna @ file:///etc/passwd", "damaged-lock"),
        ("idna @ git+https://example.org/idna.git", "damaged-lock"),
        ("idna==3.4 --hash=sha256:00", "damaged-lock"),
        ("idna @ https://example.org/${HOME}/idna-3.4-py3-none-any.whl", "damaged-lock"),
        ("idna @ https://example.org/idna-3.4-py3-none-any.whl", "address-not-allowed"),
    ],
)
def test_a_lock_of_a_stranger_gets_nothing_that_a_header_does_not_get(
    pin: str, code: str, environments: Environments, workspace: Path, data: Path
) -> None:
    """The file comes with the experiment; its digest can be right and its lines anything."""

    def refuse(requirement: str) -> None:
        if "@" in requirement:
            raise UserError("address-not-allowed", requirement)

    wanted = recipe(workspace, "idna==3.4")
    PackagesOfNodes(environments).get(wanted)
    text = wanted.lock_file.read_text()
    wanted.lock_file.write_text(text.replace("idna==3.4", pin))
    with pytest.raises(UserError) as caught:
        PackagesOfNodes(environments, check_address=refuse).get(wanted)
    assert caught.value.code == code


def test_a_python_that_nobody_has_is_told_with_those_there_are(
    environments: Environments, workspace: Path, data: Path
) -> None:
    """Bad input of the issue: no such Python."""
    with pytest.raises(UserError) as caught:
        PackagesOfNodes(environments).get(recipe(workspace, "idna", python=">=3.99"))
    assert caught.value.code == "missing-interpreter"
    assert caught.value.summary.startswith('No Python on this machine fits requires-python ">=3.99". Found: ')


def test_in_a_weak_jail_only_what_its_user_has_built_is_used(
    environments: Environments, workspace: Path, data: Path
) -> None:
    """In a bare jail the interpreter that is loaded beforehand stands outside the walls, and start-up files with it."""
    wanted = recipe(workspace, "idna==3.4", "polib==1.2.0")
    with pytest.raises(UserError) as caught:
        PackagesOfNodes(environments, needs_consent=True).get(wanted)
    assert caught.value.code == "environment-not-built"
    built = PackagesOfNodes(environments, sources=True).get(wanted)
    assert PackagesOfNodes(environments, needs_consent=True).get(wanted) == built


@pytest.mark.ready_made
@pytest.mark.parametrize(
    ("base", "other"), [("designer-py36", "numpy==1.19.5"), ("classic-py27", "numpy==1.16.6")]
)
def test_packages_are_added_to_an_old_environment(
    base: str, other: str, tmp_path: Path, workspace: Path
) -> None:
    """The versions of the base stay; only what it lacks is installed, in seconds."""
    from tests.in_environments import environment_named

    below = environment_named(base)
    environments = Environments(workspace, tmp_path / "cache")
    packages = PackagesOfNodes(environments)
    found = packages.get(recipe(workspace, "textblob==0.15.3", base=base))
    pins = (workspace / "scripts/clean.lock").read_text().splitlines()
    assert set(environments.lock(base).requirements) < set(pins)
    assert "textblob==0.15.3" in pins
    assert set(below.read_only) <= {*found.read_only}
    assert (found.version, found.flags) == (below.version, below.flags)
    assert not (Path(found.prefix) / added.FOLDER / "pandas").exists()
    with pytest.raises(UserError) as caught:
        packages.get(recipe(workspace, "textblob", other, base=base))
    assert caught.value.code == "cannot-resolve"
    with pytest.raises(UserError) as caught:
        packages.get(recipe(workspace, "textblob", python=">=3.8", base=base))
    assert (caught.value.code, below.version in caught.value.summary) == ("wrong-value", True)
