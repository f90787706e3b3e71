"""Applies changes to a document: each names what it replaces, and nothing is applied when one does not fit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studiolo.errors import UserError, Where
from studiolo.graph.reading import node_name_problem
from studiolo.studio.change_values import FIELDS, canonical_node, canonical_service, checked, wrong_change
from studiolo.studio.document_json import EMPTY_NODE, Json


@dataclass(frozen=True)
class Set:
    """Puts `value` where `before` stands now; None is absent.

    Attributes:
        path: keys from the top of the document.
        before: what the page believes to be there; for the text of a script also `{"sha256": ...}`.
        value: what is to be there.
    """

    path: tuple[str, ...]
    before: Any
    value: Any


@dataclass(frozen=True)
class Rename:
    """Renames a node, also where others use it."""

    node: str
    to: str


Change = Set | Rename


@dataclass
class Changed:
    """A document with changes applied.

    Attributes:
        content: the new document; parts that did not change are those of the old one.
        origins: node to the name it had before, for those that were there before.
    """

    content: Json
    origins: dict[str, str] = field(default_factory=dict)


class NotFittingError(Exception):
    """A change does not fit what is there: somebody else was quicker.

    Args:
        path: where.
        theirs: what stands there.
    """

    def __init__(self, path: Sequence[str], theirs: Any) -> None:
        super().__init__(path)
        self.path = tuple(path)
        self.theirs = theirs


def apply_changes(content: Json, changes: Sequence[Change]) -> Changed:
    """Give a document with all changes applied, in their order; the one given stays as it is.

    Raises:
        NotFittingError: a change does not fit; its place and what stands there.
        UserError: `wrong-change`, `node-name`.
    """
    changed = Changed(dict(content), {name: name for name in content["nodes"]})
    for change in changes:
        if isinstance(change, Rename):
            _rename(changed, change)
        else:
            _set(changed, change)
    return changed


def same(one: Any, other: Any) -> bool:
    """Say whether two JSON values are the same; 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        try:
            return float(one) == float(other)
        except OverflowError:
            return one == other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other)


def _set(changed: Changed, change: Set) -> None:
    path = change.path
    match path:
        case ("title",):
            _replace(changed.content, "title", change, checked(path, change.value), absent="")
        case ("nodes", name):
            _set_node(changed, name, change)
        case ("nodes", name, field_name) if field_name in FIELDS:
            node = _node(changed, change, name)
            if node is not None:
                if field_name == "module" and not change.value:
                    raise wrong_change(path, "can't be empty")
                _replace(node, field_name, change, checked(path, change.value), EMPTY_NODE[field_name])
        case ("nodes", name, "script", "text"):
            _set_script_text(changed, name, change)
        case ("nodes", name, ("parameters" | "inputs" | "limits" | "outputs" | "grants") as section, _):
            node = _node(changed, change, name)
            if node is not None:
                node[section] = _with_entry(node[section], change)
        case ("web_service",):
            before = None if change.before is None else canonical_service(path, change.before)
            value = None if change.value is None else canonical_service(path, change.value)
            _replace(changed.content, "web_service", Set(path, before, value), value, None)
        case ("web_service", ("inputs" | "outputs" | "parameters") as section, _):
            offered = changed.content["web_service"] or canonical_service(path, {})
            offered = {**offered, section: _with_entry(offered[section], change)}
            changed.content["web_service"] = offered
        case ("layout", ("nodes" | "services") as section, _):
            layout = changed.content["layout"]
            entries = dict(layout[section])
            value = checked(path, change.value)
            if value is None:
                entries.pop(path[-1], None)
            else:
                entries[path[-1]] = value
            changed.content["layout"] = {**layout, section: entries}
        case _:
            raise wrong_change(path, "is no part of a document that can be set")


def _set_node(changed: Changed, name: str, change: Set) -> None:
    nodes = changed.content["nodes"]
    present = nodes.get(name)
    before = None if change.before is None else canonical_node(change.path, change.before)
    value = None if change.value is None else canonical_node(change.path, change.value)
    if not same(present, before) and not same(present, value):
        raise NotFittingError(change.path, present)
    if value is not None and present is None:
        _check_name(name, name)
    nodes = {other: node for other, node in nodes.items() if other != name or value is not None}
    if value is None:
        changed.origins.pop(name, None)
    else:
        nodes[name] = value
    changed.content["nodes"] = nodes


