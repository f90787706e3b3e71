"""The filter of a job without namespaces, installed for real in a fresh process, against real victims."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src"
BEGIN = f"""
import ctypes, os, resource, shutil, signal, socket, stat, subprocess, sys, threading, time
sys.path.insert(0, {str(SOURCE)!r})
from studiolo_child import seccomp
seccomp.install(seccomp.program(building=True))
seccomp.install(seccomp.bare_completion(os.getpid()))
libc = ctypes.CDLL(None, use_errno=True)

def outcome(act, *arguments):
    try:
        return act(*arguments) and "done" or "done"
    except OSError as error:
        return type(error).__name__ + " %d" % error.errno
"""


def inside(code: str, *arguments: object) -> list[str]:
    """Run code under the filter and give the lines it prints."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", BEGIN + textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the same user that nobody may disturb."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        assert process.poll() is None, "the victim was killed"
        process.kill()


def test_no_signal_reaches_another_process(victim: subprocess.Popen[bytes]) -> None:
    """Case 28: by no call, to no process, group or everyone; signals to oneself arrive."""
    lines = inside(
        """
        pid = int(sys.argv[1])
        for target in (pid, -pid, 0, -1, 1, os.getppid()):
            print(outcome(os.kill, target, signal.SIGKILL))
        print(outcome(os.killpg, os.getpgid(0), 0))
        for number, arguments in ((234, (pid, pid, 9)), (200, (pid, 9)), (434, (pid, 0)), (424, (0, 9, 0, 0))):
            libc.syscall(number, *arguments)
            print(ctypes.get_errno())
        signal.signal(signal.SIGUSR1, lambda *_: print("arrived", flush=True))
        os.kill(os.getpid(), signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR1)
        """,
        victim.pid,
    )
    if os.uname().machine == "x86_64":
        assert lines[7:11] == ["1"] * 4
    assert lines[:7] == ["PermissionError 1"] * 7
    assert lines[11:] == ["arrived"] * 2


def test_no_signal_is_sent_by_a_descriptor(victim: subprocess.Popen[bytes]) -> None:
    """Own case: F_SETOWN, F_SETSIG and O_ASYNC send any signal, SIGKILL too, to whoever is named as owner."""
    lines = inside(
        """
        import fcntl, struct
        pid = int(sys.argv[1])
        ours, theirs = socket.socketpair()
        print(outcome(fcntl.fcntl, ours, fcntl.F_SETOWN, pid))
        print(outcome(fcntl.fcntl, ours, 15, struct.pack("ii", 1, pid)))
        print(outcome(fcntl.fcntl, ours, 10, signal.SIGKILL))
        print(outcome(fcntl.ioctl, ours, 0x8901, struct.pack("i", pid)))
        print(outcome(fcntl.fcntl, ours, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK))
        theirs.send(b"x")
        time.sleep(0.1)
        """,
        victim.pid,
    )
    assert lines == ["PermissionError 1"] * 3 + ["OSError 25", "done"]


def test_no_limit_or_priority_of_another_process_changes(victim: subprocess.Popen[bytes]) -> None:
    """Case 30: without a process namespace these succeed on every process of the same user."""

    def state() -> tuple[object, ...]:
        return (
            resource.prlimit(victim.pid, resource.RLIMIT_NOFILE),
            os.getpriority(os.PRIO_PROCESS, victim.pid),
            os.sched_getaffinity(victim.pid),
            os.sched_getscheduler(victim.pid),
        )

    before = state()
    lines = inside(
        """
        pid = int(sys.argv[1])
        print(outcome(resource.prlimit, pid, resource.RLIMIT_NOFILE, (3, 3)))
        print(outcome(os.setpriority, os.PRIO_PROCESS, pid, 19))
        print(outcome(os.setpriority, os.PRIO_USER, os.getuid(), 19))
        print(outcome(os.setpriority, os.PRIO_PGRP, os.getpgid(pid), 19))
        print(outcome(os.sched_setaffinity, pid, {0}))
        print(outcome(os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0)))
        print(outcome(resource.setrlimit, resource.RLIMIT_NOFILE, (100, 100)), outcome(os.nice, 1))
        print(outcome(os.sched_setaffinity, 0, os.sched_getaffinity(0)))
        """,
        victim.pid,
    )
    assert lines == ["PermissionError 1"] * 6 + ["done done", "done"]
    assert state() == before


def test_threads_start_and_processes_do_not() -> None:
    """Case 33: fork, exec, subprocess, os.system, posix_spawn and multiprocessing end with an error of their own."""
    lines = inside(
        """
        thread = threading.Thread(target=print, args=("from a thread",))
        thread.start(), thread.join()
        print(outcome(os.fork))
        print(outcome(os.execv, "/bin/true", ["true"]))
        print(outcome(subprocess.run, ["/bin/true"]))
        print(outcome(os.posix_spawn, "/bin/true", ["true"], {}))
        print(os.system("true") != 0)
        import multiprocessing
        print(outcome(multiprocessing.get_context("fork").Process(target=print).start))
        from concurrent.futures import ThreadPoolExecutor
        print(sum(ThreadPoolExecutor(4).map(abs, range(-9, 0))))
        """
    )
    assert lines == ["from a thread", *["PermissionError 1"] * 4, "True", "PermissionError 1", "45"]


