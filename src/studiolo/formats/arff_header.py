"""Parses and writes the header of ARFF: attribute names, types and nominal values."""

from __future__ import annotations

import re
from dataclasses import dataclass

QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
NAME = re.compile(rf"\s*({QUOTED}|[^\s{{]+)\s*(.*)$", re.DOTALL)
FIELD = re.compile(rf"[^\S\t]*(?:({QUOTED})|([^,\t%]*?))[^\S\t]*([,\t]|$|%.*$)", re.DOTALL)
DATE = re.compile(rf"date\s*({QUOTED}|\S.*)?$", re.IGNORECASE | re.DOTALL)
NUMERIC = {"numeric": "Double", "real": "Double", "integer": "Integer", "string": "String"}
DEFAULT_DATE = "yyyy-MM-dd'T'HH:mm:ss"
JAVA_PART = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|.", re.DOTALL)
BARE = re.compile(r"[\w.+:/;-]+")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
JAVA = {
    "yyyy": "%Y",
    "yy": "%y",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
    "SSS": "%f",
    "a": "%p",
    "Z": "%z",
    "XXX": "%z",
    "EEE": "%a",
}


@dataclass(frozen=True)
class Attribute:
    """One column as the header states it.

    Attributes:
        name: of the column.
        kind: `Double`, `Integer`, `String`, `Categorical` or `DateTime`.
        values: nominal values in order, for `Categorical`.
        form: Java date pattern, for `DateTime`.
    """

    name: str
    kind: str
    values: tuple[str, ...] = ()
    form: str = ""


def parse_attribute(text: str) -> Attribute:
    """Parse what follows `@attribute`.

    Raises:
        ValueError: with what is wrong.

    >>> parse_attribute("'body mass' REAL")
    Attribute(name='body mass', kind='Double', values=(), form='')
    >>> parse_attribute("color {red, 'dark blue'}").values
    ('red', 'dark blue')
    """
    match = NAME.match(text)
    if match is None:
        raise ValueError("an attribute needs a name and a type")
    name, kind = unquoted(match[1]), match[2].strip()
    word = kind.partition("%")[0].strip().lower()
    if word in NUMERIC:
        return Attribute(name, NUMERIC[word])
    if kind.startswith("{"):
        end = kind.rfind("}")
        if end < 0:
            raise ValueError(f'the values of "{name}" lack a closing brace')
        return Attribute(name, "Categorical", tuple(value or "" for value in split_fields(kind[1:end])))
    date = DATE.match(kind)
    if date is not None:
        return Attribute(name, "DateTime", form=unquoted((date[1] or DEFAULT_DATE).strip()))
    if word.startswith("relational"):
        raise ValueError(f'"{name}" is relational, which a table can\'t hold')
    raise ValueError(f'"{name}" has the unknown type "{kind[:40]}"')


def split_fields(text: str) -> list[str | None]:
    """Split by commas outside of quotes; a bare `?` gives None.

    Raises:
        ValueError: a quote is not closed, or text follows it.

    >>> split_fields("1, 'a, b', ?, '?'")
    ['1', 'a, b', None, '?']
    """
    fields: list[str | None] = []
    if not text.strip():
        return fields
    place = 0
    while True:
        match = FIELD.match(text, place)
        if match is None:
            raise ValueError(
                f"a quote is not closed, or text follows one, near {text[place : place + 20].strip()!r}"
            )
        bare = match[2]
        if match[1] is None and bare[:1] in ("'", '"'):
            raise ValueError(f"a quote is not closed, or text follows one, near {bare[:20]!r}")
        fields.append(unquoted(match[1]) if match[1] is not None else None if bare == "?" else bare)
        place = match.end()
        if match[3] not in (",", "\t"):
            return fields


def unquoted(text: str) -> str:
    """Give the text inside quotes with its escapes undone; bare text as it is."""
    if len(text) < 2 or text[0] not in "'\"" or text[-1] != text[0]:
        return text
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    return re.sub(r"\\u([0-9a-fA-F]{4})|\\(.)", _unescaped, inner, flags=re.DOTALL)


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return ESCAPES.get(match[2], match[2])


def quoted(text: str) -> str:
    r"""Write a name or value, in quotes where it needs them.

    >>> quoted("a"), quoted("it's"), quoted("?"), quoted("")
    ('a', "'it\\'s'", "'?'", "''")
    """
    if BARE.fullmatch(text):
        return text
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f"'{text}'"


def strptime_form(form: str) -> str:
    """Give the strptime format of a Java date pattern.

    Raises:
        ValueError: a letter of the pattern has no counterpart.

    >>> strptime_form("dd.MM.yyyy 'at' HH:mm")
    '%d.%m.%Y at %H:%M'
    """
    result = []
    for match in JAVA_PART.finditer(form):
        literal, letters = match[1], match[2]
        if letters:
            if letters not in JAVA:
                raise ValueError(f'the date pattern "{form}" has the unknown part "{letters}"')
            result.append(JAVA[letters])
        else:
            text = match[0] if literal is None else literal or "'"
            result.append(text.replace("%", "%%"))
    return "".join(result)
