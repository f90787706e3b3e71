"""The header of a script that names its packages (PEP 723), rule by rule."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studiolo.domain.experiment import Node, Script
from studiolo.errors import UserError
from studiolo.graph.script_header import WantedPackages, read_header, wanted_packages

CODE = "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1\n"


def header(*lines: str, begin: str = "# /// script", end: str = "# ///") -> str:
    return "\n".join([begin, *(f"# {line}" if line else "#" for line in lines), end]) + "\n"


def read(text: str) -> WantedPackages | None:
    return read_header(Script("scripts/clean.py", text))


def fault(text: str) -> tuple[str, int | None]:
    with pytest.raises(UserError) as caught:
        read(text)
    error = caught.value
    assert (error.code, error.where.file) == ("invalid-header", "scripts/clean.py")
    return error.summary, error.where.line


WHOLE = header(
    'requires-python = ">=3.10"', "dependencies = [", '  "textblob",', "", '  "numpy<2",  # old', "]"
)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE + CODE,
        CODE + "\n" + WHOLE,
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n" + WHOLE + CODE,
        '"""About it."""\n\n' + WHOLE + CODE,
        (WHOLE + CODE).replace("\n", "\r\n"),
        (WHOLE + CODE).replace("\n", "\r"),
        WHOLE.rstrip("\n"),
        WHOLE.replace("# /// script", "# /// script  ").replace("# ///\n", "# /// \n"),
        header("[tool.x]", "a = 1", begin="# /// other") + "\n" + WHOLE,
        WHOLE.replace("# ]\n", '# ]\n#\n# [tool.uv]\n# index-url = "https://example.org"\n'),
    ],
    ids=[
        "first",
        "last",
        "coding",
        "docstring",
        "windows",
        "old mac",
        "no last line end",
        "blanks",
        "other type",
        "tool",
    ],
)
def test_the_packages_and_the_python_are_read(text: str) -> None:
    """R-5.3: the block stands anywhere at the top level; other keys, tables and blocks are other programs'."""
    assert read(text) == WantedPackages(("textblob", "numpy<2"), ">=3.10")


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        "",
        "#/// script\n# dependencies = []\n# ///\n",
        "    " + header('dependencies = ["textblob"]').replace("\n", "\n    "),
        f"USAGE = '''\n{WHOLE}'''\n" + CODE,
        f'"""Begin your script with\n\n{WHOLE}"""\n' + CODE,
        header('dependencies = ["textblob"]', begin="# /// pyproject"),
        header("[tool.x]", "a = 1"),
        header(),
    ],
    ids=[
        "none",
        "empty",
        "no space",
        "indented",
        "string",
        "docstring",
        "other type",
        "tool only",
        "nothing in it",
    ],
)
def test_a_script_without_a_header_asks_for_nothing(text: str) -> None:
    """PEP 723: a block is a comment at the top level; text in a string is no comment."""
    assert read(text) in (None, WantedPackages())
    assert wanted_packages(Node("clean", "m", script=Script("s.py", text))) is None


def test_the_last_end_of_a_block_counts() -> None:
    """PEP 723: an end line that is followed by a comment line belongs to the block."""
    text = header('dependencies = ["a"]', "x = '''", "///", "'''")
    assert read(text) == WantedPackages(("a",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (header("dependencies = [textblob]"), ("The header of the script is not TOML: Invalid value.", 2)),
        (CODE + header("", 'x = "'), ("The header of the script is not TOML", 5)),
        (header("a = " + "[" * 5_000), ("The header of the script is not TOML", 1)),
        (header("a = " + "9" * 5_000), ("The header of the script is not TOML", 1)),
        (
            header("a = 1") + "\n" + header("a = 1"),
            ("The header of the script stands twice, first in line 1.", 5),
        ),
        (CODE + "# /// script\n# dependencies = []\n", ("The header of the script has no end.", 3)),
        ("# /// script\n#dependencies = []\n# ///\n", ("The header of the script has no end.", 1)),
        (
            header('dependencies = "textblob"'),
            ("The header of the script has dependencies that are no list of texts.", 2),
        ),
        (
            header("dependencies = [1]"),
            ("The header of the script has dependencies that are no list of texts.", 2),
        ),
        (
            header("dependencies = [", '"numpy",', '"-e ."]'),
            ('The header of the script asks for "-e .", which is an option of pip.', 4),
        ),
        (
            header("requires-python = 3.8"),
            ("The header of the script has a requires-python that is no text.", 2),
        ),
        (
            header("", 'requires-python = "3.8"'),
            ('The header of the script has the requires-python "3.8", which is none.', 3),
        ),
        (header("x = 1 #" + "x" * 70_000), ("The header of the script has more than 65536 characters.", 1)),
    ],
)
def test_a_fault_is_told_with_its_line(text: str, expected: tuple[str, int]) -> None:
    """Bad input of the issue: a header that is not TOML, and what is TOML but no header."""
    summary, line = fault(text)
    assert summary.startswith(expected[0])
    assert line == expected[1]


def test_header_and_node_are_taken_together() -> None:
    """R-5.3: what stands in both places is the union; nothing stands twice."""
    node = Node("n", "m", script=Script("s.py", WHOLE), requirements=("numpy<2", "idna "))
    assert wanted_packages(node) == WantedPackages(("textblob", "numpy<2", "idna"), ">=3.10")
    assert wanted_packages(Node("n", "m", requirements=("idna",))) == WantedPackages(("idna",))


@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "# /// script",
                "# ///",
                "#",
                "# ",
                "# dependencies = [",
                '# "a",',
                "# ]",
                "'''",
                "x = 1",
                "# /// x",
                "\r",
            ]
        ),
        max_size=12,
    ).map("\n".join)
)
def test_any_text_is_a_script_with_or_without_a_header(text: str) -> None:
    """A reader of scripts of strangers gives an answer or an error with a line, and nothing else."""
    try:
        read(text)
    except UserError as error:
        assert error.code == "invalid-header"
        assert error.where.line is not None and error.where.line <= len(text.splitlines()) + 1


@pytest.mark.parametrize(
    "text", ["# /// script\n" * 80_000, "# /// script\n# ///\n" * 60_000, "# /// script\n# x\n\n" * 50_000]
)
def test_a_megabyte_of_beginnings_is_read_in_one_pass(text: str) -> None:
    """A pattern would need the square of the time, which this test would never see the end of."""
    fault(text)


def test_a_script_without_a_header_loads_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old scripts cost nothing: neither TOML nor requirements are loaded."""
    for name in ("tomllib", "packaging.requirements"):
        monkeypatch.setitem(sys.modules, name, None)
    assert read(CODE * 1000) is None
