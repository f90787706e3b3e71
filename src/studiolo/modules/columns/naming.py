"""Names for new columns that don't clash with those that are there."""

from __future__ import annotations

from collections.abc import Collection


def numbered(name: str, taken: Collection[str], pattern: str = "{name} ({number})", first: int = 2) -> str:
    """Give `name`, or where it is taken the first free name by the pattern.

    >>> numbered("x", ["x", "x (2)"])
    'x (3)'
    >>> numbered("x", ["x"], "{name}_{number}", first=1)
    'x_1'
    """
    if name not in taken:
        return name
    number = first
    while (candidate := pattern.format(name=name, number=number)) in taken:
        number += 1
    return candidate
