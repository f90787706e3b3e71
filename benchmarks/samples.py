"""Repeated measurements: taken in turns, so that a busy moment of the machine hits all sides alike."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Samples:
    """Measured values of one thing, in one unit.

    Attributes:
        values: in the order of the rounds.
        floor: the least disturbed value, when it is not simply the smallest one.
    """

    values: list[float] = field(default_factory=list)
    floor: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        """The value of the least disturbed measurement."""
        return min(self.values) if self.floor is None else self.floor

    def minus(self, other: Samples) -> Samples:
        """Take the values of `other`, measured in the same rounds, off these.

        The smallest difference would be the round in which `other` was disturbed most; the least disturbed
        one is that between the smallest values.
        """
        differences = [mine - theirs for mine, theirs in zip(self.values, other.values, strict=True)]
        return Samples(differences, self.least - other.least)

    def scaled(self, factor: float) -> Samples:
        """Give the values in another unit."""
        floor = None if self.floor is None else self.floor * factor
        return Samples([value * factor for value in self.values], floor)


def round_robin(
    contestants: Mapping[str, Callable[[], float]], rounds: int, warm_up: int = 1, label: str = ""
) -> dict[str, Samples]:
    """Call each contestant once a round and collect what it returns.

    Args:
        contestants: name to a function that measures once and gives the value.
        rounds: kept measurements of each.
        warm_up: rounds before, not kept.
        label: when given, progress is told on stderr.
    """
    samples = {name: Samples() for name in contestants}
    for number in range(-warm_up, rounds):
        if label:
            told = f"round {number + 1} of {rounds}" if number >= 0 else "warming up"
            print(f"  {label}: {told}", file=sys.stderr)
        for name, measure in contestants.items():
            value = measure()
            if number >= 0:
                samples[name].values.append(value)
    return samples
