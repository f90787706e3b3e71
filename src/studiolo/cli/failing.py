"""Tells errors that end a command: ours as in CONVENTIONS, wrong usage with a hint, the unexpected with a number."""

from __future__ import annotations

import os
import secrets
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from studiolo import __version__
from studiolo.cli.error_text import problem_lines, trace_lines
from studiolo.cli.exit_codes import exit_code_of
from studiolo.cli.invocation import Invocation
from studiolo.errors import InternalError, Problems, StudioloError, UserError

DEBUG_VARIABLE = "STUDIOLO_DEBUG"


def tell(error: Exception, invocation: Invocation, args: Sequence[str]) -> int:
    """Write an error that ended a command, and give the exit code.

    People read it on standard error; with `--json` standard output gets `{"error": …}` beside.

    Args:
        error: anything.
        invocation: of the command.
        args: the command line; it may ask for JSON although it is wrong.
    """
    known = _known(error)
    if isinstance(known, InternalError):
        _add_number(known, error, invocation)
    if invocation.is_json or "--json" in args:
        invocation.print_json({"error": known.to_json()})
    for line in problem_lines(known, workspace_folder(invocation), invocation.err):
        invocation.err.line(line)
    trace = list(trace_lines(known, invocation.err))
    if trace:
        invocation.err.line("\n" + "\n".join(trace))
    if isinstance(known, Problems) and len(known.problems) > 1:
        invocation.err.line(f"\n{known.summary}", "bold")
    return exit_code_of(known)


def _known(error: Exception) -> StudioloError:
    if isinstance(error, StudioloError):
        return error
    if isinstance(error, click.ClickException):
        return _wrong_usage(error)
    return InternalError("internal", f"studiolo met an error of its own: {type(error).__name__}: {error}")


def _wrong_usage(error: click.ClickException) -> UserError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "studiolo"
    message = error.format_message().strip()
    options = getattr(error, "possibilities", None)
    if isinstance(error, click.NoSuchOption):
        message = f"There is no option {error.option_name}."
    hint = f"Did you mean {' or '.join(sorted(options))}? " if options else ""
    summary = message if message.endswith((".", "?", "!")) else f"{message}."
    return UserError("wrong-usage", summary, f"{hint}{path} --help tells what it takes.")


def _add_number(known: InternalError, error: Exception, invocation: Invocation) -> None:
    """Give an internal error a number and write its trace where the author can find it."""
    number = time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(2)
    known.details["number"] = number
    known.summary = f"{known.summary.rstrip('.')} (error {number})."
    text = "".join(traceback.format_exception(error))
    if os.environ.get(DEBUG_VARIABLE):
        invocation.err.write(text)
        known.hint = known.hint or "Please report it, with the trace above."
        return
    path = _write_trace(number, text, invocation)
    told = (
        f"Please report it, with the trace in {path}."
        if path
        else f"Set {DEBUG_VARIABLE}=1 to see the trace, and please report it."
    )
    known.hint = f"{known.hint}\n{told}".strip()


def _write_trace(number: str, text: str, invocation: Invocation) -> Path | None:
    root = workspace_folder(invocation)
    if root is None:
        return None
    folder = root / ".studiolo" / "log"
    head = f"studiolo {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n\n"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{number}.txt"
        path.write_text(head + text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return path


def workspace_folder(invocation: Invocation) -> Path | None:
    """Give the folder of the workspace that a command is about, without opening it; None when there is none."""
    start: Any = invocation.folder or Path.cwd()
    start = Path(start).expanduser().resolve()
    folders = [start] if invocation.folder else [start, *start.parents]
    return next((folder for folder in folders if (folder / "studiolo.toml").is_file()), None)
