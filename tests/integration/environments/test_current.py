"""The environment `current` as a jail and a fingerprint need to know it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from studiolo.environments import Environment, Package, current_environment, environment, packages
from studiolo.environments.installed import installed_packages, lock_digest
from studiolo.errors import UserError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment without packages; tests leave it as it was."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, symlinks=True, with_pip=False)
    return folder


@pytest.fixture
def site_packages(made: Path):
    """Its folder of packages, emptied afterwards."""
    folder = next((made / "lib").glob("python*/site-packages"))
    yield folder
    for path in folder.iterdir():
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()


def describe(made: Path, cache: Path) -> Environment:
    return current_environment(cache, str(made / "bin" / "python"))


def is_shown(path: str, described: Environment) -> bool:
    return any(path == shown or path.startswith(f"{shown}/") for shown in described.read_only)


def test_the_running_interpreter_is_described(tmp_path: Path) -> None:
    """A worker starts exactly this interpreter (R-5.2)."""
    described = environment("current", tmp_path)
    assert (described.name, described.python, described.version, described.implementation) == (
        "current",
        sys.executable,
        ".".join(map(str, sys.version_info[:3])),
        sys.implementation.name,
    )
    assert (described.prefix, described.base_prefix) == (sys.prefix, sys.base_prefix)


def test_everything_a_clean_interpreter_loads_is_shown(tmp_path: Path) -> None:
    """What is not shown cannot be imported in the jail (R-6.1)."""
    described = environment("current", tmp_path)
    code = (
        "import json, sys, encodings, ssl, numpy, pandas, studiolo, studiolo_child\n"
        "files = [m.__file__ for m in list(sys.modules.values()) if getattr(m, '__file__', None)]\n"
        "print(json.dumps(files))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    files = [*json.loads(done.stdout), sys.executable, os.path.realpath(sys.executable)]
    assert len(files) > 100
    assert [file for file in files if not is_shown(file, described)] == []


def test_shown_folders_exist_and_none_lies_in_another(tmp_path: Path) -> None:
    """Each is one mount of the jail."""
    shown = current_environment(tmp_path).read_only
    assert [path for path in shown if not os.path.exists(path)] == []
    assert [(a, b) for a in shown for b in shown if a != b and b.startswith(f"{a}/")] == []
    assert "/" not in shown


def test_sources_of_an_editable_install_are_shown(made: Path, site_packages: Path, tmp_path: Path) -> None:
    """A module's author works on an installed package in place (R-4.6)."""
    source, gone = tmp_path / "own" / "src", tmp_path / "gone"
    source.mkdir(parents=True)
    (site_packages / "own.pth").write_text(f"{source}\n{gone}\n")
    described = describe(made, tmp_path / "cache")
    assert (str(source) in described.paths, str(source) in described.read_only) == (True, True)
    assert str(gone) not in described.paths


def test_sources_behind_an_import_hook_are_shown(made: Path, site_packages: Path, tmp_path: Path) -> None:
    """Some editable installs use a finder with a table instead of a path."""
    source = tmp_path / "own" / "package"
    source.mkdir(parents=True)
    (site_packages / "own.pth").write_text("import own_finder\n")
    (site_packages / "own_finder.py").write_text(
        "import sys\n"
        f"MAPPING = {{'package': {str(source)!r}}}\n"
        "class Finder:\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None): return None\n"
        "sys.meta_path.append(Finder)\n"
    )
    described = describe(made, tmp_path / "cache")
    for path in site_packages.glob("__pycache__/*"):
        path.unlink()
    assert str(source) in described.read_only


