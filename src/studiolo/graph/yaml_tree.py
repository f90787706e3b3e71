"""Reads YAML text into a tree that knows the line of every value; does not build objects and knows no tags.

Scalars follow the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), as editors read
them: `no`, `on` and `12:30` are texts, not a boolean and a number as in YAML 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from studiolo.errors import UserError, Where

SIZE_LIMIT = 16 * 1024 * 1024
DEPTH_LIMIT = 64
VALUE_LIMIT = 200_000

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_TAG + name for name in ("int", "float", "bool", "null")}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class YamlScalar:
    """A single value: as `text` it was written, as `value` it means."""

    text: str
    value: str | int | float | bool | None
    line: int
    column: int


@dataclass(slots=True)
class YamlList:
    """A list of values."""

    line: int
    column: int
    items: list[YamlItem] = field(default_factory=list)


@dataclass(slots=True)
class YamlMapping:
    """Keys and values in the order of the file; a key may stand twice, the reader complains."""

    line: int
    column: int
    entries: list[tuple[YamlItem, YamlItem]] = field(default_factory=list)


YamlItem: TypeAlias = YamlScalar | YamlList | YamlMapping


def scalar_value(text: str) -> str | int | float | bool | None:
    """Give what an unquoted scalar means.

    >>> [scalar_value(text) for text in ("3", "1e3", "true", "no", "12:30", "~")]
    [3, 1000.0, True, 'no', '12:30', None]
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    first = text[0]
    if not (first.isdigit() or first in "+-.") or len(text) > 400:
        return text
    if _INTEGER.fullmatch(text):
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)
    if _NUMBER.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def parse_yaml(data: bytes, file: str) -> YamlItem | None:
    """Read one YAML document; None when there is nothing but comments.

    Args:
        data: UTF-8 text, with or without a byte order mark, with any line ends.
        file: its path as the author knows it, for the error.

    Raises:
        UserError: `invalid-yaml`, with the line, for text that is not YAML, for tags, for more than
            one document, and for files that are too large or too deeply nested.
    """
    text = _decoded(data, file)
    try:
        return _Builder(file, text).build()
    except yaml.YAMLError as error:
        raise _syntax_error(error, file, text) from None


def plain(item: YamlItem) -> Any:
    """Give the item as dictionaries, lists and scalars; the last of two equal keys counts.

    Raises:
        UserError: `invalid-yaml` when repeated aliases make it too large.
    """
    budget = iter(range(VALUE_LIMIT))
    return _plain(item, budget)


def _plain(item: YamlItem, budget: Iterator[int]) -> Any:
    if next(budget, None) is None:
        raise UserError(
            "invalid-yaml", f"The value has more than {VALUE_LIMIT} parts.", "Put large data into a file."
        )
    if isinstance(item, YamlScalar):
        return item.value
    if isinstance(item, YamlList):
        return [_plain(child, budget) for child in item.items]
    return {_key_text(key): _plain(value, budget) for key, value in item.entries}


def _key_text(key: YamlItem) -> str:
    return key.text if isinstance(key, YamlScalar) else "?"


