"""Resolves names by the host's own resolver in a few threads, and keeps the answers for half a minute."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from studiolo.domain.addresses import LOCALHOST, plain_name

THREADS = 4
MOST_WAITING = 64
MOST_KEPT = 512
KEPT_SECONDS = 30.0
FAILURE_KEPT_SECONDS = 3.0
MOST_ADDRESSES = 64


class NoSuchNameError(Exception):
    """The name does not exist, or has no address."""


@dataclass(frozen=True)
class Resolved:
    """What became of a name: its addresses, or none and whether it may have some another time."""

    addresses: tuple[str, ...] = ()
    has_failed: bool = False


def resolve_host(name: str) -> tuple[str, ...]:
    """Give a name's addresses that this machine has a route to, preferred ones first.

    Addresses without a route are left out: the job's connection to one would seem to succeed, and its libraries
    would not try the next.

    Raises:
        NoSuchNameError: it has none.
        OSError: the resolver failed.
    """
    try:
        entries = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
            raise NoSuchNameError(name) from None
        raise
    except UnicodeError:
        raise NoSuchNameError(name) from None
    addresses = dict.fromkeys(str(entry[4][0]) for entry in entries[:MOST_ADDRESSES])
    return tuple(each for each in addresses if _has_route(each)) or tuple(addresses)


def _has_route(ip: str) -> bool:
    try:
        with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.connect((ip, 9))
    except OSError:
        return False
    return True


class Resolver:
    """Answers later, in whichever thread; threads are started when first needed.

    Args:
        resolve: as `resolve_host`.
        answer: called with each name and its outcome, in a thread of the resolver.
    """

    def __init__(
        self, resolve: Callable[[str], tuple[str, ...]], answer: Callable[[str, Resolved], None]
    ) -> None:
        self._resolve = resolve
        self._answer = answer
        self._asked: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._waiting: set[str] = set()
        self._kept: dict[str, tuple[float, Resolved]] = {}
        self._lock = threading.Lock()
        self._threads = 0
        self._is_closed = False

    def known(self, name: str) -> Resolved | None:
        """Give what is known of a name without asking anybody, if it is fresh."""
        name = plain_name(name)
        if name == "localhost":
            return Resolved(LOCALHOST)
        with self._lock:
            until, outcome = self._kept.get(name, (0.0, None))
        return outcome if outcome is not None and time.monotonic() < until else None

    def ask(self, name: str) -> bool:
        """Begin to resolve a name; say no when too many are under way."""
        name = plain_name(name)
        with self._lock:
            if name in self._waiting:
                return True
            if self._is_closed or len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting.add(name)
            start = self._threads < min(THREADS, len(self._waiting))
            self._threads += start
        if start:
            threading.Thread(target=self._work, name="studiolo-resolver", daemon=True).start()
        self._asked.put(name)
        return True

    def close(self) -> None:
        """Let the threads end; one that waits for a name server ends when that has answered."""
        with self._lock:
            self._is_closed = True
            threads = self._threads
        for _ in range(threads):
            self._asked.put(None)

    def _work(self) -> None:
        while (name := self._asked.get()) is not None and not self._is_closed:
            try:
                outcome = Resolved(self._resolve(name))
            except NoSuchNameError:
                outcome = Resolved()
            except Exception:  # whatever a resolver raises, the job only learns that it failed
                outcome = Resolved(has_failed=True)
            kept_seconds = KEPT_SECONDS if outcome.addresses else FAILURE_KEPT_SECONDS
            with self._lock:
                self._waiting.discard(name)
                self._kept.pop(name, None)
                self._kept[name] = (time.monotonic() + kept_seconds, outcome)
                while len(self._kept) > MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
            self._answer(name, outcome)
