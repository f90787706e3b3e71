"""Grants of a node, kept by real sockets and real mounts (issue 3 point 3; R-1.9 (1); cases 16, 20 and 22)."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from studiolo.environments import Environment
from tests.jail.attacking import attack, body
from tests.jail.hosts import HostProcess

SECRET_TEXT = "not granted"


class Listener:
    """A TCP server of the host that says what it was sent back, and counts who came."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    def _echo(self, connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(1 << 16):
                connection.sendall(data)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def named() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def other() -> Iterator[Listener]:
    """A server that no test grants."""
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture(scope="module", params=["root", "ordinary"])
def reading(request: pytest.FixtureRequest, environment: Environment) -> Iterator[tuple[HostProcess, Path]]:
    """A host whose workspace lets nodes read `data` and `private`, and the folder they lie in."""
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        (folder / "data" / "inner").mkdir(parents=True)
        (folder / "private").mkdir()
        (folder / "data" / "table.csv").write_text("a,b\n1,2\n")
        (folder / "data" / "inner" / "deep.txt").write_text("deep")
        (folder / "data" / "plot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        (folder / "data" / "way-out").symlink_to(folder / "private" / "secret.txt")
        (folder / "data" / "neighbour").symlink_to("../1")  # as the folders lie in the pool
        (folder / "private" / "secret.txt").write_text(SECRET_TEXT)
        for path in (folder, *folder.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() else 0o644)
        folders = [[name, str(folder / name)] for name in ("data", "private")]
        with HostProcess(request.param, environment=environment, folders=folders) as host:
            assert host.refused is None, host.refused
            yield host, folder
            host.check_aftermath()


ECHO = """
import socket
def ask(host, port, data=b"ping"):
    with socket.create_connection((host, port), timeout=20) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while True:
            piece = connection.recv(1 << 16)
            if not piece:
                return answer
            answer += piece

def ask_here(port):
    return ask("localhost", port)
"""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_named_host_and_port_is_reached(jail: HostProcess, named: Listener, host: str) -> None:
    code = f"print(ask({host!r}, {named.port}) == b'ping', len(ask({host!r}, {named.port}, bytes(3000000))))"
    reply = jail.run(ECHO + body(code), network=[f"{host}:{named.port}"])
    assert (reply.code, reply.log) == (None, "True 3000000\n"), reply
    assert named.connections == 2


def test_children_and_threads_of_a_job_have_its_grants(jail: HostProcess, named: Listener) -> None:
    code = f"""
    import multiprocessing, threading
    found = multiprocessing.Pool(2).map(ask_here, [{named.port}] * 4)
    threads = [threading.Thread(target=lambda: found.append(ask("localhost", {named.port}))) for _ in range(4)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    print(found == [b"ping"] * 8)
    """
    reply = jail.run(ECHO + body(code), network=[f"localhost:{named.port}"])
    assert (reply.code, reply.log) == (None, "True\n"), (reply.summary, reply.log, reply.traceback)
    assert named.connections == 8


def test_other_ports_and_hosts_are_refused(jail: HostProcess, named: Listener, other: Listener) -> None:
    """Case 20: the grant of one door opens no other, by no way of writing the address."""
    attack(
        jail,
        f"""
        REFUSED = (ECONNREFUSED, ECONNRESET, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT)
        def talk(address, port, family=socket.AF_INET):
            with socket.socket(family, socket.SOCK_STREAM) as connection:
                connection.settimeout(10)
                connection.connect((address, port))
                connection.sendall(b"ping")
                return connection.recv(10) or (_ for _ in ()).throw(OSError(ECONNRESET, "closed"))
        refused("another port", talk, "127.0.0.1", {other.port}, by=REFUSED)
        refused("another address", talk, "127.0.0.2", {named.port}, by=REFUSED)
        for address in ("10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"):
            refused(address, talk, address, {named.port} if address != "0.0.0.0" else {other.port}, by=REFUSED)
        for address in ("::1", "::ffff:127.0.0.1", "fd00::1", "fe80::1", "64:ff9b::7f00:1"):
            refused(address, talk, address, {other.port}, socket.AF_INET6, by=REFUSED + (EINVAL, EADDRNOTAVAIL))
        """,
        network=[f"localhost:{named.port}"],
    )
    assert (named.connections, other.connections) == (0, 0)


def test_all_means_public_addresses_only(jail: HostProcess, other: Listener) -> None:
    """Case 20: with the whole network granted the host itself and private networks stay closed."""
    attack(
        jail,
        f"""
        def talk(address, port):
            with socket.create_connection((address, port), timeout=10) as connection:
                connection.sendall(b"ping")
                return connection.recv(10) or (_ for _ in ()).throw(OSError(ECONNRESET, "closed"))
        for address in ("127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1"):
            refused(address, talk, address, {other.port}, by=(ECONNREFUSED, ECONNRESET, ENETUNREACH))
        """,
        network=["*"],
    )
    assert other.connections == 0


def test_all_and_a_named_private_door_go_together(
    jail: HostProcess, named: Listener, other: Listener
) -> None:
    code = f"""
    print(ask("localhost", {named.port}).decode())
    try:
        print(ask("localhost", {other.port}).decode())
    except OSError as error:
        print("refused")
    """
    reply = jail.run(ECHO + body(code), network=["*", f"localhost:{named.port}"])
    assert (reply.code, reply.log) == (None, "ping\nrefused\n"), reply
    assert (named.connections, other.connections) == (1, 0)


@pytest.mark.parametrize("network", [[], ["localhost:1"], ["*"]], ids=["none", "named", "all"])
def test_only_tcp_and_dns_leave(jail: HostProcess, network: list[str]) -> None:
    """Cases 17, 18 and 22: a grant opens TCP; raw packets, datagrams and the host's own sockets stay shut."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_UNIX) as names,
    ):
        datagrams.bind(("127.0.0.1", 0))
        datagrams.setblocking(False)
        names.bind(f"\0studiolo-test-{os.getpid()}-{len(network)}{network}")
        names.listen()
        names.setblocking(False)
        attack(
            jail,
            f"""
            def datagram():
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
                    own.sendto(b"ping", ("127.0.0.1", {datagrams.getsockname()[1]}))
            tried("datagram")
            try: datagram()
            except OSError: pass
            for family in (socket.AF_NETLINK, socket.AF_PACKET, 38, 40, 44, 31, 30, 21):
                refused("family %d" % family, socket.socket, family, socket.SOCK_RAW, by=(EACCES, EPERM))
            for kind, protocol in ((socket.SOCK_RAW, 1), (socket.SOCK_DGRAM, 1), (socket.SOCK_STREAM, 132)):
                refused("protocol %d" % protocol, socket.socket, socket.AF_INET, kind, protocol, by=(EACCES, EPERM))
            own = socket.socket(socket.AF_UNIX)
            name = {names.getsockname()!r}
            refused("abstract name", own.connect, name, by=(ECONNREFUSED, EPERM))
            """,
            network=network,
        )
        with pytest.raises(BlockingIOError):
            datagrams.recv(10)
        with pytest.raises(BlockingIOError):
            names.accept()


def test_a_denied_name_is_told_with_the_grant_to_write(jail: HostProcess, named: Listener) -> None:
    """Issue 3 point 3: a denied action ends with an error that names the grant."""
    script = body("import urllib.request\nurllib.request.urlopen('https://data.example.org/table.csv')")
    for network in ([], [f"localhost:{named.port}"]):
        reply = jail.run(script, network=network)
        assert reply.code == "script-raised"
        assert 'grants: {network: ["data.example.org:443"]}' in reply.hint, reply.hint


def test_a_denied_address_is_told_with_the_grant_to_write(
    jail: HostProcess, named: Listener, other: Listener
) -> None:
    reply = jail.run(ECHO + body(f"ask('127.0.0.1', {other.port})"), network=[f"localhost:{named.port}"])
    assert reply.code == "script-raised"
    assert f'grants: {{network: ["127.0.0.1:{other.port}"]}}' in reply.hint, reply.hint


def test_jobs_at_once_have_only_their_own_grants(jail: HostProcess, named: Listener, other: Listener) -> None:
    code = """
    for port in ({}, {}):
        try:
            print(ask("localhost", port).decode())
        except OSError:
            print("refused")
    """
    ports = (named.port, other.port)
    pending = [
        jail.start(ECHO + body(code.format(*ports)), network=[f"localhost:{port}"])
        for port in (named.port, other.port)
    ]
    logs = [one.reply().log for one in pending]
    assert logs == ["ping\nrefused\n", "refused\nping\n"]
    assert jail.run(ECHO + body(code.format(*ports))).log == "refused\nrefused\n"


def test_a_granted_folder_can_be_read_and_nothing_else(reading: tuple[HostProcess, Path]) -> None:
    """R-1.10 and case 4: read-only, without its neighbours, and no way out by its links."""
    host, folder = reading
    before = {path: path.lstat() for path in folder.rglob("*")}
    reply = attack(
        host,
        f"""
        import pandas
        assert pandas.read_csv("data/table.csv").to_dict("list") == {{"a": [1], "b": [2]}}
        assert read("data/inner/deep.txt") == b"deep"
        refused("a link out", read, "data/way-out")
        refused("the neighbour", os.listdir, "private")
        refused("the machine's path", os.listdir, {str(folder)!r})
        refused("write", open, "data/table.csv", "w")
        refused("create", open, "data/new.csv", "w")
        refused("unlink", os.unlink, "data/table.csv")
        refused("chmod", os.chmod, "data/table.csv", 0o777)
        refused("utime", os.utime, "data/table.csv", (0, 0))
        refused("rename", os.rename, "data/table.csv", "data/other.csv")
        refused("link", os.link, "data/table.csv", "mine.csv", by=WALLS + (EXDEV,))
        refused("mkdir", os.mkdir, "data/new")
        refused("unmount", lambda: syscall("umount2", b"data", 2))
        refused("through a descriptor", lambda: os.fchmod(os.open("data/table.csv", os.O_RDONLY), 0o777))
        assert os.listdir("/opt/studiolo/read") == [], os.listdir("/opt/studiolo/read")
        open("own.png", "wb").write(bytes([137]) + b"PNG\\r\\n\\x1a\\n")
        """,
        read=["data"],
    )
    assert [name for name, _, _ in reply.pictures] == ["own.png"], "pictures of the folder are not the job's"
    assert {path: path.lstat() for path in folder.rglob("*")}.keys() == before.keys()
    assert all(
        (facts.st_mode, facts.st_mtime_ns) == (path.lstat().st_mode, path.lstat().st_mtime_ns)
        for path, facts in before.items()
    )


def test_a_grant_below_an_allowed_folder_shows_that_alone(reading: tuple[HostProcess, Path]) -> None:
    host, _ = reading
    attack(
        host,
        """
        assert read("data/inner/deep.txt") == b"deep"
        assert os.listdir("data") == ["inner"], os.listdir("data")
        refused("its parent", read, "data/table.csv")
        refused("by dots", read, "data/inner/../table.csv")
        """,
        read=["data/inner"],
    )


def test_a_link_in_an_allowed_folder_leads_to_no_other_one(reading: tuple[HostProcess, Path]) -> None:
    """Own: the pool shows all allowed folders beside each other; a grant of one is not a grant of the next."""
    host, _ = reading
    reply = host.run(body("print(open('data/neighbour/secret.txt').read())"), read=["data/neighbour"])
    assert reply.code == "worker-lost", reply
    assert SECRET_TEXT not in reply.log


def test_a_job_without_the_grant_sees_no_folder(reading: tuple[HostProcess, Path]) -> None:
    """Also after jobs that had it."""
    host, _ = reading
    attack(
        host,
        """
        refused("the folder", os.listdir, "data")
        for path in ("/opt/studiolo/read/0", "/opt/studiolo/read/0/table.csv", "/opt/studiolo/read/1/secret.txt"):
            refused(path, os.stat, path)
        """,
    )


@pytest.mark.parametrize("folder", ["elsewhere", "data/../../etc", "data-other", "/etc"])
def test_a_folder_that_the_workspace_does_not_allow_is_refused(
    reading: tuple[HostProcess, Path], folder: str
) -> None:
    host, _ = reading
    reply = host.run(body("print(open('/etc/passwd').read())"), read=[folder])
    assert (reply.code, reply.log) == ("grant-not-allowed", ""), reply


def test_a_missing_file_names_the_grant_that_would_show_it(jail: HostProcess) -> None:
    reply = jail.run(body("open('/srv/data/table.csv')"))
    assert reply.code == "script-raised"
    assert "grants: {read:" in reply.hint, reply.hint
