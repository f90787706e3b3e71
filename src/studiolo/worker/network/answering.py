"""Answers a job's DNS queries over UDP and TCP in the gate's thread."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from studiolo.worker.network import dns
from studiolo.worker.network.relay import READ, WRITE, reset
from studiolo.worker.network.resolving import Resolved, Resolver
from studiolo.worker.network.rules import Rules

PACKETS_AT_ONCE = 32
MOST_WAITING = 256
STREAM_SECONDS = 30.0
_MOST_PENDING = 1 << 16

Reply = Callable[[bytes], None]


class DnsAnswerer:
    """Answers what the rules let a job ask, and tells of what they do not.

    Args:
        rules: of the job.
        resolver: of the gate; `resolved()` has to be called with its outcomes.
        deny: called with each name that is not granted.
    """

    def __init__(self, rules: Rules, resolver: Resolver, deny: Callable[[str], None]) -> None:
        self._rules = rules
        self._resolver = resolver
        self._deny = deny
        self._waiting: dict[str, list[tuple[dns.Query, Reply]]] = {}
        self._waiting_count = 0

    def on_packets(self, connection: socket.socket, events: int) -> None:
        """Read what has come to a UDP socket."""
        for _ in range(PACKETS_AT_ONCE):
            try:
                packet, sender = connection.recvfrom(dns.LONGEST_PACKET)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # the port an earlier answer went to is closed
                continue
            self.ask(packet, partial(_send, connection, sender))

    def ask(self, packet: bytes, reply: Reply) -> None:
        """Answer a query, now or when its name has been resolved."""
        query = dns.parse(packet)
        if query is None:
            return
        if query.problem != dns.NO_ERROR:
            reply(dns.answer(query, query.problem))
            return
        if query.name != "localhost" and not (query.name and self._rules.may_resolve(query.name)):
            if query.name and query.wants_addresses:
                self._deny(query.name)
            reply(dns.answer(query, dns.NO_SUCH_NAME))
            return
        if not query.wants_addresses:
            reply(dns.answer(query))
            return
        known = self._resolver.known(query.name)
        if known is not None:
            reply(_told(query, known))
        elif self._waiting_count < MOST_WAITING and self._resolver.ask(query.name):
            self._waiting.setdefault(query.name, []).append((query, reply))
            self._waiting_count += 1
        else:
            reply(dns.answer(query, dns.SERVER_FAILURE))

    def resolved(self, name: str, outcome: Resolved) -> None:
        """Answer all who wait for a name."""
        for query, reply in self._waiting.pop(name, []):
            self._waiting_count -= 1
            reply(_told(query, outcome))


class DnsStream:
    """A TCP connection with queries, each after two bytes of length.

    Args:
        selector: the thread's; its data are functions called with the events.
        near: socket of the job.
        answerer: who answers.
        on_end: called once when it has ended by itself.

    Attributes:
        deadline: when it has been silent for too long.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        near: socket.socket,
        answerer: DnsAnswerer,
        on_end: Callable[[DnsStream], None],
    ) -> None:
        self.deadline = time.monotonic() + STREAM_SECONDS
        self._selector = selector
        self._near = near
        self._answerer = answerer
        self._on_end = on_end
        self._read = bytearray()
        self._pending = bytearray()
        self._is_closed = False
        selector.register(near, READ, self._on)

    def close(self) -> None:
        """Break the connection. Nothing happens the second time."""
        if not self._is_closed:
            self._is_closed = True
            self._selector.unregister(self._near)
            reset(self._near)

    def _on(self, events: int) -> None:
        try:
            if events & READ and not self._is_closed:
                self._take(self._near.recv(dns.LONGEST_PACKET))
            if not self._is_closed:
                self._flush()
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._end()

    def _take(self, data: bytes) -> None:
        if not data:
            self._end()
            return
        self.deadline = time.monotonic() + STREAM_SECONDS
        self._read += data
        while len(self._read) >= 2 and not self._is_closed:
            length = int.from_bytes(self._read[:2], "big")
            if length > dns.LONGEST_PACKET:
                self._end()
                return
            if len(self._read) < 2 + length:
                return
            packet = bytes(self._read[2 : 2 + length])
            del self._read[: 2 + length]
            self._answerer.ask(packet, self._reply)

    def _reply(self, packet: bytes) -> None:
        if self._is_closed:
            return
        self._pending += dns.framed(packet)
        if len(self._pending) > _MOST_PENDING:  # it asks and does not listen
            self._end()
            return
        try:
            self._flush()
        except OSError:
            self._end()

    def _flush(self) -> None:
        with suppress(BlockingIOError, InterruptedError):
            while self._pending:
                del self._pending[: self._near.send(self._pending)]
        self._selector.modify(self._near, READ | (WRITE if self._pending else 0), self._on)

    def _end(self) -> None:
        if not self._is_closed:
            self.close()
            self._on_end(self)


def _send(connection: socket.socket, receiver: tuple[Any, ...], packet: bytes) -> None:
    """Send an answer; one that can't be sent is lost, as packets are."""
    with suppress(OSError):
        connection.sendto(packet, receiver)


def _told(query: dns.Query, outcome: Resolved) -> bytes:
    if outcome.has_failed:
        return dns.answer(query, dns.SERVER_FAILURE)
    if not outcome.addresses:
        return dns.answer(query, dns.NO_SUCH_NAME)
    return dns.answer(query, dns.NO_ERROR, outcome.addresses)
