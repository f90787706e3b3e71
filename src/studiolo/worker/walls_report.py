"""Finds out which walls this machine can build, by building each in a throw-away child; never by version numbers.

`studiolo doctor` prints the report; a pool's start needs the badge `full`. Costs about 50 ms.
"""

from __future__ import annotations

import fcntl
import os
import platform
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from studiolo_child import landlock, seccomp, syscalls

PROBE_SECONDS = 5


@dataclass(frozen=True)
class Wall:
    """One wall of the jail.

    Attributes:
        name: what people read.
        stops: what it keeps a script from.
        problem: why it can't be built here; empty when it can.
        needed: without it the badge is `none`; otherwise a missing one only makes it `reduced`.
    """

    name: str
    stops: str
    problem: str
    needed: bool


@dataclass(frozen=True)
class WallsReport:
    """All walls, and the badge: `full`, `reduced` or `none`."""

    walls: tuple[Wall, ...]

    @property
    def badge(self) -> str:
        """`full` when every wall stands, `reduced` when a second line is missing, `none` otherwise."""
        missing = [wall for wall in self.walls if wall.problem]
        if not missing:
            return "full"
        return "none" if any(wall.needed for wall in missing) else "reduced"


def examine() -> WallsReport:
    """Try every wall and say what holds."""
    if sys.platform != "linux":
        missing = f"needs Linux; this is {platform.system()}"
        return WallsReport((Wall("Linux namespaces, seccomp and Landlock", "everything", missing, True),))
    return WallsReport(tuple(Wall(name, stops, _probe(act), needed) for name, stops, act, needed in _PROBES))


def _own_user() -> None:
    uid, gid = os.geteuid(), os.getegid()
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    syscalls.map_ids(uid, gid, 0, 0)


def _mounts() -> None:
    _own_user()
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount("tmpfs", "/tmp", "tmpfs", syscalls.MS_NOSUID | syscalls.MS_NODEV, "size=1m")


def _read_only() -> None:
    _mounts()
    Path("/tmp/probe").mkdir()
    syscalls.mount("/usr", "/tmp/probe", None, syscalls.MS_BIND | syscalls.MS_REC)
    syscalls.make_read_only("/tmp/probe")
    with suppress(OSError):
        Path("/tmp/probe/.studiolo-probe").mkdir()
        raise RuntimeError("a read-only mount could be written")


def _detached() -> None:
    _mounts()
    tree = syscalls.open_tree("/tmp")
    syscalls.make_read_only("", descriptor=tree, recursive=False, noexec=True)


def _processes() -> None:
    _own_user()
    syscalls.unshare(syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID)
    quiet = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
    problem = _probe(lambda: syscalls.mount("proc", "/proc", "proc", quiet, "subset=pid"))
    if problem:
        raise RuntimeError(problem)


def _network() -> None:
    _own_user()
    syscalls.unshare(
        syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWCGROUP
    )


def _nested_user() -> None:
    _own_user()
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    syscalls.map_ids(0, 0, 1000, 1000)


def _filter_calls() -> None:
    seccomp.install(seccomp.program())
    if syscalls.libc.unshare(syscalls.CLONE_NEWUTS) == 0:
        raise RuntimeError("the filter does not hold")


def _second_line() -> None:
    version = landlock.abi()
    if not version:
        raise RuntimeError("the kernel has no Landlock, or it is switched off")
    landlock.restrict(version, ["/usr"], [], [])
    with suppress(PermissionError):
        list(Path("/etc").iterdir())
        raise RuntimeError("Landlock does not hold")


def _process_descriptors() -> None:
    os.close(os.pidfd_open(os.getpid()))


def _sealing() -> None:
    descriptor = syscalls.memfd("probe")
    os.write(descriptor, b"x")
    fcntl.fcntl(descriptor, syscalls.F_ADD_SEALS, syscalls.ALL_SEALS)
    with suppress(OSError):
        os.write(descriptor, b"y")
        raise RuntimeError("a seal does not hold")


def _probe(act: Callable[[], None]) -> str:
    """Run `act` in a forked child; give why it failed, or nothing."""
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            signal.alarm(PROBE_SECONDS)
            act()
            os.write(writable, b"ok")
        except BaseException as error:
            os.write(writable, str(error).encode()[:400])
        finally:
            os._exit(0)
    os.close(writable)
    answer = b""
    while piece := os.read(readable, 4096):
        answer += piece
    os.close(readable)
    os.waitpid(pid, 0)
    return "" if answer == b"ok" else answer.decode() or "the probe died"


_PROBES: tuple[tuple[str, str, Callable[[], None], bool], ...] = (
    (
        "user namespace",
        "rights over the machine; it makes the other walls possible without root",
        _own_user,
        True,
    ),
    ("mount namespace", "seeing the machine's files, sockets and secrets", _mounts, True),
    ("read-only mounts", "changing libraries", _read_only, True),
    ("detached mounts", "changing the store through an open file", _detached, True),
    ("process namespace", "seeing, signalling or outliving other processes", _processes, True),
    ("network namespace", "every network", _network, True),
    ("user namespace of the job", "rights over its own walls; fork bombs", _nested_user, True),
    ("seccomp", "system calls that namespaces do not confine", _filter_calls, True),
    ("sealed memory files", "changing a result after it was given back", _sealing, True),
    ("process descriptors", "killing the wrong process", _process_descriptors, True),
    ("Landlock", "files, signals and sockets once more, as a second wall", _second_line, False),
)
