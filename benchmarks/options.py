"""What a benchmark is told: how thorough it should be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """How to measure.

    Attributes:
        quick: few rounds and small data, to see that the benchmark works; its figures say nothing.
        has_peers: measure other tools too.
    """

    quick: bool = False
    has_peers: bool = True

    def rounds(self, thorough: int) -> int:
        """Give the number of rounds."""
        return 2 if self.quick else thorough
