"""Checks the addresses of a node as far as that is seen without asking for names: schemes, secrets, allowed hosts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from studiolo.domain.addresses import host_port, is_covered
from studiolo.domain.secret_names import secrets_in, unknown_secret

SCHEMES = ("http", "https")
_TCP_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "postgres": 5432}
_ALIASES = {"postgres": "postgresql"}

Finding = tuple[str, str, str, str]
"""Parameter, code, summary and hint."""


def has_scheme(value: str, schemes: Collection[str]) -> bool:
    """Say whether an address begins with one of some schemes; `sqlite:` stands before a path, without slashes."""
    scheme, colon, rest = value.partition(":")
    scheme = _ALIASES.get(scheme.lower(), scheme.lower())
    return bool(colon) and scheme in schemes and (rest.startswith("//") or scheme == "sqlite")


def wrong_scheme(what: str, value: str, schemes: Sequence[str]) -> tuple[str, str]:
    """Give summary and hint for an address of another kind."""
    if tuple(schemes) == SCHEMES:
        hint = "Begin it with https://, or use a path parameter for a file."
        return f'{what} is "{value}", which is no http or https address.', hint
    forms = ", ".join(f"{one}:" if one == "sqlite" else f"{one}://" for one in schemes)
    return f'{what} is "{value}", which is no address.', f"Begin it with one of {forms}; a file has its path."


def secret_problems(name: str, value: Any, known: Collection[str] | None) -> Iterator[Finding]:
    """Give an error for each secret that a value names and the workspace does not have."""
    if known is None or not isinstance(value, str):
        return
    for wanted in secrets_in(value):
        if wanted not in known:
            error = unknown_secret(wanted, known)
            yield name, error.code, error.summary, error.hint


def place_problems(
    name: str, value: Any, node: str, network: Sequence[str], *, is_target: bool
) -> Iterator[Finding]:
    """Give what is wrong with the server of an address: data and secrets go only where the workspace allows it."""
    try:
        parts = urlsplit(value)
        host, tcp_port = parts.hostname, parts.port or _TCP_PORTS[parts.scheme.lower()]
        host = (host or "").encode("idna").decode("ascii")
    except (ValueError, KeyError, AttributeError, TypeError):
        return  # told elsewhere, or known only when it is opened
    is_web = parts.scheme.lower() in SCHEMES
    does = "send data to" if is_target else "send a secret to" if is_web else "connect to"
    must_be_covered = is_target or not is_web or bool(secrets_in(value))
    if host and must_be_covered and not is_covered(host, tcp_port, network):
        place = host_port(host, tcp_port)
        yield (
            name,
            "address-not-allowed",
            f'The parameter "{name}" of node {node} would {does} "{place}", which the workspace does not allow.',
            f'To allow it, write in studiolo.toml under [grants]: network = ["{place}"]',
        )
