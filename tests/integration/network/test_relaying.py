"""Bytes go through the gate as they were sent, and nothing stays behind (R-6.1, R-6.3)."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing, suppress

import pytest

from studiolo.worker.network import Denied, Gate
from studiolo.worker.network import gate as gate_module
from studiolo.worker.network.relay import reset
from studiolo_child import descriptors
from tests.integration.network.cells import CLIENT, Cell, Server, descriptors_open, echo


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
one = lambda: found.append(fetch('127.0.0.1', {server.port}, b'x' * 1000))
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
        most = descriptors_open() + 6  # the cell's listeners
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
        while (descriptors_open() > most or len(ways) < 2000) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert descriptors_open() <= most
        assert not cell.gate._relays and not cell.gate._begun
    assert (out, len(ways)) == ("[b'e', b'r!']", 2000)


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
            assert time.monotonic() - started < 15  # those who wait would wait for 20
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
