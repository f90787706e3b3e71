"""Decides which addresses a job's network grants let it reach. Does no input or output but for one injected check.

An address is allowed when a granted literal `address:port` equals it; when a granted name was resolved to it; or when
`*` is granted and it is public. A name other than `localhost` never stands for an address of the host itself or of
a cloud's metadata service, whoever controls its DNS records. Private networks have to be named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from studiolo.connectors.connecting import is_own_address
from studiolo.domain.addresses import (
    LOCALHOST,
    IpAddress,
    address_or_none,
    is_public,
    may_have_name,
    plain_name,
)

USUAL_PORTS = (80, 443)
MOST_NAMES = 1024
MOST_ADDRESSES = 256
"""Remembered for each name."""
MOST_TRIED = 6
"""Addresses that one connection may be made to, one after the other."""


@dataclass(frozen=True)
class Denied:
    """Something a job wanted to reach and may not; `port` is None when only its name was asked for."""

    host: str
    port: int | None


class Rules:
    """What one job may reach. Used from one thread.

    Args:
        grants: `host:port` names, `[address]:port` for IPv6, or `*`.
        is_own: says whether an address is the machine's own; neither `*` nor a name opens those.

    Raises:
        ValueError: a grant that is none of these.
    """

    def __init__(self, grants: Iterable[str], is_own: Callable[[str], bool] = is_own_address) -> None:
        self.is_any = False
        self._is_own = is_own
        self._literals: set[tuple[IpAddress, int]] = set()
        self._names: dict[str, set[int]] = {}
        self._addresses: dict[str, dict[IpAddress, None]] = {}  # by name, in order of arrival
        for grant in grants:
            if grant == "*":
                self.is_any = True
                continue
            host, _, digits = grant.rpartition(":")
            if not host or not digits.isdecimal() or not 1 <= int(digits) <= 65535:
                raise ValueError(f"{grant!r} is no host with a port")
            address = address_or_none(host.strip("[]"))
            if address is not None:
                self._literals.add((address, int(digits)))
            else:
                self._names.setdefault(plain_name(host), set()).add(int(digits))
        if "localhost" in self._names:
            self._addresses["localhost"] = {ip_address(text): None for text in LOCALHOST}

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports to listen on from the beginning."""
        found = {port for _, port in self._literals}.union(*self._names.values())
        return tuple(sorted(found.union(USUAL_PORTS if self.is_any else ())))

    def may_resolve(self, name: str) -> bool:
        """Say whether the job may ask for a name's addresses."""
        return self.is_any or plain_name(name) in self._names

    def names(self, port: int) -> tuple[str, ...]:
        """Give the names granted with a port whose addresses come from DNS."""
        return tuple(name for name, ports in self._names.items() if port in ports and name != "localhost")

    def learn(self, name: str, addresses: Iterable[str]) -> None:
        """Remember what a name was resolved to; `localhost` can't be taught."""
        name = plain_name(name)
        if name == "localhost":
            return
        if name not in self._addresses and len(self._addresses) >= MOST_NAMES:
            oldest = next((each for each in self._addresses if each not in self._names), None)
            if oldest is None:
                return
            del self._addresses[oldest]
        known = self._addresses.setdefault(name, {})
        for text in addresses:
            address = address_or_none(text)
            if address is not None:
                known.pop(address, None)
                known[address] = None
        while len(known) > MOST_ADDRESSES:
            del known[next(iter(known))]

    def allows(self, ip: str, port: int) -> bool:
        """Say whether a connection to an address is allowed, as far as names have been resolved yet."""
        address = address_or_none(ip)
        if address is None:
            return False
        if (address, port) in self._literals or self._granted_names(address, port):
            return True
        return self.is_any and is_public(address) and not self._is_own(str(address))

    def addresses(self, ip: str, port: int) -> tuple[str, ...]:
        """Give the allowed address, then others of the same name, which stand in when it can't be reached.

        The job's own connection has succeeded before the host's begins, so the script can't try them itself.
        """
        wanted = address_or_none(ip)
        if wanted is None:
            return ()
        found = [str(wanted)]
        for known in self._addresses.values():
            for each in known if wanted in known else ():
                if len(found) < MOST_TRIED and str(each) not in found and self.allows(str(each), port):
                    found.append(str(each))
        return tuple(found)

    def denial(self, ip: str, port: int) -> Denied:
        """Give what to tell of a connection that is not allowed: by name when granting the name would help."""
        address = address_or_none(ip)
        if address is None or not may_have_name(address):
            return Denied(ip, port)
        for name, known in self._addresses.items():
            if address in known and port not in self._names.get(name, ()):
                return Denied(name, port)
        return Denied(str(address), port)

    def _granted_names(self, address: IpAddress, port: int) -> list[str]:
        return [
            name
            for name, known in self._addresses.items()
            if port in self._names.get(name, ())
            and address in known
            and (name == "localhost" or (may_have_name(address) and not self._is_own(str(address))))
        ]
