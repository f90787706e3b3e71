"""The gate: accepts what a job connects to in its closed network, and connects for it where its grants allow.

A job sees its connection succeed before the host's own has been made. When that fails or is not allowed the job's
connection is reset: its first read or write raises. TCP only, and DNS.
"""

from __future__ import annotations

import errno
import logging
import resource
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from studiolo.connectors.connecting import is_own_address
from studiolo.worker.network.answering import DnsAnswerer, DnsStream
from studiolo.worker.network.opening import Opening, Waiting
from studiolo.worker.network.relay import READ, Relay, reset
from studiolo.worker.network.resolving import Resolved, Resolver, resolve_host
from studiolo.worker.network.rules import Denied, Rules
from studiolo_child import descriptors

MOST_CONNECTIONS = 256
MOST_LISTENERS = 256
MOST_DENIED = 32
ACCEPTS_AT_ONCE = 16
END_SECONDS = 10.0
_LOOK_SECONDS = 0.25  # between looks at deadlines, and for room when descriptors are short
_log = logging.getLogger(__name__)


class _Room:
    """Descriptors that the connections of all gates of this process may have: half of what the process may open.

    Listeners are few and not counted: a job must get those of its grants whatever others do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used = 0

    def take(self, count: int) -> bool:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
        with self._lock:
            if self._used + count > most:
                return False
            self._used += count
            return True

    def most_connections(self) -> int:
        """Give how many connections one gate may have, so that no job takes all of the room."""
        return min(MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 16)

    def give(self, count: int) -> None:
        with self._lock:
            self._used -= count


_room = _Room()


class Gate:
    """One job's way out. `start()`, and `close()` when the job has ended; `denied` can be read at any time.

    Args:
        connection: SOCK_SEQPACKET socket on which the cell's init sends listeners; the gate closes it.
        grants: `host:port` names, or `*`.
        resolve: gives the addresses of a name, for tests.
        is_own: says whether an address is this machine's own, for tests.

    Raises:
        ValueError: a grant that is malformed.
    """

    def __init__(
        self,
        connection: socket.socket,
        grants: Iterable[str],
        *,
        resolve: Callable[[str], tuple[str, ...]] = resolve_host,
        is_own: Callable[[str], bool] = is_own_address,
    ) -> None:
        self._rules = Rules(grants, is_own)
        self._connection = connection
        self._selector = selectors.DefaultSelector()
        self._woken, self._wake = socket.socketpair()
        self._resolver = Resolver(resolve, self._put_outcome)
        self._answerer = DnsAnswerer(self._rules, self._resolver, lambda name: self._deny(Denied(name, None)))
        self._outcomes: deque[tuple[str, Resolved]] = deque()
        self._listeners: dict[socket.socket, Callable[[int], None]] = {}
        self._packet_sockets: list[socket.socket] = []
        self._is_paused = False
        self._begun: set[Waiting | Opening | DnsStream] = set()
        self._relays: set[Relay] = set()
        self._denied: list[Denied] = []
        self._is_closing = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        for each, handle in ((connection, self._receive), (self._woken, self._on_wake)):
            each.setblocking(False)
            self._selector.register(each, READ, handle)
        self._wake.setblocking(False)

    @property
    def denied(self) -> tuple[Denied, ...]:
        """What the job wanted and may not have, each once, in order; at most `MOST_DENIED`."""
        return tuple(self._denied)

    def start(self) -> None:
        """Begin to work in a thread of its own."""
        with self._lock:
            if not self._is_closing and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="studiolo-gate", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End every connection and give back every descriptor. Safe from any thread and any number of times."""
        with self._lock:
            is_first, self._is_closing = not self._is_closing, True
        self._resolver.close()
        if self._thread is None:
            if is_first:
                self._clean()
            return
        with suppress(OSError):
            self._wake.send(b"x")
        if self._thread is not threading.current_thread():
            self._thread.join(END_SECONDS)

    def _run(self) -> None:
        looked_at = 0.0
        try:
            while not self._is_closing:
                wait = _LOOK_SECONDS if self._begun or self._is_paused else None
                for key, events in self._selector.select(wait):
                    self._handle(key, events)
                now = time.monotonic()
                if now - looked_at >= _LOOK_SECONDS:
                    looked_at = now
                    self._look(now)
        finally:
            self._clean()

    def _handle(self, key: selectors.SelectorKey, events: int) -> None:
        try:
            key.data(events)
        except Exception:  # a fault of ours: this socket is lost, the others live on
            _log.exception("studiolo's gate failed at a connection")
            with suppress(KeyError, ValueError, OSError):
                self._selector.unregister(key.fileobj)

    def _look(self, now: float) -> None:
        """End what has waited too long, and accept again when there is room."""
        for each in [each for each in self._begun if now >= each.deadline]:
            if isinstance(each, Opening):
                each.give_up()
            elif isinstance(each, Waiting):
                self._refuse(each)
            else:
                each.close()
                self._end(each)
        if self._is_paused:
            self._resume()

    def _clean(self) -> None:
        for each in (*self._begun, *self._relays):
            with suppress(Exception):
                each.close()
        _room.give(2 * (len(self._begun) + len(self._relays)))
        self._selector.close()
        for connection in (
            *self._listeners,
            *self._packet_sockets,
            self._connection,
            self._woken,
            self._wake,
        ):
            connection.close()

    # Listeners

    def _receive(self, events: int) -> None:
        try:
            message, received = descriptors.receive(self._connection)
        except BlockingIOError:
            return
        if message is None:
            self._selector.unregister(self._connection)
        elif len(received) == 1:
            self._add_listener(str(message.get("label")), received[0])
        else:
            descriptors.close_all(received)

    def _add_listener(self, label: str, number: int) -> None:
        try:
            made = socket.socket(fileno=number)
        except OSError:
            descriptors.close_all([number])
            return
        is_internet = made.family in (socket.AF_INET, socket.AF_INET6)
        count = len(self._listeners) + len(self._packet_sockets)
        if not is_internet or count >= MOST_LISTENERS:
            made.close()
            return
        made.setblocking(False)
        if label.startswith("dns-udp") and made.type == socket.SOCK_DGRAM:
            self._packet_sockets.append(made)
            self._selector.register(made, READ, partial(self._answerer.on_packets, made))
        elif made.type == socket.SOCK_STREAM and made.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            self._listeners[made] = partial(self._accept, made, label.startswith("dns-tcp"))
            if not self._is_paused:
                self._selector.register(made, READ, self._listeners[made])
        else:
            made.close()

    def _accept(self, listener: socket.socket, is_dns: bool, events: int) -> None:
        for _ in range(ACCEPTS_AT_ONCE):
            if self._is_paused:
                return
            if len(self._begun) + len(self._relays) >= _room.most_connections() or not _room.take(2):
                self._pause()
                return
            try:
                near = listener.accept()[0]
            except OSError as error:
                _room.give(2)
                if error.errno not in (errno.EAGAIN, errno.EINTR, errno.ECONNABORTED):
                    self._pause()
                return
            near.setblocking(False)
            self._admit(near, is_dns)

    def _pause(self) -> None:
        """Leave new connections to the kernel's queue."""
        self._is_paused = True
        for listener in self._listeners:
            self._selector.unregister(listener)

    def _resume(self) -> None:
        self._is_paused = False
        for listener, handle in self._listeners.items():
            self._selector.register(listener, READ, handle)

    # Connections

    def _admit(self, near: socket.socket, is_dns: bool) -> None:
        """Decide about a new connection."""
        try:
            ip, port = near.getsockname()[:2]
        except OSError:
            self._break(near)
            return
        if self._rules.allows(ip, port):
            self._open(near, ip, port)
            return
        if is_dns:
            self._begun.add(DnsStream(self._selector, near, self._answerer, self._end))
            return
        unknown = {name for name in self._rules.names(port) if self._resolver.known(name) is None}
        unknown = {name for name in unknown if self._resolver.ask(name)}
        waiting = Waiting(near, ip, port, unknown)
        self._begun.add(waiting)
        if not unknown:
            self._refuse(waiting)

    def _open(self, near: socket.socket, ip: str, port: int) -> None:
        opening = Opening(self._selector, near, self._rules.addresses(ip, port), port, self._on_opened)
        self._begun.add(opening)
        opening.begin()

    def _on_opened(self, opening: Opening, far: socket.socket | None) -> None:
        self._begun.discard(opening)
        if far is None:
            self._break(opening.near)
        else:
            self._relays.add(Relay(self._selector, opening.near, far, self._end))

    def _refuse(self, waiting: Waiting) -> None:
        self._deny(self._rules.denial(waiting.ip, waiting.port))
        waiting.close()
        self._end(waiting)

    def _break(self, near: socket.socket) -> None:
        reset(near)
        _room.give(2)

    def _end(self, ended: Any) -> None:
        """Forget a connection that has ended, and accept again."""
        self._begun.discard(ended)
        self._relays.discard(ended)
        _room.give(2)
        if self._is_paused:
            self._resume()

    def _deny(self, denied: Denied) -> None:
        if denied not in self._denied and len(self._denied) < MOST_DENIED:
            self._denied.append(denied)

    # Names

    def _put_outcome(self, name: str, outcome: Resolved) -> None:
        """Take an outcome in a thread of the resolver."""
        self._outcomes.append((name, outcome))
        with suppress(OSError):
            self._wake.send(b"x")

    def _on_wake(self, events: int) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(4096)
        while self._outcomes:
            name, outcome = self._outcomes.popleft()
            self._rules.learn(name, outcome.addresses)
            self._answerer.resolved(name, outcome)
            for waiting in [each for each in self._begun if isinstance(each, Waiting) and name in each.names]:
                self._settle(waiting, name)

    def _settle(self, waiting: Waiting, name: str) -> None:
        """Decide once more about a connection, after a name has been resolved."""
        waiting.names.discard(name)
        if self._rules.allows(waiting.ip, waiting.port):
            self._begun.discard(waiting)
            self._open(waiting.near, waiting.ip, waiting.port)
        elif not waiting.names:
            self._refuse(waiting)
