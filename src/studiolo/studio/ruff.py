"""Runs ruff on a script's text: findings, and the text laid out anew. It parses, and runs nothing of the text.

Its rules are fixed: no file of the user or of the workspace changes them. Text, time, memory and answer are bounded.
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ruff import find_ruff_bin  # type: ignore[import-untyped]

from studiolo.errors import InternalError, UserError

MOST_TEXT = 4 << 20
MOST_ANSWER = 16 << 20
MOST_FINDINGS = 500
SECONDS = 10
MEMORY_BYTES = 2 << 30
LINE_LENGTH = 100
OLDEST, NEWEST = (3, 7), (3, 14)  # that ruff knows
SYNTAX = "syntax"

RULES = "E4,E7,E9,F,W6,B,PD002,NPY001,NPY201"
# Where pandas means something else (E711, E712), or a matter of taste.
LEFT_OUT = "E402,E711,E712,E731,E741,B007,B008,B905,B026,B028,B904"
ERRORS = ("E9", "F5", "F6", "F7", "F82", "F831")
HINTS = ("F401", "F841", "F811", "B018")  # and all of E4 and E7: looks


@dataclass(frozen=True)
class Finding:
    """One finding in a script; lines and columns from 1, in code points.

    Attributes:
        code: of ruff's rule, or `syntax`; or that of the check in the environment.
        message: one sentence.
        severity: `error`, `warning` or `info`.
        line, column, end_line, end_column: what it concerns.
        hint: what to do next.
        address: of a page about the rule.
    """

    code: str
    message: str
    severity: str
    line: int
    column: int
    end_line: int
    end_column: int
    hint: str = ""
    address: str = ""


def findings(text: str, version: str) -> list[Finding]:
    """Give what ruff finds in a script.

    Args:
        text: of the script.
        version: of the Python that will run it.

    Raises:
        UserError: `script-too-long`.
        InternalError: ruff broke off.
    """
    options = ["check", "--select", RULES, "--ignore", LEFT_OUT, "--output-format", "json", "--exit-zero"]
    answer = _run([*options, "--target-version", _target(version)], text)
    try:
        listed = json.loads(answer or "[]")
    except ValueError as error:
        raise InternalError("internal", f"ruff gave no findings: {error}") from None
    return [_finding(one) for one in listed[:MOST_FINDINGS]]


def formatted(text: str, version: str) -> str:
    """Give a script laid out anew.

    Raises:
        UserError: `script-too-long`, or `script-syntax`: it can't be read as Python of that version.
        InternalError: ruff broke off.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise UserError("script-syntax", "The script has half a character, which no file can hold.")
    return _run(["format", "--line-length", str(LINE_LENGTH), "--target-version", _target(version)], text)


def _run(options: Sequence[str], text: str) -> str:
    data = text.encode("utf-8", "replace")  # one letter each: places stay
    if len(data) > MOST_TEXT:
        raise UserError(
            "script-too-long",
            f"The script has {len(data) >> 20} MiB; {MOST_TEXT >> 20} MiB are looked at.",
            "Move data out of it, into a dataset.",
        )
    process = subprocess.Popen(
        [find_ruff_bin(), *options, "--isolated", "--no-cache", "--stdin-filename", "script.py", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env={"PATH": "/usr/bin", "LANG": "C.UTF-8", "RAYON_NUM_THREADS": "1"},
    )
    with contextlib.suppress(OSError, ValueError):  # it has ended already; else it waits for the text now
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, 0))
    try:
        said, told = process.communicate(data, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise InternalError("internal", f"ruff took longer than {SECONDS} s.") from None
    if process.returncode:
        complaint = told.decode("utf-8", "replace").strip()
        if options[0] == "format" and "parse" in complaint:
            reason = complaint.splitlines()[0].partition("script.py:")[2] or complaint[:300]
            raise UserError(
                "script-syntax", f"The script can't be laid out: {reason}.", "Mend the syntax first."
            )
        raise InternalError("internal", f"ruff broke off: {complaint[:500]}")
    return said[:MOST_ANSWER].decode("utf-8", "replace")


def _target(version: str) -> str:
    major, minor = (int(part) for part in version.split(".")[:2])
    major, minor = min(max((major, minor), OLDEST), NEWEST)
    return f"py{major}{minor}"


def _finding(one: dict[str, Any]) -> Finding:
    code = str(one.get("code") or SYNTAX)
    code = SYNTAX if code == "invalid-syntax" else code
    begin, end = one["location"], one["end_location"]
    return Finding(
        code,
        str(one["message"]),
        _severity(code),
        begin["row"],
        begin["column"],
        end["row"],
        end["column"],
        address=str(one.get("url") or ""),
    )


def _severity(code: str) -> str:
    if code == SYNTAX or code.startswith(ERRORS):
        return "error"
    return "info" if code in HINTS or code.startswith(("E4", "E7")) else "warning"