def _set_script_text(changed: Changed, name: str, change: Set) -> None:
    node = _node(changed, change, name)
    if node is None:
        return
    script = node["script"]
    if script is None:
        raise NotFittingError(change.path, None)
    value, before = checked(change.path, change.value), change.before
    if isinstance(before, Mapping):
        fits = before.get("sha256") == hashlib.sha256(script["text"].encode("utf-8")).hexdigest()
    else:
        fits = same(script["text"], _line_ends(before) if isinstance(before, str) else before or "")
    if not fits and script["text"] != (value or ""):
        raise NotFittingError(change.path, script["text"])
    node["script"] = {**script, "text": value or ""}


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _node(changed: Changed, change: Set, name: str) -> Json | None:
    """Give a node to be changed in place, copied; None when the change wants nothing there and there is no node."""
    node = changed.content["nodes"].get(name)
    if node is None:
        if change.value is None:
            return None
        raise NotFittingError(("nodes", name), None)
    copied = dict(node)
    changed.content["nodes"] = {**changed.content["nodes"], name: copied}
    return copied


def _replace(around: Json, key: str, change: Set, value: Any, absent: Any) -> None:
    present = around[key]
    value = absent if value is None else value
    before = absent if change.before is None else _as_written(change)
    if not same(present, before) and not same(present, value):
        raise NotFittingError(change.path, present)
    around[key] = value


def _as_written(change: Set) -> Any:
    """Give `before` in the form of the document, or as it is when it has none."""
    try:
        return change.before if change.path[0] == "web_service" else checked(change.path, change.before)
    except UserError:
        return change.before


def _with_entry(entries: Json, change: Set) -> Json:
    """Give a mapping with one entry set or removed; the entry keeps its place in the order."""
    name, value = change.path[-1], checked(change.path, change.value)
    present = entries.get(name)
    if not _entry_is(present, change.before, change.path) and not _entry_is(present, value, change.path):
        raise NotFittingError(change.path, present)
    if change.path[0] == "nodes" and change.path[2] == "grants":
        return {**entries, name: value or []}
    if value is None:
        return {other: one for other, one in entries.items() if other != name}
    return {**entries, name: value}


def _entry_is(present: Any, given: Any, path: tuple[str, ...]) -> bool:
    if path[0] == "web_service" and path[1] == "parameters" and given is not None:
        given = checked(path, given)
    if path[0] == "nodes" and path[2] == "grants":
        return same(present or [], given or [])
    return same(present, given)


def _rename(changed: Changed, change: Rename) -> None:
    old, new = change.node, change.to
    nodes = changed.content["nodes"]
    if old not in nodes:
        raise NotFittingError(("nodes", old), None)
    if old == new:
        return
    if new in nodes:
        raise UserError(
            "node-name", f"There is a node {new} already.", "Choose another name.", Where(node=old)
        )
    _check_name(new, old)
    content = changed.content
    renamed = {}
    for name, node in nodes.items():
        inputs = {port: _renamed(source, old, new) for port, source in node["inputs"].items()}
        kept = node if inputs == node["inputs"] else {**node, "inputs": inputs}
        renamed[new if name == old else name] = kept
    content["nodes"] = renamed
    if content["web_service"] is not None:
        content["web_service"] = renamed_service(content["web_service"], old, new)
    layout = content["layout"]
    positions = {new if name == old else name: at for name, at in layout["nodes"].items() if name != new}
    content["layout"] = {**layout, "nodes": positions}
    if old in changed.origins:
        changed.origins[new] = changed.origins.pop(old)


def renamed_service(offered: Json, old: str, new: str) -> Json:
    """Give a web service's JSON with a node renamed."""
    ports = {
        section: {name: _renamed(source, old, new) for name, source in offered[section].items()}
        for section in ("inputs", "outputs")
    }
    parameters = {
        name: {**target, "target": _renamed(target["target"], old, new)}
        for name, target in offered["parameters"].items()
    }
    return {**ports, "parameters": parameters}


def _renamed(source: str, old: str, new: str) -> str:
    node, dot, port = source.partition(".")
    return f"{new}{dot}{port}" if node == old else source


def _check_name(name: str, node: str) -> None:
    problem = node_name_problem(name)
    if problem:
        raise UserError("node-name", problem, "Choose another name.", Where(node=node))
