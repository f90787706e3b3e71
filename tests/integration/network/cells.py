"""A cell without its other walls: its only way out is a gate in this process. And a machine of one's own."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from studiolo.worker.network import Gate, Rules
from studiolo.worker.network.resolving import NoSuchNameError
from studiolo_child import loopback, syscalls

SECONDS = 60  # beyond which a test has failed
_NEW_ADDRESS, _IFA_ADDRESS, _IFA_LOCAL, _IFA_F_NODAD = 20, 1, 2, 2
_SOURCE = str(Path(syscalls.__file__).parent.parent)

CLIENT = """
def fetch(host, port, data=b"hello"):
    with socket.create_connection((host, port), 20) as one:
        one.sendall(data)
        one.shutdown(socket.SHUT_WR)
        found = b""
        while len(found) < len(data):
            piece = one.recv(1 << 16)
            if not piece:
                break
            found += piece
        return found

def attempt(host, port):
    try:
        return fetch(host, port).decode() or "empty"
    except OSError as error:
        return type(error).__name__
"""
"""Functions for the text of a test: `attempt(host, port)` gives what an echo server gave back, or the exception."""

# Runs as init of the cell; the text of the test runs in a process below it, as a job does.
_CELL = """
import os, signal, socket, sys, time, threading
sys.path.insert(0, {source!r})
from studiolo_child import descriptors, gatekeeper, loopback, syscalls

gate = socket.socket(fileno={gate})
uid, gid = os.geteuid(), os.getegid()
if uid:
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    syscalls.map_ids(uid, gid, 0, 0)
syscalls.unshare(syscalls.CLONE_NEWNET | syscalls.CLONE_NEWNS)
syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
for name in ("resolv.conf", "nsswitch.conf", "hosts"):
    syscalls.mount({etc!r} + "/" + name, os.path.realpath("/etc/" + name), None, syscalls.MS_BIND)
loopback.open_everything()
made = loopback.listeners({ports!r})
labels = [label for label, _ in made]
loopback.hand_over(gate, made)
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
pid = os.fork()
if pid == 0:
    syscalls.die_with_parent()
    gate.close()
    if {is_any!r}:
        listening = gatekeeper.install_notifier()
        descriptors.send(theirs, {{}}, [listening])
        os.close(listening)
    ours.close()
    theirs.close()
    text = sys.stdin.read()
    exec(compile(text, "job", "exec"), {{"socket": socket, "os": os, "time": time, "threading": threading}})
    sys.stdout.flush()
    os._exit(0)
theirs.close()
init = os.fork()
if init == 0:
    syscalls.die_with_parent()
    gatekeeper.serve(gate, ours, labels)
_, status = os.waitpid(pid, 0)
os.kill(init, 9)
os.waitpid(init, 0)
os._exit(os.waitstatus_to_exitcode(status) & 127)
"""


class Cell:
    """One job's network with its gate; `run()` once."""

    def __init__(self, *grants: str, ports: tuple[int, ...] | None = None, **values: Any) -> None:
        self.ports = Rules(grants).ports if ports is None else ports
        self._is_any = "*" in grants
        ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.gate = Gate(ours, grants, **values)
        self.gate.start()
        self._etc = tempfile.TemporaryDirectory()
        for name, text in (
            ("resolv.conf", "nameserver 127.0.0.1\n"),
            ("nsswitch.conf", "hosts: files dns\n"),
            ("hosts", "127.0.0.1 localhost\n::1 localhost\n"),
        ):
            (Path(self._etc.name) / name).write_text(text)

    def __enter__(self) -> Cell:
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.close()
        self._theirs.close()
        self._etc.cleanup()

    def begin(self, text: str) -> subprocess.Popen[str]:
        """Start a text in the cell."""
        number = self._theirs.fileno()
        cell = _CELL.format(
            source=_SOURCE, gate=number, etc=self._etc.name, ports=self.ports, is_any=self._is_any
        )
        process = subprocess.Popen(
            [sys.executable, "-c", cell],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=[number],
        )
        self._theirs.close()
        assert process.stdin is not None
        process.stdin.write(textwrap.dedent(text))
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, text: str) -> str:
        """Run a text in the cell and give what it printed; it has `socket`, `os`, `time` and `threading`."""
        process = self.begin(text)
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, err
        return out.strip()


class Server:
    """A TCP server of threads in this process.

    Args:
        serve: called with each accepted socket in a thread; the socket is closed afterwards.
    """

    def __init__(self, serve: Callable[[socket.socket], None], ip: str = "127.0.0.1", port: int = 0) -> None:
        self._serve = serve
        self.accepted = 0
        self.socket = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((ip, port))
        self.socket.listen(512)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection = self.socket.accept()[0]
                self.accepted += 1
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._serve(connection)


def echo(connection: socket.socket) -> None:
    """Give back all that comes."""
    while data := connection.recv(1 << 16):
        connection.sendall(data)


def add_address(ip: str) -> None:
    """Give `lo` of this network namespace another address."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    data = socket.inet_pton(family, ip)
    header = struct.pack("=BBBBI", family, 8 * len(data), _IFA_F_NODAD, 0, 1)
    attributes = b"".join(
        struct.pack("=HH", 4 + len(data), kind) + data for kind in (_IFA_LOCAL, _IFA_ADDRESS)
    )
    loopback._request("add an address", _NEW_ADDRESS, 0x400, header + attributes)


def apart(body: Callable[[], None], *addresses: str) -> None:
    """Run `body` in a forked process on a machine of its own, whose `lo` has these addresses; fail as it does."""
    readable, writable = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries that are idle
        pid = os.fork()
    if pid == 0:
        try:
            _be_apart(body, addresses)
        except BaseException:
            os.write(writable, traceback.format_exc().encode()[-60_000:])
        finally:
            os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as told:
        text = told.read()
    os.waitpid(pid, 0)
    assert not text, text


def _be_apart(body: Callable[[], None], addresses: tuple[str, ...]) -> None:
    uid, gid = os.geteuid(), os.getegid()
    if uid:
        syscalls.unshare(syscalls.CLONE_NEWUSER)
        syscalls.map_ids(uid, gid, 0, 0)
    syscalls.unshare(syscalls.CLONE_NEWNET)
    with socket.socket() as asking:  # SIOCSIFFLAGS: lo up and running
        fcntl.ioctl(asking, 0x8914, struct.pack("=16sH14x", b"lo", 0x41))
    for ip in addresses:
        add_address(ip)
    body()


def names(**known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Give a resolver of these names; `_` stands for a dot."""
    table = {name.replace("_", "."): addresses for name, addresses in known.items()}

    def resolve(name: str) -> tuple[str, ...]:
        if name not in table:
            raise NoSuchNameError(name)
        return tuple(table[name])

    return resolve


def descriptors_open() -> int:
    """Count the descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))
