"""Measures of one column of numbers without gaps; a measure that is not defined for them is NaN."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]


class Sample:
    """The present values of a column, with what measures share; sorted when one needs it.

    Args:
        values: numbers, NaN for missing.
    """

    def __init__(self, values: Numbers) -> None:
        missing = np.isnan(values)
        self.missing = int(np.count_nonzero(missing))
        self.values = values[~missing] if self.missing else values
        self.count = len(self.values)
        with np.errstate(all="ignore"):
            self.mean = float(self.values.mean()) if self.count else float("nan")

    @cached_property
    def ordered(self) -> Numbers:
        """The values, ascending."""
        return np.sort(self.values)

    @cached_property
    def deviations(self) -> Numbers:
        """The distances from the mean, signed."""
        with np.errstate(all="ignore"):
            return self.values - self.mean

    def distinct(self) -> tuple[Numbers, Any]:
        """Give the different values, ascending, and how often each occurs."""
        if not self.count:
            return self.ordered, np.zeros(0, np.int64)
        starts = np.flatnonzero(np.concatenate([[True], self.ordered[1:] != self.ordered[:-1]]))
        return self.ordered[starts], np.diff(starts, append=self.count)

    def quantile(self, share: float) -> float:
        """Give the quantile, between two values the point at its share of the way."""
        if not self.count:
            return float("nan")
        place = share * (self.count - 1)
        low = int(place)
        high = min(low + 1, self.count - 1)
        # sorting pays only when it serves more than one measure
        values = self.ordered if "ordered" in self.__dict__ else np.partition(self.values, [low, high])
        below, above = values[low], values[high]
        with np.errstate(all="ignore"):
            return float(below if below == above or place == low else below + (above - below) * (place - low))

    def least(self) -> float:
        """Give the least value."""
        return float(self.values.min()) if self.count else float("nan")

    def greatest(self) -> float:
        """Give the greatest value."""
        return float(self.values.max()) if self.count else float("nan")

    def extent(self) -> float:
        """Give the greatest less the least value."""
        with np.errstate(all="ignore"):
            return float(np.subtract(self.greatest(), self.least()))

    def mode(self) -> float:
        """Give the value that occurs most often, the least of several."""
        values, counts = self.distinct()
        return float(values[np.argmax(counts)]) if len(values) else float("nan")

    def mean_deviation(self) -> float:
        """Give the mean distance from the mean."""
        return float(np.abs(self.deviations).mean()) if self.count else float("nan")

    def median_deviation(self) -> float:
        """Give the median distance from the median."""
        with np.errstate(all="ignore"):
            return float(np.median(np.abs(self.values - self.quantile(0.5)))) if self.count else float("nan")

    def squares(self) -> float:
        """Give the sum of the squared distances from the mean."""
        with np.errstate(all="ignore"):
            return float(np.dot(self.deviations, self.deviations)) if self.count else float("nan")

    def variance(self, less: int = 1) -> float:
        """Give the variance; `less` is 1 for that of a sample, 0 for that of a population."""
        return self.squares() / (self.count - less) if self.count > less else float("nan")

    def standard_deviation(self, less: int = 1) -> float:
        """Give the square root of the variance."""
        return float(np.sqrt(self.variance(less)))

    def moment(self, order: int, is_central: bool) -> float:
        """Give the mean of the values, or of their distances from the mean, to the power of `order`."""
        with np.errstate(all="ignore"):
            base = self.deviations if is_central else self.values
            return float(np.mean(base**order)) if self.count else float("nan")

    def skewness(self) -> float:
        """Give the sample skewness, corrected for bias (G1 of Joanes and Gill 1998)."""
        n, second = self.count, self.squares()
        if n < 3 or self.least() == self.greatest():
            return float("nan")
        with np.errstate(all="ignore"):
            third = float(np.sum(np.square(self.deviations) * self.deviations))
            return float(n * np.sqrt(n - 1) / (n - 2) * np.divide(third, second**1.5))

    def kurtosis(self) -> float:
        """Give the sample excess kurtosis, corrected for bias (G2 of Joanes and Gill 1998)."""
        n, second = self.count, self.squares()
        if n < 4 or self.least() == self.greatest():
            return float("nan")
        with np.errstate(all="ignore"):
            fourth = float(np.sum(np.square(np.square(self.deviations))))
            ratio = n * (n + 1) * (n - 1) / ((n - 2) * (n - 3)) * np.divide(fourth, second * second)
        return float(ratio - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))
