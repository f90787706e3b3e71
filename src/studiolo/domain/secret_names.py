"""How texts name secrets of the workspace, `{secret:NAME}`: finds names, puts values in, takes them out again."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, unquote

from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError

REFERENCE = re.compile(r"\{secret:([^{}]*)\}")
SHORTEST_VALUE = 4
"""Shorter values can't be taken out of a message without spoiling it."""

CUT = "…"
"""Ends texts that were shortened."""

_SHORTEST_BASE64 = 6
_URL_BASE64 = str.maketrans("+/", "-_")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_USER = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)@")
_OPENING = re.compile(
    r"(?:^|[?&])(sig|X-Amz-Signature|X-Amz-Credential|password|token|key|apikey|api_key)=", re.I
)


@dataclass(frozen=True)
class Secret:
    """A secret, opened.

    Attributes:
        value: the password or key.
        hosts: patterns `HOST:PORT` of the only servers it may go to; none for all that the workspace allows.
    """

    value: str = field(repr=False)
    hosts: tuple[str, ...] = ()


def is_secret_name(name: str) -> bool:
    """Say whether a secret may have this name: letters, digits, `_`, `.` and `-`, at most 64."""
    return _NAME.fullmatch(name) is not None


def secrets_in(text: str) -> tuple[str, ...]:
    """Give the names of the secrets that a text wants, each once.

    >>> secrets_in("postgresql://{secret:user}:{secret:pw}@db/x?y={secret:pw}")
    ('user', 'pw')
    """
    return tuple(dict.fromkeys(REFERENCE.findall(text)))


def unknown_secret(name: str, known: Collection[str]) -> UserError:
    """Give the error for a secret that the workspace does not have."""
    hint = f"{did_you_mean(name, known, 'secret')} " if known else ""
    made = f"Set it: studiolo secret set {name}" if is_secret_name(name) else "Names are letters and digits."
    return UserError("unknown-secret", f'The workspace has no secret "{name[:80]}".', hint + made)


def with_secrets(text: str, values: Mapping[str, str]) -> str:
    """Put the values of secrets in; before the host of an address they are percent-encoded, elsewhere as they are.

    >>> with_secrets("postgresql://ada:{secret:pw}@db/x", {"pw": "p@ss"})
    'postgresql://ada:p%40ss@db/x'
    """
    match = _USER.match(text)
    if match is None:
        return REFERENCE.sub(lambda found: values[found[1]], text)
    user = REFERENCE.sub(lambda found: quote(values[found[1]], safe=""), match[2])
    return f"{match[1]}{user}@{with_secrets(text[match.end() :], values)}"


def without_secrets(text: str, values: Mapping[str, str]) -> str:
    """Take the values of secrets out of a text again, also as addresses, headers and servers write them.

    Upper and lower case count alike: a value that stands where a host's name does comes back in small letters.
    """
    for shown, form in sorted(_forms(values), key=lambda one: -len(one[1])):
        text = re.sub(re.escape(form), shown, text, flags=re.IGNORECASE)
        if CUT in text:
            *parts, last = text.split(CUT)
            text = CUT.join([*(_without_beginning(part, form, shown) for part in parts), last])
    return text


def _without_beginning(text: str, form: str, shown: str) -> str:
    """Take away the beginning of a secret at the end of a text that was cut there."""
    for size in range(len(form) - 1, SHORTEST_VALUE - 1, -1):
        if text[-size:].lower() == form[:size].lower():
            return text[:-size] + shown
    return text


def _forms(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        for form in {
            value,
            quote(value),
            quote(value, safe=""),
            quote_plus(value),
            unquote(value),
            repr(value)[1:-1],
            json.dumps(value)[1:-1],
            value.replace("'", "''"),
            " ".join(value.split()),
            *_in_base64(value),
        }:
            if len(form) >= SHORTEST_VALUE:
                yield f"{{secret:{name}}}", form


def _in_base64(value: str) -> Iterator[str]:
    """Give what all texts in base64 have in common that hold a value, by where in three bytes it begins."""
    data = value.encode()
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + data).decode()
        begin, end = -(-before * 8 // 6), (before + len(data)) * 8 // 6
        if end - begin >= _SHORTEST_BASE64:
            yield whole[begin:end]
            yield whole[begin:end].translate(_URL_BASE64)


def holds_password(address: str) -> bool:
    """Say whether an address has something in it that opens a server and is not named as a secret.

    >>> holds_password("postgresql://ada:pw@db/x"), holds_password("postgresql://ada:{secret:pw}@db/x")
    (True, False)
    """
    plain = REFERENCE.sub("", address)
    user = _USER.match(plain)
    if user is not None and user[2].partition(":")[2]:
        return True
    query = plain.partition("?")[2]
    return any(re.match(r"[^&]", query[found.end() :]) for found in _OPENING.finditer(query))
