"""A figure: what studiolo took, what stood beside it in the same run, and the goal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from benchmarks.samples import Samples


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    Attributes:
        benchmark: name of the benchmark it comes from.
        what: what was measured of studiolo.
        unit: of all values, such as `ms`, `s` or `MB`.
        samples: studiolo's values.
        beside: what was measured beside it, in the same rounds.
        others: its values.
        goal: most that the median may be, in `unit`; None without a goal.
        goal_factor: how many times less than `others` the median must be; None without such a goal.
    """

    benchmark: str
    what: str
    unit: str
    samples: Samples
    beside: str = ""
    others: Samples = field(default_factory=Samples)
    goal: float | None = None
    goal_factor: float | None = None

    @property
    def ratio(self) -> float | None:
        """Studiolo's median divided by the other one."""
        return self.samples.median / self.others.median if self.others.values else None

    @property
    def verdict(self) -> str:
        """`met`, `at best` when only the least disturbed measurement meets the goal, or `missed`."""
        if self.goal is None and self.goal_factor is None:
            return ""
        if self._meets(self.samples.median, self.others.median if self.others.values else 0.0):
            return "met"
        is_met_at_best = self._meets(self.samples.least, self.others.least if self.others.values else 0.0)
        return "at best" if is_met_at_best else "missed"

    def _meets(self, value: float, other: float) -> bool:
        if self.goal_factor is not None:
            return value * self.goal_factor <= other
        return self.goal is not None and value <= self.goal

    def to_json(self) -> dict[str, Any]:
        """Give the figure with all its values as a JSON-ready dictionary."""
        return {
            "benchmark": self.benchmark,
            "what": self.what,
            "unit": self.unit,
            "studiolo": self.samples.values,
            "beside": self.beside,
            "others": self.others.values,
            "ratio": self.ratio,
            "goal": self.goal,
            "goal_factor": self.goal_factor,
            "verdict": self.verdict,
        }
