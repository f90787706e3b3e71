"""Environments of small packages, really built: on old and new Pythons, cut short, two at once, on a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studiolo.environments import Package, packages
from studiolo.environments.building import BuildProgress
from studiolo.environments.folders import is_finished
from studiolo.environments.interpreters import Interpreter
from studiolo.environments.registry import Environments
from studiolo.errors import UserError

BUILDER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
from pathlib import Path
from studiolo.environments.registry import Environments
def told(step):
    print(step.name, flush=True)
Environments(Path(sys.argv[1]), Path(sys.argv[1]) / "cache").get("tiny", told)
"""


def builder(workspace: Path) -> subprocess.Popen[str]:
    """Start a process that builds the environment `tiny`; its steps come on standard output."""
    return subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(workspace)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def imported(python: str, flags: tuple[str, ...], name: str) -> str:
    """Give the version of a package as its interpreter sees it."""
    code = f"import {name}; print({name}.__version__)"
    return subprocess.run(
        [python, *flags, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.12", "3.13"])
def test_a_package_is_there_in_exactly_its_version(
    environments: Environments, data: Path, interpreter: Callable[[str], Interpreter], version: str
) -> None:
    """On every kind of Python (R-5.1): locked, built, compiled, and what it says of itself is true."""
    here = interpreter(version)
    environments.create("tiny", python=version, packages=["six==1.15.0"])
    steps: list[BuildProgress] = []
    made = environments.get("tiny", steps.append)
    assert imported(made.python, made.flags, "six") == "1.15.0"
    assert (made.name, made.version, made.implementation) == ("tiny", here.version, "cpython")
    assert Package("six", "1.15.0") in packages(made)
    assert made.flags == (("-E", "-s") if version == "2.7" else ("-I",))
    assert any(made.prefix == shown for shown in made.read_only)
    assert any(here.path.startswith(shown) for shown in made.read_only)
    assert steps[-1].name == "built"
    folder = data / made.lock_digest
    assert list(folder.rglob("six*.pyc"))
    assert not folder.stat().st_mode & 0o222
    assert not (next(folder.rglob("six.py"))).stat().st_mode & 0o222
    assert not [path.name for path in data.iterdir() if path.name.endswith(".part")]


def test_a_second_workspace_uses_what_is_built_and_needs_no_index(
    tmp_path: Path, workspace: Path, environments: Environments, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built once, shared, offline afterwards (R-5.1)."""
    environments.create("tiny", python="3.12", packages=["six==1.15.0"])
    first = environments.get("tiny")
    other = tmp_path / "other"
    (other / "environments").mkdir(parents=True)
    for path in (workspace / "environments").iterdir():
        (other / "environments" / path.name).write_bytes(path.read_bytes())
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("PATH", "/nowhere")
    steps: list[BuildProgress] = []
    assert Environments(other, tmp_path / "cache").get("tiny", steps.append) == first
    assert steps == []


def test_other_packages_or_another_python_are_another_environment(
    environments: Environments, data: Path, interpreter: Callable[[str], Interpreter]
) -> None:
    """The digest is part of a node's fingerprint (R-5.3)."""
    interpreter("3.13")
    given = {"a": ("3.12", "six==1.15.0"), "b": ("3.12", "six==1.16.0"), "c": ("3.13", "six==1.15.0")}
    for name, (python, package) in given.items():
        environments.create(name, python=python, packages=[package])
    assert len({environments.get(name).lock_digest for name in given}) == 3


@pytest.mark.parametrize("step", ["creating", "installing", "compiling", "checking"])
def test_what_a_killed_process_left_is_never_used(
    environments: Environments, workspace: Path, own_data: Path, step: str
) -> None:
    """A half-built environment is built anew (issue 4, bad input)."""
    environments.create("tiny", python="3.12", packages=["six==1.15.0", "idna==3.4"])
    killed = builder(workspace)
    assert killed.stdout is not None
    for line in killed.stdout:
        if line.strip() == step:
            break
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    assert environments.show("tiny").size_bytes is None
    made = environments.get("tiny")
    assert imported(made.python, made.flags, "idna") == "3.4"
    assert is_finished(own_data / made.lock_digest)


def test_what_a_killed_process_left_goes_with_the_next_build(
    environments: Environments, workspace: Path, own_data: Path
) -> None:
    """Also when nobody wants that environment any more."""
    environments.create("tiny", python="3.12", packages=["six==1.15.0"])
    killed = builder(workspace)
    assert killed.stdout is not None
    assert killed.stdout.readline().strip() == "creating"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    # Only when uv has ended too is the lock free.
    killed.stdout.read()
    killed.stdout.close()
    (own_data / "abc").mkdir()
    (own_data / "abc.lock").touch()
    (own_data / "tool").mkdir()
    environments.create("other", python="3.12", packages=["six==1.16.0"])
    made = environments.get("other")
    left = sorted(path.name for path in own_data.iterdir() if path.suffix != ".lock")
    digest = environments.digest("tiny")
    assert [name for name in left if not name.startswith(digest)] == sorted([made.lock_digest, "tool"])


def test_two_processes_build_one_environment_once(
    environments: Environments, workspace: Path, own_data: Path
) -> None:
    """The second waits, says so, and uses the result (issue 4, bad input)."""
    environments.create("tiny", python="3.12", packages=["six==1.15.0"])
    both = [builder(workspace), builder(workspace)]
    said = [process.communicate(timeout=120)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(words.count("built") for words in said) in ([0, 1],)
    made = environments.get("tiny")
    assert imported(made.python, made.flags, "six") == "1.15.0"


def test_an_interrupted_build_leaves_nothing(
    environments: Environments, workspace: Path, own_data: Path
) -> None:
    """Ctrl-C (issue 4)."""
    environments.create("tiny", python="3.12", packages=["six==1.15.0"])
    process = builder(workspace)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "creating"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    left = [path.name for path in own_data.iterdir() if path.suffix != ".lock"]
    assert left == []


@pytest.mark.parametrize(("python", "idna", "size"), [("3.12", "3.4", "512k"), ("2.7", "2.8", "12m")])
def test_a_full_disk_is_told_and_leaves_nothing(
    environments: Environments,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    interpreter: Callable[[str], Interpreter],
    python: str,
    idna: str,
    size: str,
) -> None:
    """Disk full (issue 4, bad input), on a small file system: with uv, and with virtualenv and pip."""
    interpreter(python)
    environments.create("tiny", python=python, packages=["six==1.15.0", f"idna=={idna}"])
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], check=False
    ).returncode:
        pytest.skip("mounting a small file system needs root")
    monkeypatch.setenv("XDG_DATA_HOME", str(disk))
    try:
        with pytest.raises(UserError) as raised:
            environments.get("tiny")
        folders = (path.name for path in (disk / "studiolo/environments").iterdir() if path.is_dir())
        left = [name for name in folders if not name.startswith("tool-")]  # that was finished before
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert raised.value.code == "environment-disk-full"
    assert left == []


def test_what_is_built_can_be_removed_and_built_again(environments: Environments, own_data: Path) -> None:
    """Although it is write-protected."""
    environments.create("tiny", python="3.12", packages=["six==1.15.0"])
    made = environments.get("tiny")
    assert environments.remove_built("tiny")
    assert not (own_data / made.lock_digest).exists()
    assert not environments.remove_built("tiny")
    assert environments.get("tiny") == made


def test_what_is_built_and_no_longer_starts_is_told_and_built_again(
    environments: Environments, own_data: Path
) -> None:
    """Somebody took away a file of it, or the Python below it: the way out is in the error."""
    environments.create("tiny", python="3.12", packages=["six==1.15.0"])
    made = environments.get("tiny")
    programs = own_data / made.lock_digest / "bin"
    programs.chmod(0o700)
    (programs / "python").unlink()
    with pytest.raises(UserError) as raised:
        environments.ready("tiny")
    assert (raised.value.code, "studiolo env build --again" in raised.value.hint) == (
        "broken-environment",
        True,
    )
    assert environments.remove_built("tiny")
    assert imported(environments.get("tiny").python, made.flags, "six") == "1.15.0"


def test_a_program_that_outlives_its_studiolo_keeps_others_waiting(tmp_path: Path) -> None:
    """What it still writes would spoil what the next one builds."""
    from studiolo.environments.folders import locked
    from studiolo.environments.tools import run

    waited: list[str] = []
    with locked(tmp_path / "x", lambda: None) as descriptor:
        child = os.fork()
        if not child:
            run([sys.executable, "-c", "import time; time.sleep(60)"], held=(descriptor,))
            os._exit(0)
        time.sleep(0.5)
        found = subprocess.run(
            ["ps", "--no-headers", "-o", "pid", "--ppid", str(child)],
            capture_output=True,
            text=True,
            check=True,
        )
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    asking = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys\nfrom pathlib import Path\nfrom studiolo.environments.folders import locked\n"
            "with locked(Path(sys.argv[1]), lambda: print('waiting', flush=True)): print('mine', flush=True)",
            str(tmp_path / "x"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert asking.stdout is not None
    waited.append(asking.stdout.readline().strip())
    os.kill(int(found.stdout), signal.SIGKILL)
    waited.append(asking.stdout.readline().strip())
    asking.communicate(timeout=30)
    assert waited == ["waiting", "mine"]
