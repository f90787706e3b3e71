"""Which addresses a job's network grants let it reach (R-1.9 (1), R-6.1, case 20 of sandbox-attacks.md)."""

from __future__ import annotations

import pytest

from studiolo.worker.network.rules import MOST_ADDRESSES, MOST_NAMES, MOST_TRIED, Denied, Rules

OWN_OR_METADATA = (
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "224.0.0.1",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
)
PRIVATE = (
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "198.51.100.1",
    "240.0.0.1",
    "255.255.255.255",
    "fd00::1",
    "fec0::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:a00:1::1",
    "2001:0:102:304::1",
    "100::1",
    "4000::1",
)
PUBLIC = ("93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8")


def rules(*grants):
    return Rules(grants, is_own=lambda ip: False)


@pytest.mark.parametrize("ip", OWN_OR_METADATA)
def test_a_name_never_stands_for_the_host_or_a_metadata_service(ip):
    """Whoever controls a granted name's DNS records must not reach what the host alone may (rebinding)."""
    one = rules("example.org:443")
    one.learn("example.org", [ip])
    assert not one.allows(ip, 443)


@pytest.mark.parametrize("ip", [*OWN_OR_METADATA, *PRIVATE])
def test_the_whole_network_is_public_addresses_only(ip):
    """Case 20: private ranges are never open unless named."""
    assert not rules("*").allows(ip, 443)


@pytest.mark.parametrize("ip", PUBLIC)
def test_the_whole_network_has_every_public_address_and_port(ip):
    """What `network: all` is for."""
    one = rules("*")
    assert one.allows(ip, 443) and one.allows(ip, 40_000)
    assert not Rules(["*"], is_own=lambda ip: True).allows(ip, 443)


@pytest.mark.parametrize("ip", [*PRIVATE, *PUBLIC])
def test_a_name_may_stand_for_any_other_address(ip):
    """A database in the company's own network is reached by its name."""
    one = rules("db.corp:5432")
    assert not one.allows(ip, 5432)
    one.learn("DB.corp.", [ip])
    assert one.allows(ip, 5432) and not one.allows(ip, 5433)


@pytest.mark.parametrize("ip", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "fe80::1", "::1", "8.8.8.8"])
def test_a_literal_address_is_allowed_as_it_is_written(ip):
    """Who writes an address means it."""
    one = rules(f"[{ip}]:80" if ":" in ip else f"{ip}:80")
    assert one.allows(ip, 80)
    assert not one.allows(ip, 81) and not one.allows("10.1.2.4", 80)


def test_a_mapped_address_is_the_one_it_reaches():
    """An IPv6 socket can connect to IPv4 addresses."""
    assert rules("10.1.2.3:80").allows("::ffff:10.1.2.3", 80)
    assert rules("[::ffff:10.1.2.3]:80").allows("10.1.2.3", 80)


def test_localhost_is_the_hosts_own_loopback_and_cannot_be_taught():
    """`localhost:PORT` is the one way to the host's own services."""
    one = rules("localhost:5432")
    one.learn("localhost", ["10.0.0.1"])
    assert one.allows("127.0.0.1", 5432) and one.allows("::1", 5432)
    assert not one.allows("127.0.0.1", 5433) and not one.allows("10.0.0.1", 5432)
    assert not one.allows("127.0.0.2", 5432)
    assert one.addresses("::1", 5432) == ("::1", "127.0.0.1")


def test_ports_to_listen_on_are_those_granted():
    """The cell listens on nothing else, so that other ports are refused at once."""
    assert rules("a.org:443", "10.0.0.1:22", "[::1]:22", "b.org:8080").ports == (22, 443, 8080)
    assert rules("*", "b.org:8080").ports == (80, 443, 8080)
    assert rules().ports == ()


@pytest.mark.parametrize(
    "grant", ["", "a.org", "a.org:", ":80", "a.org:0", "a.org:65536", "a.org:*", "a.org:x"]
)
def test_a_malformed_grant_opens_nothing(grant):
    """Grants are checked when the experiment is read; a slip after that must not widen them."""
    with pytest.raises(ValueError, match="no host with a port"):
        rules(grant)


def test_only_granted_names_are_resolved():
    """DNS must not carry data out."""
    one = rules("example.org:443")
    assert one.may_resolve("Example.ORG.")
    assert not one.may_resolve("data.example.org") and not one.may_resolve("org") and not one.may_resolve("")
    assert one.names(443) == ("example.org",) and one.names(80) == ()
    assert rules("*").may_resolve("anything.example")


def test_a_denial_names_what_would_have_to_be_granted():
    """The error's hint is copied into the experiment."""
    one = rules("example.org:443", "*")
    one.learn("example.org", ["10.0.0.1", "127.0.0.1"])
    one.learn("corp.internal", ["10.0.0.9"])
    assert one.denial("10.0.0.1", 8080) == Denied("example.org", 8080)
    assert one.denial("10.0.0.9", 80) == Denied("corp.internal", 80)
    assert one.denial("127.0.0.1", 443) == Denied("127.0.0.1", 443)
    assert one.denial("10.0.0.7", 80) == Denied("10.0.0.7", 80)


def test_addresses_of_one_name_stand_in_for_each_other():
    """The job sees its connection succeed, so it can't try the next address itself."""
    one = rules("example.org:443")
    one.learn("example.org", ["10.0.0.1", "127.0.0.1", "10.0.0.2"])
    assert one.addresses("10.0.0.2", 443) == ("10.0.0.2", "10.0.0.1")
    one.learn("example.org", [f"10.0.1.{number}" for number in range(200)])
    assert len(one.addresses("10.0.0.2", 443)) == MOST_TRIED


def test_memory_is_bounded():
    """A job may ask for names for ever."""
    one = rules("*", "kept.org:443")
    one.learn("kept.org", ["10.0.0.1"])
    for number in range(3 * MOST_NAMES):
        one.learn(f"{number}.org", ["8.8.8.8"])
    one.learn("wide.org", [f"8.8.{number // 250}.{number % 250}" for number in range(1000)])
    assert len(one._addresses) <= MOST_NAMES and len(one._addresses["wide.org"]) == MOST_ADDRESSES
    assert one.allows("10.0.0.1", 443)
