"""Text on the screen: what is cleaned, cut, wrapped and laid out in tables."""

from __future__ import annotations

import doctest
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studiolo.cli.plain_text import clean_line, clean_lines, fit, width_of, wrap
from studiolo.cli.tables import Cell, Heading, table_lines

FILES = ("plain_text", "quantities", "choosing", "dataset_text", "datasets", "invocation", "node_text")


@pytest.mark.parametrize("name", FILES)
def test_the_examples_in_docstrings_hold(name: str) -> None:
    """Examples are read as promises (CONVENTIONS, Docstrings)."""
    result = doctest.testmod(importlib.import_module(f"studiolo.cli.{name}"))
    assert (result.failed, result.attempted > 0) == (0, True)


@given(st.text())
def test_clean_text_has_nothing_that_steers_a_terminal(text: str) -> None:
    """Logs, names and errors come from anybody."""
    clean = clean_line(text)
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in clean)
    assert not any(char in clean for char in "\u202e\u2066\u200f\u2028")
    clean.encode("utf-8")


def test_control_sequences_vanish_and_other_control_characters_show() -> None:
    """Colours of a script are dropped; a bell or a turn of the reading direction is made visible."""
    assert clean_line("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 \x1b(B") == "red link "
    assert clean_line("a\u202eb\x07c\x00\x9b") == "a\\u202eb\\x07c\\x00\\x9b"
    assert clean_line("a\tb") == "a   b"


def test_a_line_that_was_written_over_shows_its_last_state() -> None:
    """Progress bars of scripts write a hundred states of one line."""
    assert clean_lines("0 %\r50 %\r100 %\r\ndone") == ["100 %", "done"]
    assert clean_lines("") == []
    assert clean_lines("\n\n") == ["", ""]


@given(st.text(), st.integers(1, 40))
def test_cut_and_wrapped_text_is_never_wider_than_it_may_be(text: str, width: int) -> None:
    """A line that is one cell too wide breaks a live table."""
    clean = clean_line(text)
    assert width_of(fit(clean, width)) <= width
    assert all(width_of(line) <= max(width, 2) for line in wrap(clean, width))


@given(st.text(alphabet="ab 日"), st.integers(2, 40))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    """Whole sentences arrive."""
    assert "".join("".join(wrap(text, width)).split()) == "".join(text.split())


def test_a_table_in_a_pipe_is_never_cut(pipe) -> None:
    """Each row stays one whole line for `grep`."""
    headings = [Heading("name", least=4), Heading("n", is_right=True), Heading("why", wraps=True)]
    rows = [[Cell("a" * 100), Cell("5"), Cell("because " * 20)], [Cell("b"), Cell("12"), Cell("")]]
    assert table_lines(headings, rows, pipe()) == [
        "name" + " " * 98 + " n  why",
        "a" * 100 + "   5  " + ("because " * 20).rstrip(),
        "b" + " " * 101 + "12",
    ]


def test_a_table_on_a_terminal_narrows_and_wraps(terminal) -> None:
    """60 columns are enough for everything."""
    headings = [Heading("name", least=8), Heading("n", is_right=True), Heading("why", wraps=True)]
    rows = [
        [
            Cell("a_rather_long_name_of_a_node"),
            Cell("5"),
            Cell("ran because input 1 changed and the script too"),
        ]
    ]
    assert table_lines(headings, rows, terminal(columns=40, NO_COLOR="1")) == [
        "name               n  why",
        "a_rather_long_na…  5  ran because input",
        "                      1 changed and the",
        "                      script too",
    ]


def test_wide_letters_keep_columns_straight(pipe) -> None:
    """Names may be written in any script."""
    rows = [[Cell("日本"), Cell("x")], [Cell("ab"), Cell("y")]]
    assert table_lines([Heading(""), Heading("")], rows, pipe(), has_head=False) == ["日本  x", "ab    y"]
