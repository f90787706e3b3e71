"""Landlock as the second or only wall for files, tried in fresh processes."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from studiolo_child import landlock

SOURCE = Path(__file__).parents[3] / "src"


def confined(code: str, *arguments: object) -> list[str]:
    """Run code that can call `restrict` of landlock; give the lines it prints."""
    begin = f"""
import os, sys
sys.path.insert(0, {str(SOURCE)!r})
from studiolo_child import landlock
version = int(sys.argv[1])

def outcome(act, *arguments):
    try:
        act(*arguments)
        return "done"
    except OSError as error:
        return type(error).__name__
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", begin + textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("version", range(1, 8))
def test_only_what_is_listed_can_be_reached(tmp_path: Path, version: int) -> None:
    """Files as well as folders may be listed, with every version of Landlock from 1."""
    if landlock.abi() < version:
        pytest.skip(f"needs a kernel with Landlock ABI {version}")
    for name in ("read", "write", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name)
    (tmp_path / "single.txt").write_text("single")
    (tmp_path / "beside.txt").write_text("beside")
    lines = confined(
        """
        root = sys.argv[2] + "/"
        landlock.restrict(version, [root + "read", root + "single.txt"], [root + "write"], ["/dev/null"])
        print(open(root + "read/a.txt").read(), open(root + "single.txt").read(), open(root + "write/a.txt").read())
        print(outcome(open, root + "beside.txt"), outcome(open, root + "other/a.txt"))
        print(outcome(os.listdir, root), outcome(os.listdir, root + "read"))
        print(outcome(open, root + "read/a.txt", "a"), outcome(open, root + "single.txt", "a"))
        print(outcome(os.rename, root + "single.txt", root + "moved.txt"), outcome(os.mkdir, root + "new"))
        print(outcome(open, root + "write/b.txt", "w"), outcome(os.mkdir, root + "write/c"))
        print(outcome(open, "/dev/null", "r+"), outcome(open, "/dev/zero"))
        """,
        version,
        tmp_path,
    )
    refused = "PermissionError"
    assert lines == [
        "read single write",
        f"{refused} {refused}",
        f"{refused} done",
        f"{refused} {refused}",
        f"{refused} {refused}",
        "done done",
        f"done {refused}",
    ]


def test_a_path_that_is_not_there_is_an_error() -> None:
    """The caller says what exists; a wall is never built by half without a word."""
    assert confined('print(outcome(landlock.restrict, version, ["/not/there"], [], []))', 1) == [
        "FileNotFoundError"
    ]
