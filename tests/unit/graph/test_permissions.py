"""Limits and grants against what is possible and what the workspace allows."""

from __future__ import annotations

import os

import pytest

from studiolo.domain.limits import LIMIT_NAMES, Grants, Limits, covers
from studiolo.errors import UserError
from studiolo.graph.permissions import LIMIT_RANGES, grant_problems, grants_from, limit_problems


def test_every_limit_has_a_range_and_the_defaults_lie_in_it():
    """A new limit must not be forgotten here."""
    assert tuple(LIMIT_RANGES) == LIMIT_NAMES
    assert list(limit_problems(Limits(), "n")) == []


@pytest.mark.parametrize("name", LIMIT_NAMES)
def test_a_limit_outside_its_range_is_told(name):
    """Zero seconds or a negative size is a typing error."""
    low, high = LIMIT_RANGES[name]
    for value in (low - 1, high + 1, -1):
        (problem,) = limit_problems(Limits(**{name: value}), "n")
        assert problem[:2] == (("limits", name), "out-of-range")
    assert list(limit_problems(Limits(**{name: high}), "n")) == []


@pytest.mark.parametrize(
    "pattern, name, expected",
    [
        ("*", "example.com:443", True),
        ("*", "*", True),
        ("example.com:443", "example.com:443", True),
        ("example.com:443", "EXAMPLE.com:443", True),
        ("example.com:443", "example.com:80", False),
        ("example.com:*", "example.com:80", True),
        ("*.example.com:443", "a.b.example.com:443", True),
        ("*.example.com:443", "example.com:443", False),
        ("*.example.com:443", "evil-example.com:443", False),
        ("example.com:443", "*", False),
        ("*:443", "example.com:443", True),
        ("[::1]:443", "[::1]:443", True),
        ("[::1]:443", ":443", False),
    ],
)
def test_a_pattern_allows_exactly_what_it_says(pattern, name, expected):
    """R-1.9: named hosts; a ceiling must not let more through."""
    assert covers(pattern, name) is expected


@pytest.mark.parametrize(
    "name",
    [
        "example.com",
        "example.com:",
        "example.com:0",
        "example.com:65536",
        ":443",
        "a b:1",
        "http://x:80",
        "*.example.com:443",
        "x:*",
        "",
    ],
)
def test_a_node_names_each_host_with_its_port(name):
    """Patterns belong to the workspace's file, not to a node."""
    (problem,) = grant_problems(Grants((name,)), Grants(("*",)), "n", None)
    assert problem[1] == "wrong-grant"


def test_a_grant_beyond_the_ceiling_says_what_to_write(workspace):
    """R-1.9: a denied action names the grant that would allow it."""
    (workspace / "data" / "reference").mkdir()
    wanted = Grants(("example.com:443",), ("data/reference",))
    assert [one[1:] for one in grant_problems(wanted, Grants(), "n", workspace)] == [
        (
            "grant-not-allowed",
            'Node n asks to reach "example.com:443", which the workspace does not allow.',
            'To allow it, write in studiolo.toml under [grants]: network = ["example.com:443"]',
        ),
        (
            "grant-not-allowed",
            'Node n asks to read "data/reference", which the workspace does not allow.',
            'To allow it, write in studiolo.toml under [grants]: read = ["data/reference"]',
        ),
    ]
    for ceiling in (Grants(("*",), ("data",)), Grants(("example.com:*",), (".",)), None):
        assert list(grant_problems(wanted, ceiling, "n", workspace)) == []
    assert len(list(grant_problems(wanted, Grants(("*",), ("dat",)), "n", workspace))) == 1


@pytest.mark.parametrize(
    "folder",
    [
        "/etc",
        "../x",
        "data/../../x",
        ".studiolo",
        ".studiolo/blobs",
        "nowhere",
        "data/out",
        "C:/x",
        ".git",
        "data/.keys",
        "data/git",
        ".",
        "data/all",
    ],
)
def test_only_folders_of_the_workspace_can_be_read(workspace, folder):
    """Not by dots, not by links, and nothing hidden: not studiolo's own database, no keys (H5-A)."""
    os.symlink("/etc", workspace / "data" / "out")
    os.symlink("../.git", workspace / "data" / "git")
    os.symlink("..", workspace / "data" / "all")
    for hidden in (".git", "data/.keys"):
        (workspace / hidden).mkdir()
    (problem,) = grant_problems(Grants(read=(folder,)), Grants(read=(".",)), "n", workspace)
    assert problem[:2] == (("grants", "read", "0"), "wrong-grant")


def test_the_workspaces_own_list_is_checked_alike():
    """A pattern is fine there, nonsense is not."""
    assert grants_from(("*.example.com:443", "x:*"), ("data/",), "f") == Grants(
        ("*.example.com:443", "x:*"), ("data",)
    )
    assert grants_from(("all",), (), "f") == Grants(("*",))
    for network, read in ((("example.com",), ()), ((), ("../x",))):
        with pytest.raises(UserError):
            grants_from(network, read, "f")
