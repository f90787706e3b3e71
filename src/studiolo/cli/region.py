"""A region at the bottom of a terminal that is drawn over itself, while other lines pass above it."""

from __future__ import annotations

from collections.abc import Sequence

from studiolo.cli.plain_text import clean_line, width_of
from studiolo.cli.screen import Screen

# One write a frame, which the terminal shows at once where it knows this mode; others ignore it.
BEGIN_FRAME, END_FRAME = "\x1b[?2026h", "\x1b[?2026l"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
ERASE_LINE, ERASE_BELOW = "\x1b[K", "\x1b[J"


class Region:
    """The lines that were drawn last, on a screen that can move its cursor.

    Nothing is erased before something else stands there, so that nothing flickers. Lines must be narrower than the
    screen; when the screen has become narrower since, the lines that the terminal broke are counted.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._widths: list[int] = []

    @property
    def is_empty(self) -> bool:
        """Nothing is drawn."""
        return not self._widths

    def draw(self, lines: Sequence[str], passing: Sequence[str] = ()) -> None:
        """Put `passing` where the region was, to stay, and the region with its new `lines` below."""
        self._write(lines, passing, "")

    def close(self, passing: Sequence[str] = ()) -> None:
        """Remove the region, leave `passing` in its place, and give the cursor back."""
        self._write((), passing, SHOW_CURSOR)

    def _write(self, lines: Sequence[str], passing: Sequence[str], end: str) -> None:
        parts = [BEGIN_FRAME, HIDE_CURSOR]
        height = self._height()
        if height:
            parts.append(f"\x1b[{height}A")
        parts.append("\r")
        parts += [f"{line}{ERASE_LINE}\n" for line in (*passing, *lines)]
        parts += [ERASE_BELOW, end, END_FRAME]
        self._widths = [width_of(clean_line(line)) for line in lines]
        self._screen.write("".join(parts))

    def _height(self) -> int:
        width = self._screen.width
        return sum(max(1, -(-cells // width)) for cells in self._widths)
