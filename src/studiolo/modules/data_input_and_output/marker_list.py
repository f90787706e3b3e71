"""Parses the parameter that lists markers of missing values."""

from __future__ import annotations

from collections.abc import Iterable


def parse_markers(given: str | Iterable[str] | None) -> list[str]:
    """Give the markers of a comma-separated list, blanks around them set aside.

    >>> parse_markers("NA, -999,")
    ['NA', '-999']
    """
    pieces = given.split(",") if isinstance(given, str) else list(given or ())
    return [piece.strip() for piece in pieces if piece.strip()]
