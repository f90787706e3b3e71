"""Parses the JSON of a request within bounds: what is not strict JSON, or says a name twice, is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import orjson

from studiolo.services.bodies.errors import ServiceProblem

_BOM = b"\xef\xbb\xbf"
_BLANKS = (b" :", b"\t:", b"\r:", b"\n:")
_SHOWN = 60
DEPTH_LIMIT = 32


def parse(body: bytes) -> dict[str, Any] | list[Any]:
    """Give the object or list that a body holds.

    NaN and Infinity, numbers beyond a Double, lone surrogates, other encodings than UTF-8 and deep nesting are
    refused. A byte order mark is passed over.

    Raises:
        ServiceProblem: `request-empty`, `request-unreadable`.
    """
    if body.startswith(_BOM):
        body = body[3:]
    try:
        document = orjson.loads(body)
    except (orjson.JSONDecodeError, RecursionError) as error:
        if not body.strip():
            raise ServiceProblem("request-empty", "The request has no body.") from None
        raise _unreadable(error) from None
    if type(document) is dict or type(document) is list:
        return document
    unreadable(f"The body is {shown(document)}, a JSON object is expected.")


def unreadable(message: str, target: str = "") -> NoReturn:
    """Refuse a body whose JSON has not the form that is expected."""
    raise ServiceProblem("request-unreadable", message, target=target)


def refuse_repeated_names(body: bytes, pairs: int) -> None:
    """Refuse a body in which an object says a name twice; the first of the two would be lost.

    Args:
        body: the whole JSON text, which `parse` took.
        pairs: names that all objects of the parsed document have together.

    Raises:
        ServiceProblem: `request-unreadable`, which names it.
    """
    # Each name ends in `":`, and in strings these two can only follow a backslash: no more of them than names
    # means that none is repeated. Colons alone are counted first: that is quick where there are few.
    if body.count(b":") <= pairs:
        return
    if body.count(b'":') <= pairs and not any(blank in body for blank in _BLANKS):
        return
    try:
        json.loads(body.removeprefix(_BOM), object_pairs_hook=_distinct)
    except (RecursionError, ValueError):  # the second cannot be: orjson took the text
        unreadable("The body is nested too deeply.")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                unreadable(f'An object has the name "{cut(name)}" twice.')
            seen.add(name)
    return names


def is_deep(value: Any, limit: int = DEPTH_LIMIT) -> bool:
    """Say whether lists and objects in `value` are nested in more than `limit` levels."""
    level = [value]
    for _ in range(limit):
        inner: list[Any] = []
        for one in level:
            if type(one) is list:
                inner += one
            elif type(one) is dict:
                inner += one.values()
        if not inner:
            return False
        level = inner
    return any(type(one) in (list, dict) for one in level)


def member(document: Mapping[str, Any], name: str) -> Any:
    """Give a member of an object by its name, in any case if not as it is written; None when it is absent."""
    found = document.get(name)
    if found is None and name not in document and len(document) <= 100:
        folded = name.lower()
        for key, value in document.items():
            if key.lower() == folded:
                return value
    return found


def shown(value: Any) -> str:
    """Give a JSON value for a message, short whatever it is."""
    if value is None:
        return "null"
    if type(value) is str:
        return f'"{cut(value)}"'
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is list:
        return "a list"
    if type(value) is dict:
        return "an object"
    return repr(value)


def cut(text: str) -> str:
    """Give a text for a message, at most 60 characters of it."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _unreadable(error: Exception) -> ServiceProblem:
    reason = str(error)[:300] if isinstance(error, orjson.JSONDecodeError) else "nested too deeply"
    return ServiceProblem(
        "request-unreadable",
        f"The body is not JSON: {reason}.",
        "Send UTF-8 JSON; for a missing value or NaN send null.",
    )
