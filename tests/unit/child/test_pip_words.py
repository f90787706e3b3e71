"""Which commands of a script are commands of pip, and what pip is told in a job (R-1.9 (4))."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from studiolo_child.pip_words import Command, commands_of

TEXTS = {
    "pip install scikit-misc": [["install", "scikit-misc"]],
    "pip3 install -q a b": [["install", "-q", "a", "b"]],
    "pip3.8 install a": [["install", "a"]],
    "/usr/local/bin/pip install a": [["install", "a"]],
    "sudo -H pip install a": [["install", "a"]],
    "python -m pip install a": [["install", "a"]],
    "python3 -u -m pip install a": [["install", "a"]],
    f"{sys.executable} -m pip install a": [["install", "a"]],
    "pip --quiet install a": [["install", "--quiet", "a"]],
    "pip install --user --upgrade x==1 'y>=2'": [["install", "--upgrade", "x==1", "y>=2"]],
    'pip install "y>=2,<3"': [["install", "y>=2,<3"]],
    "pip install y>=2,<3 z<4 w[all]>1": [["install", "y>=2,<3", "z<4", "w[all]>1"]],
    "pip install -r requirements.txt": [["install", "-r", "requirements.txt"]],
    "pip install -rrequirements.txt -qU a": [["install", "-r", "requirements.txt", "-q", "-U", "a"]],
    "pip install -t ./libs a": [["install", "a"]],
    "pip install --target=libs --prefix x --root / a": [["install", "a"]],
    "pip install -I a --force-reinstall": [["install", "a"]],
    "pip install a --index-url https://x.example/simple": [
        ["install", "--index-url=https://x.example/simple", "a"]
    ],
    "pip install a && pip install b; pip list": [["install", "a"], ["install", "b"], ["list"]],
    "pip install a\npip install b # why\n": [["install", "a"], ["install", "b"]],
    "pip install \\\n  a": [["install", "a"]],
    "pip": [[]],
}
OTHERS = [
    "ls",
    "echo pip install a",
    "pipenv install a",
    "python script.py pip",
    "python -c 'import pip'",
    "cd x && pip install .",
    "pip install a | tail -1",
    "pip install $(cat x)",
    "pip install a &",
    "pip install 'a",
    "pip install < x",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_for_a_shell_is_read_as_a_shell_would(text: str) -> None:
    found = commands_of(text, True)
    assert found is not None
    assert [command.arguments() for command in found] == TEXTS[text]


@pytest.mark.parametrize("text", OTHERS)
def test_everything_else_is_left_alone(text: str) -> None:
    """What is understood in part only must not be run in part."""
    assert commands_of(text, True) is None


@pytest.mark.parametrize(
    "words",
    [
        ["pip", "install", "a>=1"],
        [sys.executable, "-m", "pip", "install", "a>=1"],
        (b"pip", b"install", b"a>=1"),
        ["python", "-mpip", "install", "a>=1"],
    ],
)
def test_a_sequence_of_words_is_taken_as_it_is(words: list[str]) -> None:
    (found,) = commands_of(words, False) or [Command([])]
    assert (found.name, found.names) == ("install", ["a>=1"])


def test_a_shell_takes_the_first_of_a_sequence() -> None:
    """As `subprocess.run(["pip install a"], shell=True)` does."""
    (found,) = commands_of(["pip install a"], True) or [Command([])]
    assert (found.name, found.names) == ("install", ["a"])


@pytest.mark.parametrize(
    "words", [["ls"], [], [1, 2], None, 7, "pip install a", ["python", "x.py", "-m", "pip"]]
)
def test_other_programs_are_left_alone(words: object) -> None:
    assert commands_of(words, False) is None


@pytest.mark.parametrize(
    ("text", "out", "error"),
    [
        ("pip install a", None, None),
        ("pip install a > out.txt", ["out.txt", False], None),
        ("pip install a >> out.txt", ["out.txt", True], None),
        ("pip install a 2>/dev/null", None, ["/dev/null", False]),
        ("pip install a >/dev/null 2>&1", ["/dev/null", False], "out"),
        ("pip install a &> out.txt", ["out.txt", False], "out"),
    ],
)
def test_output_goes_where_the_command_says(text: str, out: object, error: object) -> None:
    (found,) = commands_of(text, True) or [Command([])]
    assert (found.names, found.out, found.error) == (["a"], out, error)


def test_variables_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKAGE", "b")
    (found,) = commands_of("pip install \"a$PACKAGE\" ${PACKAGE} '$PACKAGE'", True) or [Command([])]
    assert found.names == ["ab", "b", "$PACKAGE"]


@given(some.text(alphabet=some.sampled_from("pip install'\"\\$<>&|;#=2a\n(){}*~"), max_size=60))
@example("pip install ${")
@example('pip install "$')
@example("pip install a 7> x")
def test_no_text_can_do_harm(text: str) -> None:
    for command in (f"pip install {text}", text):
        found = commands_of(command, True)
        assert found is None or all(isinstance(word, str) for one in found for word in one.arguments())


@given(some.lists(some.text(max_size=8), max_size=6))
def test_no_words_can_do_harm(words: list[str]) -> None:
    Command(words).arguments(["--prefix=x"])
    commands_of([os.path.basename(sys.executable), "-m", "pip", *words], False)
