"""Values as source text of the languages that clients are written in; whatever a name contains stays a name.

Text of other scripts stays readable where the language reads UTF-8; what nobody sees (controls, direction marks,
line separators, lone surrogates) is written as an escape. Integers that a language can't hold exactly are given as
text, which every numeric column accepts.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WIDTH = 96
_EXACT = 2**53


@dataclass(frozen=True)
class Language:
    """How a language writes values.

    Attributes:
        quote: gives a text as a literal.
        literals: the words for None, True and False.
        braces: around named values.
        brackets: around a list.
        colon: between a name and its value.
        whole: gives an integer as a literal.
        empty: named values when there are none.
        step: blanks of one level.
    """

    quote: Callable[[str], str]
    literals: dict[Any, str]
    braces: tuple[str, str] = ("{", "}")
    brackets: tuple[str, str] = ("[", "]")
    colon: str = ": "
    whole: Callable[[int], str] = str
    empty: str = "{}"
    step: int = 2


def _escape(text: str, *, ascii_only: bool = False, has_long: bool = False, replace_bad: bool = False) -> str:
    """Escape a text for double quotes, with escapes that JSON, JavaScript, Python and R all know."""
    parts = []
    for character in text:
        point = ord(character)
        if character in '"\\':
            parts.append("\\" + character)
        elif character == "\n":
            parts.append("\\n")
        elif character == "\t":
            parts.append("\\t")
        elif replace_bad and (point == 0 or 0xD800 <= point < 0xE000):
            parts.append("\\ufffd")
        elif character.isprintable() and (point < 127 or not ascii_only):
            parts.append(character)
        elif point < 0x10000:
            parts.append(f"\\u{point:04x}")
        elif has_long:
            parts.append(f"\\U{point:08x}")
        else:
            high, low = divmod(point - 0x10000, 0x400)
            parts.append(f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}")
    return "".join(parts)


def _quote_json(text: str) -> str:
    return f'"{_escape(text)}"'


def _quote_python(text: str) -> str:
    return f'"{_escape(text, has_long=True)}"'


def _quote_python2(text: str) -> str:
    return f'u"{_escape(text, ascii_only=True, has_long=True)}"'


def _quote_r(text: str) -> str:
    """Quote for R, whose texts can't hold U+0000."""
    return f'"{_escape(text, ascii_only=True, has_long=True, replace_bad=True)}"'


def _whole_javascript(value: int) -> str:
    return str(value) if abs(value) <= _EXACT else f'"{value}"'


def _whole_r(value: int) -> str:
    """An integer of R has 32 bits, and jsonlite writes other whole numbers as 1e5."""
    return f"{value}L" if abs(value) < 2**31 else f'"{value}"'


_JSON_WORDS = {None: "null", True: "true", False: "false"}
JSON = Language(_quote_json, _JSON_WORDS)
JAVASCRIPT = Language(_quote_json, _JSON_WORDS, whole=_whole_javascript)
_PYTHON_WORDS = {None: "None", True: "True", False: "False"}
PYTHON = Language(_quote_python, _PYTHON_WORDS, step=4)
PYTHON2 = Language(_quote_python2, _PYTHON_WORDS, step=4)
R = Language(
    _quote_r,
    {None: "NULL", True: "TRUE", False: "FALSE"},
    ("list(", ")"),
    ("list(", ")"),
    " = ",
    _whole_r,
    "setNames(list(), character())",
)


def write(value: Any, language: Language, indent: int = 0) -> str:
    """Write a JSON-ready value as source text.

    Args:
        value: of dictionaries, lists, texts, numbers, booleans and None.
        language: whose source text.
        indent: blanks before the further lines.
    """
    if isinstance(value, dict):
        return _write_named(value, language, indent)
    if isinstance(value, list | tuple):
        items = [write(item, language, indent + language.step) for item in value]
        is_flat = not any(isinstance(item, dict | list | tuple) for item in value)
        return _enclose(items, language.brackets, indent, language.step, is_flat=is_flat)
    if value is None or isinstance(value, bool):
        return language.literals[value]
    if isinstance(value, int):
        return language.whole(value)
    if isinstance(value, float):
        return repr(value)
    return language.quote(str(value))


def json_text(value: Any) -> str:
    """Write JSON for people: a row of cells stays on a line."""
    return write(value, JSON)


def quote_shell(text: str) -> str:
    """Quote a text for a POSIX shell."""
    return shlex.quote(text)


def quote_csharp(text: str) -> str:
    """Quote a text as a verbatim literal of C#, in which only quotation marks are special."""
    return '@"' + text.replace('"', '""') + '"'


def _write_named(value: dict[str, Any], language: Language, indent: int) -> str:
    if not value:
        return language.empty
    inner = [write(item, language, indent + language.step) for item in value.values()]
    if language is R and not all(name and name.isascii() for name in value):
        # Before "=" R takes no empty name, and loses what its locale does not know.
        listed = _enclose(inner, language.brackets, indent + language.step, language.step, is_flat=True)
        names = [language.quote(name) for name in value]
        quoted = _enclose(names, ("c(", ")"), indent + language.step, language.step, is_flat=True)
        return _enclose([listed, quoted], ("setNames(", ")"), indent, language.step, is_flat=False)
    items = [_name(name, language) + language.colon + text for name, text in zip(value, inner, strict=True)]
    return _enclose(items, language.braces, indent, language.step, is_flat=False)


def _name(name: str, language: Language) -> str:
    """Quote a name; JavaScript would take the plain literal `__proto__` for the object's prototype."""
    quoted = language.quote(name)
    return f"[{quoted}]" if language is JAVASCRIPT and name == "__proto__" else quoted


def _enclose(items: list[str], around: tuple[str, str], indent: int, step: int, *, is_flat: bool) -> str:
    opening, closing = around
    if not items:
        return opening + closing
    line = opening + ", ".join(items) + closing
    if is_flat and len(line) + indent <= WIDTH:
        return line
    pad = " " * (indent + step)
    return f"{opening}\n{pad}" + f",\n{pad}".join(items) + f"\n{' ' * indent}{closing}"
