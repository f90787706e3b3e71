"""Gathers what goes with the paths and addresses of a node: its other parameters, and the secrets that they name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from studiolo.connectors.wish import Wish
from studiolo.domain.module import Declaration, Parameter
from studiolo.domain.secret_names import Secret, secrets_in, unknown_secret

Reveal = Callable[[Collection[str]], Mapping[str, Secret]]
"""Gives secrets by their names; raises UserError for one that is not there."""


def reveal_nothing(names: Collection[str]) -> Mapping[str, Secret]:
    """Refuse every name, where there are no secrets.

    Raises:
        UserError: `unknown-secret`.
    """
    for name in names:
        raise unknown_secret(name, ())
    return {}


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
    names = tuple(dict.fromkeys(name for text in texts for name in secrets_in(text)))
    may_be_folder = any("folder" in one.accepts for one in declaration.parameters)
    return opened_wish(reveal(names) if names else {}, may_be_folder=may_be_folder, **given)


def opened_wish(secrets: Mapping[str, Secret], **given: Any) -> Wish:
    """Give a wish with secrets, and where each of these may go."""
    values = {name: secret.value for name, secret in secrets.items()}
    return Wish(values, {name: secret.hosts for name, secret in secrets.items()}, **given)
