"""Tells public addresses from those of this machine, its network and a cloud's metadata; opens nothing."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from studiolo.domain.limits import covers

LOCALHOST = ("127.0.0.1", "::1")

IpAddress = IPv4Address | IPv6Address
_UNICAST = IPv6Network("2000::/3")
_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64, RFC 6052
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291, deprecated
_METADATA = frozenset(
    ip_address(text)
    for text in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
)
"""Metadata services that are not link-local: Alibaba, Azure, Oracle, Amazon, Google."""


def plain_name(name: str) -> str:
    """Give a host name as it is compared: lower case, without the final dot."""
    return name.lower().removesuffix(".")


def address_or_none(text: str) -> IpAddress | None:
    """Give an address without its zone; one mapped into IPv6 counts as the IPv4 address that it reaches."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def may_have_name(address: IpAddress) -> bool:
    """Say whether a name other than `localhost` may stand for the address."""
    return not any(
        each.is_loopback
        or each.is_link_local
        or each.is_unspecified
        or each.is_multicast
        or each in _METADATA
        for each in _reached(address)
    )


def is_public(address: IpAddress) -> bool:
    """Say whether the address is one of the public network, and leads to no other through a translator or tunnel."""
    return may_have_name(address) and all(
        each.is_global and (isinstance(each, IPv4Address) or each in _UNICAST or each in _TRANSLATED)
        for each in _reached(address)
    )


def is_covered(host: str, tcp_port: int, network: Iterable[str]) -> bool:
    """Say whether one of the patterns of `[grants] network` allows a host, by its name or literal address.

    >>> is_covered("::ffff:10.0.0.1", 80, ["10.0.0.1:*"]), is_covered("db.example.org.", 80, ["*.org:443"])
    (True, False)
    """
    name = host_port(host, tcp_port)
    return any(covers(pattern, name) for pattern in network)


def host_may_reach(host: str, tcp_port: int, ip: str, network: Iterable[str], *, is_own: bool) -> bool:
    """Say whether the host itself, outside of any jail, may connect to an address for an experiment.

    A public address may be reached unasked. A private one needs a pattern that covers the name it was asked
    for by. This machine itself and metadata services are reached by their literal address alone, or by
    `localhost`, and only when that stands in a pattern without wildcards: no DNS record and no redirect leads there.

    Args:
        host: name or literal address as asked for.
        tcp_port: at which.
        ip: what it stands for.
        network: patterns of `[grants] network`.
        is_own: whether the address is one of this machine's own.
    """
    address = address_or_none(ip)
    if address is None:
        return False
    if may_have_name(address):
        return (is_public(address) and not is_own) or is_covered(host, tcp_port, network)
    if plain_name(host) != "localhost" and address_or_none(host.strip("[]")) != address:
        return False
    if plain_name(host) == "localhost" and not address.is_loopback:
        return False
    wanted = host_port(host, tcp_port)
    exact = [pattern for pattern in network if pattern != "*" and "*" not in pattern.rpartition(":")[0]]
    return any(covers(pattern, wanted) for pattern in exact)


def host_port(host: str, tcp_port: int) -> str:
    """Give a host and its TCP port as `[grants] network` names them.

    >>> host_port("Example.org.", 443), host_port("0:0::1", 80)
    ('example.org:443', '[::1]:80')
    """
    address = address_or_none(host.strip("[]"))
    name = plain_name(host) if address is None else str(address)
    return f"[{name}]:{tcp_port}" if ":" in name else f"{name}:{tcp_port}"


def _reached(address: IpAddress) -> list[IpAddress]:
    """Give an address and the IPv4 addresses that it leads to through a translator or a tunnel."""
    found: list[IpAddress] = [address]
    if isinstance(address, IPv6Address):
        if address in _TRANSLATED or (address in _COMPATIBLE and int(address) > 1):
            found.append(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour is not None:
            found.append(address.sixtofour)
        if address.teredo is not None:
            found.extend(address.teredo)
    return found
