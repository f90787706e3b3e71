"""Reads what a process that serves requests has replied. It is hostile: nothing it sends is believed unchecked."""

from __future__ import annotations

import array
import asyncio
import os
import socket
import stat
from collections.abc import Mapping, Sequence
from typing import Any

from studiolo.domain.limits import Limits
from studiolo.store.codec import check_frame_bytes
from studiolo.worker.report import REPORT_LIMIT, bad_result, parse_report
from studiolo_child import packets

MOST_IN_LOOP_BYTES = 1 << 20  # longer replies are read in a thread: other requests must not wait for them
_ANCILLARY = socket.CMSG_SPACE(4 * 4)
_RECEIVED_BYTES = 64 << 10
_PIECE = 1 << 24

Read = tuple[Mapping[str, Any], dict[str, memoryview]]
"""A checked report, and the outputs by name."""


def receive_reply(connection: socket.socket) -> tuple[bytes, list[int]]:
    """Take the packet of a reply and the descriptors that came with it; empty bytes when there is none."""
    try:
        data, ancillary, _, _ = connection.recvmsg(_RECEIVED_BYTES, _ANCILLARY, socket.MSG_CMSG_CLOEXEC)
    except OSError:
        return b"", []
    received = array.array("i")
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            received.frombytes(payload[: len(payload) - len(payload) % 4])
    return data, list(received)


async def read_reply(
    packet: bytes, received: Sequence[int], limits: Limits, outputs: Sequence[tuple[str, str]]
) -> Read:
    """Read a reply, in a thread when it is long.

    Args:
        packet: as it came.
        received: descriptors that came with it.
        limits: of the node.
        outputs: names and types of its outputs.

    Raises:
        WorkerError: `bad-result`.
    """
    try:
        head, start = packets.read_head(packet)
        if "filed_head" not in head and not head.get("is_filed"):
            return _checked(head, memoryview(packet), start, outputs)
        size = _size_of(received, limits)
        if size <= MOST_IN_LOOP_BYTES:
            return _read_filed(head, received[0], size, outputs)
        return await asyncio.to_thread(_read_filed, head, received[0], size, outputs)
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError, OSError) as error:
        raise bad_result(f"its reply is none: {error}") from None


def _size_of(received: Sequence[int], limits: Limits) -> int:
    """Give the size of the file that came with a reply. It lay in the job's folder, which holds `disk_mb`."""
    if len(received) != 1:
        raise ValueError("its file is missing")
    facts = os.fstat(received[0])
    most = min(limits.output_mb, limits.disk_mb)
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > most << 20:
        raise ValueError(f"its file is none, or larger than {most} MiB")
    return facts.st_size


def _read_filed(head: dict[str, Any], descriptor: int, size: int, outputs: Sequence[tuple[str, str]]) -> Read:
    """Read the file that came with a reply, as it is now: its writer may go on writing."""
    data = memoryview(bytearray(size))
    at = 0
    while at < size:
        read = os.preadv(descriptor, [data[at : at + _PIECE]], at)
        if not read:
            raise ValueError("its file was cut")
        at += read
    start = 0
    if "filed_head" in head:
        length = head["filed_head"]
        if not isinstance(length, int) or not 0 <= length <= REPORT_LIMIT:
            raise ValueError("its head is too long")
        head, start = packets.read_head(data[:length].tobytes())
    return _checked(head, data.toreadonly(), start, outputs)


def _checked(
    head: Mapping[str, Any], data: memoryview, start: int, outputs: Sequence[tuple[str, str]]
) -> Read:
    return parse_report(head.get("report")), _outputs(head.get("outputs"), data, start, dict(outputs))


def _outputs(listed: Any, data: memoryview, start: int, types: Mapping[str, str]) -> dict[str, memoryview]:
    if not isinstance(listed, list) or len(listed) > len(types):
        raise ValueError("its outputs are no list")
    found: dict[str, memoryview] = {}
    for entry in listed:
        name, size = entry["name"], entry["size"]
        is_known = name in types and name not in found
        if not is_known or not isinstance(size, int) or not 0 <= size <= len(data) - start:
            raise ValueError("an output is unknown, twice or cut")
        part = data[start : start + size]
        if types[name] == "dataset":
            check_frame_bytes(part)
        found[name] = part
        start += packets.padded(size)
    return found
