"""What a job with network grants reaches, and what it does not: real sockets, real namespaces (R-1.9 (1), R-6.1)."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import closing, suppress

import pytest

from studiolo.worker.network import Denied, Gate
from studiolo.worker.network import gate as gate_module
from studiolo.worker.network.relay import reset
from studiolo.worker.network.resolving import NoSuchNameError
from studiolo_child import descriptors
from tests.integration.network.cells import Cell, Server, apart, echo

CLIENT = """
def fetch(host, port, data=b"hello", end=True):
    with socket.create_connection((host, port), 20) as one:
        one.sendall(data)
        if end:
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


@pytest.fixture(autouse=True)
def all_room_is_given_back():
    """Every gate counts its descriptors against those of the process."""
    yield
    assert gate_module._room._used == 0


def names(**known):
    """Give a resolver of these names; `_` stands for a dot."""
    table = {name.replace("_", "."): addresses for name, addresses in known.items()}

    def resolve(name):
        if name not in table:
            raise NoSuchNameError(name)
        return tuple(table[name])

    return resolve


def descriptors_open():
    return len(os.listdir("/proc/self/fd"))


def test_a_granted_address_is_reached_and_bytes_go_both_ways():
    """The address is the host's own loopback here, written literally."""
    with Server(echo) as server, Cell(f"127.0.0.1:{server.port}") as cell:
        out = cell.run(CLIENT + f"print(attempt('127.0.0.1', {server.port}))")
    assert (out, server.accepted, cell.gate.denied) == ("hello", 1, ())


def test_ten_megabytes_each_way_arrive_as_they_were_sent():
    """Both directions at once, larger than every buffer."""
    with Server(echo) as server, Cell(f"127.0.0.1:{server.port}") as cell:
        out = cell.run(
            f"""
            import hashlib, random
            data = random.Random(1).randbytes(10 << 20)
            one = socket.create_connection(("127.0.0.1", {server.port}), 30)
            def send():
                one.sendall(data)
                one.shutdown(socket.SHUT_WR)
            sender = threading.Thread(target=send)
            sender.start()
            found = bytearray()
            while piece := one.recv(1 << 16):
                found += piece
            sender.join()
            print(found == data)
            """
        )
    assert out == "True"


def test_a_side_that_has_ended_still_hears():
    """Half-close: the server answers after the request's end, the client reads after it."""

    def count(connection):
        total = 0
        while data := connection.recv(1 << 16):
            total += len(data)
        connection.sendall(b"%d" % total)

    with Server(count) as server, Cell(f"127.0.0.1:{server.port}") as cell:
        out = cell.run(CLIENT + f"print(fetch('127.0.0.1', {server.port}, b'x' * 300000))")
    assert out == "b'300000'"


def test_the_end_of_the_server_is_seen_while_the_client_stays():
    """Half-close the other way round."""
    got = []

    def greet(connection):
        connection.sendall(b"bye")
        connection.shutdown(socket.SHUT_WR)
        got.append(connection.recv(100))

    with Server(greet) as server, Cell(f"127.0.0.1:{server.port}") as cell:
        out = cell.run(
            f"""
            one = socket.create_connection(("127.0.0.1", {server.port}), 20)
            print(one.recv(100), one.recv(100))
            one.sendall(b"later")
            """
        )
        deadline = time.monotonic() + 20
        while not got and time.monotonic() < deadline:
            time.sleep(0.01)
    assert (out, got) == ("b'bye' b''", [b"later"])


def test_a_side_that_does_not_read_stops_the_other():
    """Memory stays bounded: the sender is stopped after the sockets' own buffers."""
    release = threading.Event()
    with Server(lambda _: release.wait(30) and None) as server, Cell(f"127.0.0.1:{server.port}") as cell:
        out = cell.run(
            f"""
            one = socket.create_connection(("127.0.0.1", {server.port}), 20)
            one.settimeout(1)
            sent = 0
            try:
                while sent < 1 << 30:
                    sent += one.send(bytes(1 << 16))
            except socket.timeout:
                pass
            print(sent < 200 << 20)
            """
        )
        release.set()
    assert out == "True"


