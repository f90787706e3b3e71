"""Screens for the tests of the command line: pipes and terminals in memory."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping

import pytest

from studiolo.cli.plain_text import width_of
from studiolo.cli.screen import Screen

SEQUENCE = re.compile(r"\x1b\[(\??[0-9;]*)([a-zA-Z])")


class MemoryStream(io.TextIOWrapper):
    """Text that stays in memory, in an encoding."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors="backslashreplace", newline="")

    @property
    def text(self) -> str:
        """What was written."""
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode(self.encoding)


class TerminalStream(MemoryStream):
    """A terminal that draws what is written: cursor up, erasing, wrapping at its width; colours are left out."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__("utf-8")
        self.columns, self.rows = columns, rows
        self.cells: list[list[str]] = [[]]
        self.row = self.column = 0
        self.has_cursor = True
        self.writes = 0

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.writes += 1
        position = 0
        while position < len(text):
            found = SEQUENCE.match(text, position)
            if found:
                self._obey(found[1], found[2])
                position = found.end()
            else:
                self._put(text[position])
                position += 1
        return len(text)

    @property
    def lines(self) -> list[str]:
        """What stands on the screen and above it, without spaces at the ends and empty lines at the end."""
        lines = ["".join(line).rstrip() for line in self.cells]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _obey(self, values: str, letter: str) -> None:
        if letter == "A":
            self.row = max(self.row - int(values or 1), 0)
        elif letter == "K":
            del self.cells[self.row][self.column :]
        elif letter == "J":
            del self.cells[self.row][self.column :]
            del self.cells[self.row + 1 :]
        elif values == "?25":
            self.has_cursor = letter == "h"
        elif letter != "m" and values != "?2026":
            raise AssertionError(f"unknown sequence {values}{letter}")

    def _put(self, letter: str) -> None:
        if letter == "\r":
            self.column = 0
        elif letter == "\n":
            self._feed()
        else:
            width = width_of(letter)
            if self.column + width > self.columns:
                self._feed()
            line = self.cells[self.row]
            line += [" "] * (self.column + width - len(line))
            line[self.column : self.column + width] = [letter, *[""] * (width - 1)]
            self.column += width

    def _feed(self) -> None:
        self.row, self.column = self.row + 1, 0
        if self.row == len(self.cells):
            self.cells.append([])


class TerminalScreen(Screen):
    """A screen on a terminal in memory, whose size can change."""

    def __init__(self, stream: TerminalStream, environment: Mapping[str, str]) -> None:
        super().__init__(stream, environment)
        self.terminal = stream

    @property
    def width(self) -> int:
        return self.terminal.columns

    @property
    def height(self) -> int:
        return self.terminal.rows


@pytest.fixture
def pipe() -> Callable[..., Screen]:
    """A function that gives a screen on a pipe."""

    def make(encoding: str = "utf-8", **environment: str) -> Screen:
        return Screen(MemoryStream(encoding), environment)

    return make


@pytest.fixture
def terminal() -> Callable[..., TerminalScreen]:
    """A function that gives a screen on a terminal of a size."""

    def make(columns: int = 80, rows: int = 24, **environment: str) -> TerminalScreen:
        return TerminalScreen(TerminalStream(columns, rows), {"TERM": "xterm", **environment})

    return make
