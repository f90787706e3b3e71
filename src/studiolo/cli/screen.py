"""Where the command writes: what the stream can show, how wide it is, which colours and signs it takes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
    "bold red": "1;31",
}
SIGNS = {
    "finished": "✓",
    "reused": "=",
    "failed": "✗",
    "skipped": "-",
    "cancelled": "-",
    "waiting": "·",
    "running": "●",
    "interrupted": "!",
}
PLAIN_SIGNS = {**SIGNS, "finished": "+", "failed": "x", "waiting": ".", "running": "*"}
STATE_STYLES = {
    "finished": "green",
    "reused": "cyan",
    "failed": "red",
    "skipped": "yellow",
    "cancelled": "yellow",
    "interrupted": "yellow",
    "running": "blue",
    "waiting": "dim",
}
NARROWEST = 20
PIPE_WIDTH = 120


class Screen:
    """One stream of the process.

    Writing to a pipe whose reader has gone is not an error of the command: from then on nothing is written. Nor does a
    full disk stop what is being done; `fault` tells of it at the end.

    Args:
        stream: standard output or standard error.
        environment: environment variables; `NO_COLOR`, `FORCE_COLOR`, `TERM` and `COLUMNS` count.
    """

    def __init__(self, stream: TextIO, environment: Mapping[str, str] = os.environ) -> None:
        self.stream = stream
        self.is_gone = False
        self.fault: OSError | None = None
        self.is_terminal = stream.isatty()
        self.can_move = self.is_terminal and environment.get("TERM", "") not in ("", "dumb")
        self.has_colour = not environment.get("NO_COLOR") and (
            self.can_move or bool(environment.get("FORCE_COLOR"))
        )
        self.has_signs = (stream.encoding or "").lower().replace("-", "") == "utf8"
        self.ellipsis = "…" if self.has_signs else "..."

    @property
    def width(self) -> int:
        """Cells in a line: the terminal's own; elsewhere `COLUMNS`, or 120."""
        return self._size()[0]

    @property
    def height(self) -> int:
        """Lines of the terminal."""
        return self._size()[1]

    def sign(self, state: str) -> str:
        """Give the sign of a state of a node or run."""
        return (SIGNS if self.has_signs else PLAIN_SIGNS).get(state, "?")

    def styled(self, text: str, style: str) -> str:
        """Give the text in a style of `STYLES`, or as it is where there are no colours."""
        if not style or not text or not self.has_colour:
            return text
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m"

    def line(self, text: str = "", style: str = "") -> None:
        """Write one line."""
        self.write(self.styled(text, style) + "\n")

    def write(self, text: str) -> None:
        """Write text as it is, at once."""
        if self.is_gone:
            return
        try:
            self.stream.write(text)
            self.stream.flush()
        except BrokenPipeError:
            self._silence()
        except OSError as error:
            self.fault = error
            self._silence()

    def _silence(self) -> None:
        """Write nothing more, and let the interpreter's last flush go nowhere, where it can't fail."""
        self.is_gone = True
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)

    def _size(self) -> tuple[int, int]:
        columns, lines = 0, 0
        if self.is_terminal:
            with suppress(OSError, ValueError):
                columns, lines = os.get_terminal_size(self.stream.fileno())
        else:
            columns, lines = shutil.get_terminal_size((PIPE_WIDTH, 24))
        return max(columns or 80, NARROWEST), max(lines or 24, 4)


def standard_output() -> Screen:
    """Give the screen of standard output."""
    return Screen(sys.stdout)


def standard_error() -> Screen:
    """Give the screen of standard error."""
    return Screen(sys.stderr)