def test_a_path_file_cannot_show_the_whole_home(
    made: Path, site_packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scripts must not see keys and mail because of a careless line (R-6.1)."""
    home = tmp_path / "homes" / "ann"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    (site_packages / "own.pth").write_text(f"{home}\n{home.parent}\n/\n")
    described = describe(made, tmp_path / "cache")
    # The interpreter itself may lie in a parent of this home, as everything here does in the temporary folder.
    assert [path for path in described.read_only if path in (str(home), str(home.parent), "/")] == []


def test_adding_a_package_changes_the_lock_digest_at_once(
    made: Path, site_packages: Path, tmp_path: Path
) -> None:
    """Results of other packages must not be reused (R-5.3)."""
    cache = tmp_path / "cache"
    empty = describe(made, cache)
    (site_packages / "Some_Package-1.0.dist-info").mkdir()
    first = describe(made, cache)
    (site_packages / "Some_Package-1.0.dist-info").rename(site_packages / "Some_Package-1.1.dist-info")
    second = describe(made, cache)
    assert len({empty.lock_digest, first.lock_digest, second.lock_digest}) == 3
    assert packages(second) == [Package("Some_Package", "1.1")]
    (site_packages / "Some_Package-1.1.dist-info").rmdir()
    assert describe(made, cache) == empty


def test_a_kept_answer_is_given_without_asking(made: Path, tmp_path: Path) -> None:
    """Asking costs more than an unchanged run has time for (R-7.2)."""
    cache = tmp_path / "cache"
    described = describe(made, cache)
    (kept,) = cache.iterdir()
    document = json.loads(kept.read_text())
    document["answer"]["implementation"] = "from the cache"
    kept.write_text(json.dumps(document))
    assert describe(made, cache).implementation == "from the cache"
    kept.write_text("not JSON")
    assert describe(made, cache) == described
    kept.write_text(json.dumps({"state": [], "answer": {}}))
    assert describe(made, cache) == described


def test_an_answer_that_others_could_have_written_is_not_believed(made: Path, tmp_path: Path) -> None:
    """It says which folders a jail shows (R-6.3)."""
    cache = tmp_path / "cache"
    described = describe(made, cache)
    (kept,) = cache.iterdir()
    document = json.loads(kept.read_text())
    document["answer"]["implementation"] = "from somebody else"
    kept.write_text(json.dumps(document))
    kept.chmod(0o666)
    assert describe(made, cache) == described


def test_without_a_place_for_the_answer_it_is_asked_each_time(made: Path, tmp_path: Path) -> None:
    """A read-only home must not stop a run."""
    place = tmp_path / "file"
    place.write_text("")
    assert describe(made, place / "cache") == describe(made, place / "cache")


def test_an_interpreter_that_does_not_start_is_told(tmp_path: Path) -> None:
    """A broken installation is the user's to mend, with the reason at hand (R-5.1)."""
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no library >&2\nexit 3\n")
    broken.chmod(0o755)
    found = []
    for python in (broken, tmp_path / "missing"):
        with pytest.raises(UserError) as caught:
            current_environment(tmp_path / "cache", str(python))
        found.append((caught.value.code, caught.value.summary.split(": ", 1)[0]))
    assert found == [
        ("broken-environment", f'The interpreter "{broken}" does not work'),
        ("broken-environment", f'The interpreter "{tmp_path}/missing" does not start'),
    ]


def test_an_unknown_environment_is_told_with_the_nearest(tmp_path: Path) -> None:
    """Unknown names come with the nearest match (CONVENTIONS, Errors)."""
    with pytest.raises(UserError) as caught:
        environment("curent", tmp_path)
    assert (caught.value.code, caught.value.summary, caught.value.hint) == (
        "unknown-environment",
        'There is no environment "curent".',
        'Did you mean "current"?',
    )


def test_packages_are_read_from_the_names_of_their_folders(tmp_path: Path) -> None:
    """All three forms occur; an earlier folder of the path hides a later one."""
    first, second = tmp_path / "first", tmp_path / "second"
    for path in (
        first / "numpy-2.4.6.dist-info",
        first / "python_dateutil-4.0.0.dist-info",
        first / "old-1.2-py3.11.egg-info",
        first / "own.egg-info",
        first / "numpy",
        second / "NumPy-1.0.dist-info",
        second / "zzz-1.0+local.dist-info",
    ):
        path.mkdir(parents=True)
    assert installed_packages([str(first), str(tmp_path / "missing"), str(second)]) == [
        Package("numpy", "2.4.6"),
        Package("old", "1.2"),
        Package("own", ""),
        Package("python_dateutil", "4.0.0"),
        Package("zzz", "1.0+local"),
    ]


def test_the_lock_digest_depends_on_versions_not_on_order_or_spelling() -> None:
    """The same packages are the same environment on every machine (R-5.3)."""
    packages = [Package("a", "1"), Package("B_b", "2")]
    digest = lock_digest("3.11.7", packages)
    assert lock_digest("3.11.7", [Package("b-b", "2"), Package("a", "1")]) == digest
    assert digest not in {lock_digest("3.11.8", packages), lock_digest("3.11.7", packages[:1])}
