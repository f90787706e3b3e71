"""Turns pieces of a node's log, as they arrive, into whole lines."""

from __future__ import annotations

from studiolo.cli.plain_text import clean_lines

LONGEST = 8192


class LogLines:
    """Gathers the text of several nodes and gives what has become a line."""

    def __init__(self) -> None:
        self._rest: dict[str, bytes] = {}

    def add(self, node: str, text: bytes) -> list[str]:
        """Take a piece of a node's log and give the lines that are complete, without control characters."""
        whole, newline, rest = (self._rest.pop(node, b"") + text).rpartition(b"\n")
        if len(rest) > LONGEST:
            whole, newline, rest = whole + newline + rest, b"\n", b""
        if rest:
            self._rest[node] = rest
        return clean_lines((whole + newline).decode("utf-8", "replace"))

    def end(self, node: str) -> list[str]:
        """Give what a node printed last without ending the line."""
        return clean_lines(self._rest.pop(node, b"").decode("utf-8", "replace"))
