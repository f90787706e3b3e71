"""The host connects for an experiment only where the workspace allows it (H5-B): real servers, real redirects."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from studiolo.connectors import connecting, read_source, write_target
from studiolo.connectors.http import HttpLimits
from studiolo.errors import UserError

TABLE = b"region,churned\nnorth,1\nsouth,0\n"
LIMITS = HttpLimits(backoff_seconds=0.0, silence_seconds=5.0, retries=0)
PUBLIC = "93.184.216.34"


def fetch(workspace, address: str, *network: str, **facts) -> bytes:
    fetched = read_source(
        address,
        workspace.root,
        workspace.blobs,
        workspace.metadata,
        network=network,
        limits=LIMITS,
        **facts,
    )
    return workspace.blobs.path(fetched.digest).read_bytes()


def send(workspace, address: str, *network: str, method: str = "PUT") -> None:
    descriptor = os.memfd_create("result")
    try:
        os.write(descriptor, TABLE)
        write_target(
            address, descriptor, len(TABLE), workspace.root, network=network, method=method, limits=LIMITS
        )
    finally:
        os.close(descriptor)


def refused(action, *arguments, **facts) -> tuple[str, str]:
    with pytest.raises(UserError) as caught:
        action(*arguments, **facts)
    assert caught.value.code == "address-not-allowed"
    return caught.value.summary, caught.value.hint


def place(server) -> str:
    return urlsplit(server.address).netloc


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, server) -> Iterator[tuple[dict[str, list[str]], list[str]]]:
    """A resolver of our own, and the addresses connected to: all of them are the test server in truth.

    The addresses of a name are given one at each question, the last for ever, as a rebinding name server does.
    """
    known: dict[str, list[str]] = {}
    connected: list[str] = []
    port = int(place(server).rpartition(":")[2])
    ask = socket.getaddrinfo

    def answer(host, *rest, **facts):
        if host not in known:
            return ask(host, *rest, **facts)
        ip = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, rest[0]))]

    class Recorded(socket.socket):
        def connect(self, to):
            if self.type == socket.SOCK_DGRAM:
                return super().connect(to)
            connected.append(to[0])
            return super().connect(("127.0.0.1", port))

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setattr(connecting.socket, "socket", Recorded)
    yield known, connected


def test_this_machine_is_not_reached_unasked(workspace, server) -> None:
    """A stranger's experiment must not read the services that trust whoever runs here (R-6.1)."""
    assert refused(fetch, workspace, f"{server.address}/table?key=secret") == (
        f'"{place(server)}" is no public address.',
        f'To allow it, write in studiolo.toml under [grants]: network = ["{place(server)}"]',
    )
    for network in ("*", "*:*", "localhost:*", f"{place(server)}0"):
        refused(fetch, workspace, f"{server.address}/table", network)
    assert server.asked == []
    assert fetch(workspace, f"{server.address}/table", place(server)) == TABLE