def test_sockets_are_pairs_of_streams_only() -> None:
    """Cases 16 to 23: nothing can be connected, bound or sent to an address; asyncio has what it needs."""
    lines = inside(
        """
        for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, 40):
            print(outcome(socket.socket, family, socket.SOCK_DGRAM))
        for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
            print(outcome(socket.socketpair, socket.AF_UNIX, kind))
        for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
            ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
            ours.send(b"through")
            print(theirs.recv(100), outcome(ours.connect, "/run/x"), outcome(ours.bind, "\\0x"))
            print(outcome(ours.sendto, b"x", "\\0somewhere"), theirs.recv(100, socket.MSG_DONTWAIT)
                  if kind == socket.SOCK_SEQPACKET else "")
        import asyncio
        async def wait():
            await asyncio.sleep(0)
            return "asyncio"
        print(asyncio.run(wait()))
        """
    )
    refused = "PermissionError 13"
    assert lines[:7] == [refused] * 7
    assert lines[7] == f"b'through' {refused} {refused}"
    assert lines[8].startswith("OSError 106") or lines[8].startswith("OSError 95"), (
        "a stream ignores no address"
    )
    assert lines[9:] == [f"b'through' {refused} {refused}", "done b'x'", "asyncio"]


def test_modes_owners_and_times_stay_and_copying_works(tmp_path: Path) -> None:
    """Case 13: what may only be read can't be changed by fchmod, utime or an attribute; shutil.copy goes on."""
    library = tmp_path / "library.py"
    library.write_text("x = 1\n")
    library.chmod(0o640)
    os.utime(library, (1, 1))
    before = library.stat()
    lines = inside(
        """
        import fcntl, struct
        path = sys.argv[1]
        with open(path) as file:
            print(outcome(os.fchmod, file.fileno(), 0o777), outcome(os.fchown, file.fileno(), 1, 1))
            print(outcome(fcntl.ioctl, file, 0x40086602, struct.pack("q", 64)))
        print(outcome(os.chmod, path, 0o777), outcome(os.utime, path), outcome(os.chown, path, 1, 1))
        print(outcome(os.setxattr, path, "user.x", b"1"))
        os.chdir(sys.argv[2])
        shutil.copy(path, "copy.py"), shutil.copy2(path, "copy2.py"), shutil.copystat(path, "copy.py")
        print(open("copy.py").read() + open("copy2.py").read(), end="")
        """,
        library,
        tmp_path,
    )
    assert lines == ["done done", "OSError 25", "done done done", "OSError 95", "x = 1", "x = 1"]
    after = library.stat()
    assert (after.st_mode, after.st_uid, after.st_mtime) == (before.st_mode, before.st_uid, before.st_mtime)


def test_a_terminal_question_and_a_nonblocking_pipe_still_work() -> None:
    """The few requests that libraries make of files and pipes are answered."""
    lines = inside(
        """
        readable, writable = os.pipe()
        os.set_blocking(readable, False)
        print(os.isatty(readable), outcome(os.read, readable, 1), outcome(os.set_inheritable, readable, False))
        pair = socket.socketpair()
        pair[0].setblocking(False)
        print(outcome(pair[0].recv, 1), outcome(os.get_terminal_size, readable))
        """
    )
    assert lines == ["False BlockingIOError 11 done", "BlockingIOError 11 OSError 25"]


def test_numeric_libraries_work_under_the_filter() -> None:
    """pandas, numpy's threads, Arrow, parquet, sqlite and matplotlib need none of what is refused."""
    lines = inside(
        """
        import tempfile, sqlite3, warnings
        os.chdir(tempfile.mkdtemp())
        sys.path.extend(eval(sys.argv[1]))
        import numpy, pandas, pyarrow
        frame = pandas.DataFrame({"a": numpy.arange(100000) % 7, "b": numpy.random.rand(100000)})
        frame.to_parquet("x.parquet")
        print(len(pandas.read_parquet("x.parquet")), frame.groupby("a").b.mean().shape)
        print(numpy.linalg.svd(numpy.eye(400))[1].sum())
        print(sqlite3.connect("x.db").execute("select 1").fetchone())
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
        import matplotlib; matplotlib.use("agg")
        import matplotlib.pyplot as plt
        plt.plot([1, 2]); plt.savefig("x.png")
        print(os.path.getsize("x.png") > 1000)
        """,
        repr([path for path in sys.path if "site-packages" in path]),
    )
    assert lines == ["100000 (7,)", "400.0", "(1,)", "True"]
