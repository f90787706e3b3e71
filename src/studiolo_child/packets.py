"""The packets in which requests of a web service and their replies cross the wall; both sides use this.

A packet is the length of its head (4 bytes, little-endian), the head as JSON in ASCII, then data parts, each from a
multiple of 64 on. Parts that are too long for a packet lie in a file whose descriptor goes with it.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import json
import struct

PACKET_BYTES = 56 << 10  # packets are read into a buffer of 64 KiB
ALIGNMENT = 64


def padded(length):
    """Round up to a multiple of 64."""
    return (length + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


def write_packet(head, parts=()):
    """Give the bytes of a packet with its parts."""
    text = json.dumps(head).encode("ascii")
    pieces = [struct.pack(str("<I"), len(text)), text, b"\0" * (-(4 + len(text)) % ALIGNMENT)]
    pieces.extend(padded_parts(parts))
    return b"".join(pieces)


def padded_parts(parts):
    """Give the pieces that parts are written as."""
    pieces = []
    for part in parts:
        pieces.append(part)
        if len(part) % ALIGNMENT:
            pieces.append(b"\0" * (-len(part) % ALIGNMENT))
    return pieces


def read_head(packet):
    """Give the head of a packet and where its parts begin.

    Raises:
        ValueError: it is none.
    """
    if len(packet) < 4:
        raise ValueError("the packet is too short")
    (length,) = struct.unpack(str("<I"), packet[:4])
    if 4 + length > len(packet):
        raise ValueError("the packet's head is cut off")
    head = json.loads(packet[4 : 4 + length].decode("ascii"))
    if not isinstance(head, dict):
        raise ValueError("the packet's head is not an object")
    return head, padded(4 + length)
