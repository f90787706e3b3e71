"""Gives a Python script's text without what cannot change its result: comments, blank lines, line ends.

It does not compile, tokenize or run the script. A small scanner of our own is used and not Python's
`tokenize`: that one refuses Python 2, reads nested quotes in f-strings differently from version to version,
and would make a fingerprint depend on the host's Python.
"""

from __future__ import annotations

import re
from functools import lru_cache

from studiolo.graph.scripts import declared_coding

_TOKEN = re.compile(
    r"""
    (?P<string>
        (?: \"\"\" (?: [^\\] | \\. )*? \"\"\" | ''' (?: [^\\] | \\. )*? '''
          | \" (?: [^"\\\n] | \\. )* \" | ' (?: [^'\\\n] | \\. )* ' )
    )
  | (?P<comment> \# [^\n]* )
  | (?P<continued> \\\n )
  | (?P<newline> \n )
  | (?P<space> [ \t\f]+ )
  | (?P<code> [^\s"'\#\\]+ | [^"'\#] )
    """,
    re.VERBOSE | re.DOTALL,
)
_METADATA = re.compile(r"(?m)^# /// script[ \t]*$\n(?:^#(?:| .*)$\n)+?^# ///[ \t]*$")
_PREFIX = re.compile(r"[fFtT][a-zA-Z]?\Z")
_BRACES = re.compile(r"[{}]")


@lru_cache(maxsize=512)
def normalised_script(text: str, file: str = "script.py") -> str:
    r"""Give the part of a script that counts for its fingerprint.

    Comments, blank lines, spaces at line ends and the kind of line end do not count. Docstrings do, and so
    do the comments that mean something: the coding line (PEP 263) and inline script metadata (PEP 723).
    Scripts that are not Python by their ending, and Python that the scanner cannot follow, count whole but
    for line ends.

    Args:
        text: the script.
        file: its name, for the ending.

    >>> normalised_script("x = 1  # one" + chr(10) + chr(10) + "# two" + chr(10) + "y = 2")
    'x = 1\ny = 2\n'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if not file.endswith(".py"):
        return plain
    code = _without_comments(plain)
    if code is None:
        return plain
    coding = declared_coding(plain[:4096])
    marks = [f"# coding: {coding}\n"] if coding else []
    marks += [match.group() + "\n" for match in _METADATA.finditer(plain)]
    return "".join(marks) + code


def comment_starts(text: str) -> set[int] | None:
    r"""Give where comments begin that stand alone in their line, or None when the scanner loses its way.

    Args:
        text: the script, its lines ended by `\\n`.

    >>> comment_starts("# one" + chr(10) + "x = '# no'  # nor this" + chr(10) + "# two")
    {0, 29}
    """
    starts: set[int] = set()
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        if match.lastgroup == "comment" and (not position or text[position - 1] == "\n"):
            starts.add(position)
        position = match.end()
    return starts


def _without_comments(text: str) -> str | None:
    """Give the text without comments and blank lines, or None when the scanner loses its way."""
    lines: list[str] = []
    line: list[str] = []
    position = 0
    is_continued = False
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        kind, token, position = match.lastgroup, match.group(), match.end()
        if kind == "newline":
            written = "".join(line).rstrip(" \t\f")
            if written or is_continued:
                lines.append(written)
            line, is_continued = [], False
        elif kind == "continued":
            lines.append("".join(line) + "\\")
            line, is_continued = [], True
        elif kind == "comment":
            if is_continued and not "".join(line).strip():
                line.append("#")
        else:
            if (
                kind == "string"
                and _PREFIX.search(text, match.start() - 3, match.start())
                and _is_open(token)
            ):
                return None
            line.append(token)
    written = "".join(line).rstrip(" \t\f")
    if written or is_continued:
        lines.append(written)
    return "\n".join(lines) + "\n" if lines else ""


def _is_open(string: str) -> bool:
    """Say whether an f-string ends, as scanned, inside a replacement field: it then holds nested quotes.

    Outside a field a doubled brace is a character; inside, every brace counts.
    """
    depth = 0
    position = 0
    while match := _BRACES.search(string, position):
        position = match.end()
        is_doubled = string[position : position + 1] == match.group()
        if depth == 0 and is_doubled:
            position += 1
        elif match.group() == "{":
            depth += 1
        elif depth:
            depth -= 1
    return depth != 0
