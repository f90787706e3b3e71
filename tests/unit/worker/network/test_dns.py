"""DNS packets of a job: what is answered, and that nothing a job sends raises (R-6.3)."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studiolo.worker.network import dns


def packet(
    name: str, kind: int = 1, *, flags: int = 0x0100, net: int = 1, extra: bytes = b"", additional: int = 0
):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) if name else b""
    return (
        struct.pack("!HHHHHH", 7, flags, 1, 0, 0, additional)
        + labels
        + b"\0"
        + struct.pack("!HH", kind, net)
        + extra
    )


def read(reply: bytes) -> tuple[int, int, list[bytes]]:
    """Give code, number of questions and the data of each record."""
    number, flags, questions, count, _, _ = struct.unpack_from("!HHHHHH", reply)
    assert number == 7 and flags & 0x8080 == 0x8080
    position = 12
    if questions:
        while reply[position]:
            position += 1 + reply[position]
        position += 5
    found = []
    for _ in range(count):
        pointer, _, _, _, length = struct.unpack_from("!HHHIH", reply, position)
        assert pointer == 0xC00C
        found.append(reply[position + 12 : position + 12 + length])
        position += 12 + length
    assert position == len(reply)
    return flags & 15, questions, found


def test_a_query_is_read():
    """Names are compared in lower case, without the final dot."""
    query = dns.parse(packet("WWW.Example.org", 28))
    assert query is not None
    assert (query.name, query.kind, query.problem, query.wants_addresses) == ("www.example.org", 28, 0, True)


def test_addresses_of_the_wanted_family_are_answered():
    """An A query must not get IPv6 addresses."""
    addresses = ("93.184.216.34", "2606:2800::1", "10.0.0.1", "fe80::1%eth0")
    assert read(dns.answer(dns.parse(packet("a.org")), 0, addresses)) == (
        0,
        1,
        [bytes([93, 184, 216, 34]), bytes([10, 0, 0, 1])],
    )
    assert len(read(dns.answer(dns.parse(packet("a.org", 28)), 0, addresses))[2]) == 2
    assert read(dns.answer(dns.parse(packet("a.org", 16)), 0, addresses)) == (0, 1, [])
    assert read(dns.answer(dns.parse(packet("a.org")), dns.NO_SUCH_NAME, addresses)) == (3, 1, [])


def test_an_answer_fits_into_a_packet_whatever_the_name():
    """512 bytes without EDNS (RFC 1035, 4.2.1)."""
    name = ".".join(["a" * 63] * 3 + ["a" * 61])
    query = dns.parse(packet(name, 28))
    assert query.name == name
    assert len(dns.answer(query, 0, [f"2606::{number}" for number in range(1, 90)])) <= 512


def test_edns_is_ignored():
    """Newer resolvers send an OPT record (RFC 6891)."""
    option = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)
    assert dns.parse(packet("a.org", extra=option, additional=1)).name == "a.org"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (packet("a.org", flags=0x2800), dns.NOT_IMPLEMENTED),
        (packet("a.org", net=3), dns.NOT_IMPLEMENTED),
        (packet("a.org")[:-1], dns.FORMAT_ERROR),
        (packet("a.org")[:13], dns.FORMAT_ERROR),
        (packet("a.org")[:12], dns.FORMAT_ERROR),
        (struct.pack("!HHHHHH", 7, 0, 2, 0, 0, 0) + packet("a.org")[12:], dns.FORMAT_ERROR),
        (struct.pack("!HHHHHH", 7, 0, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1", dns.FORMAT_ERROR),
        (packet(".".join(["a" * 63] * 4)), dns.FORMAT_ERROR),
    ],
)
def test_a_damaged_query_is_answered_with_its_fault(data, code):
    """A resolver library then stops waiting."""
    query = dns.parse(data)
    assert query.problem == code and read(dns.answer(query, code))[0] == code


def test_answers_are_not_answered():
    """Two answerers must not talk for ever."""
    assert dns.parse(packet("a.org", flags=0x8100)) is None
    assert dns.parse(b"") is None and dns.parse(packet("a.org")[:11]) is None


@pytest.mark.parametrize("label", [b"a b", b"a\n", b"\xff", b"a.b", b"-a", b"a\0", b"%s"])
def test_what_is_no_host_name_has_no_name(label):
    """Nothing else gets as far as the host's resolver or an error message."""
    data = packet("x")[:12] + bytes([len(label)]) + label + b"\3org\0\0\1\0\1"
    assert dns.parse(data).name == ""


def test_random_packets_never_raise():
    """R-6.3: 20,000 packets, random ones and damaged good ones."""
    source = random.Random(3)
    good = packet("www.example.org", 28, extra=b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0), additional=1)
    for number in range(20_000):
        if number % 2:
            data = source.randbytes(source.randrange(600))
        else:
            damaged = bytearray(good[: source.randrange(len(good) + 1)])
            for _ in range(source.randrange(4)):
                if damaged:
                    damaged[source.randrange(len(damaged))] = source.randrange(256)
            data = bytes(damaged)
        query = dns.parse(data)
        if query is not None:
            assert len(query.name) <= 253
            assert len(dns.answer(query, query.problem, ["1.2.3.4", "2606::1"])) <= 512


@given(st.binary(max_size=4096))
def test_any_bytes_are_read(data):
    """The same, by hypothesis."""
    query = dns.parse(data)
    if query is not None:
        dns.answer(query, query.problem, ["1.2.3.4"])
