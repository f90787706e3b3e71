"""Tries every wall of the jail, each in a throw-away child, and prints what failed as JSON. A program.

Started as `python -I -S walls_probes.py` by `walls_report.py`: in a process with one thread, so that it may fork
whatever its caller is. Imports only the standard library and `studiolo_child`. Nothing is concluded from version
numbers: each wall is built, and tried where that can be done.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

if __name__ == "__main__":  # -I -S: no search path but the standard library's
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from studiolo_child import landlock, seccomp, syscalls

PROBE_SECONDS = 5
LIBRARY = str(Path(os.__file__).parent)
QUIET = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC


class NotHolding(Exception):
    """A wall was built and does not hold."""


def own_user() -> None:
    """Make a user namespace."""
    uid, gid = os.geteuid(), os.getegid()
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    syscalls.map_ids(uid, gid, 0, 0)


def mounts() -> None:
    """Mount a file system that only this process sees."""
    own_user()
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount("tmpfs", "/tmp", "tmpfs", syscalls.MS_NOSUID | syscalls.MS_NODEV, "size=1m")


def read_only() -> None:
    """Show a folder read-only."""
    mounts()
    Path("/tmp/probe").mkdir()
    syscalls.mount(LIBRARY, "/tmp/probe", None, syscalls.MS_BIND | syscalls.MS_REC)
    syscalls.make_read_only("/tmp/probe")
    with suppress(OSError):
        Path("/tmp/probe/.studiolo-probe").mkdir()
        raise NotHolding("a read-only mount can be written")


def detached() -> None:
    """Make a read-only mount that hangs nowhere."""
    mounts()
    tree = syscalls.open_tree("/tmp")
    syscalls.make_read_only("", descriptor=tree, recursive=False, noexec=True)


def processes() -> None:
    """Make a process namespace with its own /proc."""
    own_user()
    syscalls.unshare(syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID)
    problem = tried(lambda: syscalls.mount("proc", "/proc", "proc", QUIET, "subset=pid"))()
    if problem is not None:
        raise OSError(problem[0], problem[1])


def network() -> None:
    """Make the namespaces of networks, shared memory and names."""
    own_user()
    syscalls.unshare(
        syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWCGROUP
    )


def nested_user() -> None:
    """Make a user namespace in a user namespace."""
    own_user()
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    syscalls.map_ids(0, 0, 1000, 1000)


def filter_calls() -> None:
    """Filter system calls."""
    seccomp.install(seccomp.program())
    try:
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()
    except OSError as error:
        if error.errno == errno.EACCES:  # our own answer: that of the newest filter counts
            return
    raise NotHolding("a filter of system calls does not hold")


def second_line() -> None:
    """Shut the file system off by Landlock."""
    version: int = syscalls.call("landlock_create_ruleset", None, 0, 1)
    landlock.restrict(version, [LIBRARY], [], [])
    with suppress(PermissionError):
        list(Path("/").iterdir())
        raise NotHolding("Landlock does not hold")


def process_descriptors() -> None:
    """Hold a process by a descriptor."""
    descriptor: int = syscalls.pidfd_open(os.getpid())
    os.close(descriptor)


def sealing() -> None:
    """Seal a file in memory."""
    descriptor: int = syscalls.memfd("probe")
    os.write(descriptor, b"x")
    fcntl.fcntl(descriptor, syscalls.F_ADD_SEALS, syscalls.ALL_SEALS)
    with suppress(OSError):
        os.write(descriptor, b"y")
        raise NotHolding("a seal does not hold")


PROBES: dict[str, Callable[[], None]] = {
    "user namespace": own_user,
    "mount namespace": mounts,
    "read-only mounts": read_only,
    "detached mounts": detached,
    "process namespace": processes,
    "network namespace": network,
    "user namespace of the job": nested_user,
    "seccomp": filter_calls,
    "Landlock": second_line,
    "sealed memory files": sealing,
    "process descriptors": process_descriptors,
}


def tried(act: Callable[[], None]) -> Callable[[], tuple[int, str] | None]:
    """Begin `act` in a forked child; give a function that waits for it: error number and text, or None."""
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        answer: list[object] = []
        try:
            signal.alarm(PROBE_SECONDS)
            act()
        except OSError as error:
            answer = [error.errno or 0, (error.strerror or str(error))[:400]]
        except BaseException as error:
            answer = [0, (str(error) or type(error).__name__)[:400]]
        finally:
            with suppress(OSError):
                os.write(writable, json.dumps(answer).encode())
            os._exit(0)
    os.close(writable)

    def wait() -> tuple[int, str] | None:
        with os.fdopen(readable, "rb") as file:
            text = file.read()
        _, status = os.waitpid(pid, 0)
        if not text:
            return 0, f"the probe was ended by signal {os.WTERMSIG(status)}"
        number, reason = json.loads(text) or (None, "")
        return None if number is None else (number, reason)

    return wait


def main() -> None:
    """Try everything at once, then print name to `[error number, text]` or null, and Landlock's version."""
    waiting = {name: tried(probe) for name, probe in PROBES.items()}
    found = {name: wait() for name, wait in waiting.items()}
    print(json.dumps({"problems": found, "landlock": landlock.abi()}))


if __name__ == "__main__":
    main()
