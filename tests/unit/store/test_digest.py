"""Digests name content by its bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from studiolo.store.digest import PIECE_BYTES, digest_bytes, digest_descriptor, is_digest
from studiolo.store.failures import size_text
from studiolo.store.retention import digests_in

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def descriptor() -> Iterator[int]:
    descriptor = os.memfd_create("content")
    yield descriptor
    os.close(descriptor)


def test_a_digest_is_the_sha256_of_the_bytes() -> None:
    """Another program must be able to check a blob with sha256sum."""
    assert digest_bytes(b"") == EMPTY


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_bytes_behind_a_descriptor_have_the_digest_of_the_bytes(descriptor: int, size: int) -> None:
    """A result in memory and the same bytes in a file are one content (ARCHITECTURE, Store)."""
    data = os.urandom(size)
    os.write(descriptor, data)
    assert digest_descriptor(descriptor, size) == digest_bytes(data)


def test_digesting_does_not_move_the_position(descriptor: int) -> None:
    """Others read the same descriptor at the same time."""
    os.write(descriptor, b"abcdef")
    os.lseek(descriptor, 2, os.SEEK_SET)
    digest_descriptor(descriptor, 6)
    assert os.read(descriptor, 10) == b"cdef"


def test_only_the_first_size_bytes_count(descriptor: int) -> None:
    """The size comes from the one who sealed the content, not from the file's end."""
    os.write(descriptor, b"abcdef")
    assert digest_descriptor(descriptor, 3) == digest_bytes(b"abc")


def test_content_shorter_than_its_size_is_refused(descriptor: int) -> None:
    """A digest of less than the content would name something else."""
    os.write(descriptor, b"abc")
    with pytest.raises(ValueError, match="the content ends after 3 of 4 bytes"):
        digest_descriptor(descriptor, 4)


@pytest.mark.parametrize("text", ["", "ab", EMPTY.upper(), EMPTY + "0", "../" + EMPTY[3:], EMPTY + "\n"])
def test_other_texts_are_not_digests(text: str) -> None:
    """Nothing but a digest may become a path in the store."""
    assert (is_digest(EMPTY), is_digest(text)) == (True, False)


def test_digests_are_found_in_any_text() -> None:
    """Retention keeps what a document mentions, whatever the document's form."""
    longer = "f" * 65
    text = f'{{"log": "{EMPTY}", "other": "{longer}", "picture": ["{"0" * 64}"]}}'
    assert digests_in(text.encode()) == {EMPTY, "0" * 64}


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1.0 kB"), (4 << 30, "4.3 GB")]
)
def test_sizes_are_told_in_the_units_of_file_managers(size: int, text: str) -> None:
    """Figures in errors are compared with what other programs show."""
    assert size_text(size) == text
