"""A function of Apply Math Operation: whole columns of float64 in, a column out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Function:
    """How to compute a function.

    Attributes:
        compute: takes the column, and the second argument (a column or a number) where it has one.
        has_second: it takes a second argument.
        is_truth: the result is Boolean.
    """

    compute: Callable[..., Numbers]
    has_second: bool = False
    is_truth: bool = False


def one(compute: Callable[..., Numbers]) -> Function:
    """Make a function of one column."""
    return Function(compute)


def two(compute: Callable[..., Numbers]) -> Function:
    """Make a function with a second argument."""
    return Function(compute, has_second=True)


def truth(compute: Callable[..., Numbers]) -> Function:
    """Make a comparison."""
    return Function(compute, has_second=True, is_truth=True)
