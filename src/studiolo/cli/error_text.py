"""Errors as people read them: sentence, hint, code and place; the script's own line; the trace; the end of the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studiolo.cli.plain_text import clean_line, clean_lines, fit, wrap
from studiolo.cli.screen import Screen
from studiolo.errors import Problems, ScriptError, StudioloError

CONTEXT_LINES = 2
LOG_TAIL_LINES = 10
TRACE_LINES = 60
LONGEST_LINE = 300
LARGEST_FILE = 4 << 20


def error_lines(error: StudioloError, screen: Screen) -> Iterator[str]:
    """Give an error as in CONVENTIONS; of several each with an empty line between."""
    if isinstance(error, Problems):
        for number, problem in enumerate(error.problems):
            if number:
                yield ""
            yield from error_lines(problem, screen)
        return
    for line in clean_lines(error.summary) or [""]:
        for piece in _wrapped(line, screen):
            yield screen.styled(piece, "bold red")
    for line in clean_lines(error.hint):
        yield from _wrapped(line, screen)
    yield from _wrapped(clean_line(f"[{error.code}] {error.where}".rstrip()), screen, "dim")


def trace_lines(error: StudioloError, screen: Screen, most: int | None = TRACE_LINES) -> Iterator[str]:
    """Give the stack trace of a script's error; of one longer than `most` lines the beginning and the end."""
    if not isinstance(error, ScriptError) or not error.traceback:
        return
    lines = clean_lines(error.traceback)
    if most is not None and len(lines) > most:
        half = most // 2
        cut = f"  {screen.ellipsis} {len(lines) - 2 * half} lines cut {screen.ellipsis}"
        lines = [*lines[:half], cut, *lines[-half:]]
    for line in lines:
        yield from _long(line, screen)


def excerpt_lines(source: str, line: int, screen: Screen) -> Iterator[str]:
    """Give a line of a script with those around it and a mark before it; nothing when there is no such line."""
    lines = source.splitlines()
    if not 1 <= line <= len(lines):
        return
    first, last = max(line - CONTEXT_LINES, 1), min(line + CONTEXT_LINES, len(lines))
    digits = len(str(last))
    for number in range(first, last + 1):
        is_marked = number == line
        text = f"{'>' if is_marked else ' '} {number:>{digits}} | {clean_line(lines[number - 1])}"
        if screen.is_terminal:
            text = fit(text, screen.width - 1, screen.ellipsis)
        yield screen.styled(text.rstrip(), "bold" if is_marked else "dim")


def log_tail_lines(log: bytes, screen: Screen) -> Iterator[str]:
    """Give the last lines of a log, and how many there are before them."""
    lines = clean_lines(log.decode("utf-8", "replace"))
    if not lines:
        return
    hidden = len(lines) - LOG_TAIL_LINES
    title = f"log, last {LOG_TAIL_LINES} of {len(lines)} lines:" if hidden > 0 else "log:"
    yield screen.styled(title, "dim")
    for line in lines[-LOG_TAIL_LINES:]:
        yield from _long(f"  {line}", screen)


def source_of(error: StudioloError, snapshot: Mapping[str, Any], node: str, workspace: Path) -> str | None:
    """Give the text of the file that an error points into, or None.

    The text is the one that ran, kept with the run; of a user's own module it is what the file says now.

    Args:
        error: of the node.
        snapshot: of the run.
        node: its name.
        workspace: folder of the workspace.
    """
    file = error.where.file
    if not file or error.where.line is None:
        return None
    experiment = snapshot.get("experiment", {})
    script = experiment.get("nodes", {}).get(node, {}).get("script")
    if script and file in (script["file"], f"{experiment.get('folder')}/{script['file']}"):
        text: str = script["text"]
        return text
    path = (workspace / file).resolve()
    if (
        not path.is_relative_to(workspace.resolve())
        or not path.is_file()
        or path.stat().st_size > LARGEST_FILE
    ):
        return None
    return path.read_text(encoding="utf-8", errors="replace")


def indented(lines: Iterator[str], indent: str = "  ") -> Iterator[str]:
    """Give the lines moved to the right; empty ones stay empty."""
    for line in lines:
        yield f"{indent}{line}" if line else ""


def _wrapped(text: str, screen: Screen, style: str = "") -> Iterator[str]:
    """Break sentences at words on a terminal; in a pipe each stays one line."""
    lines = wrap(text, screen.width - 3) if screen.is_terminal else [text]
    for line in lines:
        yield screen.styled(line, style)


def _long(text: str, screen: Screen) -> Iterator[str]:
    """Give a line of code or log; a terminal may break it as it likes, but endless ones are cut."""
    yield fit(text, LONGEST_LINE, screen.ellipsis)
