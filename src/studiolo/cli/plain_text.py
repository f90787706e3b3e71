"""Makes text of unknown origin fit for a terminal: no control sequences, known widths.

Scripts print what they like, and names of columns come from anybody's files. Nothing of that may move the cursor,
change the window's title or turn the reading direction.
"""

from __future__ import annotations

import re
import unicodedata

_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS and their like
    r"|\x1b[ -/]*[0-~]"
)
_UNSAFE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]"
)


def clean_line(text: str) -> str:
    r"""Give one line of text without control sequences; what else cannot be shown is written as an escape.

    >>> clean_line("\x1b[31mred\x1b[0m\x07\n")
    'red\\x07\\n'
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_escape, _SEQUENCES.sub("", text)).expandtabs(4)


def clean_lines(text: str) -> list[str]:
    r"""Give the lines of a text, each clean; of a line that was written over the last state stays.

    >>> clean_lines("10 %\r100 %\nready\n")
    ['100 %', 'ready']
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [clean_line(line.rstrip("\r").rpartition("\r")[2]) for line in lines]


def width_of(text: str) -> int:
    """Give how many cells a text takes on a terminal.

    >>> width_of("abc"), width_of("日本")
    (3, 4)
    """
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def fit(text: str, width: int, mark: str = "…") -> str:
    """Give the text cut to `width` cells, `mark` at its end when something was cut.

    >>> fit("experiment", 5)
    'expe…'
    """
    if width_of(text) <= width:
        return text
    room = width - len(mark)
    if room <= 0:
        return mark[: max(width, 0)]
    taken, end = 0, 0
    for char in text:
        taken += _cells(char)
        if taken > room:
            break
        end += len(char)
    return text[:end] + mark


def wrap(text: str, width: int) -> list[str]:
    """Give the text in lines of at most `width` cells, broken at spaces where there are any.

    >>> wrap("ran because input 1 changed", 12)
    ['ran because', 'input 1', 'changed']
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        while width_of(word) > width:
            if line:
                lines.append(line)
                line = ""
            piece = fit(word, width, "") or word[:1]
            lines.append(piece)
            word = word[len(piece) :]
        joined = f"{line} {word}" if line and word else line or word
        if width_of(joined) > width:
            lines.append(line)
            joined = word
        line = joined
    return [*lines, line] if line or not lines else lines


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
