"""Splits a SQLite script into its statements, knowing comments, quotes and triggers."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

PIECE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|$)|;""", re.DOTALL
)
COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|$)", re.DOTALL)


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        text: as written, with comments, without those before it.
        line: line of the script on which `text` begins, from 1.
    """

    text: str
    line: int


def split(script: str) -> list[Statement]:
    r"""Give the statements of a script; those of comments and blanks alone are left out.

    >>> [s.text for s in split("select ';'; -- end\n;; select 2 -- two")]
    ["select ';';", 'select 2 -- two']
    """
    statements: list[Statement] = []
    start = 0
    for match in PIECE.finditer(script):
        if match[0] == ";" and sqlite3.complete_statement(script[start : match.end()]):
            _keep(script, start, match.end(), statements)
            start = match.end()
    _keep(script, start, len(script), statements)
    return statements


def _keep(script: str, start: int, end: int, statements: list[Statement]) -> None:
    while True:
        while start < end and script[start].isspace():
            start += 1
        comment = COMMENT.match(script, start, end)
        if comment is None or comment.end() == start:
            break
        start = comment.end()
    text = script[start:end].strip()
    if text.strip("; \n\r\t"):
        statements.append(Statement(text, script.count("\n", 0, start) + 1))
