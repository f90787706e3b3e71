"""What becomes of a job's connection before bytes flow: waiting for a name, then for the host's own connect."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Callable, Sequence

from studiolo.worker.network.relay import reset

CONNECT_SECONDS = 20.0
NEXT_SECONDS = 5.0
"""Instead, while there is another address to try."""
RESOLVE_SECONDS = 60.0


class Waiting:
    """A connection to an address that a granted name may turn out to stand for.

    Attributes:
        names: those that are not resolved yet.
        deadline: when to give up.
    """

    def __init__(self, near: socket.socket, ip: str, port: int, names: set[str]) -> None:
        self.near, self.ip, self.port, self.names = near, ip, port, names
        self.deadline = time.monotonic() + RESOLVE_SECONDS

    def close(self) -> None:
        """Break the connection."""
        reset(self.near)


class Opening:
    """Connects to the first of several addresses that answers, without blocking.

    Args:
        selector: the thread's; its data are functions called with the events.
        near: socket of the job; kept for whoever takes it over.
        addresses: tried in this order.
        port: at each of them.
        on_end: called once with this and the connected socket, or None when no address answered; `near` then
            belongs to the called. Not called after `close()`.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        near: socket.socket,
        addresses: Sequence[str],
        port: int,
        on_end: Callable[[Opening, socket.socket | None], None],
    ) -> None:
        self.near = near
        self.deadline = 0.0
        self._selector = selector
        self._left = list(addresses)
        self._port = port
        self._on_end = on_end
        self._far: socket.socket | None = None

    def begin(self) -> None:
        """Try the next address."""
        while self._left:
            ip = self._left.pop(0)
            far = None
            try:
                far = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM)
                far.setblocking(False)
                number = far.connect_ex((ip, self._port))
            except OSError as error:
                number = error.errno or errno.EIO
            if far is not None and number in (0, errno.EINPROGRESS):
                self._far = far
                self.deadline = time.monotonic() + (NEXT_SECONDS if self._left else CONNECT_SECONDS)
                self._selector.register(far, selectors.EVENT_WRITE, self._handler(far))
                return
            if far is not None:
                far.close()
        self._on_end(self, None)

    def give_up(self) -> None:
        """Stop waiting for this address and try the next."""
        self._drop()
        self.begin()

    def close(self) -> None:
        """Break the job's connection and stop trying."""
        self._drop()
        self._left.clear()
        reset(self.near)

    def _handler(self, far: socket.socket) -> Callable[[int], None]:
        def decide(events: int) -> None:
            if far is not self._far:
                return
            if far.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self.give_up()
                return
            self._selector.unregister(far)
            self._far = None
            self._on_end(self, far)

        return decide

    def _drop(self) -> None:
        if self._far is not None:
            self._selector.unregister(self._far)
            self._far.close()
            self._far = None