def test_three_hundred_connections_at_once():
    """More than the gate keeps: the others wait in the kernel's queue."""
    with Server(echo) as server, Cell(f"127.0.0.1:{server.port}") as cell:
        out = cell.run(
            CLIENT
            + f"""
found = []
def one():
    found.append(fetch('127.0.0.1', {server.port}, b'x' * 1000))
threads = [threading.Thread(target=one) for _ in range(300)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(found), set(found) == {{b'x' * 1000}})
"""
        )
    assert (out, server.accepted) == ("300 True", 300)


def test_connections_wait_while_descriptors_are_short(monkeypatch):
    """The host's other descriptors are not a job's to use up: here there is room for three connections."""
    monkeypatch.setattr(gate_module.resource, "getrlimit", lambda _: (2 * (6 + 2 * 3), 1024))
    with Server(echo) as server, Cell(f"127.0.0.1:{server.port}") as cell:
        out = cell.run(
            CLIENT
            + f"""
found = []
threads = [threading.Thread(target=lambda: found.append(attempt('127.0.0.1', {server.port}))) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(found == ['hello'] * 12)
"""
        )
    assert (out, server.accepted) == ("True", 12)


def test_thousands_of_connections_leave_nothing():
    """One after the other, ended in every way: by either side, broken by either side."""
    ways = []

    def serve(connection):
        way = connection.recv(1)
        ways.append(way)
        if way == b"r":
            reset(connection)
        elif way == b"w":
            with suppress(OSError):
                connection.recv(1)

    with Server(serve) as server, Cell(f"127.0.0.1:{server.port}") as cell:
        before = descriptors_open()
        out = cell.run(
            f"""
            import struct
            found = set()
            for number in range(2000):
                way = b"rwec"[number % 4:][:1]
                one = socket.create_connection(("127.0.0.1", {server.port}), 20)
                one.sendall(way)
                if way in b"re":
                    try:
                        found.add(way + one.recv(1))
                    except ConnectionResetError:
                        found.add(way + b"!")
                elif way == b"w":
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("=ii", 1, 0))
                one.close()
            print(sorted(found))
            """
        )
        deadline = time.monotonic() + 20
        while (descriptors_open() > before or len(ways) < 2000) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert descriptors_open() <= before
        assert not cell.gate._relays and not cell.gate._begun
    assert (out, len(ways)) == ("[b'e', b'r!']", 2000)


def test_another_port_is_refused_at_once():
    """Nothing listens there: the kernel refuses, as for any closed port."""
    with Server(echo) as server, Server(echo) as other, Cell(f"127.0.0.1:{server.port}") as cell:
        out = cell.run(CLIENT + f"print(attempt('127.0.0.1', {other.port}), attempt('8.8.8.8', 9))")
    assert (out, other.accepted) == ("ConnectionRefusedError ConnectionRefusedError", 0)


def test_another_address_on_a_granted_port_is_reset_and_told():
    """By IPv4, IPv6 and mapped; the denial has what would have to be granted."""
    with Server(echo) as server, Cell(f"10.9.8.7:{server.port}") as cell:
        out = cell.run(
            CLIENT
            + f"for host in ('127.0.0.1', '::1', '::ffff:127.0.0.2', '169.254.169.254', '2606:2800::1'):\n"
            f"    print(attempt(host, {server.port}))"
        )
        denied = cell.gate.denied
    assert (set(out.split()), server.accepted) == ({"ConnectionResetError"}, 0)
    hosts = ("127.0.0.1", "::1", "127.0.0.2", "169.254.169.254", "2606:2800::1")
    assert denied == tuple(Denied(host, server.port) for host in hosts)


