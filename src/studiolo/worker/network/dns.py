"""Reads DNS queries of a job and writes the answers. Packets are hostile: nothing here raises because of them.

Only what a resolver library needs is answered: addresses (A and AAAA). Sources: RFC 1035, RFC 6891 (EDNS is
ignored), RFC 7766 (over TCP each message has two bytes of length before it).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

NO_ERROR, FORMAT_ERROR, SERVER_FAILURE, NO_SUCH_NAME, NOT_IMPLEMENTED = 0, 1, 2, 3, 4
A, AAAA = 1, 28
MOST_ANSWERS = 8
"""So many of 28 bytes fit into the 512 that a packet may have, after a name of 255."""
TTL_SECONDS = 30
LONGEST_PACKET = 4096

_INTERNET = 1
_RESPONSE, _RECURSION_WANTED, _RECURSION_THERE = 0x8000, 0x0100, 0x0080
_OPERATION = 0x7800
_TO_FIRST_NAME = 0xC00C
_HEADER = struct.Struct("!HHHHHH")
_LABEL = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Query:
    """One question.

    Attributes:
        number: which the answer repeats.
        is_recursive: the asker wants the whole work done; the answer repeats it.
        question: its bytes, which the answer repeats.
        name: in lower case without the final dot; empty when it is no host name.
        kind: type of record wanted.
        problem: code to answer with whatever the name; `NO_ERROR` when it can be answered.
    """

    number: int
    is_recursive: bool
    question: bytes = b""
    name: str = ""
    kind: int = 0
    problem: int = NO_ERROR

    @property
    def wants_addresses(self) -> bool:
        """Whether it asks for addresses of a name; other records are answered with none."""
        return self.kind in (A, AAAA)


def parse(packet: bytes) -> Query | None:
    """Read a query; None for what deserves no answer at all: too short, or itself an answer."""
    if len(packet) < _HEADER.size:
        return None
    number, flags, questions, answers, authorities, _ = _HEADER.unpack_from(packet)
    if flags & _RESPONSE:
        return None
    is_recursive = bool(flags & _RECURSION_WANTED)
    if flags & _OPERATION:
        return Query(number, is_recursive, problem=NOT_IMPLEMENTED)
    found = _name(packet, _HEADER.size)
    if questions != 1 or answers or authorities or found is None or len(packet) < found[1] + 4:
        return Query(number, is_recursive, problem=FORMAT_ERROR)
    name, end = found
    kind, kind_of_net = struct.unpack_from("!HH", packet, end)
    problem = NO_ERROR if kind_of_net == _INTERNET else NOT_IMPLEMENTED
    return Query(number, is_recursive, packet[_HEADER.size : end + 4], name, kind, problem)


def answer(query: Query, code: int = NO_ERROR, addresses: Sequence[str] = ()) -> bytes:
    """Give the packet that answers a query with those of the addresses that it asks for."""
    records = b""
    count = 0
    for text in addresses if code == NO_ERROR and query.wants_addresses else ():
        address = ip_address(text.partition("%")[0])
        if (A if isinstance(address, IPv4Address) else AAAA) == query.kind and count < MOST_ANSWERS:
            data = address.packed
            records += struct.pack("!HHHIH", _TO_FIRST_NAME, query.kind, _INTERNET, TTL_SECONDS, len(data))
            records += data
            count += 1
    flags = _RESPONSE | _RECURSION_THERE | (_RECURSION_WANTED if query.is_recursive else 0) | code
    return _HEADER.pack(query.number, flags, bool(query.question), count, 0, 0) + query.question + records


def framed(packet: bytes) -> bytes:
    """Give a packet as it goes over TCP."""
    return struct.pack("!H", len(packet)) + packet


def _name(packet: bytes, start: int) -> tuple[str, int] | None:
    """Read a name; give it and where it ends, or None when it is cut off, too long or a pointer."""
    labels: list[bytes] = []
    position = start
    while position < len(packet):
        length = packet[position]
        position += 1
        if length == 0:
            is_host = all(_LABEL.fullmatch(label) for label in labels)
            return (b".".join(labels).decode("ascii").lower() if is_host else ""), position
        if length > 63 or position + length > len(packet) or position + length - start > 254:
            return None
        labels.append(packet[position : position + length])
        position += length
    return None
