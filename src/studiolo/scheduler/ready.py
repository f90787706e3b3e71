"""The nodes that are ready to start, by rank and by memory; part of the state machine."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from studiolo.scheduler.plan import PlannedNode

Rank = tuple[int, int]


class ReadyNodes:
    """Gives the ready node of the best rank whose memory fits beside the running ones.

    A node that declares more than the whole budget fits when nothing else runs. A large node is not passed
    by for ever: the run's nodes are finite. Taking one costs the logarithm of the ready nodes times the
    number of different memory sizes.
    """

    def __init__(self, ranks: Mapping[str, Rank], budget_mb: int) -> None:
        self._ranks = ranks
        self._budget = budget_mb
        self._used = 0
        self._running = 0
        self._heaps: dict[int, list[tuple[Rank, PlannedNode]]] = {}
        self._removed: set[str] = set()

    def rank(self, name: str) -> Rank:
        """Give the rank of a node; the least goes first."""
        return self._ranks[name]

    def add(self, node: PlannedNode) -> None:
        """Note that a node is ready."""
        heapq.heappush(self._heaps.setdefault(node.memory_mb, []), (self._ranks[node.name], node))

    def remove(self, name: str) -> None:
        """Forget a ready node; it is never added again."""
        self._removed.add(name)

    def clear(self) -> None:
        """Forget all ready nodes."""
        self._heaps.clear()

    def take(self) -> PlannedNode | None:
        """Give the node that starts next and count its memory as used, or None when none fits."""
        best: list[tuple[Rank, PlannedNode]] | None = None
        for memory, heap in list(self._heaps.items()):
            while heap and heap[0][1].name in self._removed:
                heapq.heappop(heap)
            if not heap:
                del self._heaps[memory]
            elif self._fits(memory) and (best is None or heap[0][0] < best[0][0]):
                best = heap
        if best is None:
            return None
        node = heapq.heappop(best)[1]
        self._used += node.memory_mb
        self._running += 1
        return node

    def give_back(self, node: PlannedNode) -> None:
        """Note that the job of a taken node ended."""
        self._used -= node.memory_mb
        self._running -= 1

    def _fits(self, memory_mb: int) -> bool:
        return self._running == 0 or self._used + memory_mb <= self._budget
