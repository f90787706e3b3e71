"""Errors as people read them: sentence, hint, code and place; the script's own line; the trace; the end of the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studiolo.cli.plain_text import clean_line, clean_lines, fit, width_of, wrap
from studiolo.cli.screen import Screen
from studiolo.errors import Problems, ScriptError, StudioloError, WorkerError

CONTEXT_LINES = 2
LOG_TAIL_LINES = 10
TRACE_LINES = 60
LONGEST_LINE = 300
LARGEST_FILE = 4 << 20


def problem_lines(error: StudioloError, folder: Path | None, screen: Screen) -> Iterator[str]:
    """Give an error that was found before anything ran, with the line of the file it is about.

    Of several problems each is given, with an empty line between.

    Args:
        error: one, or `Problems`.
        folder: of the workspace; None for an error outside of one.
        screen: where it is going to stand.
    """
    if isinstance(error, Problems):
        for number, problem in enumerate(error.problems):
            if number:
                yield ""
            yield from problem_lines(problem, folder, screen)
        return
    yield from error_lines(error, screen)
    text = _file_text(error.where.file, folder) if folder is not None else None
    if text is not None and error.where.line is not None:
        yield from excerpt_lines(text, error.where.line, screen, column=error.where.column, around=0)


def error_lines(error: StudioloError, screen: Screen) -> Iterator[str]:
    """Give an error as in CONVENTIONS: sentence, hint, code and place."""
    for line in clean_lines(error.summary) or [""]:
        for piece in _wrapped(line, screen):
            yield screen.styled(piece, "bold red")
    for line in clean_lines(error.hint):
        yield from _wrapped(line, screen)
    yield from _wrapped(clean_line(f"[{error.code}] {error.where}".rstrip()), screen, "dim")


def trace_lines(error: StudioloError, screen: Screen, most: int | None = TRACE_LINES) -> Iterator[str]:
    """Give the stack trace of a script; of one longer than `most` lines the beginning and the end."""
    if not isinstance(error, ScriptError | WorkerError) or not error.traceback:
        return
    lines = clean_lines(error.traceback)
    if most is not None and len(lines) > most:
        half = most // 2
        cut = f"  {screen.ellipsis} {len(lines) - 2 * half} lines cut {screen.ellipsis}"
        lines = [*lines[:half], cut, *lines[-half:]]
    for line in lines:
        yield from _long(line, screen)


def excerpt_lines(
    source: str, line: int, screen: Screen, *, column: int | None = None, around: int = CONTEXT_LINES
) -> Iterator[str]:
    """Give a line of a file with a mark and those around it; nothing when there is no such line.

    Args:
        source: text of the file.
        line: from 1.
        screen: where it is going to stand.
        column: from 1; a second mark stands below it.
        around: lines before and after.
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    if not 1 <= line <= len(lines):
        return
    first, last = max(line - around, 1), min(line + around, len(lines))
    digits = len(str(last))
    room = screen.width - 1 if screen.is_terminal else LONGEST_LINE
    for number in range(first, last + 1):
        is_marked = number == line
        text = f"{'>' if is_marked else ' '} {number:>{digits}} | {clean_line(lines[number - 1])}"
        yield screen.styled(fit(text, room, screen.ellipsis).rstrip(), "bold" if is_marked else "dim")
        if is_marked and column is not None and 1 <= column <= len(lines[number - 1]) + 1:
            indent = width_of(clean_line(lines[number - 1][: column - 1])) + digits + 5
            if indent < room:
                yield screen.styled(" " * indent + "^", "bold")


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
    return _file_text(file, workspace)


def _file_text(file: str | None, workspace: Path) -> str | None:
    """Give the text of a file of the workspace; None for what is none, lies elsewhere or is too large."""
    if not file:
        return None
    try:
        path = (workspace / file).resolve()
        if not path.is_relative_to(workspace.resolve()) or not path.is_file():
            return None
        if path.stat().st_size > LARGEST_FILE:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):  # the name comes from a job: too long, or with NUL in it
        return None


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
