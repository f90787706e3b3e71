"""The author's text becomes code without being rewritten."""

from __future__ import annotations

import pytest

from studiolo_child.source import compile_text, declared_coding


@pytest.mark.parametrize(
    ("text", "replaced", "count"),
    [
        ("x\u00a0= 1", "x = 1", 1),
        ("x\u00a0= '\u00a0'", "x = '\u00a0'", 1),
        ('x\u00a0= """\u00a0\n\'\u00a0"""  #\u00a0', 'x = """\u00a0\n\'\u00a0"""  #\u00a0', 1),
        ("x\u00a0= '\\'\u00a0'\ny\u00a0= 2", "x = '\\'\u00a0'\ny = 2", 2),
        ("if 1:\n\u00a0\u00a0x = 1", "if 1:\n  x = 1", 2),
    ],
)
def test_only_no_break_spaces_outside_strings_are_replaced(text, replaced, count):
    """What stands in a string or comment is the author's data."""
    source = compile_text(text, "f.py")
    assert (source.text, source.no_break_spaces) == (replaced, count)


@pytest.mark.parametrize(
    "text", ["x = '\u00a0'", "#\u00a0", "x = 1", "\ufeffx = 1", "x = 1\r\ny = 2\r\n", ""]
)
def test_text_that_compiles_is_left_alone(text):
    """Only a byte order mark is dropped."""
    source = compile_text(text, "f.py")
    assert (source.text, source.no_break_spaces) == (text.removeprefix("\ufeff"), 0)


@pytest.mark.parametrize("text", ["x = = 1", "x\u00a0= = 1", "x\0", "(" * 9999 + ")" * 9999, "é" * 5 + " ="])
def test_what_does_not_compile_is_a_syntax_error_with_the_file(text):
    """NUL characters and deep nesting too."""
    with pytest.raises(SyntaxError) as caught:
        compile_text(text, "scripts/f.py")
    assert caught.value.filename == "scripts/f.py"
    assert caught.value.__context__ is None


def test_our_own_future_imports_do_not_reach_the_script():
    """The script's semantics are its own."""
    code = compile_text("x = 1", "f.py").code
    assert code.co_flags & ~0x40 == 0


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        ("# -*- coding: latin-1 -*-", "latin-1"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :", "cp1252"),
        ("x = 1\n# coding: latin-1", None),
        ("\n\n# coding: latin-1", None),
        ("", None),
    ],
)
def test_coding_lines_are_read_as_python_does(text, coding):
    """PEP 263: the first two lines, comments only."""
    assert declared_coding(text) == coding
