"""Tells pages what happens: each listens with a queue of its own, and news may come from any thread."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

QUEUE_LIMIT = 1_000
"""Events that wait for one page; beyond it they are thrown away and the page is told to fetch everything again."""


@dataclass(frozen=True)
class StudioEvent:
    """A piece of news.

    Attributes:
        name: such as `document` or `status`.
        data: JSON-ready facts.
    """

    name: str
    data: dict[str, Any] = field(default_factory=dict)


class Subscription:
    """The queue of one page. `next` is awaited in the loop it was made in; `offer` is safe from any thread.

    Args:
        experiment: that the page shows, or None.
        hub: that it belongs to.
    """

    def __init__(self, experiment: str | None, hub: EventHub) -> None:
        self.experiment = experiment
        self.is_closed = False
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[StudioEvent] = deque()
        self._news = asyncio.Event()

    def offer(self, event: StudioEvent | None) -> None:
        """Put an event into the queue; None ends it."""
        try:
            self._loop.call_soon_threadsafe(self._take, event)
        except RuntimeError:  # the loop has ended, and the page with it
            self._hub.leave(self)

    def _take(self, event: StudioEvent | None) -> None:
        if event is None:
            self.is_closed = True
        elif len(self._waiting) >= QUEUE_LIMIT:
            self._waiting.clear()
            self._waiting.append(self._hub.hello())
        else:
            self._waiting.append(event)
        self._news.set()

    async def next(self, timeout_seconds: float) -> StudioEvent | None:
        """Wait for the next event; None when none came in time, or when `is_closed`."""
        if not self._waiting and not self.is_closed:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), timeout_seconds)
            except TimeoutError:
                return None
        return self._waiting.popleft() if self._waiting and not self.is_closed else None

    def close(self) -> None:
        """Leave the hub."""
        self._hub.leave(self)


class EventHub:
    """Hands events to the pages that want them.

    Args:
        version: of the program, told to every page that begins to listen, so that an old page notices a new server.
    """

    def __init__(self, version: str) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._pages: set[Subscription] = set()
        self._is_closed = False
        self._on_change: list[Callable[[], None]] = []

    def hello(self) -> StudioEvent:
        """Give the event that tells a page to fetch everything."""
        return StudioEvent("hello", {"version": self._version})

    def listen(self, experiment: str | None = None) -> Subscription:
        """Begin to listen, in a running event loop; the first event is `hello`.

        Args:
            experiment: events of others are left out; None leaves out those of all experiments.
        """
        page = Subscription(experiment, self)
        with self._lock:
            is_closed = self._is_closed
            self._pages.add(page)
        page.offer(None if is_closed else self.hello())
        self._tell_change()
        return page

    def leave(self, page: Subscription) -> None:
        """Take a page out; does nothing the second time."""
        with self._lock:
            self._pages.discard(page)

    def publish(self, name: str, data: dict[str, Any] | None = None, experiment: str | None = None) -> None:
        """Tell the pages something.

        Args:
            name: of the event.
            data: JSON-ready facts.
            experiment: only pages that show this one are told; None tells all.
        """
        event = StudioEvent(name, data or {})
        with self._lock:
            pages = [page for page in self._pages if experiment is None or page.experiment == experiment]
        for page in pages:
            page.offer(event)

    def experiments(self) -> Counter[str]:
        """Count the pages of each experiment that somebody looks at."""
        with self._lock:
            return Counter(page.experiment for page in self._pages if page.experiment is not None)

    def has_pages(self) -> bool:
        """Say whether anybody listens."""
        with self._lock:
            return bool(self._pages)

    def on_listening(self, told: Callable[[], None]) -> None:
        """Call `told` whenever a page begins to listen."""
        self._on_change.append(told)

    def close(self) -> None:
        """End the streams of all pages, at once, and of those that come later; safe from any thread."""
        with self._lock:
            self._is_closed = True
            pages = list(self._pages)
        for page in pages:
            page.offer(None)

    def _tell_change(self) -> None:
        for told in self._on_change:
            told()
