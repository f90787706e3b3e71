"""Connects the host to servers that an experiment names, and only to addresses that the workspace allows."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from studiolo.domain.addresses import (
    address_or_none,
    host_may_reach,
    host_port,
    is_covered,
    is_public,
    may_have_name,
)
from studiolo.errors import UserError

if TYPE_CHECKING:
    from studiolo.connectors.address import Address


def is_own_address(ip: str) -> bool:
    """Say whether this machine itself has the address; nothing is sent."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.connect((ip, 9))
        return bool(asking.getsockname()[0] == ip)
    return False


class Connecting:
    """Makes the connections of one request and of the redirects that follow it.

    Args:
        address: what was asked for.
        is_writing: content is sent there, which is never allowed unasked.
        network: patterns of `[grants] network` in studiolo.toml.
    """

    def __init__(self, address: Address, is_writing: bool, network: Sequence[str]) -> None:
        self._address = address
        self._is_writing = is_writing
        self._network = network

    def connector(self, is_proxy: bool) -> Callable[..., socket.socket]:
        """Give what connects: as `socket.create_connection`, and without asking when it is to a proxy of ours."""
        return socket.create_connection if is_proxy else self.connect

    def connect(
        self, place: tuple[str, int], timeout: float | None = None, source: tuple[str, int] | None = None
    ) -> socket.socket:
        """Resolve a name once and connect to the first allowed address that answers.

        What is checked is what is connected to: the name is not asked for again.

        Raises:
            UserError: `address-not-allowed`.
            OSError: no address answers.
        """
        fault: OSError | None = None
        for family, to in self._allowed(place):
            connection = None
            try:
                connection = socket.socket(family, socket.SOCK_STREAM)
                connection.settimeout(timeout)
                if source is not None:
                    connection.bind(source)
                connection.connect(to)
                return connection
            except OSError as error:
                if connection is not None:
                    connection.close()
                fault = error
        assert fault is not None
        raise fault

    def allowed(self, place: tuple[str, int]) -> list[str]:
        """Resolve a name once and give the addresses that may be connected to, at least one.

        Raises:
            UserError: `address-not-allowed`.
            OSError: the name has no address.
        """
        return [str(to[0]) for _, to in self._allowed(place)]

    def _allowed(self, place: tuple[str, int]) -> Sequence[tuple[socket.AddressFamily, Any]]:
        host, tcp_port = place
        self._check_writing(host, tcp_port)
        found = dict.fromkeys(
            (family, to) for family, _, _, _, to in socket.getaddrinfo(host, tcp_port, 0, socket.SOCK_STREAM)
        )
        allowed = [(family, to) for family, to in found if self._may_reach(host, tcp_port, str(to[0]))]
        if not allowed:
            raise self._refused(host, tcp_port, [str(to[0]) for _, to in found])
        return allowed

    def check_proxied(self, host: str, tcp_port: int) -> None:
        """Check what a proxy is to be asked for: a name, which the proxy resolves, has to be allowed as such.

        Raises:
            UserError: `address-not-allowed`.
        """
        self._check_writing(host, tcp_port)
        address = address_or_none(host.strip("[]"))
        if address is not None:
            if not self._may_reach(host, tcp_port, str(address)):
                raise self._refused(host, tcp_port, [str(address)])
        elif not is_covered(host, tcp_port, self._network):
            name = host_port(host, tcp_port)
            why = "is asked for by a proxy, so its address can't be checked here"
            raise self._error(f"{self._what(name)} {why}.", self._hint(name))

    def _may_reach(self, host: str, tcp_port: int, ip: str) -> bool:
        address = address_or_none(ip)
        is_own = address is not None and is_public(address) and is_own_address(str(address))
        return host_may_reach(host, tcp_port, ip, self._network, is_own=is_own)

    def _check_writing(self, host: str, tcp_port: int) -> None:
        if self._is_writing and not is_covered(host, tcp_port, self._network):
            name = host_port(host, tcp_port)
            summary = f'Data would be sent to "{name}", which the workspace does not allow.'
            raise self._error(summary, self._hint(name))

    def _refused(self, host: str, tcp_port: int, found: Sequence[str]) -> UserError:
        """Give the error for a host none of whose addresses is allowed; the first stands for all."""
        ip = found[0] if found else host
        address = address_or_none(ip)
        name, literal = host_port(host, tcp_port), host_port(ip, tcp_port)
        leads = "is no public address" if name == literal else f"leads to {ip}, which is no public address"
        hint = self._hint(name)
        if address is not None and not may_have_name(address):
            is_local = name.startswith("localhost:") and address.is_loopback
            if name != literal and not is_local:
                hint = (
                    f"No other name may stand for that address: write {literal} itself. {self._hint(literal)}"
                )
        return self._error(f"{self._what(name)} {leads}.", hint)

    def _what(self, name: str) -> str:
        sends = name != host_port(*self._address.place)
        return f'{self._address.shown} sends to "{name}", which' if sends else f'"{name}"'

    def _hint(self, name: str) -> str:
        return f'To allow it, write in studiolo.toml under [grants]: network = ["{name}"]'

    def _error(self, summary: str, hint: str) -> UserError:
        return UserError("address-not-allowed", summary, hint)
