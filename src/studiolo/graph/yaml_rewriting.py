"""Changes parts of a YAML text and leaves every other byte as it is: comments, blank lines, quotes, order.

It compares two forms of the same mapping, as graph/writing.py makes them, and puts the differences into the text at the
places that the YAML parser names. What it can't place it refuses; the caller then writes the whole text anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from studiolo.graph.yaml_text import laid_out_below, line_text, part_text

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ORDERED = ("outputs",)
"""Mappings of a node whose order means something."""


class CannotPlaceError(Exception):
    """A difference has no place of its own in the text."""


def rewritten(
    text: str, present: Mapping[str, Any], wanted: Mapping[str, Any], renamed: Mapping[str, str] | None = None
) -> str:
    """Give the text with the differences between two mappings put in.

    Args:
        text: YAML of a mapping, without a byte order mark; any line ends.
        present: what the text says.
        wanted: what it is to say.
        renamed: old to new name of nodes, whose entries stay at their place.

    Raises:
        CannotPlaceError: there is no safe place for a difference.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise CannotPlaceError("the text is not YAML") from error
    if not isinstance(root, yaml.MappingNode):
        raise CannotPlaceError("the text is no mapping")
    rewriting = _Rewriting(text, _indent_of(root))
    rewriting.mapping((), root, present, wanted, renamed or {})
    return rewriting.result()


@dataclass(frozen=True)
class _Entry:
    """A key with its value in the text."""

    key: yaml.ScalarNode
    value: yaml.Node
    is_alias: bool


