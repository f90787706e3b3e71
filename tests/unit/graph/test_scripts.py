"""Script files: where they may lie and how their bytes become text."""

from __future__ import annotations

import os

import pytest

from studiolo.domain.experiment import Script
from studiolo.errors import UserError
from studiolo.graph.scripts import decoded_script, read_script


def test_a_script_is_its_text_as_it_stands(churn):
    """R-1.2: the same file runs anywhere; nothing is rewritten, line ends included."""
    (churn / "scripts" / "a.py").write_bytes(b"x = 1\r\n\r\n")
    assert read_script(churn, "scripts/a.py") == Script("scripts/a.py", "x = 1\r\n\r\n")
    assert read_script(churn, "scripts\\a.py") == Script("scripts/a.py", "x = 1\r\n\r\n")


@pytest.mark.parametrize(
    "file", ["../x.py", "/etc/passwd", "scripts/../../x.py", "C:\\x.py", "scripts/link.py", "a\0b", ""]
)
def test_a_script_outside_the_experiment_is_refused(churn, workspace, file):
    """An experiment is a folder that can be copied; it must not reach for other files, also not by a link."""
    (workspace / "experiments" / "x.py").write_text("secret")
    os.symlink(workspace / "experiments" / "x.py", churn / "scripts" / "link.py")
    with pytest.raises(UserError) as refused:
        read_script(churn, file)
    assert refused.value.code == "script-outside"


def test_a_missing_script_comes_with_the_nearest(churn):
    """A typing error in a path."""
    with pytest.raises(UserError) as missing:
        read_script(churn, "scripts/claen.py")
    assert (missing.value.code, missing.value.hint) == ("missing-script", 'Did you mean "scripts/clean.py"?')
    with pytest.raises(UserError) as folder:
        read_script(churn, "scripts")
    assert folder.value.summary == 'The script "scripts" is a folder.'


def test_a_pipe_is_no_script(churn):
    """Opening it would wait for ever."""
    os.mkfifo(churn / "scripts" / "pipe.py")
    with pytest.raises(UserError) as refused:
        read_script(churn, "scripts/pipe.py")
    assert refused.value.code == "missing-script"


@pytest.mark.parametrize(
    "data, text",
    [
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        ("s = 'Ü'\n".encode(), "s = 'Ü'\n"),
        ("# -*- coding: latin-1 -*-\ns = 'Ü'\n".encode("latin-1"), "# -*- coding: latin-1 -*-\ns = 'Ü'\n"),
        ("#!python\n# vim: set fileencoding=cp1252 :\ns = '€'\n".encode("cp1252"), None),
    ],
    ids=["mark", "utf-8", "latin-1", "cp1252"],
)
def test_bytes_become_text_as_python_reads_them(data, text):
    """Old scripts carry a coding line (PEP 263); without one it is UTF-8."""
    decoded = decoded_script(data, "a.py")
    assert decoded == (text or "#!python\n# vim: set fileencoding=cp1252 :\ns = '€'\n")


@pytest.mark.parametrize(
    "data, summary",
    [
        ("x\ns = 'Ü'\n".encode("latin-1"), 'Line 2 of the script "a.py" is not utf-8 text.'),
        (b"# coding: klingon\n", 'The script "a.py" declares the unknown coding "klingon".'),
        (b"x\0y", 'The script "a.py" is not text: it has a NUL byte.'),
        (b"# coding: hex\nzz", 'The script "a.py" declares the unknown coding "hex".'),
    ],
    ids=["no coding line", "unknown coding", "NUL", "no text coding"],
)
def test_bytes_that_are_no_text_are_told_with_their_line(data, summary):
    """The author learns which line and how to save it."""
    with pytest.raises(UserError) as refused:
        decoded_script(data, "a.py")
    assert (refused.value.code, refused.value.summary) == ("script-encoding", summary)
