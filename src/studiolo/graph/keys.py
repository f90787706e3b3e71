"""Takes keys and values out of a YAML tree with a check of each, collecting problems and places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studiolo.domain.nearest import did_you_mean
from studiolo.errors import StudioloError, UserError, Where
from studiolo.graph.connections import two_connections
from studiolo.graph.places import Path
from studiolo.graph.yaml_tree import YamlItem, YamlList, YamlMapping, YamlScalar

TOP_KEYS = ("name", "nodes", "web_service")
NODE_KEYS = (
    "module",
    "dataset",
    "version",
    "script",
    "bundle",
    "inputs",
    "parameters",
    "outputs",
    "environment",
    "requirements",
    "dialect",
    "limits",
    "grants",
    "strict",
    "comment",
)
GRANT_KEYS = ("network", "read")
WEB_SERVICE_KEYS = ("inputs", "outputs", "parameters")
SERVICE_PARAMETER_KEYS = ("target", "default", "required", "description")


class Keys:
    """Collects the problems and places of one file while its values are taken.

    Attributes:
        file: its path relative to the workspace.
        problems: found so far.
        marks: places of keys, see `Places.marks`.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[StudioloError] = []
        self.marks: dict[Path, tuple[int, int]] = {}

    def add(
        self, path: Path, item: YamlItem | None, code: str, summary: str, hint: str, node: str | None = None
    ) -> None:
        """Note a problem at `item`, or at the key `path` when there is no item."""
        line, column = (item.line, item.column) if item is not None else self.marks.get(path, (None, None))
        where = Where(node=node or _node_of(path), file=self.file, line=line, column=column)
        self.problems.append(UserError(code, summary, hint, where))

    def wrong(self, path: Path, item: YamlItem, what: str, wanted: str, hint: str = "") -> None:
        """Note that `what` should be `wanted` and is something else."""
        self.add(path, item, "wrong-value", f"{what} must be {wanted}, not {_described(item)}.", hint)

    def entries(self, mapping: YamlMapping, path: Path, twice: str = "duplicate-key") -> dict[str, YamlItem]:
        """Give keys and values, noting keys that are no texts or stand twice; the first one counts."""
        found: dict[str, YamlItem] = {}
        for key, value in mapping.entries:
            if not isinstance(key, YamlScalar) or key.value is None:
                self.add(path, key, "wrong-value", f"A key here must be a text, not {_described(key)}.", "")
                continue
            if key.text in found:
                self._duplicate(key, (*path, key.text), twice)
                continue
            found[key.text] = value
            self.marks[(*path, key.text)] = (key.line, key.column)
        return found

    def known(self, mapping: YamlMapping, path: Path, known: Iterable[str]) -> dict[str, YamlItem]:
        """Give keys and values, noting also keys that are not among the `known` ones."""
        known = tuple(known)
        found = self.entries(mapping, path)
        for name in [name for name in found if name not in known]:
            place = f" of node {_node_of(path)}" if _node_of(path) else ""
            around = f" in {path[-1]}" if len(path) == 3 else ""
            self.add(
                (*path, name),
                None,
                "unknown-key",
                f'Unknown key "{name}"{around}{place}.',
                did_you_mean(name, known, "key"),
            )
            del found[name]
        return found

    def text(self, item: YamlItem | None, path: Path) -> str | None:
        """Give a text as it was written, also where YAML would see a number; None when absent or wrong."""
        if item is None:
            return None
        if isinstance(item, YamlScalar) and item.value is not None:
            return item.text
        self.wrong(path, item, _name(path), "a text")
        return None

    def integer(self, item: YamlItem | None, path: Path, hint: str = "") -> int | None:
        """Give a whole number; None when absent or wrong."""
        if item is None:
            return None
        if isinstance(item, YamlScalar) and type(item.value) is int:
            return item.value
        self.wrong(path, item, _name(path), "a whole number", hint)
        return None

    def boolean(self, item: YamlItem | None, path: Path) -> bool:
        """Give true or false; False when absent or wrong."""
        if item is None:
            return False
        if isinstance(item, YamlScalar) and isinstance(item.value, bool):
            return item.value
        self.wrong(path, item, _name(path), "true or false")
        return False

    def texts(self, item: YamlItem | None, path: Path) -> tuple[str, ...]:
        """Give a list of texts; a single text counts as a list of one."""
        if item is None:
            return ()
        items = item.items if isinstance(item, YamlList) else [item]
        found = []
        for number, child in enumerate(items):
            if isinstance(child, YamlScalar) and child.value is not None:
                found.append(child.text)
                self.marks[(*path, str(number))] = (child.line, child.column)
            else:
                self.wrong(path, child, _name(path), "a list of texts")
        return tuple(found)

    def mapping(self, item: YamlItem | None, path: Path, wanted: str) -> YamlMapping:
        """Give a mapping; an empty one when absent, without value or wrong."""
        if isinstance(item, YamlMapping):
            return item
        if item is not None and not (isinstance(item, YamlScalar) and item.value is None):
            self.wrong(path, item, _name(path), wanted)
        return YamlMapping(0, 0)

    def _duplicate(self, key: YamlScalar, path: Path, code: str) -> None:
        first = self.marks[path][0]
        if code == "two-connections":
            self.two_connections(path, key)
            return
        self.add(
            path,
            key,
            code,
            f'The key "{key.text}" stands twice, first in line {first}.',
            "Remove one of the two, or rename it.",
        )

    def two_connections(self, path: Path, item: YamlItem) -> None:
        """Note that the input at `path` has more than one connection."""
        where = Where(node=_node_of(path), port=path[-1], file=self.file, line=item.line, column=item.column)
        self.problems.append(two_connections(_node_of(path) or "", path[-1], where))


def _node_of(path: Path) -> str | None:
    return path[1] if len(path) > 1 and path[0] == "nodes" else None


def _name(path: Path) -> str:
    if len(path) > 2 and path[0] == "nodes":
        return f'"{".".join(path[2:])}" of node {path[1]}'
    return f'"{".".join(path)}"' if path else "The file"


def _described(item: Any) -> str:
    if isinstance(item, YamlList):
        return "a list"
    if isinstance(item, YamlMapping):
        return "a mapping"
    value = item.value
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the text "{value[:60]}{"…" if len(value) > 60 else ""}"'
    return f"the number {item.text[:60]}"
