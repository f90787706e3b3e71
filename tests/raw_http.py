"""Reads HTTP answers from a socket as they come, for tests that send what no HTTP library would."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator


def read_answer(end: socket.socket) -> tuple[int | None, dict[str, str], bytes]:
    """Read until the server closes, or an answer is whole; give status, headers and body of the last answer."""
    got = b"".join(_received(end))
    while got.startswith(b"HTTP/1.1 100 "):
        got = got.partition(b"\r\n\r\n")[2]
    if not got:
        return None, {}, b""
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body


def _received(end: socket.socket) -> Iterator[bytes]:
    got, wanted = b"", None
    while wanted is None or len(got) < wanted:
        try:
            piece = end.recv(1 << 16)
        except ConnectionError:
            return
        if not piece:
            return
        yield piece
        got += piece
        found = re.search(rb"\r\ncontent-length: (\d+)\r\n", got, re.IGNORECASE)
        if found and b"\r\n\r\n" in got[found.end() - 2 :]:
            wanted = got.index(b"\r\n\r\n", found.end() - 2) + 4 + int(found[1])
