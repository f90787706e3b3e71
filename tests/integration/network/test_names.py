"""A job resolves granted names only, and they lead only where they may (R-1.9 (1), R-6.1)."""

from __future__ import annotations

import time

import pytest

from studiolo.worker.network import Denied
from tests.integration.network.cells import CLIENT, Cell, Server, apart, echo, names


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
                is_own=lambda ip: False,
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

        with (
            Server(echo, "10.1.2.3") as server,
            Cell(f"db.corp:{server.port}", resolve=resolve, is_own=lambda ip: False) as cell,
        ):
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
            Cell(
                f"db.corp:{server.port}",
                resolve=names(db_corp=["10.1.2.3", "10.1.2.4"]),
                is_own=lambda ip: False,
            ) as cell,
        ):
            assert cell.run(CLIENT + f"print(attempt('db.corp', {server.port}))") == "hello"

    apart(body, "10.1.2.3", "10.1.2.4")


def test_a_name_that_stands_for_this_machine_is_refused():
    """Whoever controls the records of a granted name must not reach the services of the host."""

    def body():
        with (
            Server(echo, "10.1.2.3") as server,
            Cell(f"db.corp:{server.port}", resolve=names(db_corp=["10.1.2.3"])) as cell,
        ):
            assert cell.run(CLIENT + f"print(attempt('db.corp', {server.port}))") == "ConnectionResetError"

    apart(body, "10.1.2.3")
