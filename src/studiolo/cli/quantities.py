"""Numbers, times and sizes as people read them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def shape_text(rows: int, columns: int) -> str:
    """Give rows and columns.

    >>> shape_text(1000000, 10)
    '1,000,000 x 10'
    """
    return f"{rows:,} x {columns:,}"


def seconds_text(seconds: float) -> str:
    """Give a duration, never longer than eight cells up to a day.

    >>> [seconds_text(value) for value in (0.0042, 0.25, 12.34, 192, 3720)]
    ['4 ms', '0.25 s', '12.3 s', '3 min 12', '1 h 02']
    """
    seconds = max(seconds, 0.0)
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes:02d}"


def bytes_text(size: float) -> str:
    """Give a number of bytes.

    >>> [bytes_text(value) for value in (1, 512, 2048, 5 << 20, 3 << 30)]
    ['1 byte', '512 bytes', '2.0 KiB', '5.0 MiB', '3.0 GiB']
    """
    if size < 1024:
        return f"{size:.0f} byte" + ("" if size == 1 else "s")
    power = min(int(math.log(size, 1024)), len(UNITS) - 1)
    return f"{size / 1024**power:.1f} {UNITS[power]}"


def moment_text(seconds: float) -> str:
    """Give a moment in local time, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def count_text(count: int, noun: str) -> str:
    """Give a count with its noun.

    >>> count_text(1, "node"), count_text(1200, "node")
    ('1 node', '1,200 nodes')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def listing(names: Iterable[str], most: int = 10) -> str:
    """Give names as a list that stays short.

    >>> listing(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    names = list(names)
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
