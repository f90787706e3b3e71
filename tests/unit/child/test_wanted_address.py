"""A failed network call's hint names the host and port that would have to be granted (R-1.9 (1))."""

from __future__ import annotations

import asyncio
import http.client
import smtplib
import socket
import urllib.request

import pandas
import pytest

from studiolo_child.hints import Circumstances, hint_for

GENERAL = (
    'A script has no network unless its node is granted a host and port: `grants: {network: ["host:443"]}`.'
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Every name is unknown and every address unreachable, as in a cell without grants."""

    def refuse(self, _):
        self.close()
        raise OSError(101, "Network is unreachable")

    class Unreachable(socket.socket):
        connect = refuse

    def unknown(*_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "socket", Unreachable)
    monkeypatch.setattr(socket._socket, "getaddrinfo", unknown)


def address(call):
    """Give what the hint names after a failed call."""
    try:
        call()
    except Exception as error:
        hint = hint_for(error, ["script.py"], Circumstances())
    before, _, after = GENERAL.partition("host:443")
    assert hint.startswith(before) and hint.endswith(after)
    return hint[len(before) : -len(after)]


def connect_http():
    http.client.HTTPConnection("example.org", 8080).request("GET", "/")


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: urllib.request.urlopen("https://example.org/x"), "example.org:443"),
        (lambda: urllib.request.urlopen("http://example.org:81/x"), "example.org:81"),
        (lambda: pandas.read_csv("https://data.example.org/t.csv"), "data.example.org:443"),
        (connect_http, "example.org:8080"),
        (lambda: socket.create_connection(("db.corp", 5432)), "db.corp:5432"),
        (lambda: socket.create_connection(("db.corp.", "https")), "db.corp:443"),
        (lambda: socket.getaddrinfo("fe80::1%lo", 22), "[fe80::1]:22"),
        (lambda: socket.getaddrinfo(b"db.corp", b"22"), "db.corp:22"),
        (lambda: smtplib.SMTP("mail.example.org", 587), "mail.example.org:587"),
        (lambda: asyncio.run(asyncio.open_connection("aio.example.org", 443)), "aio.example.org:443"),
        (lambda: socket.socket().connect(("example.org", 443)), "host:443"),
        (lambda: socket.getaddrinfo("example.org", None), "host:443"),
        (lambda: socket.getaddrinfo("two words", 80), "host:443"),
    ],
)
def test_the_hint_names_host_and_port(call, named):
    """From whichever library; the general sentence where it can't be told."""
    assert address(call) == named


def test_a_connection_that_broke_is_of_the_network_when_an_address_is_known():
    """The gate resets what is denied; pipes between the script's own processes break in the same way."""

    def connect():
        host, port = "example.org", 443
        raise ConnectionResetError(104, f"{host} {port}")

    assert address(connect) == "example.org:443"
    assert hint_for(ConnectionResetError(104, "reset"), ["script.py"], Circumstances()) == ""


def test_what_a_script_named_so_is_left_alone():
    """A script's own `connect` may have any locals; none of their code is run."""

    class Evil(str):
        def __getattribute__(self, name):
            raise RuntimeError

    def connect():
        host, port = Evil("example.org"), True
        raise ConnectionRefusedError(111, f"{type(host)} {port}")

    def getaddrinfo():
        address = (Evil("a.org"), 1)
        raise ConnectionRefusedError(111, f"{type(address)}")

    assert address(connect) == "host:443"
    assert address(getaddrinfo) == "host:443"
