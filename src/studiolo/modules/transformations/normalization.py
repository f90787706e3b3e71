"""The transformation that brings numeric columns to a common scale."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.choosing import numeric
from studiolo.modules.columns.kinds import numbers_of
from studiolo.modules.columns.replacing import replaced
from studiolo.modules.transformations.transformation import Transformation

Numbers = np.ndarray[Any, np.dtype[np.float64]]

CONSTANT = 1e-9
"""A standard deviation below it counts as zero, as in the designer."""


@dataclass
class Normalization(Transformation):
    """Scales columns by what was fitted.

    Attributes:
        method: ZScore, MinMax, Logistic, LogNormal or Tanh.
        zero_for_constants: a constant column becomes 0, otherwise missing.
        fitted: column to (centre, width); the width is 0 for a constant one.
    """

    method: str = "ZScore"
    zero_for_constants: bool = True
    fitted: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Import what applying needs when it is opened: a web service opens it once and applies it at each request."""
        self.__dict__.update(state)
        if self.method in ("Logistic", "LogNormal"):
            importlib.import_module("scipy.special")

    def apply(self, table: pa.Table) -> pa.Table:
        """Give the table with the fitted columns scaled.

        Raises:
            ModuleError: `missing-column` or `wrong-column-type`, port `dataset`.
        """
        names = numeric(table, list(self.fitted), "") if self.fitted else []
        return replaced(table, {name: self.scaled(finite(table, name), name) for name in names})

    def scaled(self, values: Numbers, name: str) -> pa.Array:
        """Give the values of a fitted column scaled; `values` may be overwritten."""
        centre, width = self.fitted[name]
        if self.method in STEPS:
            STEPS[self.method](values, values)
        elif width == 0:
            values[~np.isnan(values)] = 0.0 if self.zero_for_constants else np.nan
        else:
            if self.method == "LogNormal":
                values[values <= 0] = 0.0
                with np.errstate(divide="ignore"):  # the logarithm of 0 gives a probability of 0
                    np.log(values, out=values)
            with np.errstate(over="ignore"):  # of another dataset; what is infinite was told at the fit
                values -= centre
                values /= width
            if self.method == "LogNormal":
                from scipy.special import ndtr

                ndtr(values, values)
        return pa.array(values)

    def settings(self) -> list[list[Any]]:
        """Give the method."""
        return [
            ["Transformation method", self.method],
            ["Use 0 for constant columns", self.zero_for_constants],
        ]

    def tables(self) -> list[dict[str, Any]]:
        """Give what was fitted for each column."""
        if self.method in STEPS:
            rows: list[list[Any]] = [[name] for name in self.fitted]
            return [{"title": "Columns transformed", "columns": ["Column"], "rows": rows}]
        words = FITTED_WORDS[self.method]
        rows = [[name, *values] for name, values in self.fitted.items()]
        return [{"title": "Fitted values", "columns": ["Column", *words], "rows": rows}]


def finite(table: pa.Table, name: str) -> Numbers:
    """Give a column as float64 of shape (rows,), an own copy, infinities missing."""
    values = np.array(numbers_of(table.column(name)))
    values[np.isinf(values)] = np.nan
    return values


def fit(method: str, values: Numbers) -> tuple[float, float] | None:
    """Give (centre, width) for finite values of one column; None when all are missing.

    The width is 0 for a constant column, and with LogNormal for one without positive values; it is not finite
    where the values are too far apart for a Double.
    """
    present = values[~np.isnan(values)]
    if method in STEPS or not len(present):
        return (0.0, 1.0) if len(present) else None
    with np.errstate(over="ignore", invalid="ignore"):  # what is too large is told by the caller
        if method == "MinMax":
            low, high = present.min(), present.max()
            return float(low), float(high - low)
        if method == "LogNormal":
            present = np.log(present[present > 0])
            if not len(present):
                return 0.0, 0.0
        centre, width = float(present.mean()), float(present.std())
        return centre, (0.0 if width < CONSTANT else width)


def _logistic(values: Numbers, out: Numbers) -> None:
    from scipy.special import expit

    expit(values, out)


def _tanh(values: Numbers, out: Numbers) -> None:
    np.tanh(values, out)


STEPS: dict[str, Callable[[Numbers, Numbers], None]] = {"Logistic": _logistic, "Tanh": _tanh}
FITTED_WORDS = {
    "ZScore": ["Mean", "Standard deviation"],
    "MinMax": ["Minimum", "Range"],
    "LogNormal": ["Mean of logarithms", "Standard deviation of logarithms"],
}
