"""Rows that only save work."""

from __future__ import annotations

from studiolo.metadata import Metadata


def test_a_file_is_known_as_long_as_it_looks_the_same(metadata: Metadata) -> None:
    """An unchanged file costs a look, a changed one is read again."""
    name = "data/caf\udce9.csv"
    metadata.put_file_digest(name, 10, 1_000, 5, "a" * 64)
    assert metadata.file_digest(name, 10, 1_000, 5) == ("a" * 64, 10)
    changed = [(11, 1_000, 5), (10, 1_001, 5), (10, 1_000, 6)]
    assert [metadata.file_digest(name, *facts) for facts in changed] == [None, None, None]
    metadata.put_file_digest(name, 11, 1_001, 5, "b" * 64)
    assert metadata.file_digest(name, 10, 1_000, 5) is None
    assert metadata.file_digest(name, 11, 1_001, 5) == ("b" * 64, 11)


def test_known_and_empty_are_told_apart(metadata: Metadata) -> None:
    """A script without problems must not be checked again and again."""
    assert metadata.script_check("key") is None
    metadata.put_script_check("key", [])
    assert metadata.script_check("key") == []
    metadata.put_script_check("key", [{"code": "syntax", "line": 3}])
    assert metadata.script_check("key") == [{"code": "syntax", "line": 3}]


def test_declarations_and_frame_facts_are_remembered(metadata: Metadata) -> None:
    """A user's module is described once per version of its file."""
    assert (metadata.declarations("a"), metadata.frame_facts("a")) == (None, None)
    metadata.put_declarations("a", [{"id": "first-rows", "inputs": []}])
    metadata.put_frame_facts("a", 768, 9)
    metadata.put_frame_facts("a", 768, 9)
    assert metadata.declarations("a") == [{"id": "first-rows", "inputs": []}]
    assert metadata.frame_facts("a") == (768, 9)
