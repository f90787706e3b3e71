"""Errors in words, with their lines, and the exit codes that stand for them."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from studiolo.cli.error_text import (
    error_lines,
    excerpt_lines,
    log_tail_lines,
    problem_lines,
    source_of,
    trace_lines,
)
from studiolo.cli.exit_codes import exit_code_of, exit_code_of_run
from studiolo.cli.failing import tell
from studiolo.cli.invocation import Invocation
from studiolo.errors import InternalError, Problems, ScriptError, UserError, Where, WorkerError

UNKNOWN = UserError("unknown-node", 'There is no node "x".', 'Did you mean "y"?', Where(node="x"))
SCRIPT = "one\ntwo\nthree\nfour\nfive\nsix\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UNKNOWN, 2),
        (Problems([UNKNOWN]), 2),
        (Problems([UNKNOWN, WorkerError("jail-refused", "no")]), 3),
        (ScriptError("script-raised", "KeyError"), 1),
        (WorkerError("jail-refused", "no"), 3),
        (WorkerError("worker-lost", "gone"), 3),
        (WorkerError("cancelled", "stopped"), 130),
        (InternalError("internal", "oh"), 70),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error, code: int) -> None:
    """docs/command-line.md promises them to scripts."""
    assert exit_code_of(error) == code


@pytest.mark.parametrize(
    ("state", "errors", "code"),
    [
        ("finished", [], 0),
        ("failed", [ScriptError("script-raised", "KeyError")], 1),
        ("failed", [WorkerError("out-of-memory", "too much")], 1),
        ("failed", [WorkerError("jail-refused", "no")], 3),
        ("cancelled", [], 130),
        ("interrupted", [], 1),
    ],
)
def test_each_end_of_a_run_has_its_exit_code(state: str, errors, code: int) -> None:
    """A node that was killed for its memory is a failed node; a jail that cannot be built is none."""
    assert exit_code_of_run(state, errors) == code


def test_an_error_is_a_sentence_a_hint_and_a_place(pipe) -> None:
    """CONVENTIONS, Errors."""
    assert list(error_lines(UNKNOWN, pipe())) == [
        'There is no node "x".',
        'Did you mean "y"?',
        "[unknown-node] node x",
    ]


def test_problems_come_with_the_line_of_the_file_they_are_about(pipe, tmp_path: Path) -> None:
    """All at once, each with its place; a file outside of the workspace is never shown."""
    (tmp_path / "a.yaml").write_text("nodes:\n  a: {modul: x}\n")
    here = UserError("unknown-key", "Unknown key.", "", Where(file="a.yaml", line=2, column=7))
    outside = UserError("unknown-key", "Elsewhere.", "", Where(file="../../etc/passwd", line=1))
    assert list(problem_lines(Problems([here, outside]), tmp_path, pipe())) == [
        "Unknown key.",
        "[unknown-key] a.yaml:2:7",
        "> 2 |   a: {modul: x}",
        "            ^",
        "",
        "Elsewhere.",
        "[unknown-key] ../../etc/passwd:1",
    ]


def test_the_marked_line_stands_among_its_neighbours(pipe) -> None:
    """Two lines before and after; none where the file has none."""
    assert list(excerpt_lines(SCRIPT, 5, pipe())) == ["  3 | three", "  4 | four", "> 5 | five", "  6 | six"]
    assert list(excerpt_lines(SCRIPT, 7, pipe())) == []
    assert list(excerpt_lines("", 1, pipe())) == ["> 1 |"]


def test_the_excerpt_is_of_the_text_that_ran(tmp_path: Path) -> None:
    """The file may have been changed since; the run keeps what it ran."""
    script = {"file": "scripts/a.py", "text": "then\n"}
    snapshot = {"experiment": {"folder": "experiments/e", "nodes": {"a": {"script": script}}}}
    (tmp_path / "experiments/e/scripts").mkdir(parents=True)
    (tmp_path / "experiments/e/scripts/a.py").write_text("now\n")
    (tmp_path / "own.py").write_text("own module\n")

    def text(file: str) -> str | None:
        return source_of(ScriptError("c", "s", "", Where(file=file, line=1)), snapshot, "a", tmp_path)

    assert text("experiments/e/scripts/a.py") == "then\n"
    assert text("scripts/a.py") == "then\n"
    assert text("own.py") == "own module\n"
    assert text("../own.py") is None
    assert text("missing.py") is None


def test_long_traces_and_logs_are_cut_and_say_so(pipe) -> None:
    """Text is bounded whatever the data (CONVENTIONS, Errors)."""
    error = ScriptError("c", "s", traceback="\n".join(f"line {number}" for number in range(200)))
    lines = list(trace_lines(error, pipe()))
    assert (len(lines), lines[0], lines[30], lines[-1]) == (61, "line 0", "  … 140 lines cut …", "line 199")
    assert len(list(trace_lines(error, pipe(), None))) == 200
    log = "".join(f"{number}\n" for number in range(34)).encode()
    lines = list(log_tail_lines(log, pipe()))
    assert (lines[0], lines[1], lines[-1]) == ("log, last 10 of 34 lines:", "  24", "  33")
    assert list(log_tail_lines(b"", pipe())) == []


def test_an_unexpected_error_gets_a_number_and_its_trace_a_file(pipe, tmp_path: Path, monkeypatch) -> None:
    """CONVENTIONS: an error number on screen, the rest in the log; exit code 70."""
    monkeypatch.delenv("STUDIOLO_DEBUG", raising=False)
    (tmp_path / "studiolo.toml").write_text("")
    invocation = Invocation(out=pipe(), err=pipe(), folder=tmp_path)
    try:
        raise ZeroDivisionError("division by zero")
    except ZeroDivisionError as error:
        code = tell(error, invocation, ["run"])
    [log] = (tmp_path / ".studiolo/log").iterdir()
    assert code == 70
    assert invocation.err.stream.text.splitlines() == [
        f"studiolo met an error of its own: ZeroDivisionError: division by zero (error {log.stem}).",
        f"Please report it, with the trace in {log}.",
        "[internal]",
    ]
    assert log.read_text().endswith("ZeroDivisionError: division by zero\n")
    assert "Traceback (most recent call last)" in log.read_text()


def test_debugging_shows_the_trace_at_once(pipe, tmp_path: Path, monkeypatch) -> None:
    """STUDIOLO_DEBUG=1 is for those who work on studiolo."""
    monkeypatch.setenv("STUDIOLO_DEBUG", "1")
    invocation = Invocation(out=pipe(), err=pipe(), folder=tmp_path)
    assert tell(ValueError("odd"), invocation, []) == 70
    assert "ValueError: odd\n" in invocation.err.stream.text
    assert not (tmp_path / ".studiolo").exists()


def test_a_program_gets_every_error_as_json(pipe, tmp_path: Path) -> None:
    """Also when the command line was too wrong to be read."""
    invocation = Invocation(out=pipe(), err=pipe(), folder=tmp_path)
    assert (
        tell(click.NoSuchOption("--frce", possibilities=["--force"]), invocation, ["run", "--frce", "--json"])
        == 2
    )
    assert '"code": "wrong-usage"' in invocation.out.stream.text
    assert invocation.err.stream.text.splitlines() == [
        "There is no option --frce.",
        "Did you mean --force? studiolo --help tells what it takes.",
        "[wrong-usage]",
    ]


def test_a_reader_that_has_gone_silences_the_screen(pipe) -> None:
    """`studiolo show | head` ends quietly, whatever is written after."""
    from studiolo.cli.screen import Screen

    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        screen = Screen(stream, {})
        screen.line("nobody reads this")
        assert screen.is_gone
        screen.line("nor this")


@pytest.mark.parametrize("file", ["modules/a\0b.py", "x" * 4000, "a/" * 1500])
def test_a_file_that_cannot_be_is_not_opened(file: str, pipe, tmp_path: Path) -> None:
    """R-6.3: jobs name the files of their errors, and a hostile name must not end the command that shows it."""
    error = ScriptError("script-raised", "KeyError", where=Where(file=file, line=1))
    summary, place = problem_lines(error, tmp_path, pipe())
    assert summary == "KeyError" and place.startswith("[script-raised]")
    assert source_of(error, {}, "a", tmp_path) is None
