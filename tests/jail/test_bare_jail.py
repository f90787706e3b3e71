"""The jail of a machine without namespaces: Landlock and seccomp alone (facts/sandbox-attacks.md, column C).

The machine refuses namespaces as Docker's default profile does (tests.jail.deny), and the workspace allows the
badge `reduced`. Files are there but can't be opened, processes are seen but not reached, and what exceeds a
limit of the box is ended by who looks.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from tests.jail.attacking import attack, body
from tests.jail.bare_attacks import ATTACKS, BOMBS, WORKS
from tests.jail.hosts import SETTLE_SECONDS, HostProcess

SMALL = {
    "memory_mb": 256,
    "cpu_seconds": 20,
    "wall_seconds": 10,
    "disk_mb": 32,
    "files": 2000,
    "processes": 32,
}


@pytest.fixture(scope="module", params=["root", "ordinary"])
def bare(request: pytest.FixtureRequest) -> Iterator[HostProcess]:
    """A pool in a bare jail."""
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    with HostProcess(request.param, denied=["namespaces"], allow_badge="reduced") as host:
        assert host.refused is None, host.refused
        assert host.facts["is_bare"], "the namespaces were not refused"
        host.check_aftermath()
        yield host


@pytest.fixture(autouse=True)
def _after(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "bare" in request.fixturenames:
        request.getfixturevalue("bare").check_aftermath()


@pytest.mark.parametrize("code", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_fails_without_namespaces_too(bare: HostProcess, code: str) -> None:
    """Column C: each try ends with an error of its own; afterwards all victims are as they were."""
    attack(bare, code, limits=SMALL)


def test_an_input_can_not_be_changed(bare: HostProcess) -> None:
    """Cases 12, 13: the host passes sealed copies, never a file of the store."""
    code = """
    for number in range(3, 64):
        try: target = os.readlink("/proc/self/fd/%d" % number)
        except OSError: continue
        if "input" not in target and "blob" not in target and "copy" not in target: continue
        refused("write", os.write, number, b"x", by=(*WALLS, EBADF))
        refused("truncate", os.ftruncate, number, 0, by=(*WALLS, EINVAL))
        refused("reopen", lambda: os.write(os.open("/proc/self/fd/%d" % number, os.O_RDWR), b"x"))
        refused("map", lambda: mmap.mmap(number, 1, mmap.MAP_SHARED, mmap.PROT_WRITE))
    tried("all descriptors"), dataframe1.iloc[0, 0]
    """
    reply = attack(bare, code, inputs=[{"a": [1, 2, 3]}], limits=SMALL)
    assert reply.changed_inputs == []


@pytest.mark.parametrize(("code", "act"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_ended_by_who_looks(bare: HostProcess, code: str, act: str) -> None:
    """Cases 34, 41, 45, 46, 52, 53: the kernel does not bound the box; the zygote sees it and ends the job."""
    limits = {**SMALL, "wall_seconds": 3} if code == "wall-limit" else SMALL
    limits = {**limits, "cpu_seconds": 1} if code == "cpu-limit" else limits
    reply = bare.run(
        body("import ctypes, mmap, os, signal, socket, sys, time\nlibc = ctypes.CDLL(None)\n" + act),
        limits=limits,
    )
    assert reply.code == code, (reply.summary, reply.log)


def test_a_job_sees_nothing_of_another(bare: HostProcess) -> None:
    """Cases 26, 54: two boxes of one user lie side by side, and neither can be entered from the other."""
    plant = "import os, time\nopen('secret', 'w').write('x')\nprint(os.getcwd(), flush=True)\ntime.sleep(600)"
    first = bare.start(body(plant), stream=True, limits=SMALL)
    path = first.until("\n").strip()
    code = f"""
    refused("list", os.listdir, {path!r})
    refused("read", read, {path + "/secret"!r})
    refused("list all boxes", os.listdir, "../..")
    """
    attack(bare, code, limits=SMALL)
    first.cancel()
    assert first.reply().code == "cancelled"
    deadline = time.monotonic() + SETTLE_SECONDS
    while os.path.exists(path):
        assert time.monotonic() < deadline, "the box is left"
        time.sleep(0.01)


def test_changes_and_files_of_a_job_do_not_reach_the_next(bare: HostProcess) -> None:
    """Cases 54, 68: a patched library and a file left in each place are gone."""
    write = "import os, pandas, tempfile\npandas.DataFrame.sum = None\nopen('left', 'w')\n"
    write += "open(os.path.join(tempfile.gettempdir(), 'left'), 'w')"
    look = "import os, pandas, tempfile\nassert pandas.DataFrame.sum\n"
    look += "assert os.listdir('.') == ['Script Bundle'] or 'left' not in os.listdir('.')\n"
    look += "assert 'left' not in os.listdir(tempfile.gettempdir())"
    assert bare.run(body(write), limits=SMALL).code is None
    reply = bare.run(body(look), limits=SMALL)
    assert reply.code is None, reply.summary


@pytest.mark.parametrize("code", WORKS.values(), ids=WORKS)
def test_what_scripts_need_works_without_namespaces(bare: HostProcess, code: str) -> None:
    """False alarms cost more users than holes: all but processes and sockets goes on working."""
    reply = bare.run(body(code))
    assert reply.code is None, (reply.summary, reply.traceback)


def test_the_run_says_in_which_jail_it_was(bare: HostProcess) -> None:
    """R-6.2: a weaker jail is never used without a word."""
    reply = bare.run(body("return None"))
    assert any("badge reduced" in warning for warning in reply.warnings)


@pytest.mark.parametrize("grant", [{"network": ["127.0.0.1:80"]}, {"network": ["*"]}])
def test_a_grant_that_needs_namespaces_is_refused_with_its_reason(
    bare: HostProcess, grant: dict[str, list[str]]
) -> None:
    """R-6.2: without a network of its own a job would get all or nothing; so nothing, and the error says why."""
    reply = bare.run(body("return None"), **grant)
    assert reply.code == "grant-needs-full-jail", reply
