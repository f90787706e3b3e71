"""The processes that serve one node of a service, in one server process: who is free, who waits, who is replaced."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from studiolo.errors import StudioloError, WorkerError
from studiolo.services.failures import Busy
from studiolo.worker.serving import ServingChild

WAITING_PER_CHILD = 32
"""Requests that wait for each process before further ones are turned away."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 5.0
START_SECONDS = 120.0


class ChildGroup:
    """Serves one node with several processes; one that ends is replaced.

    Args:
        make: starts a process; takes what it calls when the process has become ready or has ended. Blocks.
        count: number of processes.
    """

    def __init__(self, make: Callable[[Callable[[ServingChild], None]], ServingChild], count: int) -> None:
        self._make, self._count = make, count
        self._children: set[ServingChild] = set()
        self._free: list[ServingChild] = []
        self._waiting: deque[asyncio.Future[ServingChild]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pause = FIRST_PAUSE_SECONDS
        self._is_closed = False
        self._last_error: StudioloError | None = None
        self._is_up = asyncio.Event()

    async def start(self) -> None:
        """Start the processes, and wait until one has loaded its node.

        Raises:
            StudioloError: none of them could load it.
        """
        for _ in range(self._count):
            self._add(0.0)
        try:
            await asyncio.wait_for(self._is_up.wait(), START_SECONDS)
        except TimeoutError:
            raise WorkerError(
                "service-not-ready",
                f"The service did not load its node within {START_SECONDS:.0f} s.",
                "Look at what its script does when it is imported.",
            ) from None
        if not self._free and self._last_error is not None and not any(c.served for c in self._children):
            raise self._last_error

    def take_free(self) -> ServingChild | None:
        """Give a process that is ready now; None when there is none, or others wait for one."""
        while self._free and not self._waiting:
            child = self._free.pop()
            if child.is_ready:
                return child
        return None

    async def take(self) -> ServingChild:
        """Wait for a process that is ready, in the order of the calls.

        Raises:
            Busy: too many wait already.
        """
        child = self.take_free()
        if child is not None:
            return child
        if len(self._waiting) >= self._count * WAITING_PER_CHILD:
            raise Busy()
        future: asyncio.Future[ServingChild] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._offer(future.result())
            else:
                self._waiting.remove(future)
            raise

    def close(self) -> None:
        """End all processes."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        for child in self._children:
            child.close()
        self._children.clear()
        self._free.clear()
        for future in self._waiting:
            if not future.done():
                future.set_exception(Busy())
        self._waiting.clear()

    def _add(self, pause: float) -> None:
        task = asyncio.get_running_loop().create_task(self._start_one(pause))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start_one(self, pause: float) -> None:
        await asyncio.sleep(pause)
        try:
            child = await asyncio.to_thread(self._make, self._on_change)
        except StudioloError as error:
            self._failed(error)
            return
        if self._is_closed:
            child.close()
            return
        self._children.add(child)
        child.attach()

    def _on_change(self, child: ServingChild) -> None:
        if child.has_ended:
            self._children.discard(child)
            if child in self._free:
                self._free.remove(child)
            child.close()
            if child.served:  # it has worked: what ended it was a request, or its age
                self._pause = FIRST_PAUSE_SECONDS
                if not self._is_closed:
                    self._add(0.0)
            else:
                self._failed(child.error or WorkerError("worker-lost", "The process of the service ended."))
        elif child.is_ready:
            self._pause = FIRST_PAUSE_SECONDS
            self._is_up.set()
            self._offer(child)

    def _failed(self, error: StudioloError) -> None:
        """Note why a process could not load its node; try again later, less often each time."""
        self._last_error = error
        self._is_up.set()
        if not self._is_closed:
            self._add(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        if not self._children:  # nobody will come soon
            while self._waiting:
                future = self._waiting.popleft()
                if not future.done():
                    future.set_exception(error)

    def _offer(self, child: ServingChild) -> None:
        while self._waiting and child.is_ready:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(child)
                return
        if child.is_ready and child not in self._free:
            self._free.append(child)
