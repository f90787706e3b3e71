"""Checks the metrics and tags that a hostile child says its script has logged."""

from __future__ import annotations

import math
from typing import Any

COUNT_LIMIT = 1000
NAME_LIMIT = 200
TEXT_LIMIT = 1000
DEPTH_LIMIT = 6
VALUE_LIMIT = 20_000
LARGEST_INTEGER = 1 << 63


def read_metrics(value: Any) -> dict[str, Any]:
    """Give name to a value, a list, or column to the same; what is beyond the bounds is left out.

    Values are numbers, texts, booleans and None. NaN and the infinities become texts, which JSON can hold.
    """
    if not isinstance(value, dict):
        return {}
    reader = _Reader()
    return {name[:NAME_LIMIT]: reader.value(item) for name, item in list(value.items())[:COUNT_LIMIT]}


def read_tags(value: Any) -> dict[str, str]:
    """Give name to text."""
    if not isinstance(value, dict):
        return {}
    pairs = list(value.items())[:COUNT_LIMIT]
    return {name[:NAME_LIMIT]: text[:TEXT_LIMIT] for name, text in pairs if isinstance(text, str)}


class _Reader:
    """Counts what it has read: lists and dictionaries may be nested, but not hold more than `VALUE_LIMIT`."""

    def __init__(self) -> None:
        self._rest = VALUE_LIMIT

    def value(self, value: Any, depth: int = 0) -> Any:
        self._rest -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return value[:TEXT_LIMIT]
        if isinstance(value, float):
            return (
                value
                if math.isfinite(value)
                else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
            )
        if isinstance(value, int):
            return value if abs(value) < LARGEST_INTEGER else "a large number"
        if depth >= DEPTH_LIMIT:
            return "…"
        if isinstance(value, list):
            return [self.value(item, depth + 1) for item in value[: max(self._rest, 0)] if self._rest > 0]
        pairs = list(value.items())[: max(self._rest, 0)]
        return {name[:NAME_LIMIT]: self.value(item, depth + 1) for name, item in pairs if self._rest > 0}
