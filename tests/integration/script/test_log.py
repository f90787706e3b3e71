"""The log: stdout and stderr in one stream, in order, nothing lost (R-1.8)."""

from __future__ import annotations

import pytest


def three(body, expected):
    """Give a case that Python 2 has not: its standard streams are files of bytes."""
    return pytest.param(
        body, expected, marks=pytest.mark.needs(python=">=3.4", because="streams of text and bytes")
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("print('one'); sys.stderr.write('two\\n'); print('three')", "one\ntwo\nthree\n"),
        ("print('one', end=' '); sys.stderr.write('two\\n'); print('three')", "one two\nthree\n"),
        ("print('one'); os.write(1, b'two\\n'); print('three')", "one\ntwo\nthree\n"),
        ("print('one'); os.system('echo two'); print('three')", "one\ntwo\nthree\n"),
        ("print('one'); subprocess.call(['sh', '-c', 'echo two >&2']); print('three')", "one\ntwo\nthree\n"),
        three("sys.stdout.buffer.write(b'one\\n'); print('two')", "one\ntwo\n"),
        ("logging.warning('careful'); print('x')", "WARNING:root:careful\nx\n"),
        ("print(u'é ü')", "é ü\n"),
        three("print('é ü \\ud800')", "é ü \\ud800\n"),
        ("print('a\\r\\nb')", "a\r\nb\n"),
        ("print('no newline', end='')", "no newline"),
        ("sys.stdout = sys.stderr; print('x')", "x\n"),
        ("sys.stdout = open('f', 'w'); print('lost'); sys.__stdout__.write('kept\\n')", "kept\n"),
        ("sys.stdout = None; print('x'); sys.stderr.write('y')", "y"),
        ("sys.stdout.close(); sys.stderr.write('y')", "y"),
        (
            "sys.stdout.flush(); print(sys.stdout.isatty(), sys.stdout.fileno(), sys.stderr.fileno())",
            "False 1 2\n",
        ),
        ("print(sys.stdout.encoding, sys.stderr.errors)", "utf-8 backslashreplace\n"),
        three(
            "import contextlib, io\n    with contextlib.redirect_stdout(io.StringIO()): print('x')\n    print('y')",
            "y\n",
        ),
        three(
            "sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, 'w', closefd=False))); print('held')",
            "held\n",
        ),
    ],
)
def test_the_log_is_what_was_written_in_order(child, body, expected):
    """One stream, ordered also with child processes and code in C (R-1.8)."""
    head = "# coding: utf-8\nfrom __future__ import print_function\nimport sys, os, subprocess, logging, io\n"
    text = f"{head}def azureml_main():\n    {body}\n"
    outcome = child.script(text)
    assert (outcome.log, outcome.report["status"]) == (expected, "ok")


def test_a_killed_process_has_lost_nothing(child):
    """Writes go through at once, so the log shows how far it came."""
    text = "from __future__ import print_function\nimport os, signal\ndef azureml_main():\n    print('so far', end='')\n    os.kill(os.getpid(), signal.SIGKILL)"  # noqa: E501
    outcome = child.script(text)
    assert (outcome.log, outcome.report) == ("so far", None)


@pytest.mark.needs(python=">=3.3", because="faulthandler")
def test_a_crash_in_c_leaves_the_python_stack_in_the_log(child):
    """A broken wheel is found by the line that called it."""
    text = "import ctypes\ndef azureml_main():\n    ctypes.string_at(0)"
    assert 'File "scripts/clean.py", line 3 in azureml_main' in child.script(text).log


def test_printing_much_is_not_slow(child):
    """100,000 lines, each written through."""
    outcome = child.script("def azureml_main():\n    for n in range(100000): print(n)")
    assert outcome.log.count("\n") == 100_000
