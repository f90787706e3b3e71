"""Makes column names present, trimmed and unique, and says in the receipt what it changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studiolo.formats.reading import entry, shown

INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))


def numbered(count: int) -> list[str]:
    """Give the names of a table without a header: `Col1`, `Col2` and so on.

    >>> numbered(2)
    ['Col1', 'Col2']
    """
    return [f"Col{number}" for number in range(1, count + 1)]


def usable(names: Sequence[str], receipt: list[dict[str, Any]]) -> list[str]:
    """Trim names, fill empty ones in by their place and make equal ones different.

    Args:
        names: as they stand in the file.
        receipt: gets an entry for each change of a name that was there.

    Returns:
        As many names, all different and none empty.

    >>> usable([" a", "", "a"], [])
    ['a', 'Col2', 'a (2)']
    """
    cleaned = []
    for place, name in enumerate(names, start=1):
        text = name.translate(INVISIBLE).strip()
        if text and text != name:
            receipt.append(entry("name-trimmed", f"The column name {shown(name)} was trimmed.", text))
        if not text:
            text = f"Col{place}"
            receipt.append(
                entry("name-filled-in", f"Column {place} had no name and is called {shown(text)}.", text)
            )
        cleaned.append(text)
    return unique(cleaned, receipt)


def unique(names: Sequence[str], receipt: list[dict[str, Any]]) -> list[str]:
    """Make equal names different: the second `a` becomes `a (2)`, the third `a (3)`.

    A number that is taken by another column is passed over.

    >>> unique(["a", "a", "a (2)"], [])
    ['a', 'a (3)', 'a (2)']
    """
    taken = set(names)
    used: set[str] = set()
    counts: dict[str, int] = {}
    result = []
    for name in names:
        chosen = name
        if name in used:
            number = counts.get(name, 1) + 1
            while f"{name} ({number})" in taken:
                number += 1
            counts[name] = number
            chosen = f"{name} ({number})"
            taken.add(chosen)
            text = f"A further column named {shown(name)} is called {shown(chosen)}."
            receipt.append(entry("duplicate-name", text, chosen))
        used.add(chosen)
        result.append(chosen)
    return result
