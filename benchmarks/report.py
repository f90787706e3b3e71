"""Turns figures into a table for people and a document for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from benchmarks.figures import Figure
from benchmarks.samples import Samples

HEAD = ("", "measured", "studiolo", "beside it", "", "ratio", "goal", "")


def table_lines(figures: Sequence[Figure]) -> list[str]:
    """Give the table; each value is a median with the least value in brackets."""
    rows = [HEAD, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = []
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return lines


def machine_line() -> str:
    """Say on what was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    libraries = ", ".join(f"{name} {version(name)}" for name in ("pandas", "numpy", "pyarrow"))
    kernel = ".".join(platform.release().split(".")[:2])
    return (
        f"{os.cpu_count()} cores {platform.machine()}, {memory:.0f} GB, Linux {kernel}, "
        f"Python {platform.python_version()}, {libraries}"
    )


def load_text() -> str:
    """Give the load averages of 1, 5 and 15 minutes; the benchmark's own work is part of them."""
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


def document(figures: Sequence[Figure], loads: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Give everything as a JSON-ready dictionary."""
    return {
        "machine": machine_line(),
        "loads": list(loads),
        "figures": [figure.to_json() for figure in figures],
    }


def _row(figure: Figure) -> tuple[str, ...]:
    has_other = bool(figure.others.values)
    return (
        figure.benchmark,
        figure.what,
        _value(figure.samples, figure.unit),
        figure.beside,
        _value(figure.others, figure.unit) if has_other else "",
        _ratio(figure.ratio),
        _goal(figure),
        figure.verdict,
    )


def _value(samples: Samples, unit: str) -> str:
    return f"{_number(samples.median)} {unit} ({_number(samples.least)})"


def _number(value: float) -> str:
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def _ratio(ratio: float | None) -> str:
    if ratio is None:
        return ""
    if ratio <= 0:
        return "no cost"
    return f"{_number(ratio)} x" if ratio >= 1 else f"1/{_number(1 / ratio)}"


def _goal(figure: Figure) -> str:
    if figure.goal_factor is not None:
        factor = figure.goal_factor
        return f"<= 1/{factor:g}" if factor > 1 else f"<= {1 / factor:g} x"
    return f"<= {figure.goal:g} {figure.unit}" if figure.goal is not None else ""
