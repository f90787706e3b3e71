"""Finds the known name that a misspelt one most likely meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the closest of `known` to `name`, ignoring case, `_`, `-` and spaces; None when nothing is close.

    >>> nearest("customer_id", ["customerid", "region"])
    'customerid'
    """
    folded = {_fold(candidate): candidate for candidate in known}
    matches = difflib.get_close_matches(_fold(name), list(folded), n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str], noun: str) -> str:
    """Give a hint sentence: the nearest name, or the list of known ones (at most ten)."""
    known = list(known)
    match = nearest(name, known)
    if match is not None:
        return f'Did you mean "{match}"?'
    if not known:
        return f"There is no {noun} to choose from."
    shown = ", ".join(known[:10]) + (f" and {len(known) - 10} more" if len(known) > 10 else "")
    return f"Known {noun}s: {shown}."


def _fold(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
