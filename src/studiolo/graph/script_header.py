"""Reads the packages that a script asks for in its header (PEP 723), and those of its node.

    # /// script
    # requires-python = ">=3.10"
    # dependencies = ["textblob", "numpy<2"]
    # ///

The rules are those of the PEP: one block of the type `script`, a comment at the top level of the file, TOML inside.
Further keys and `[tool]` tables belong to other programs. A block without an end is an error here, as in uv.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from studiolo.domain.experiment import Node, Script
from studiolo.domain.requirements import python_fault, requirement_fault
from studiolo.errors import UserError, Where
from studiolo.graph.normalised import comment_starts

MARKER = "# /// script"
LARGEST_CHARACTERS = 1 << 16
_END = "# ///"
_EXAMPLE = f'As in:\n{MARKER}\n# dependencies = ["textblob"]\n# ///'


@dataclass(frozen=True)
class WantedPackages:
    """What a node needs beside, or instead of, what its environment has.

    Attributes:
        requirements: as pip writes them, those of the header first; none stands twice.
        requires_python: versions of Python that will do, as in `>=3.8`; empty for any.
    """

    requirements: tuple[str, ...] = ()
    requires_python: str = ""


def wanted_packages(node: Node) -> WantedPackages | None:
    """Give what a node's script and the node itself ask for, or None when that is nothing.

    Costs next to nothing for a script without a header.

    Raises:
        UserError: `invalid-header`; `where` has the script's line and its file as the node names it.
    """
    header = read_header(node.script) if node.script is not None else None
    named = header.requirements if header is not None else ()
    requirements = tuple(dict.fromkeys((*named, *(one.strip() for one in node.requirements))))
    python = header.requires_python if header is not None else ""
    return WantedPackages(requirements, python) if requirements or python else None


def read_header(script: Script) -> WantedPackages | None:
    """Read the header of a script, or give None when it has none.

    Raises:
        UserError: `invalid-header`, with the script's line.
    """
    if MARKER not in script.text:
        return None
    blocks = list(_blocks(script))
    if not blocks:
        return None
    line, content = blocks[0]
    if len(blocks) > 1:
        raise _wrong(script, blocks[1][0], f"stands twice, first in line {line}", "Leave one of them.")
    if sum(map(len, content)) > LARGEST_CHARACTERS:
        raise _wrong(script, line, f"has more than {LARGEST_CHARACTERS} characters", "Name fewer packages.")
    return _Header(script, line, content).read()


def _blocks(script: Script) -> Iterator[tuple[int, list[str]]]:
    """Give the line and the TOML of each block, line by line: a pattern may take the square of the time."""
    text = script.text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    # The PEP's pattern would also find a block inside a string; its text, which counts, speaks of comments.
    comments = comment_starts(text)
    number, offset = 0, 0
    while number < len(lines):
        is_begin = lines[number].rstrip(" \t") == MARKER and (comments is None or offset in comments)
        end = number
        if is_begin:
            ends = [at for at in _comment_run(lines, number + 1) if lines[at].rstrip(" \t") == _END]
            if not ends:
                hint = f'Each line of it begins with "# ", and the last one is "{_END}". {_EXAMPLE}'
                raise _wrong(script, number + 1, "has no end", hint)
            end = ends[-1]
            yield number + 1, [line[2:] for line in lines[number + 1 : end]]
        offset += sum(len(line) + 1 for line in lines[number : end + 1])
        number = end + 1


def _comment_run(lines: list[str], number: int) -> Iterator[int]:
    """Give the lines from `number` on that may belong to a block."""
    while number < len(lines) and (lines[number] == "#" or lines[number].startswith("# ")):
        yield number
        number += 1


def _wrong(script: Script, line: int, fault: str, hint: str) -> UserError:
    where = Where(file=script.file, line=line)
    return UserError("invalid-header", f"The header of the script {fault}.", hint, where)


class _Header:
    """The TOML of a header, which begins in the line after `line`."""

    def __init__(self, script: Script, line: int, lines: list[str]) -> None:
        self._script = script
        self._line = line
        self._lines = lines

    def read(self) -> WantedPackages:
        # Loaded here: few scripts have a header.
        import tomllib

        try:
            data = tomllib.loads("\n".join(self._lines) + "\n")
        except tomllib.TOMLDecodeError as error:
            told = re.search(r"\(at line (\d+), column \d+\)", str(error))
            number = int(told[1]) if told else len(self._lines)
            reason = re.sub(r" \(at .*\)$", "", str(error))
            raise self._wrong(f"is not TOML: {reason}", _EXAMPLE, self._line + number) from None
        except (RecursionError, ValueError):  # nested without end, a date that is none
            raise self._wrong("is not TOML", _EXAMPLE, self._line) from None
        return WantedPackages(self._dependencies(data), self._python(data))

    def _dependencies(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        value = data.get("dependencies", [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            line = self._line_of("dependencies")
            raise self._wrong(
                "has dependencies that are no list of texts", 'As in dependencies = ["textblob"].', line
            )
        for one in value:
            fault = requirement_fault(one)
            if fault is not None:
                raise self._wrong(f'asks for "{one[:200]}", which {fault[0]}', fault[1], self._line_of(one))
        return tuple(dict.fromkeys(one.strip() for one in value))

    def _python(self, data: Mapping[str, Any]) -> str:
        value = data.get("requires-python", "")
        line = self._line_of("requires-python")
        if not isinstance(value, str):
            hint = 'As in requires-python = ">=3.8".'
            raise self._wrong("has a requires-python that is no text", hint, line)
        fault = python_fault(value)
        if fault is not None:
            raise self._wrong(f'has the requires-python "{value[:100]}", which is none', fault, line)
        return value.strip()

    def _line_of(self, text: str) -> int:
        """Give the line that a text stands in, or that of the header."""
        found = (number for number, line in enumerate(self._lines, 1) if text and text in line)
        return self._line + next(found, 0)

    def _wrong(self, fault: str, hint: str, line: int) -> UserError:
        return _wrong(self._script, line, fault, hint)
