"""Reads and writes layout.json: where boxes stand on the canvas; of no meaning to anything else."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from studiolo.graph.writing import write_file

FILE = "layout.json"
SIZE_LIMIT = 8 * 1024 * 1024
SECTIONS = ("nodes", "services")

Layout = dict[str, dict[str, dict[str, float]]]


def empty_layout() -> Layout:
    """Give a layout without positions."""
    return {section: {} for section in SECTIONS}


def layout_bytes(folder: Path) -> bytes:
    """Give what the file holds; nothing when it is not there or no file."""
    path = folder / FILE
    try:
        if not path.is_file():  # a pipe would wait for a writer that never comes
            return b""
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError:
        return b""


def read_layout(data: bytes) -> Layout | None:
    """Give the positions in a file's bytes: an empty layout for an empty one, None for one that is no layout.

    Entries that are no positions are left out.
    """
    if not data.strip():
        return empty_layout()
    if len(data) > SIZE_LIMIT:
        return None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    layout = empty_layout()
    for section in SECTIONS:
        entries = found.get(section)
        for name, position in entries.items() if isinstance(entries, dict) else ():
            known = position_of(position)
            if known is not None and _is_text(name):
                layout[section][name] = known
    return layout


def position_of(value: Any) -> dict[str, float] | None:
    """Give a position as the file and the page have it, or None when it is none."""
    if not isinstance(value, dict):
        return None
    x, y = value.get("x"), value.get("y")
    if x is None or y is None or not (_is_coordinate(x) and _is_coordinate(y)):
        return None
    return {"x": float(x), "y": float(y)}


def write_layout(folder: Path, layout: Layout) -> None:
    """Write the positions; a file that was no layout is kept beside as `layout.json.bad`, the first time."""
    path = folder / FILE
    kept = path.with_name(f"{FILE}.bad")
    if read_layout(layout_bytes(folder)) is None and not kept.exists():
        path.replace(kept)
    sections = [_section_text(section, layout[section]) for section in SECTIONS if layout[section]]
    text = "{\n" + ",\n".join(sections) + "\n}\n" if sections else "{}\n"
    write_file(path, text.encode("utf-8"))


def _section_text(section: str, entries: dict[str, dict[str, float]]) -> str:
    """Give a section with one line for each box, so that a moved one is one changed line."""
    lines = [
        f"    {json.dumps(name, ensure_ascii=False)}: {json.dumps({axis: _short(at[axis]) for axis in ('x', 'y')})}"
        for name, at in entries.items()
    ]
    return f'  "{section}": {{\n' + ",\n".join(lines) + "\n  }"


def _short(value: float) -> float | int:
    return int(value) if value == int(value) else round(value, 2)


def _is_coordinate(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) < 1e9


def _is_text(name: str) -> bool:
    return name.isprintable() and len(name) <= 300
