"""Tables of plain text, fitted to the width of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from studiolo.cli.plain_text import fit, width_of, wrap
from studiolo.cli.screen import Screen

GAP = 2
WRAPPED_LEAST = 16
WRAPPED_LINES = 3


@dataclass(frozen=True)
class Cell:
    """One cell: clean text in a style of `Screen`."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Heading:
    """The head of a column.

    Attributes:
        text: what stands above it.
        is_right: numbers stand on the right.
        least: cells it may be narrowed to; 0 for never.
        wraps: too long a text goes on in the next two lines; for the last column.
        initial: cells it has even when nothing in it is that wide, so that a live table stands still.
    """

    text: str
    is_right: bool = False
    least: int = 0
    wraps: bool = False
    initial: int = 0


Row = Sequence[Cell]


def table_lines(
    headings: Sequence[Heading],
    rows: Sequence[Row],
    screen: Screen,
    *,
    indent: int = 0,
    has_head: bool = True,
    is_strict: bool = False,
) -> list[str]:
    """Give the lines of a table, none wider than the screen as far as its columns can be narrowed.

    In a pipe nothing is narrowed or wrapped, so that each row is one whole line.

    Args:
        headings: the columns.
        rows: each with one cell a column.
        screen: where it is going to stand.
        indent: spaces before each line.
        has_head: the headings are shown.
        is_strict: on a screen that is too small for all of this every column is cut, rather than a line too long.
    """
    widths = [
        max(
            [
                heading.initial,
                width_of(heading.text) * has_head,
                *(width_of(row[number].text) for row in rows),
            ]
        )
        for number, heading in enumerate(headings)
    ]
    if screen.is_terminal:
        room = screen.width - indent - 1 - GAP * (len(widths) - 1)
        _narrow(widths, [_least(heading) for heading in headings], room)
        if is_strict:
            _narrow(widths, [1] * len(widths), room)
    lines = []
    if has_head:
        head = [Cell(heading.text, "dim") for heading in headings]
        lines += _row_lines(head, headings, widths, screen, indent)
    for row in rows:
        lines += _row_lines(row, headings, widths, screen, indent)
    return lines


def _narrow(widths: list[int], least: Sequence[int], room: int) -> None:
    while sum(widths) > room:
        candidates = [(width, number) for number, width in enumerate(widths) if width > least[number]]
        if not candidates:
            return
        widths[max(candidates)[1]] -= 1


def _least(heading: Heading) -> int:
    if heading.wraps:
        return WRAPPED_LEAST
    return heading.least or 10_000


def _row_lines(
    row: Row, headings: Sequence[Heading], widths: Sequence[int], screen: Screen, indent: int
) -> list[str]:
    parts = []
    for cell, heading, width in zip(row, headings, widths, strict=True):
        if heading.wraps and width_of(cell.text) > width:
            parts.append(_bounded(wrap(cell.text, width), width, screen))
        else:
            parts.append([fit(cell.text, width, screen.ellipsis)])
    lines = []
    for pieces in zip_longest(*parts, fillvalue=""):
        line = " " * indent
        for number, piece in enumerate(pieces):
            fill = " " * (widths[number] - width_of(piece))
            styled = screen.styled(piece, row[number].style)
            line += (fill + styled if headings[number].is_right else styled + fill) + " " * GAP
        lines.append(line.rstrip())
    return lines


def _bounded(lines: list[str], width: int, screen: Screen) -> list[str]:
    if len(lines) <= WRAPPED_LINES:
        return lines
    last = fit(" ".join(lines[WRAPPED_LINES - 1 :]), width, screen.ellipsis)
    return [*lines[: WRAPPED_LINES - 1], last]
