"""Under which names the studio may be asked, and from which pages: against forged requests and rebound names."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Origins:
    """The hosts that the studio is known by.

    A web page of a stranger can make its own name point to this machine, and would then be "the same origin": so
    only names that nobody else can own are answered. A request that changes something comes from our own page or
    from a program.

    Args:
        host: address that the server listens on.
        address: that people know it by, such as `https://ml.example.org`; None for the one they used.
    """

    def __init__(self, host: str, address: str | None = None) -> None:
        self._names = set(LOOPBACK)
        self._address = _netloc(address) if address is not None else None
        if self._address is not None:
            self._names.add(_host_of(self._address))
        self._is_public = not _is_loopback(host)
        if self._is_public:
            self._names |= {host.lower(), socket.gethostname().lower(), socket.getfqdn().lower()}
        self.is_secure = address is not None and address.startswith("https://")

    def is_own_host(self, host: str) -> bool:
        """Tell whether a header `Host` names this server. Any TCP port will do: tunnels change it."""
        name = _host_of(host)
        if not name:
            return False
        return name in self._names or (self._is_public and _is_number(name))

    def is_from_own_page(self, headers: Mapping[str, str], *, is_changing: bool) -> bool:
        """Tell whether a browser sent a request from a page of ours.

        Args:
            headers: by names in small letters.
            is_changing: the request may change something, so it also needs the header that only our page adds.
        """
        site = headers.get("sec-fetch-site")
        if site is not None and site not in (("same-origin",) if is_changing else ("same-origin", "none")):
            return False
        origin = headers.get("origin")
        if origin is not None and not self._is_own_origin(origin, headers.get("host", "")):
            return False
        return not is_changing or headers.get("x-studiolo") == "1"

    def is_own_socket(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a WebSocket is opened by a page of ours; browsers always say who asks."""
        origin = headers.get("origin")
        return origin is not None and self._is_own_origin(origin, headers.get("host", ""))

    def _is_own_origin(self, origin: str, host: str) -> bool:
        found = _netloc(origin)
        return bool(found) and found in (host.lower(), self._address)


def _netloc(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme in ("http", "https") else ""


def _host_of(netloc: str) -> str:
    """Give the name in `NAME:PORT`, or "" where it is none.

    >>> _host_of("[::1]:8765"), _host_of("LOCALHOST:80"), _host_of("a@b"), _host_of("x:y")
    ('::1', 'localhost', '', '')
    """
    if any(character in netloc for character in "@/\\?# \t,"):
        return ""
    try:
        parts = urlsplit(f"//{netloc}")
        return (parts.hostname or "") if parts.port is None or parts.port >= 0 else ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