@pytest.mark.parametrize(
    "host", ["localhost", "2130706433", "127.1", "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_other_spellings_of_this_machine_are_seen_through(workspace, server, host: str) -> None:
    """What is checked is the address that would be connected to."""
    address = server.address.replace("127.0.0.1", host)
    refused(fetch, workspace, f"{address}/table", "*")
    assert server.asked == []


def test_localhost_is_allowed_by_its_name(workspace, server) -> None:
    """The hint's line does what it says."""
    address = f"{server.address.replace('127.0.0.1', 'localhost')}/table"
    _, hint = refused(fetch, workspace, address)
    allowed = hint.rpartition('["')[2].removesuffix('"]')
    assert fetch(workspace, address, allowed) == TABLE


@pytest.mark.parametrize(
    "ip", ["169.254.169.254", "10.1.2.3", "192.168.0.1", "100.64.0.1", "[fd00::1]", "224.0.0.1"]
)
def test_addresses_that_are_not_public_are_not_even_connected_to(workspace, names, ip: str) -> None:
    """A cloud's metadata service gives keys to whoever asks."""
    summary, _ = refused(fetch, workspace, f"http://{ip}/latest/meta-data/")
    assert summary == f'"{ip}:80" is no public address.'
    assert names[1] == []


def test_a_redirect_is_checked_as_the_first_address(workspace, server) -> None:
    """The server that is allowed must not choose for the host (R-6.3)."""
    target = f"{server.address.replace('127.0.0.1', 'localhost')}/table"
    asked = f"{server.address}/redirect/{target}"
    summary, _ = refused(fetch, workspace, asked, place(server))
    assert summary.startswith(f'{asked} sends to "{urlsplit(target).netloc}", which leads to ')
    assert server.asked == [asked.removeprefix(server.address)]
    refused(fetch, workspace, f"{server.address}/redirect/http://169.254.169.254/x", place(server), "*")
    assert fetch(workspace, asked, place(server), "localhost:*") == TABLE


def test_a_redirect_from_a_public_server_leads_nowhere_else(workspace, server, names) -> None:
    """Reading public addresses needs no grant; so what they send to is checked all the more."""
    known, connected = names
    known.update({"data.example": [PUBLIC], "inner.example": ["10.0.0.7"], "other.example": [PUBLIC]})
    asked = "http://data.example/redirect/http://inner.example/table"
    summary, hint = refused(fetch, workspace, asked)
    assert (
        summary
        == f'{asked} sends to "inner.example:80", which leads to 10.0.0.7, which is no public address.'
    )
    assert hint == 'To allow it, write in studiolo.toml under [grants]: network = ["inner.example:80"]'
    assert connected == [PUBLIC]
    assert fetch(workspace, asked, "inner.example:80") == TABLE
    assert fetch(workspace, "http://data.example/redirect/http://other.example/table") == TABLE


def test_the_address_checked_is_the_one_connected_to(workspace, names) -> None:
    """A name server that answers differently the second time gains nothing (rebinding)."""
    known, connected = names
    known["rebind.example"] = [PUBLIC, "127.0.0.1"]
    assert fetch(workspace, "http://rebind.example/table") == TABLE
    assert (connected, known["rebind.example"]) == ([PUBLIC], ["127.0.0.1"])
    summary, hint = refused(fetch, workspace, "http://rebind.example/table", "*", "rebind.example:80")
    assert summary == '"rebind.example:80" leads to 127.0.0.1, which is no public address.'
    assert hint.startswith("No other name may stand for that address: write 127.0.0.1:80 itself.")
    assert connected == [PUBLIC]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_nothing_is_sent_anywhere_without_a_grant(workspace, server, names, method: str) -> None:
    """Datasets must not leave the machine because an experiment says so; public or not."""
    known, connected = names
    known["data.example"] = [PUBLIC]
    assert refused(send, workspace, "http://data.example/x.csv", method=method) == (
        'Data would be sent to "data.example:80", which the workspace does not allow.',
        'To allow it, write in studiolo.toml under [grants]: network = ["data.example:80"]',
    )
    refused(send, workspace, f"{server.address}/x.csv", "*:80", "data.example:*", method=method)
    assert (connected, server.asked) == ([], [])
    send(workspace, "http://data.example/x.csv", "*.example:80", method=method)
    assert server.received["/x.csv"][0] == TABLE


def test_a_person_may_type_any_address_but_is_not_sent_inside(workspace, server) -> None:
    """`studiolo dataset add` asks what it was told to; redirects are the server's words, not the person's."""
    assert fetch(workspace, f"{server.address}/table", allow_outside=True) == TABLE
    other = server.address.replace("127.0.0.1", "localhost")
    refused(fetch, workspace, f"{server.address}/redirect/{other}/table", allow_outside=True)


def test_a_proxy_is_asked_only_for_what_is_named(workspace, server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy resolves names itself, and what is local to it is not public."""
    monkeypatch.delenv("no_proxy")
    for name in ("NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, server.address)
    summary, hint = refused(fetch, workspace, "http://data.example/x")
    assert "by a proxy" in summary and 'network = ["data.example:80"]' in hint
    refused(fetch, workspace, "https://data.example/x", "data.example:80")
    refused(fetch, workspace, "http://169.254.169.254/x", "*")
    refused(send, workspace, f"http://{PUBLIC}/x.csv")
    assert server.asked == []
    for address, network in (("http://data.example/x", "*.example:80"), (f"http://{PUBLIC}/x", "none:1")):
        with pytest.raises(UserError) as caught:
            fetch(workspace, address, network)
        assert caught.value.code == "address-status"
    assert server.asked == ["http://data.example/x", f"http://{PUBLIC}/x"]
    with pytest.raises(UserError) as caught:
        fetch(workspace, "https://data.example/x", "data.example:443")
    assert (caught.value.code, "Tunnel connection failed: 501" in caught.value.summary) == (
        "address-unreachable",
        True,
    )