def test_nothing_but_tcp_leaves():
    """UDP to a granted address and port ends in the namespace; raw and ICMP sockets have no right there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        port = receiver.getsockname()[1]
        with Cell(f"127.0.0.1:{port}", "*") as cell:
            cell.run(
                f"""
                one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                one.sendto(b"x", ("127.0.0.1", {port}))
                """
            )
        with pytest.raises(BlockingIOError):
            receiver.recv(10)


def test_names_are_resolved_by_the_host_with_real_addresses():
    """Glibc's resolver in the cell, A and AAAA, by name and through the gate."""

    def body():
        with (
            Server(echo, "10.1.2.3") as server,
            Server(echo, "fd00::5", server.port),
            Cell(
                f"db.corp:{server.port}",
                f"six.corp:{server.port}",
                resolve=names(db_corp=["10.1.2.3"], six_corp=["fd00::5"]),
            ) as cell,
        ):
            out = cell.run(
                CLIENT
                + f"""
print(attempt('db.corp', {server.port}), attempt('DB.Corp.', {server.port}), attempt('six.corp', {server.port}))
print(sorted({{entry[4][0] for name in ('db.corp', 'six.corp') for entry in socket.getaddrinfo(name, 1)}}))
"""
            )
            assert (out, cell.gate.denied) == ("hello hello hello\n['10.1.2.3', 'fd00::5']", ())

    apart(body, "10.1.2.3", "fd00::5")


def test_other_names_are_unknown_and_told():
    """Not one query leaves for them: names can carry data out."""
    asked = []

    def resolve(name):
        asked.append(name)
        return ("10.1.2.3",)

    with Cell("example.org:443", resolve=resolve) as cell:
        out = cell.run(
            """
            for name in ("secret.example.org", "example.com", "example.org"):
                try:
                    print(socket.getaddrinfo(name, 443)[0][4][0])
                except socket.gaierror as error:
                    print(error.errno == socket.EAI_NONAME)
            """
        )
        denied = cell.gate.denied
    assert (out.split(), asked) == (["True", "True", "10.1.2.3"], ["example.org"])
    assert denied == (Denied("secret.example.org", None), Denied("example.com", None))


def test_a_name_that_fails_is_an_error_and_not_unknown():
    """The host's own resolver may be down."""

    def resolve(name):
        raise OSError("no name server")

    with Cell("example.org:443", resolve=resolve) as cell:
        out = cell.run(
            """
            try:
                socket.getaddrinfo("example.org", 443)
            except socket.gaierror as error:
                print(error.errno == socket.EAI_AGAIN)
            """
        )
    assert out == "True"


def test_dns_over_tcp_is_answered():
    """Resolver libraries may choose it."""
    with Cell("example.org:443", resolve=names(example_org=["10.1.2.3"])) as cell:
        out = cell.run(
            r"""
            query = b"\0\7\1\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1"
            one = socket.create_connection(("127.0.0.1", 53), 20)
            for byte in len(query).to_bytes(2, "big") + query:
                one.send(bytes([byte]))
            one.sendall(2 * (len(query).to_bytes(2, "big") + query))
            found = b""
            while found.count(bytes([10, 1, 2, 3])) < 3:
                found += one.recv(1000)
            print("three")
            """
        )
    assert out == "three"


def test_a_hostile_asker_is_cut_off():
    """Random packets, endless streams, questions without reading: the gate serves on (R-6.3)."""
    with Cell("example.org:443", resolve=names(example_org=["10.1.2.3"])) as cell:
        out = cell.run(
            r"""
            import random
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for number in range(5000):
                udp.sendto(random.randbytes(number % 1000), ("127.0.0.1", 53))
            for data in (b"\xff\xff" + bytes(100000), random.randbytes(100000), b"\0\0" * 100000):
                one = socket.create_connection(("127.0.0.1", 53), 20)
                try:
                    one.sendall(data)
                except OSError:
                    pass
            query = b"\0\7\1\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1"
            one = socket.create_connection(("127.0.0.1", 53), 20)
            one.settimeout(20)
            try:
                for _ in range(100000):
                    one.sendall(100 * (len(query).to_bytes(2, "big") + query))
                print("never cut off")
            except OSError as error:
                print(type(error).__name__)
            print(socket.getaddrinfo("example.org", 443)[0][4][0])
            """
        )
    first, second = out.split()
    assert first in ("ConnectionResetError", "BrokenPipeError") and second == "10.1.2.3"


