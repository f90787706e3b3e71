"""What of a script counts for its fingerprint."""

from __future__ import annotations

import io
import sysconfig
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo.graph.normalised import normalised_script

SCRIPT = '''\
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    """Double it."""
    url = "http://x/#not-a-comment"
    text = \'\'\'
  # inside a text

end\'\'\'
    return dataframe1 * 2, \\
        f"{url}"
'''


@pytest.mark.parametrize(
    "changed",
    [
        "# a comment at the top\n" + SCRIPT,
        SCRIPT.replace("import pandas as pd\n", "import pandas as pd  # the usual\n"),
        SCRIPT.replace("\n\n\ndef", "\n\n\n\n\n# why\n\ndef"),
        SCRIPT.replace("end'''", "end'''   ").replace("None):", "None):\t"),
        SCRIPT.replace('"""Double it."""', '"""Double it."""   \n\n    # and a note'),
        SCRIPT.replace("\n", "\r\n"),
        SCRIPT.rstrip("\n"),
        SCRIPT + "\n\n   \n\t\n# the end",
    ],
    ids=["top", "line end", "blank lines", "line ends", "docstring", "windows", "no last line end", "tail"],
)
def test_comments_blank_lines_and_line_ends_do_not_count(changed):
    """ARCHITECTURE "Fingerprint and reuse"; wanted: a comment must not cost a rerun."""
    assert normalised_script(changed) == normalised_script(SCRIPT)


@pytest.mark.parametrize(
    "changed",
    [
        SCRIPT.replace("* 2", "* 3"),
        SCRIPT.replace("Double it.", "Double them."),
        SCRIPT.replace("#not-a-comment", "#other"),
        SCRIPT.replace("# inside a text", "# inside another"),
        SCRIPT.replace("\n\nend", "\n\n\nend"),
        SCRIPT.replace("# inside a text\n", "# inside a text \n"),
        SCRIPT.replace("    return", "\treturn"),
        "# coding: latin-1\n" + SCRIPT,
        '# /// script\n# dependencies = ["pandas<3"]\n# ///\n' + SCRIPT,
    ],
    ids=[
        "code",
        "docstring",
        "text",
        "hash in text",
        "blank in text",
        "space in text",
        "tab",
        "coding",
        "metadata",
    ],
)
def test_everything_else_counts(changed):
    """A result must never be reused for a script that could give another one."""
    assert normalised_script(changed) != normalised_script(SCRIPT)


def test_a_change_in_inline_metadata_counts_and_a_comment_beside_it_does_not():
    """PEP 723: the header chooses packages (R-5.3)."""
    header = '# /// script\n# dependencies = ["pandas<3"]\n# ///\n'
    assert normalised_script(header + SCRIPT) == normalised_script(
        "# hello\n" + header + "\n# hello\n" + SCRIPT
    )
    assert normalised_script(header + SCRIPT) != normalised_script(header.replace("<3", "<2") + SCRIPT)


@pytest.mark.parametrize(
    "script",
    [
        "print 'old'  # comment\n",
        "x = 0777; y = ur'a'; z = `x`; w = x <> y\n",
        "exec 'x = 1' in {}\nraise ValueError, 'x'\n",
    ],
)
def test_python_2_is_followed_too(script):
    """Nine in a hundred old scripts have a Python 2 trait (facts/compat-traps.md)."""
    assert normalised_script("# note\n\n" + script + "\n# end") == normalised_script(script)


@pytest.mark.parametrize(
    "before, after",
    [
        ('f"{d["#a"]}"\n', 'f"{d["#b"]}"\n'),
        ('x = (f"{d["#a"]}")\n', 'x = (f"{d["#b"]}")\n'),
        ('rF"{{{d["#a"]}}}"\n', 'rF"{{{d["#b"]}}}"\n'),
        ('f"""{d["""#a"""]}"""\n', 'f"""{d["""#b"""]}"""\n'),
        ('t"{d["#a"]}"\n', 't"{d["#b"]}"\n'),
    ],
)
def test_quotes_nested_in_f_strings_are_not_taken_for_comments(before, after):
    """PEP 701: since Python 3.12 the same quotes may stand inside; the host may be older than the node's Python."""
    assert normalised_script(before) != normalised_script(after)


def test_ordinary_f_strings_do_not_make_comments_count():
    """Giving up on every f-string would make comments cost reruns in most scripts."""
    script = 'x = f"{a:{w}.2f} {{literal}} {b!r}"  # note\n'
    assert normalised_script(script) == 'x = f"{a:{w}.2f} {{literal}} {b!r}"\n'


@pytest.mark.parametrize(
    "script", ["x = 'open\n", 'x = """open\n', "x = 1 + \\\n# no\n2\n", "x = 1 + \\\n\n2\n"]
)
def test_a_broken_script_is_not_taken_for_a_sound_one(script):
    """Its error must show, not the earlier result of a sound script."""
    for sound in ("x = 'open'\n", 'x = """open"""\n', "x = 1 + \\\n2\n"):
        assert normalised_script(script) != normalised_script(sound)


def test_other_languages_count_whole():
    """R and SQL have other comments and texts; only the line ends are made equal."""
    assert normalised_script("x <- 1 # note\r\n", "scripts/a.R") == "x <- 1 # note\n"


def tokens(text: str) -> list[tuple[int, str]]:
    ignored = (tokenize.COMMENT, tokenize.NL)
    found = tokenize.generate_tokens(io.StringIO(text).readline)
    return [(t.type, "" if t.type == tokenize.INDENT else t.string) for t in found if t.type not in ignored]


@pytest.mark.parametrize(
    "name", ["ast.py", "decimal.py", "inspect.py", "tarfile.py", "turtle.py", "textwrap.py", "zipfile.py"]
)
def test_pythons_own_tokenizer_sees_the_same_program(name):
    """The scanner is our own; Python's is the judge, on real files."""
    path = Path(sysconfig.get_path("stdlib"), name)
    if not path.exists():
        path = path.with_suffix("") / "__init__.py"
    text = path.read_text("utf-8")
    assert tokens(normalised_script(text)) == tokens(text)


PIECES = [
    "x = 1",
    "'a#b'",
    '"""t\n # u\n"""',
    "# note",
    "\n",
    "    ",
    "if x:",
    "    y = 'it''s'",
    "\\\n",
    "(",
    ")",
    " ",
    "\t",
    "r'\\'",
    "f'{x}'",
]


@settings(max_examples=400, deadline=None, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_equal_normal_forms_mean_equal_programs(text):
    """Whatever Python's tokenizer accepts has the same tokens afterwards, and normalising again changes nothing."""
    normal = normalised_script(text)
    try:
        expected = tokens(text)
    except (tokenize.TokenError, IndentationError):
        return
    if tokenize.ERRORTOKEN in [kind for kind, _ in expected]:
        return
    assert [one for one in tokens(normal) if one[1].strip()] == [one for one in expected if one[1].strip()]
    assert normalised_script(normal) == normal