def _decoded(data: bytes, file: str) -> str:
    if len(data) > SIZE_LIMIT:
        raise UserError(
            "invalid-yaml",
            f"{file} is {len(data)} bytes long; at most {SIZE_LIMIT} are read.",
            "Keep data in files under data/ and name them by path.",
            Where(file=file),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(
            "invalid-yaml",
            f"{file} is not UTF-8 text: line {line} has the byte 0x{data[error.start]:02x}.",
            "Save the file as UTF-8.",
            Where(file=file, line=line),
        ) from None


class _Builder:
    """Turns the parser's events into a tree with a stack of its own, so that no nesting can exhaust ours."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.anchors: dict[str, YamlItem] = {}
        self.open: list[tuple[YamlList | YamlMapping, str | None]] = []
        self.key: list[YamlItem | None] = []
        self.root: YamlItem | None = None
        self.documents = 0

    def build(self) -> YamlItem | None:
        event: Any
        for event in yaml.parse(self.text, Loader=_LOADER):
            kind: Any = type(event)
            if kind is yaml.ScalarEvent:
                self.place(self.scalar(event), event.anchor)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self.enter(event, YamlMapping if kind is yaml.MappingStartEvent else YamlList)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                item, anchor = self.open.pop()
                self.key.pop()
                self.place(item, anchor)
            elif kind is yaml.AliasEvent:
                self.place(self.alias(event), None)
            elif kind is yaml.DocumentStartEvent:
                self.documents += 1
                if self.documents > 1:
                    raise self.refusal(event, "a second document begins", 'Remove the line "---".')
        if isinstance(self.root, YamlScalar) and self.root.text == "":
            return None
        return self.root

    def scalar(self, event: Any) -> YamlScalar:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        value: Any = event.value
        if event.tag is None:
            if event.implicit[0]:
                value = scalar_value(value)
        elif event.tag in _PLAIN_TAGS:
            value = scalar_value(value)
        elif event.tag not in ("!", _TAG + "str"):
            raise self.refusal(event, f"the tag {event.tag!r} is not known here", "Write the plain value.")
        return YamlScalar(event.value, value, line, column)

    def enter(self, event: Any, kind: type[YamlMapping] | type[YamlList]) -> None:
        if event.tag not in (None, "!", _TAG + "map", _TAG + "seq"):
            raise self.refusal(event, f"the tag {event.tag!r} is not known here", "Write the plain value.")
        if len(self.open) >= DEPTH_LIMIT:
            raise self.refusal(event, f"values are nested more than {DEPTH_LIMIT} deep", "Nest less.")
        self.open.append((kind(event.start_mark.line + 1, event.start_mark.column + 1), event.anchor))
        self.key.append(None)

    def alias(self, event: Any) -> YamlItem:
        item = self.anchors.get(event.anchor)
        if item is None:
            raise self.refusal(
                event, f"*{event.anchor} names no anchor above", f"Mark a value with &{event.anchor}."
            )
        return item

    def place(self, item: YamlItem, anchor: str | None) -> None:
        """Put a complete item where it belongs; an anchor is known from its end on, so none holds itself."""
        if anchor is not None:
            self.anchors[anchor] = item
        if not self.open:
            self.root = item
            return
        around = self.open[-1][0]
        if isinstance(around, YamlList):
            around.items.append(item)
        elif self.key[-1] is None:
            self.key[-1] = item
        else:
            around.entries.append((self.key[-1], item))
            self.key[-1] = None

    def refusal(self, event: Any, problem: str, hint: str) -> UserError:
        mark = event.start_mark
        return UserError(
            "invalid-yaml",
            f"{self.file} cannot be read: {problem}.",
            hint,
            Where(file=self.file, line=mark.line + 1, column=mark.column + 1),
        )


def _syntax_error(error: yaml.YAMLError, file: str, text: str) -> UserError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).split("\n")[0]
    if mark is not None:
        line, column = mark.line + 1, mark.column + 1
    else:
        position = min(getattr(error, "position", 0) or 0, len(text))
        line, column = text.count("\n", 0, position) + 1, 1
    lines = text.split("\n")
    written = lines[line - 1] if line <= len(lines) else ""
    return UserError(
        "invalid-yaml",
        f"{file} is not valid YAML: {problem}.",
        _syntax_hint(written, str(problem), line),
        Where(file=file, line=line, column=column),
    )


def _syntax_hint(written: str, problem: str, line: int) -> str:
    if "\t" in written[: len(written) - len(written.lstrip())] or ("\t" in written and "token" in problem):
        return f"Line {line} has a tab. YAML is indented with spaces: replace the tab."
    if "mapping values are not allowed" in problem:
        return f"Line {line} has a second colon. Put the text after the first one in quotes."
    if "special characters" in problem or "control characters" in problem:
        return f"Line {line} has a control character. Remove it."
    return f"Look at line {line} and the end of the line above: indentation, quotes and brackets must match."
