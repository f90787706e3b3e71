"""Checks the values that changes put into a document, by the place they are put at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studiolo.domain.limits import LIMIT_NAMES
from studiolo.errors import UserError, Where
from studiolo.graph.node_reading import DIALECTS, split_source
from studiolo.graph.web_service_reading import name_problem
from studiolo.graph.yaml_tree import DEPTH_LIMIT
from studiolo.studio.document_json import EMPTY_NODE, EMPTY_SERVICE, EMPTY_TARGET, Json, plain_text
from studiolo.studio.layouts import position_of

TEXT_LIMIT = 8 * 1024 * 1024
NAME_LIMIT = 200
DEEPEST = DEPTH_LIMIT - 8

Path = tuple[str, ...]
FIELDS = tuple(EMPTY_NODE)


def checked(path: Path, value: Any) -> Any:
    """Give a value as the document holds it, or None for none.

    Raises:
        UserError: `wrong-change`.
    """
    for key in path:
        if not _is_text(key, NAME_LIMIT):
            raise wrong_change(path, "has a key that is no name")
    if value is None:
        return None
    match path:
        case ("title",):
            return _title(path, value)
        case ("nodes", _, field) if field in _FIELDS:
            return _FIELDS[field](path, value)
        case ("nodes", _, "script", "text"):
            return _script_text(path, value)
        case ("nodes", _, "grants", key) if key not in EMPTY_NODE["grants"]:
            raise wrong_change(path, "is no grant")
        case ("nodes", _, section, _) if section in _ENTRIES:
            return _ENTRIES[section](path, value)
        case ("web_service", "parameters", name):
            _service_name(path, name)
            return _target(path, value)
        case ("web_service", _, name):
            _service_name(path, name)
            return _source(path, value)
        case ("layout", _, _):
            position = position_of(value)
            if position is None:
                raise wrong_change(path, "must be a position, as in {x: 100, y: 40}")
            return position
    raise wrong_change(path, "is no part of a document that can be set")


def canonical_node(path: Path, value: Any) -> Json:
    """Give a whole node with every field, from one that may leave some out.

    Raises:
        UserError: `wrong-change`.
    """
    fields = _object(path, value)
    for name in fields:
        if name not in EMPTY_NODE:
            raise wrong_change((*path, name), "is no field of a node")
    node = dict(EMPTY_NODE)
    for name, one in fields.items():
        found = checked((*path, name), one)
        if found is not None:
            node[name] = found
    if not node["module"]:
        raise wrong_change((*path, "module"), "is missing")
    return node


def canonical_service(path: Path, value: Any) -> Json:
    """Give a whole web service with every section.

    Raises:
        UserError: `wrong-change`.
    """
    offered: Json = {section: {} for section in EMPTY_SERVICE}
    for section, entries in _object(path, value).items():
        if section not in offered:
            raise wrong_change((*path, section), "is no part of a web service")
        for name, one in _object((*path, section), entries).items():
            offered[section][name] = checked(("web_service", section, name), one)
    return offered


def wrong_change(path: Sequence[str], what: str) -> UserError:
    """Make the error that a change can't be made."""
    shown = " / ".join(str(key)[:100] for key in path[:8]) or "The change"
    where = Where(
        node=path[1] if len(path) > 1 and path[0] == "nodes" else None,
        parameter=path[3] if len(path) > 3 and path[2] == "parameters" else None,
        port=path[3] if len(path) > 3 and path[2] in ("inputs", "outputs") else None,
    )
    return UserError("wrong-change", f"{shown} {what}.", "Reload the page if it made this change.", where)


def _is_text(value: Any, limit: int) -> bool:
    if not isinstance(value, str) or len(value) > limit or "\0" in value:
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _text(path: Path, value: Any) -> str:
    if not _is_text(value, TEXT_LIMIT):
        raise wrong_change(path, "must be a text")
    return str(value)


def _line(path: Path, value: Any) -> str:
    text = _text(path, value)
    if not text.isprintable() or len(text) > 2_000:
        raise wrong_change(path, "must be one line of text")
    return text