@pytest.mark.parametrize("ip", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_a_granted_name_never_leads_to_the_host(ip):
    """Rebinding: who controls the name's records points it at the host or at the cloud's metadata service."""

    def body():
        with (
            Server(echo, "169.254.169.254") as server,
            Server(echo, "127.0.0.1", server.port) as own,
            Server(echo, "::1", server.port) as own6,
            Cell(f"evil.org:{server.port}", resolve=names(evil_org=[ip])) as cell,
        ):
            out = cell.run(
                CLIENT + f"print(attempt('evil.org', {server.port}), attempt({ip!r}, {server.port}))"
            )
            assert (out, server.accepted + own.accepted + own6.accepted) == (
                "ConnectionResetError ConnectionResetError",
                0,
            )
            assert cell.gate.denied == (Denied(ip.removeprefix("::ffff:"), server.port),)

    apart(body, "169.254.169.254")


def test_localhost_is_the_hosts_own_by_either_family():
    """The job tries ::1 first; the host's server listens on IPv4 only."""
    with Server(echo) as server, Cell(f"localhost:{server.port}") as cell:
        out = cell.run(
            CLIENT
            + "\n".join(f"print(attempt({h!r}, {server.port}))" for h in ("localhost", "::1", "127.0.0.1"))
        )
    assert out.split() == ["hello"] * 3


def test_an_address_that_was_not_asked_for_by_name_is_resolved_then():
    """A script with the address of a granted name in it; asked once for several connections."""
    asked = []

    def body():
        def resolve(name):
            asked.append(name)
            time.sleep(0.05)
            return ("10.1.2.3",)

        with Server(echo, "10.1.2.3") as server, Cell(f"db.corp:{server.port}", resolve=resolve) as cell:
            out = cell.run(
                CLIENT
                + f"for ip in ('10.1.2.3', '10.1.2.3', '10.1.2.4', '10.1.2.5'):\n    print(attempt(ip, {server.port}))"
            )
            assert out.split() == ["hello"] * 2 + ["ConnectionResetError"] * 2
            assert asked == ["db.corp"]
            assert cell.gate.denied == (Denied("10.1.2.4", server.port), Denied("10.1.2.5", server.port))

    apart(body, "10.1.2.3")


def test_another_address_of_the_name_stands_in():
    """The job's connection has succeeded already, so its library does not try the next address."""

    def body():
        with (
            Server(echo, "10.1.2.4") as server,
            Cell(f"db.corp:{server.port}", resolve=names(db_corp=["10.1.2.3", "10.1.2.4"])) as cell,
        ):
            assert cell.run(CLIENT + f"print(attempt('db.corp', {server.port}))") == "hello"

    apart(body, "10.1.2.3", "10.1.2.4")


def test_a_host_that_cannot_be_reached_resets():
    """The failure is told at the first read; it is no denial."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with Cell(f"127.0.0.1:{port}") as cell:
            out = cell.run(CLIENT + f"print(attempt('127.0.0.1', {port}))")
    assert (out, cell.gate.denied) == ("ConnectionResetError", ())


def test_the_whole_network_is_public_addresses():
    """`network: all`, any port: the listener is made when the job connects (case 20)."""

    def body():
        with (
            Server(echo, "93.184.216.34") as server,
            Server(echo, "10.1.2.3", server.port) as private,
            Server(echo, "127.0.0.1", server.port) as own,
            Server(echo, "2606:2800::1", server.port) as six,
            Server(echo, "10.1.2.4", 5432) as named,
            Cell(
                "*",
                "db.corp:5432",
                is_own=lambda ip: False,
                resolve=names(web_example=["93.184.216.34"], intern_corp=["10.1.2.3"], db_corp=["10.1.2.4"]),
            ) as cell,
        ):
            port = server.port
            out = cell.run(
                CLIENT
                + f"""
for host in ('93.184.216.34', 'web.example', '::ffff:93.184.216.34', '2606:2800::1'):
    print(attempt(host, {port}))
print(attempt('db.corp', 5432))
for host in ('10.1.2.3', 'intern.corp', '10.1.2.4', '127.0.0.1', '::1', '169.254.169.254', 'fe80::1%lo'):
    print(attempt(host, {port}))
"""
            )
            assert out.split()[:5] == ["hello"] * 5
            assert set(out.split()[5:]) <= {"ConnectionResetError", "ConnectionRefusedError", "OSError"}
            assert (server.accepted, six.accepted, named.accepted) == (3, 1, 1)
            assert private.accepted == own.accepted == 0
            assert {Denied("10.1.2.3", port), Denied("intern.corp", port)} <= set(cell.gate.denied)

    apart(body, "93.184.216.34", "10.1.2.3", "10.1.2.4", "2606:2800::1", "169.254.169.254")


def test_the_whole_network_leaves_the_machines_own_address_out():
    """The host's services that listen on its public address are its own."""

    def body():
        with Server(echo, "93.184.216.34") as server, Cell("*") as cell:
            out = cell.run(CLIENT + f"print(attempt('93.184.216.34', {server.port}))")
            assert (out, server.accepted) == ("ConnectionResetError", 0)

    apart(body, "93.184.216.34")


def test_denials_are_bounded():
    """A job may try for ever."""
    with Cell("10.9.8.7:80") as cell:
        cell.run(CLIENT + "for number in range(100):\n    attempt(f'10.0.0.{number}', 80)")
        assert len(cell.gate.denied) == 32


def test_a_job_killed_in_the_middle_leaves_nothing():
    """Connections open in every state when it dies; the gate is closed after it."""
    before = descriptors_open()
    with Server(lambda connection: time.sleep(2)) as server:
        with Cell(f"127.0.0.1:{server.port}", "a.org:81", resolve=lambda name: time.sleep(1) or ()) as cell:
            process = cell.begin(
                f"""
                held = [socket.create_connection(("127.0.0.1", {server.port}), 20) for _ in range(40)]
                held += [socket.create_connection(("10.0.0.1", 81), 20) for _ in range(5)]
                held += [socket.create_connection(("127.0.0.1", 53), 20) for _ in range(5)]
                for one in held:
                    one.setblocking(False)
                    one.send(bytes(1000))
                print("ready", flush=True)
                time.sleep(60)
                """
            )
            assert process.stdout.readline() == "ready\n"
            process.kill()
            process.communicate()
            started = time.monotonic()
            cell.gate.close()
            assert time.monotonic() - started < 5
            cell.gate.close()
    deadline = time.monotonic() + 20
    while descriptors_open() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert descriptors_open() <= before


def test_a_gate_can_be_closed_before_it_began():
    """A pool that fails to start the job still closes it."""
    before = descriptors_open()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    gate = Gate(ours, ["a.org:443"])
    gate.close()
    gate.start()
    gate.close()
    theirs.close()
    assert (descriptors_open(), gate.denied) == (before, ())


def test_a_malformed_message_is_dropped():
    """Only sockets that listen come in; anything else is closed, and the gate goes on."""
    before = descriptors_open()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with Server(echo) as server, socket.create_server(("127.0.0.1", 0)) as listener:
        # Outside a cell the address that a client wants is the listener's own.
        with closing(Gate(ours, [f"127.0.0.1:{server.port}"])) as gate:
            gate.start()
            with open("/dev/null") as file, socket.socket() as silent, socket.socket(socket.AF_UNIX) as unix:
                for label in ("tcp4:80", "dns-udp4", "dns-tcp4", "", 5, None):
                    for each in ([], [file], [silent], [unix], [file] * 3):
                        descriptors.send(theirs, {"label": label}, [one.fileno() for one in each])
            theirs.send(b"\xff")
            theirs.send(b"[1]")
            descriptors.send(theirs, {"label": "tcp4:1"}, [listener.fileno()])
            with pytest.raises(ConnectionResetError):
                with socket.create_connection(listener.getsockname(), 20) as one:
                    one.recv(1)
            assert gate.denied == (Denied("127.0.0.1", listener.getsockname()[1]),)
    theirs.close()
    assert descriptors_open() <= before
