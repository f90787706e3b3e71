"""Which addresses the host itself connects to for an experiment (H5-B, case 20 of sandbox-attacks.md)."""

from __future__ import annotations

import pytest

from studiolo.domain.addresses import host_may_reach, host_port

LOOPBACK = ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1")
OWN_OR_METADATA = (
    *LOOPBACK,
    "0.0.0.0",
    "169.254.169.254",
    "100.100.100.200",
    "224.0.0.1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "64:ff9b::169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
)
PRIVATE = (
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "240.0.0.1",
    "fd00::1",
    "fec0::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:a00:1::1",
)
PUBLIC = ("93.184.216.34", "2606:2800:220:1::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8")


def may(host, ip, *network, is_own=False):
    return host_may_reach(host, 80, ip, network, is_own=is_own)


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_need_no_grant(ip):
    """Import Data reads the web without a word in studiolo.toml."""
    assert may("example.org", ip) and may(ip, ip)
    assert not may("example.org", ip, is_own=True)
    assert may("example.org", ip, "example.org:80", is_own=True)


@pytest.mark.parametrize("ip", PRIVATE)
def test_private_addresses_have_to_be_covered(ip):
    """The network around the machine trusts who is in it."""
    assert not may("example.org", ip) and not may("example.org", ip, "example.org:81", "other.org:80")
    assert may("example.org", ip, "example.org:80") and may("Example.org.", ip, "*.org:*")


@pytest.mark.parametrize("ip", OWN_OR_METADATA)
def test_a_name_never_leads_to_this_machine_or_a_metadata_service(ip):
    """Whoever controls a name's DNS records, or the server that redirects, must not choose these."""
    for network in ((), ("*",), ("*:80",), ("example.org:80", "*.org:*"), ("localhost:80", "127.*:80")):
        assert not may("example.org", ip, *network)


@pytest.mark.parametrize("ip", OWN_OR_METADATA)
def test_this_machine_is_reached_by_its_literal_address(ip):
    """Who writes the address itself means it; wildcards do not."""
    assert not may(ip, ip) and not may(ip, ip, "*") and not may(ip, ip, "*:80")
    assert may(ip, ip, host_port(ip, 80)) and not may(ip, ip, host_port(ip, 81))


def test_localhost_is_this_machine_when_it_is_named():
    """As in the grants of scripts."""
    assert may("localhost", "127.0.0.1", "localhost:80") and may("LOCALHOST.", "::1", "localhost:*")
    assert not may("localhost", "127.0.0.1", "*") and not may("localhost", "127.0.0.1", "127.0.0.1:80")
    assert not may("localhost", "169.254.169.254", "localhost:80")
    assert not may("127.0.0.1", "127.0.0.1", "localhost:80")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_odd_spellings_of_addresses_are_names(host):
    """The resolver takes them for addresses; they are not what somebody wrote into studiolo.toml."""
    assert not may(host, "127.0.0.1", "*", "127.0.0.1:80", f"{host}:80")


def test_what_is_no_address_is_refused():
    """A slip must not open anything."""
    assert not may("example.org", "", "example.org:80") and not may("example.org", "x", "example.org:80")
