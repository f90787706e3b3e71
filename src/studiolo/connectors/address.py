"""Tells addresses from paths and takes an http(s) address apart; opens nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError

USUAL_PORTS = {"http": 80, "https": 443}
SCHEMES = tuple(USUAL_PORTS)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SAFE = "%/:=&?~#+!$,;'@()*[]"


@dataclass(frozen=True)
class Address:
    """An http(s) address, ready to be asked.

    Attributes:
        url: ASCII, without user, password and fragment.
        shown: the same without the values of its query, which may be secrets; for messages.
        host: the name of the server, with its TCP port where one is given.
        path: the path, decoded; good for its ending.
        user: name and password before the host, decoded, or None.
    """

    url: str
    shown: str
    host: str
    path: str
    user: tuple[str, str] | None

    @property
    def place(self) -> tuple[str, int]:
        """The name of the server alone, and its TCP port, also where that is the usual one."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or USUAL_PORTS[parts.scheme]


def is_address(text: str) -> bool:
    """Say whether `text` is an address rather than a path: it begins with `scheme://`."""
    return _SCHEME.match(text) is not None


def parse_address(text: str) -> Address:
    """Take an address apart; letters and spaces beyond ASCII are encoded as a browser does.

    Raises:
        UserError: `bad-address`.
    """
    match = _SCHEME.match(text)
    scheme = match.group(1).lower() if match else ""
    if scheme not in SCHEMES:
        hint = "For a file of the workspace give its path, such as data/customers.csv."
        if scheme != "file":
            hint = f"{did_you_mean(scheme, SCHEMES, 'scheme')} {hint}"
        raise UserError("bad-address", f'Addresses that begin with "{scheme}://" cannot be used.', hint)
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise _bad(text, "it has a line break or another control character in it")
    try:
        parts = urlsplit(text)
        tcp_port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise _bad(text, str(error)) from None
    if not host or re.search(r"[\s\"<>\\^`{|}]", host):
        raise _bad(text, "it names no server")
    if ":" in host:
        host = f"[{host}]"
    if tcp_port is not None:
        host = f"{host}:{tcp_port}"
    path = quote(parts.path, safe=_SAFE) or "/"
    query = quote(parts.query, safe=_SAFE)
    shown = urlunsplit((scheme, host, path, "…" if query else "", ""))
    user = None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))
    return Address(urlunsplit((scheme, host, path, query, "")), shown, host, unquote(parts.path), user)


def _bad(text: str, why: str) -> UserError:
    shown = _SCHEME.sub(r"\1://", text.split("?")[0])
    shown = re.sub(r"//[^/@]*@", "//", shown)
    return UserError(
        "bad-address",
        f"The address {shown[:200]!r} cannot be used: {why}.",
        "An address looks like https://example.org/data/customers.csv.",
    )