def _title(path: Path, value: Any) -> str:
    text = _line(path, value).strip()
    if not text:
        raise wrong_change(path, "can't be empty")
    return text


def _name(path: Path, value: Any) -> str:
    text = _line(path, value)
    if not text.strip():
        raise wrong_change(path, "can't be empty")
    return text


def _source(path: Path, value: Any) -> str:
    source = split_source(_name(path, value))
    if not source.node:
        raise wrong_change(path, "must be a node's port, as in clean.result_dataset")
    return f"{source.node}.{source.port}" if source.port else source.node


def _script_text(path: Path, value: Any) -> str:
    return plain_text(_text(path, value))


def _script(path: Path, value: Any) -> Json:
    fields = _object(path, value)
    if set(fields) != {"file", "text"}:
        raise wrong_change(path, "must be an object of file and text")
    file = _name((*path, "file"), fields["file"]).replace("\\", "/")
    return {"file": file, "text": _script_text((*path, "text"), fields["text"])}


def _boolean(path: Path, value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong_change(path, "must be true or false")
    return value


def _integer(path: Path, value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**53:
        raise wrong_change(path, "must be a whole number")
    return value


def _limit(path: Path, value: Any) -> int:
    if path[-1] not in LIMIT_NAMES:
        raise wrong_change(path, "is no limit")
    return _integer(path, value)


def _dialect(path: Path, value: Any) -> str:
    if value not in DIALECTS:
        raise wrong_change(path, f"must be one of {', '.join(DIALECTS)}")
    return str(value)


def _texts(path: Path, value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > 1_000:
        raise wrong_change(path, "must be a list of texts")
    return [_name(path, one) for one in value]


def _any(path: Path, value: Any) -> Any:
    return _plain(path, value, 0)


def _plain(path: Path, value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise wrong_change(path, "is nested too deeply")
    if isinstance(value, Mapping):
        if not all(_is_text(name, 10_000) for name in value):
            raise wrong_change(path, "has a key that is no text")
        return {name: _plain(path, one, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(path, one, depth + 1) for one in value]
    if isinstance(value, str):
        return _text(path, value)
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong_change(path, "is no number that JSON knows")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**300:
        raise wrong_change(path, "is too large a number")
    return value


def _target(path: Path, value: Any) -> Json:
    fields = {"target": value} if isinstance(value, str) else _object(path, value)
    for name in fields:
        if name not in ("target", *EMPTY_TARGET):
            raise wrong_change((*path, name), "is no part of a parameter of a web service")
    source = split_source(_name(path, fields.get("target")))
    if not source.node or not source.port:
        raise wrong_change(path, "must name NODE.PARAMETER")
    has_default = _boolean(path, fields.get("has_default", False))
    return {
        "target": f"{source.node}.{source.port}",
        "default": _any(path, fields.get("default")) if has_default else None,
        "has_default": has_default,
        "required": _boolean(path, fields.get("required", False)),
        "description": _line(path, fields.get("description") or ""),
    }


def _service_name(path: Path, name: str) -> None:
    if name_problem(name):
        raise wrong_change(path, "has a name that can't be used")


def _object(path: Path, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or len(value) > 100_000:
        raise wrong_change(path, "must be an object")
    return value


def _entries_of(path: Path, value: Any) -> Json:
    found = {name: checked((*path, name), one) for name, one in _object(path, value).items()}
    return {name: one for name, one in found.items() if one is not None}


def _grants(path: Path, value: Any) -> Json:
    return {**EMPTY_NODE["grants"], **_entries_of(path, value)}


Check = Callable[[Path, Any], Any]

_FIELDS: dict[str, Check] = {
    "module": _name,
    "parameters": _entries_of,
    "inputs": _entries_of,
    "script": _script,
    "bundle": _name,
    "environment": _name,
    "dialect": _dialect,
    "limits": _entries_of,
    "grants": _grants,
    "strict": _boolean,
    "outputs": _entries_of,
    "comment": _text,
    "requirements": _texts,
}

_ENTRIES: dict[str, Check] = {
    "parameters": _any,
    "inputs": _source,
    "limits": _limit,
    "grants": _texts,
    "outputs": _name,
}
