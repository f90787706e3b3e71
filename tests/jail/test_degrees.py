"""Degrees of the jail: single mechanisms are taken away, and badge, refusal and permission are looked at (R-6.2)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import studiolo
from tests.jail.accounts import interpreter_paths

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(studiolo.__file__).parents[1]
EXPERIMENT = "nodes:\n  make:\n    module: Execute Python Script\n    script: scripts/make.py\n"
SCRIPT = "import pandas as pd\ndef azureml_main(a=None, b=None):\n    return pd.DataFrame({'n': [1]})\n"
# As another account, in a mount namespace where everything that is needed can be reached; then the command.
AS_ORDINARY = (
    "import json, os, sys; from tests.jail.accounts import become_ordinary\n"
    "become_ordinary(json.loads(sys.argv[1]), sys.argv[2]); os.chdir(sys.argv[2] + '/desk')\n"
    "os.execv(sys.executable, [sys.executable, *sys.argv[3:]])"
)
# What Linux alone offers is taken from Python before anything is imported.
AS_DARWIN = """
import fcntl, os, platform, select, signal, socket, sys
sys.platform = "darwin"
platform.system = lambda: "Darwin"
platform.machine = lambda: "arm64"
for module, names in (
    (os, "pidfd_open memfd_create pipe2 sched_getaffinity sched_setaffinity posix_fallocate unshare setns O_PATH"),
    (select, "epoll"),
    (fcntl, "F_ADD_SEALS F_GET_SEALS F_SEAL_WRITE F_NOTIFY F_SETLEASE F_SETPIPE_SZ"),
    (signal, "pidfd_send_signal"),
    (socket, "SOCK_CLOEXEC SOCK_NONBLOCK AF_NETLINK AF_VSOCK MSG_CMSG_CLOEXEC"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
from studiolo.cli.main import main
main()
"""


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    errors: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Desk:
    """A workspace with one experiment, used by an account on a machine that lacks something."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.top = Path(tempfile.mkdtemp(prefix="studiolo-degrees-"))
        self.top.chmod(0o755)
        self.folder = self.top / "desk"
        (self.folder / "experiments/tiny/scripts").mkdir(parents=True)
        (self.folder / "experiments/tiny/experiment.yaml").write_text(EXPERIMENT)
        (self.folder / "experiments/tiny/scripts/make.py").write_text(SCRIPT)
        self.allow()

    def allow(self, badge: str | None = None) -> None:
        """Write studiolo.toml, with the weakest badge that runs are allowed in."""
        line = f'allow_badge = "{badge}"\n' if badge else ""
        (self.folder / "studiolo.toml").write_text('name = "desk"\n' + line)

    def __call__(self, denied: str, *args: str) -> Answer:
        """Run `studiolo` with mechanisms taken away; `denied` may be empty."""
        command = ["-m", "studiolo.cli.main", *args]
        if denied:
            command = ["-m", "tests.jail.deny", denied, "--", sys.executable, *command]
        if self.account == "ordinary" and os.geteuid() == 0:
            needed = json.dumps(sorted({*interpreter_paths(), str(ROOT)}))
            command = ["-c", AS_ORDINARY, needed, str(self.top), *command]
        return self.python(command)

    def python(self, command: list[str]) -> Answer:
        """Run the interpreter in the workspace."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(self.top),
                "LANG": "C.UTF-8",
                "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module", params=["root", "ordinary"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    made = Desk(request.param)
    yield made
    shutil.rmtree(made.top)


NAMESPACES = (
    "user namespace",
    "mount namespace",
    "read-only mounts",
    "detached mounts",
    "process namespace",
    "network namespace",
    "user namespace of the job",
)


@dataclass(frozen=True)
class Lack:
    """What a machine lacks, the walls that miss for it, and the badge that is left."""

    denied: str
    missing: tuple[str, ...]
    badge: str
    can_run: bool = True


LACKS = [
    Lack("namespaces", NAMESPACES, "reduced"),
    Lack("user-namespace", ("user namespace",), "reduced"),
    Lack("mount-namespace", ("mount namespace",), "reduced"),
    Lack("process-namespace", ("process namespace",), "reduced"),
    Lack("network-namespace", ("network namespace",), "reduced"),
    Lack("read-only-mounts", ("read-only mounts",), "reduced"),
    Lack("landlock", ("Landlock",), "reduced"),
    Lack("landlock-off", ("Landlock",), "reduced"),
    Lack("seccomp", ("seccomp",), "none"),
    Lack("namespaces,landlock", (*NAMESPACES, "Landlock"), "none"),
    Lack("namespaces,seccomp", (*NAMESPACES, "seccomp"), "none"),
    Lack("namespaces,landlock,seccomp", (*NAMESPACES, "seccomp", "Landlock"), "none"),
    Lack("pidfd", ("process descriptors",), "none", can_run=False),
    Lack("memfd", ("sealed memory files",), "none", can_run=False),
]
each_lack = pytest.mark.parametrize("lack", LACKS, ids=[lack.denied for lack in LACKS])


def error_of(answer: Answer) -> dict[str, Any]:
    """Give the error of a command that was refused, before the run or in its node."""
    document = answer.document
    error: dict[str, Any] = document.get("error") or document["nodes"]["make"]["error"]
    return error


@each_lack
def test_doctor_names_the_missing_wall_with_its_reason_and_the_badge(desk: Desk, lack: Lack) -> None:
    """R-6.2: built or missing and why, the usual cause, and what would help; exit code 3."""
    desk.allow()
    answer = desk(lack.denied, "doctor", "--json")
    assert answer.code == 3, answer.errors
    document = answer.document
    missing = {wall["name"]: wall for wall in document["walls"] if wall["problem"]}
    assert set(lack.missing) <= set(missing)
    alone = {"Landlock", "seccomp", "process descriptors", "sealed memory files"}
    assert set(missing) & alone == set(lack.missing) & alone, (
        "a wall that was left alone is said to be missing"
    )
    assert all(missing[name]["cause"] for name in lack.missing)
    assert (document["badge"], document["can_run"]) == (lack.badge, lack.can_run)
    assert (document["is_well"], document["are_runs_allowed"]) == (False, False)
    assert document["remedies"] != []
    text = desk(lack.denied, "doctor").out
    assert text.startswith(f"jail: {lack.badge}")
    assert all(f"{name}" in text for name in lack.missing)
    assert all(remedy in text for remedy in document["remedies"])


@each_lack
def test_a_run_is_refused_and_names_the_missing_wall(desk: Desk, lack: Lack) -> None:
    """R-6.2: a wall that can't be built makes the run refuse, with both ways out; nothing ran."""
    desk.allow()
    answer = desk(lack.denied, "run", "tiny", "--force", "--json")
    error = error_of(answer)
    assert (error["code"], answer.code) == ("jail-refused", 3), (error, answer.errors)
    assert all(name in error["summary"] for name in lack.missing), error
    assert "studiolo doctor" in error["hint"] or error["hint"].startswith("To make it full: ")
    assert (f'allow_badge = "{lack.badge}"' in error["hint"]) == lack.can_run


@each_lack
def test_a_run_goes_on_where_the_workspace_allows_the_badge_by_name(desk: Desk, lack: Lack) -> None:
    """R-6.2: the named permission lets it go on, and the run says in which jail; where nothing can run it does not."""
    desk.allow(lack.badge)
    answer = desk(lack.denied, "run", "tiny", "--force", "--json")
    if not lack.can_run:
        assert (error_of(answer)["code"], answer.code) == ("jail-refused", 3)
        return
    assert answer.code == 0, answer.out
    node = answer.document["nodes"]["make"]
    assert (node["state"], node["outputs"]["result_dataset"]["rows"]) == ("finished", 1)
    assert any(f"badge {lack.badge}" in warning for warning in node["warnings"])


@pytest.mark.parametrize("denied", ["seccomp", "namespaces,landlock"])
def test_the_permission_for_reduced_is_none_for_less(desk: Desk, denied: str) -> None:
    """R-6.2: only the badge that is named, or a better one."""
    desk.allow("reduced")
    answer = desk(denied, "run", "tiny", "--force", "--json")
    assert (error_of(answer)["code"], answer.code) == ("jail-refused", 3)


def test_a_full_jail_is_full_whatever_is_allowed(desk: Desk) -> None:
    """R-6.2: a permission for less takes no wall away."""
    for allowed in (None, "reduced", "none"):
        desk.allow(allowed)
        answer = desk("", "run", "tiny", "--force", "--json")
        assert answer.code == 0, answer.out
        assert answer.document["nodes"]["make"]["warnings"] == []
    document = desk("", "doctor", "--json").document
    assert (document["badge"], document["remedies"], document["is_well"]) == ("full", [], True)


def test_another_system_gets_the_honest_badge(desk: Desk) -> None:
    """R-6.2: macOS has none of these walls: doctor says so, with exit code 3, and a run is refused."""
    desk.allow("none")
    answer = desk.python(["-c", AS_DARWIN, "doctor", "--json"])
    assert answer.code == 3, answer.errors
    document = answer.document
    assert (document["badge"], document["can_run"], document["are_runs_allowed"]) == ("none", False, False)
    assert [wall["problem"] for wall in document["walls"]] == ["needs Linux; this is Darwin"]
    text = desk.python(["-c", AS_DARWIN, "doctor"]).out
    assert text.startswith("jail: none") and "Run studiolo on Linux" in text
    answer = desk.python(["-c", AS_DARWIN, "run", "tiny", "--force", "--json"])
    error = error_of(answer)
    assert (error["code"], answer.code) == ("jail-refused", 3), (error, answer.errors)
    assert "needs Linux" in error["summary"]


def test_every_other_command_works_on_another_system(desk: Desk) -> None:
    """R-6.2: experiments can be looked at and checked where nothing can run."""
    for args in (
        ["check", "--json"],
        ["runs", "--json"],
        ["show", "tiny", "--json"],
        ["dataset", "list", "--json"],
    ):
        answer = desk.python(["-c", AS_DARWIN, *args])
        assert answer.code in (0, 2, 3) and "[internal]" not in answer.errors, (
            args,
            answer.out,
            answer.errors,
        )
