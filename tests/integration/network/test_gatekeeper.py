"""Listeners are made when a job that may reach any port first connects; hostile calls harm nobody else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from studiolo_child import gatekeeper, loopback, syscalls
from tests.integration.network.cells import Cell, Server, apart, echo

PUBLIC = "93.184.216.34"
SOURCE = str(Path(syscalls.__file__).parent.parent)


def check(text):
    """Run a text that asserts for itself, in a cell with `*`."""

    def body():
        with Server(echo, PUBLIC) as server, Cell("*", is_own=lambda ip: False) as cell:
            cell.run(f"HOST, PORT = {PUBLIC!r}, {server.port}\n" + text)

    apart(body, PUBLIC)


def test_a_connection_that_does_not_block():
    """Asyncio and event loops connect so."""
    check(
        """
import asyncio
async def talk():
    reader, writer = await asyncio.open_connection(HOST, PORT)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    writer.close()
asyncio.run(talk())
"""
    )


def test_connections_from_threads_and_children():
    """Every process and thread of the job is reported; each port once, each connection served."""
    check(
        """
found = []
def one():
    with socket.create_connection((HOST, PORT), 20) as each:
        each.sendall(b"x")
        found.append(each.recv(1))
threads = [threading.Thread(target=one) for _ in range(50)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert found == [b"x"] * 50, found
pid = os.fork()
if pid == 0:
    one()
    os._exit(0 if found[-1] == b"x" else 1)
assert os.waitpid(pid, 0)[1] == 0
"""
    )


def test_hostile_calls_are_let_go_on():
    """Addresses that can't be read, of any length and family: the kernel's own answer, and the next one works."""
    check(
        """
import ctypes, errno, random, struct
FAMILIES = [socket.AF_INET, socket.AF_INET6]
libc = ctypes.CDLL(None, use_errno=True)
good = struct.pack("=H", 2) + PORT.to_bytes(2, "big") + socket.inet_aton(HOST) + bytes(8)
def connect(number, pointer, size):
    ctypes.set_errno(0)
    libc.connect(ctypes.c_int(number), ctypes.c_void_p(pointer), ctypes.c_uint(size))
    return errno.errorcode.get(ctypes.get_errno(), "fine")
buffer = ctypes.create_string_buffer(good, 200)
place = ctypes.addressof(buffer)
tcp = socket.socket()
assert connect(tcp.fileno(), 0, 16) == "EFAULT"
assert connect(tcp.fileno(), 8, 16) == "EFAULT"
assert connect(tcp.fileno(), 2**64 - 8, 16) == "EFAULT"
assert connect(tcp.fileno(), 2**63, 16) == "EFAULT"
assert connect(tcp.fileno(), place, 0xFFFFFFFF) == "EINVAL"
assert connect(tcp.fileno(), place, 3) == "EINVAL"
assert connect(-1, place, 16) == "EBADF"
assert connect(0, place, 16) == "ENOTSOCK"
source = random.Random(1)
for _ in range(300):
    buffer[:64] = source.choice([good[:2], b"\\x0a\\0", b"\\x01\\0", b"\\0\\0"]) + source.randbytes(62)
    with socket.socket(source.choice(FAMILIES), socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as one:
        connect(one.fileno(), place, source.randrange(70))
unix = socket.socket(socket.AF_UNIX)
try:
    unix.connect("/nowhere")
except FileNotFoundError:
    pass
buffer[:16] = good
fine = socket.socket()
assert connect(fine.fileno(), place, 16) == "fine"
fine.sendall(b"x")
assert fine.recv(1) == b"x"
"""
    )


def test_a_signal_during_the_wait_does_no_harm():
    """One that interrupts the call before init has heard of it: Python then believes it connected, and learns later."""
    check(
        """
import signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for number in range(100):
    one = socket.socket()
    try:
        one.connect((HOST, PORT))
        one.sendall(b"x")
        assert one.recv(1) == b"x"
    except OSError as error:
        assert error.errno in (32, 107), error
    finally:
        one.close()
signal.setitimer(signal.ITIMER_REAL, 0, 0)
"""
    )


def test_jobs_that_die_while_they_connect():
    """A report may be of a process that is no more."""
    check(
        """
for number in range(100):
    pid = os.fork()
    if pid == 0:
        for _ in range(8):
            threading.Thread(target=lambda: socket.socket().connect((HOST, PORT)), daemon=True).start()
        os._exit(0)
    if number % 2:
        os.kill(pid, 9)
    os.waitpid(pid, 0)
with socket.create_connection((HOST, PORT), 20) as one:
    one.sendall(b"x")
    assert one.recv(1) == b"x"
"""
    )


def test_listeners_are_bounded():
    """Ports beyond the bound are refused; those before still work."""
    check(
        f"""
with socket.create_connection((HOST, PORT), 20) as one:
    pass
results = []
for port in range(20000, 20000 + {gatekeeper.MOST_LISTENERS} + 50):
    with socket.socket() as one:
        results.append(one.connect_ex((HOST, port)))
assert results[0] == 0 and results[-1] == 111, results
with socket.create_connection((HOST, PORT), 20) as one:
    one.sendall(b"x")
    assert one.recv(1) == b"x"
"""
    )


def test_the_jobs_own_servers_stay_its_own():
    """joblib, dask and the like connect to loopback; no listener may take the port from them."""
    check(
        """
server = socket.socket()
server.bind(("127.0.0.1", 0))
port = server.getsockname()[1]
assert socket.socket().connect_ex(("127.0.0.1", port)) == 111
server.listen()
client = socket.create_connection(("127.0.0.1", port), 20)
server.accept()[0].sendall(b"own")
assert client.recv(3) == b"own"
"""
    )


def test_two_notifiers_are_refused():
    """The kernel keeps one for a process; the second must not pass for installed."""
    code = (
        f"import sys; sys.path.insert(0, {SOURCE!r})\n"
        "from studiolo_child import gatekeeper\n"
        "gatekeeper.install_notifier()\n"
        "try:\n    gatekeeper.install_notifier()\nexcept OSError as error:\n    print(error.errno)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "16"


def test_a_kernel_that_cannot_is_told_in_words(monkeypatch):
    """Linux before 5.5; and machines without call numbers."""
    monkeypatch.setattr(syscalls, "prctl", lambda *_: 0)
    monkeypatch.setattr(syscalls, "call", lambda *_: 5)
    monkeypatch.setattr(gatekeeper, "_answer", lambda *_: 22)
    monkeypatch.setattr(gatekeeper.os, "close", lambda number: None)
    with pytest.raises(OSError, match=r"Linux 5\.5"):
        gatekeeper.install_notifier()
    monkeypatch.setattr(syscalls, "MACHINE", "riscv64")
    with pytest.raises(OSError, match="riscv64"):
        gatekeeper.install_notifier()


def test_every_address_is_local_and_a_taken_port_is_named():
    """IPv4 and IPv6; the error of a step says which it was."""

    def body():
        loopback.open_everything()
        loopback.open_everything()
        made = dict(loopback.listeners([443, 53, 443]))
        assert sorted(made) == ["dns-tcp4", "dns-tcp6", "dns-udp4", "dns-udp6", "tcp4:443", "tcp6:443"]
        for ip in ("1.2.3.4", "255.255.255.254", "10.0.0.1", "127.9.9.9", "2606::1", "fd00::1", "::1"):
            with socket.create_connection((ip, 443), 5) as one:
                accepted, _ = made["tcp6:443" if ":" in ip else "tcp4:443"].accept()
                assert accepted.getsockname()[0] == ip
                accepted.close()
                del one
        with pytest.raises(OSError, match=r"listen on port 443 \(IPv4\)"):
            loopback.listener("4", 443)

    apart(body)


def test_a_kernel_without_ipv6_has_ipv4():
    """Some machines switch IPv6 off."""

    def body():
        Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1")
        Path("/proc/sys/net/ipv6/conf/lo/disable_ipv6").write_text("1")
        loopback.open_everything()
        made = dict(loopback.listeners([443]))
        with socket.create_connection(("8.8.8.8", 443), 5):
            made["tcp4:443"].accept()[0].close()
        with socket.socket(socket.AF_INET6) as one, pytest.raises(OSError):
            one.connect(("2606::1", 443))

    apart(body)


def test_without_rights_the_step_is_named():
    """An ordinary process may not change its network."""

    def body():
        syscalls.drop_capabilities()
        with pytest.raises(OSError, match="bring lo up: Operation not permitted"):
            loopback.open_everything()

    apart(body)


OLD = """
from __future__ import print_function, unicode_literals
import os, socket, sys
sys.path.insert(0, sys.argv[1])
from studiolo_child import descriptors, gatekeeper, loopback, syscalls
uid, gid = os.geteuid(), os.getegid()
if uid:
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    syscalls.map_ids(uid, gid, 0, 0)
syscalls.unshare(syscalls.CLONE_NEWNET)
loopback.open_everything()
made = loopback.listeners([443])
labels = [label for label, _ in made]
ours, gate = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
loopback.hand_over(gate, made)
assert [descriptors.receive(ours)[0]["label"] for _ in labels] == labels
theirs, notifier = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
init = os.fork()
if init == 0:
    syscalls.die_with_parent()
    gatekeeper.serve(gate, notifier, labels)
number = gatekeeper.install_notifier()
descriptors.send(theirs, {}, [number])
os.close(number)
for host, port in (("8.8.8.8", 8080), ("8.8.8.8", 443), ("2606::1", 8080), ("8.8.4.4", 8080)):
    one = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    one.connect((host, port))
    print(one.getpeername()[0], end=" ")
os.kill(init, 9)
os.waitpid(init, 0)
for label in ("tcp4:8080", "tcp6:8080"):
    message, received = descriptors.receive(ours)
    assert message == {"label": label} and len(received) == 1, message
"""
VERSIONS = ["2.7", *[f"3.{minor}" for minor in range(6, 15)]]


def test_old_interpreters_can_do_it_too():
    """Environments run on Python 2.7 and 3.6 to 3.14, without any other library."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    names = [f"{version}.*/bin/python" for version in VERSIONS] if os.access(pyenv, os.R_OK | os.X_OK) else []
    found = [path for name in names for path in sorted(pyenv.glob(name))]
    on_path = [shutil.which(f"python{version}") for version in VERSIONS]
    for python in [sys.executable, *found, *filter(None, on_path)]:
        if subprocess.run([python, "-V"], capture_output=True, check=False).returncode:
            continue  # a shim without its interpreter
        done = subprocess.run([python, "-B", "-c", OLD, SOURCE], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout.split()) == (
            0,
            ["8.8.8.8", "8.8.8.8", "2606::1", "8.8.4.4"],
        ), f"{python}: {done.stderr}"
