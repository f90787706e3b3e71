"""What a job with network grants reaches, and what it does not: real sockets, real namespaces (R-1.9 (1), R-6.1)."""

from __future__ import annotations

import socket

import pytest

from studiolo.worker.network import Denied
from tests.integration.network.cells import CLIENT, Cell, Server, apart, echo, names


def test_a_granted_address_is_reached_and_bytes_go_both_ways():
    """The address is the host's own loopback here, written literally."""
    with Server(echo) as server, Cell(f"127.0.0.1:{server.port}") as cell:
        out = cell.run(CLIENT + f"print(attempt('127.0.0.1', {server.port}))")
    assert (out, server.accepted, cell.gate.denied) == ("hello", 1, ())


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
