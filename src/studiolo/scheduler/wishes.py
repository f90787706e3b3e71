"""Gathers what goes with the paths and addresses of a node: its other parameters, and the secrets that they name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from studiolo.connectors.wish import Wish
from studiolo.domain.module import Declaration, Parameter
from studiolo.domain.secret_names import secrets_in

Reveal = Callable[[Collection[str]], Mapping[str, str]]
"""Gives the values of secrets by their names; raises UserError for one that is not there."""


def reveal_nothing(names: Collection[str]) -> Mapping[str, str]:
    """Give no secret, where there are none."""
    return dict.fromkeys(names, "")


def wish_of(
    declaration: Declaration, parameter: Parameter, values: Mapping[str, Any], reveal: Reveal
) -> Wish:
    """Give what goes with the value of a `path` or `address` parameter.

    Other parameters of the node go along only where the module says by `accepts` that it knows of databases or
    secrets: a user's own module may have a parameter `query` that means something else.

    Args:
        declaration: of the node's module.
        parameter: the path or address.
        values: of the node, defaults filled in.
        reveal: gives the secrets.

    Raises:
        UserError: a secret is not there or can't be opened.
    """
    texts = [str(values[parameter.name])] if parameter.kind == "address" else []
    headers = declaration.parameter("headers")
    given = {}
    if parameter.kind == "address" and headers is not None and "secrets" in headers.accepts:
        given["headers"] = str(values.get("headers") or "")
        texts.append(given["headers"])
    knows_databases = any({"postgresql", "sqlite"} & set(one.accepts) for one in declaration.parameters)
    for name in ("query", "table", "mode") if knows_databases else ():
        if values.get(name):
            given[name] = str(values[name])
    names = dict.fromkeys(name for text in texts for name in secrets_in(text))
    may_be_folder = any("folder" in one.accepts for one in declaration.parameters)
    return Wish(dict(reveal(tuple(names))) if names else {}, may_be_folder=may_be_folder, **given)