@dataclass
class _Rewriting:
    """Gathers what replaces which characters of a text."""

    text: str
    indent: int
    pieces: list[tuple[int, int, str]] = field(default_factory=list)

    def result(self) -> str:
        parts, done = [], 0
        for start, end, new in sorted(self.pieces, key=lambda piece: piece[:2]):
            if start < done:
                raise CannotPlaceError("two changes overlap")
            parts += [self.text[done:start], new]
            done = end
        return "".join(parts) + self.text[done:]

    @property
    def line_end(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def mapping(
        self,
        path: tuple[str, ...],
        node: yaml.MappingNode,
        present: Mapping[str, Any],
        wanted: Mapping[str, Any],
        renamed: Mapping[str, str],
    ) -> None:
        """Put the differences of one mapping into the text."""
        entries = self.entries(node)
        names = renamed if path == ("nodes",) else {}
        taken = set(names.values())
        removed, kept = [], set()
        for name, value in present.items():
            new_name = names.get(name, name)
            if new_name in wanted and (name in names or name not in taken):
                kept.add(new_name)
                if new_name != name:
                    self.rename(entries.get(name), new_name)
                if not _equal((*path, name), value, wanted[new_name]):
                    self.change((*path, name), node, entries.get(name), value, wanted[new_name], renamed)
            else:
                removed.append(name)
        added = {name: value for name, value in wanted.items() if name not in kept}
        for name in [name for name in added if name in entries and name not in present]:
            self.replace((*path, name), node, entries[name], added.pop(name))  # its default was written out
        if node.flow_style and len(removed) + bool(added) > 1:
            raise CannotPlaceError("several things change in one line")
        if not kept and not added and path != ("nodes",):
            raise CannotPlaceError("nothing would be left")
        for name in removed:
            self.remove(node, entries, name)
        if added:
            self.add(path, node, entries, added)

    def entries(self, node: yaml.MappingNode) -> dict[str, _Entry]:
        found: dict[str, _Entry] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in found:
                raise CannotPlaceError("a key is no text, or stands twice")
            found[key.value] = _Entry(key, value, value.start_mark.index < key.end_mark.index)
        return found

    def change(
        self,
        path: tuple[str, ...],
        around: yaml.MappingNode,
        entry: _Entry | None,
        present: Any,
        wanted: Any,
        renamed: Mapping[str, str],
    ) -> None:
        """Change the value of a key: part by part where both values are mappings and the text has the parts."""
        if entry is None:
            raise CannotPlaceError(f"the text has no {path[-1]}")
        is_mapping = isinstance(present, Mapping) and isinstance(wanted, Mapping) and path[-1] not in _ORDERED
        if is_mapping and isinstance(entry.value, yaml.MappingNode) and not entry.is_alias:
            count = len(self.pieces)
            try:
                self.mapping(path, entry.value, present, wanted, renamed)
                return
            except CannotPlaceError:
                if path == ("nodes",) and entry.value.value:
                    raise
                del self.pieces[count:]
        self.replace(path, around, entry, wanted)

    def rename(self, entry: _Entry | None, name: str) -> None:
        if entry is None:
            raise CannotPlaceError("the text lacks a node")
        written = line_text({name: None})[1:-1].rpartition(":")[0]
        self.put(entry.key.start_mark.index, entry.key.end_mark.index, written)

    def replace(self, path: tuple[str, ...], around: yaml.MappingNode, entry: _Entry, wanted: Any) -> None:
        """Put a new value behind a key; a comment behind the old one stays in the line of the key."""
        colon = self.colon(entry)
        end = max(self.end(entry), colon)
        if around.flow_style:
            self.put(colon, end, " " + line_text(wanted))
            return
        lines = self.written("k", laid_out_below(path, wanted), self.column(entry))
        first = lines[0].lstrip().removeprefix("k:")
        stop = self.end_of_line(end)
        comment = self.text[end:stop]
        if len(lines) == 1:
            self.put(colon, end, first)
        elif comment.strip() and "#" in comment:
            shown = comment.strip()
            self.put(colon, stop, self.line_end.join([f"{first}  {shown}", *lines[1:]]))
        else:
            self.put(colon, end, self.line_end.join([first, *lines[1:]]))

    def remove(self, node: yaml.MappingNode, entries: dict[str, _Entry], name: str) -> None:
        """Take an entry out with its lines; comments above it stay."""
        entry = entries.get(name)
        if entry is None:
            raise CannotPlaceError(f"the text has no {name}")
        listed = list(entries)
        at = listed.index(name)
        start, end = entry.key.start_mark.index, max(self.end(entry), self.colon(entry))
        if node.flow_style:
            if at + 1 < len(listed):
                end = entries[listed[at + 1]].key.start_mark.index
            else:
                start = node.start_mark.index + 1 if at == 0 else self.end(entries[listed[at - 1]])
                end = node.end_mark.index - 1
            self.put(start, end, "")
            return
        self.put(start - self.column(entry), self.after_line(end), "")

    def add(
        self,
        path: tuple[str, ...],
        node: yaml.MappingNode,
        entries: dict[str, _Entry],
        added: Mapping[str, Any],
    ) -> None:
        """Write further entries behind the last one."""
        if node.flow_style:
            if path in ((), ("nodes",), ("web_service",)) or not self.fits_line(node, added):
                raise CannotPlaceError("a line would become too long")
            written = line_text(dict(added))[1:-1]
            end = self.end(list(entries.values())[-1]) if entries else node.start_mark.index + 1
            self.put(end, end, f", {written}" if entries else written)
            return
        last = list(entries.values())[-1]
        place = self.after_line(max(self.end(last), self.colon(last)))
        lines = []
        for name, value in added.items():
            lines += self.written(
                name, laid_out_below((*path, name), value), self.column(next(iter(entries.values())))
            )
        before = "" if place == 0 or self.text[place - 1] == "\n" else self.line_end
        self.put(place, place, before + self.line_end.join(lines) + self.line_end)

    def fits_line(self, node: yaml.MappingNode, added: Mapping[str, Any]) -> bool:
        written = line_text(dict(added))
        begin = self.text.rfind("\n", 0, node.start_mark.index) + 1
        return "\\n" not in written and len(written) + self.end_of_line(node.end_mark.index) - begin <= 100

    def written(self, name: str, value: Any, column: int) -> list[str]:
        """Give the lines of an entry, indented."""
        lines = part_text({name: value}, self.indent).rstrip("\n").split("\n")
        return [" " * column + line if line else "" for line in lines]

    def column(self, entry: _Entry) -> int:
        """Give how far a key is indented."""
        start = entry.key.start_mark.index
        begin = self.text.rfind("\n", 0, start) + 1
        if self.text[begin:start].strip():
            raise CannotPlaceError("an entry does not begin its line")
        return int(start - begin)

    def colon(self, entry: _Entry) -> int:
        """Give where the colon behind a key ends."""
        found = re.compile(r"[ \t]*:").match(self.text, entry.key.end_mark.index)
        if found is None:
            raise CannotPlaceError("a key has no colon behind it")
        return found.end()

    def end(self, entry: _Entry) -> int:
        """Give where the content of an entry ends, before comments and blank lines."""
        if entry.is_alias:
            found = re.compile(r"[ \t]*\*[^\s,\[\]{}]+").match(self.text, self.colon(entry))
            if found is None:
                raise CannotPlaceError("an alias is not where it should be")
            return found.end()
        return self.end_of(entry.value)

    def end_of(self, node: yaml.Node) -> int:
        if isinstance(node, yaml.ScalarNode):
            end = node.end_mark.index
            if node.style in ("|", ">"):
                written = self.text[node.start_mark.index : end]
                if "+" in written.partition("\n")[0].partition("#")[0]:  # empty lines at its end belong to it
                    return end - 1 if written.endswith("\n") else int(end)
                return int(node.start_mark.index) + len(written.rstrip())
            return int(end)
        if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        if isinstance(node, yaml.SequenceNode):
            if last.start_mark.index < node.start_mark.index:
                raise CannotPlaceError("a list ends in an alias")
            return self.end_of(last)
        key, value = last
        entry = _Entry(key, value, value.start_mark.index < key.end_mark.index)
        return max(self.end(entry), self.colon(entry))

    def end_of_line(self, index: int) -> int:
        """Give where the line of a character ends, before its line end."""
        stop = self.text.find("\n", index)
        stop = len(self.text) if stop < 0 else stop
        return stop - 1 if stop > index and self.text[stop - 1] == "\r" else stop

    def after_line(self, index: int) -> int:
        """Give where the line behind that of a character begins; what stands there may only be a comment."""
        stop = self.text.find("\n", index)
        rest = self.text[index : len(self.text) if stop < 0 else stop].strip()
        if rest and not rest.startswith("#"):
            raise CannotPlaceError("two things share a line")
        return len(self.text) if stop < 0 else stop + 1

    def put(self, start: int, end: int, new: str) -> None:
        self.pieces.append((start, end, new))


def _indent_of(root: yaml.MappingNode) -> int:
    """Give the spaces of a level, as the first mapping within the text has them."""
    for _, value in root.value:
        if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
            column = int(value.value[0][0].start_mark.column)
            return column if 2 <= column <= 8 else 2
    return 2


def _equal(path: tuple[str, ...], one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if path[-1] in _ORDERED and len(path) == 3 and list(one) != list(other):
            return False
        return one.keys() == other.keys() and all(
            _equal((*path, name), value, other[name]) for name, value in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_equal(path, a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other or (one != one and other != other))
