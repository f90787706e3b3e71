"""Copies bytes between two connected sockets, both ways, in the gate's thread.

At most one piece waits in each direction; while it does, the side it came from is not read. The end of one
direction is passed on by itself (half-close); a connection that breaks is broken on the other side too.
"""

from __future__ import annotations

import selectors
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

PIECE = 1 << 16
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_NO_LINGER = struct.pack("=ii", 1, 0)


def reset(connection: socket.socket) -> None:
    """Close a connection so that the peer learns at once that it failed."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    connection.close()


class _End:
    """One of the two sockets, and what waits to be written to it."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.pending = memoryview(b"")
        self.is_read = True  # more may come from it
        self.events = 0


class Relay:
    """Two sockets joined. Both are closed by `close()`, or when both directions have ended.

    Args:
        selector: the thread's; its data are functions called with the events.
        near: socket of the job.
        far: socket to where the job wanted.
        on_end: called once when it has ended by itself.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        near: socket.socket,
        far: socket.socket,
        on_end: Callable[[Relay], None],
    ) -> None:
        self._selector = selector
        self._near, self._far = _End(near), _End(far)
        self._on_end = on_end
        self._is_closed = False
        for connection in (near, far):
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._watch()

    def close(self) -> None:
        """Break both connections. Nothing happens the second time."""
        self._close(reset)

    def _close(self, how: Callable[[socket.socket], None]) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        for end in (self._near, self._far):
            if end.events:
                self._selector.unregister(end.socket)
                end.events = 0
            how(end.socket)

    def _on(self, end: _End, other: _End, events: int) -> None:
        if self._is_closed:
            return
        try:
            if events & WRITE and end.pending:
                self._write(end, other)
            if events & READ and end.is_read and not other.pending:
                self._read(end, other)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._end(reset)
            return
        if not (self._near.is_read or self._far.is_read or self._near.pending or self._far.pending):
            self._end(socket.socket.close)
            return
        self._watch()

    def _end(self, how: Callable[[socket.socket], None]) -> None:
        self._close(how)
        self._on_end(self)

    def _read(self, end: _End, other: _End) -> None:
        data = end.socket.recv(PIECE)
        if data:
            other.pending = memoryview(data)
            self._write(other, end)
            return
        end.is_read = False
        with suppress(OSError):  # the other side may have gone meanwhile
            other.socket.shutdown(socket.SHUT_WR)

    def _write(self, end: _End, source: _End) -> None:
        try:
            end.pending = end.pending[end.socket.send(end.pending) :]
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # it takes no more, and may yet have said why: what it sent is still passed on
            end.pending = memoryview(b"")
            source.is_read = False

    def _watch(self) -> None:
        """Wait for what can be done next; an end of which nothing is wanted is not watched at all."""
        for end, other in ((self._near, self._far), (self._far, self._near)):
            wanted = (READ if end.is_read and not other.pending else 0) | (WRITE if end.pending else 0)
            if wanted == end.events:
                continue
            if not wanted:
                self._selector.unregister(end.socket)
            else:
                change = self._selector.modify if end.events else self._selector.register
                change(end.socket, wanted, self._handler(end, other))
            end.events = wanted

    def _handler(self, end: _End, other: _End) -> Callable[[int], None]:
        return lambda events: self._on(end, other, events)
