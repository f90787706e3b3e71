"""A log that is streamed while it grows and bounded when it is kept: the middle is cut, and it says so."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class BoundedLog:
    """Keeps the first and the last half of `limit` bytes of what is added.

    Args:
        limit: bytes kept in all.
        on_text: called with each piece as it arrives, until half of the limit has been passed on; the rest
            comes with `bytes()` only, so that an endless print costs a watcher nothing.
    """

    def __init__(self, limit: int, on_text: Callable[[bytes], None] | None = None) -> None:
        self._half = max(limit // 2, 1)
        self._on_text = on_text
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._cut = 0

    def add(self, data: bytes) -> None:
        """Add a piece."""
        room = self._half - len(self._head)
        if room > 0:
            head, data = data[:room], data[room:]
            self._head += head
            if self._on_text is not None:
                self._on_text(head)
        if not data:
            return
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) >= self._half:
            dropped = len(self._tail.popleft())
            self._tail_size -= dropped
            self._cut += dropped

    def rest(self) -> bytes:
        """Give what comes after the streamed half: the mark of the cut and the end."""
        tail = b"".join(self._tail)
        excess = max(len(tail) - self._half, 0)
        cut = self._cut + excess
        mark = f"\n[… {cut} bytes of output cut here …]\n".encode() if cut else b""
        return mark + tail[excess:]

    def __bytes__(self) -> bytes:
        return bytes(self._head) + self.rest()
