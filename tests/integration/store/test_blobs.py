"""The store keeps content whole, once, and readable by its digest."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studiolo.errors import UserError
from studiolo.store.blobs import GROUP_LIMIT, Blob, BlobStore
from studiolo.store.digest import digest_bytes
from studiolo.store.temporary import TemporaryFile

Memory = Callable[..., int]


def read(blobs: BlobStore, digest: str) -> bytes:
    with os.fdopen(blobs.open(digest), "rb") as file:
        return file.read()


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_content_lies_under_its_digest(blobs: BlobStore) -> None:
    """Anyone can find and check content with no program of ours (ARCHITECTURE, Store)."""
    digest, size = blobs.put_bytes(b"abc")
    assert (digest, size) == (digest_bytes(b"abc"), 3)
    assert files(blobs.root) == [f"{digest[:2]}/{digest[2:]}"]
    assert blobs.relative(digest) == f"{digest[:2]}/{digest[2:]}"
    assert blobs.path(digest).read_bytes() == b"abc"
    assert stat.S_IMODE(blobs.path(digest).stat().st_mode) == 0o644


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("size", [0, 1, 4096, 3_000_001])
def test_content_comes_back_as_it_was_put(blobs: BlobStore, memory: Memory, size: int, sealed: bool) -> None:
    """A result is the next node's input, byte for byte."""
    data = os.urandom(size)
    digest = blobs.put_descriptor(memory(data, sealed=sealed), size)
    assert (digest, read(blobs, digest), blobs.verify(digest)) == (digest_bytes(data), data, True)
    assert files(blobs.temporary) == []


def test_a_file_is_copied_not_taken(blobs: BlobStore, tmp_path: Path) -> None:
    """Changing the file later must not change what was kept."""
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n1,2\n")
    digest, size = blobs.put_file(path)
    path.write_bytes(b"changed!")
    assert (size, read(blobs, digest)) == (8, b"a,b\n1,2\n")


def test_equal_content_is_kept_once_and_not_written_again(blobs: BlobStore, memory: Memory) -> None:
    """A node that gives the same result again costs no disk (ARCHITECTURE, Store)."""
    digest, _ = blobs.put_bytes(b"abc")
    before = blobs.path(digest).stat()
    blobs.put_bytes(b"abc")
    blobs.put_descriptor(memory(b"abc"), 3)
    blobs.put_descriptor(memory(b"abc", sealed=False), 3)
    blobs.put_descriptor(memory(b"abc"), 3, digest)
    after = blobs.path(digest).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(files(blobs.root)) == 1


def test_content_of_a_wrong_size_is_replaced(blobs: BlobStore) -> None:
    """A file damaged by a failing disk must not spoil every later run."""
    digest, _ = blobs.put_bytes(b"abc")
    blobs.path(digest).write_bytes(b"")
    assert (blobs.verify(digest), blobs.keep(digest, 3)) == (False, False)
    blobs.put_bytes(b"abc")
    assert (blobs.verify(digest), blobs.keep(digest, 3)) == (True, True)


def test_verify_finds_changed_bytes(blobs: BlobStore) -> None:
    """The name promises the bytes; a check must be able to say that the promise is broken."""
    digest, _ = blobs.put_bytes(b"abc")
    blobs.path(digest).write_bytes(b"abd")
    assert blobs.verify(digest) is False
    assert blobs.verify("0" * 64) is False


def test_missing_content_is_a_clear_error(blobs: BlobStore) -> None:
    """Someone may have deleted files by hand."""
    with pytest.raises(UserError) as caught:
        blobs.open("0" * 64)
    assert (caught.value.code, caught.value.summary) == (
        "missing-content",
        "The content 000000000000 is not in the store.",
    )
    assert (blobs.has("0" * 64), blobs.keep("0" * 64)) == (False, False)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 63, "G" * 64])
def test_nothing_but_a_digest_becomes_a_path(blobs: BlobStore, name: str) -> None:
    """A digest may come from a file that a stranger wrote."""
    for call in (blobs.path, blobs.has, blobs.open, blobs.keep, blobs.relative):
        with pytest.raises(ValueError, match="not a digest"):
            call(name)


def test_content_shorter_than_told_is_refused_and_leaves_nothing(blobs: BlobStore, memory: Memory) -> None:
    """What is kept is complete or not there."""
    with pytest.raises(ValueError, match="ends after 3 of 10 bytes"):
        blobs.put_descriptor(memory(b"abc", sealed=False), 10)
    assert (files(blobs.root), files(blobs.temporary)) == ([], [])


def test_a_group_becomes_visible_at_the_flush(blobs: BlobStore, memory: Memory) -> None:
    """Visible content is durable content: a row may refer to it."""
    first = blobs.put_descriptor(memory(b"one"), 3, durable=False)
    second, _ = blobs.put_bytes(b"two", durable=False)
    again, _ = blobs.put_bytes(b"two", durable=False)
    assert (blobs.has(first), blobs.has(second), again == second) == (False, False, True)
    blobs.flush()
    assert (read(blobs, first), read(blobs, second)) == (b"one", b"two")
    assert files(blobs.temporary) == []
    blobs.flush()


def test_durable_content_that_waits_in_a_group_is_flushed(blobs: BlobStore) -> None:
    """Whoever asks for durable content gets it, whatever was asked before."""
    blobs.put_bytes(b"one", durable=False)
    digest, _ = blobs.put_bytes(b"one")
    assert blobs.has(digest)


def test_a_large_group_does_not_hold_all_files_open(blobs: BlobStore) -> None:
    """A process may have only so many open files."""
    for number in range(2 * GROUP_LIMIT + 1):
        blobs.put_bytes(str(number).encode(), durable=False)
    assert len(files(blobs.temporary)) == 1
    blobs.flush()
    assert sum(1 for _ in blobs.blobs()) == 2 * GROUP_LIMIT + 1


def test_a_failed_flush_discards_its_group(blobs: BlobStore) -> None:
    """What could not be kept is not there, and leaves nothing behind (R-12.3)."""
    blobs.put_bytes(b"one", durable=False)
    blobs.root.write_bytes(b"a file stands where the folder has to be")
    with pytest.raises(UserError) as caught:
        blobs.flush()
    assert (caught.value.code, files(blobs.temporary)) == ("workspace-unwritable", [])
    blobs.root.unlink()
    digest, _ = blobs.put_bytes(b"one", durable=False)
    blobs.flush([digest])
    assert blobs.verify(digest)


def test_a_thread_learns_that_the_flush_of_another_lost_its_content(blobs: BlobStore) -> None:
    """No row may be written for content that another thread took along and could not keep."""
    digest, _ = blobs.put_bytes(b"one", durable=False)
    blobs.root.write_bytes(b"a file stands where the folder has to be")
    others: list[str] = []

    def flush_too() -> None:
        try:
            blobs.flush()
        except UserError as error:
            others.append(error.code)

    thread = threading.Thread(target=flush_too)
    thread.start()
    thread.join(10)
    with pytest.raises(UserError) as caught:
        blobs.flush([digest])
    assert (caught.value.code, others) == ("workspace-unwritable", ["workspace-unwritable"])


def test_content_streamed_into_a_temporary_file_is_kept_without_a_copy(blobs: BlobStore) -> None:
    """A fetched gigabyte is written once."""
    with TemporaryFile(blobs.temporary) as file:
        file.write(b"ab")
        file.write(b"c")
        inode = os.fstat(file.descriptor).st_ino
        digest = blobs.put_temporary(file, 3)
    assert (digest, blobs.path(digest).stat().st_ino) == (digest_bytes(b"abc"), inode)
    with TemporaryFile(blobs.temporary) as file:
        file.write(b"abc")
        assert blobs.put_temporary(file, 3) == digest
    assert files(blobs.temporary) == []


def test_keeping_old_content_makes_it_young(blobs: BlobStore) -> None:
    """Content that a row is about to refer to must not be collected meanwhile."""
    digest, _ = blobs.put_bytes(b"abc")
    old = time.time() - 1e6
    os.utime(blobs.path(digest), (old, old))
    assert list(blobs.blobs()) == [Blob(digest, 3, pytest.approx(old, abs=1))]  # type: ignore[arg-type]
    assert blobs.keep(digest)
    assert blobs.remove(digest, unless_after=old + 1) is False
    assert blobs.has(digest)


def test_old_content_can_be_removed(blobs: BlobStore) -> None:
    """Retention frees the disk."""
    digest, _ = blobs.put_bytes(b"abc")
    assert blobs.remove(digest, unless_after=time.time() + 1) is True
    assert (blobs.has(digest), list(blobs.blobs())) == (False, [])
    assert blobs.remove(digest, unless_after=time.time() + 1) is False


def test_a_sweep_leaves_living_writers_and_foreign_files_alone(blobs: BlobStore) -> None:
    """It may run while another process writes."""
    blobs.put_bytes(b"one", durable=False)
    (blobs.temporary / "part-1-left-behind").write_bytes(b"half")
    (blobs.temporary / "notes.txt").write_bytes(b"not ours")
    assert blobs.sweep() == 1
    assert "notes.txt" in files(blobs.temporary)
    assert len(files(blobs.temporary)) == 2
    blobs.flush()
    assert sum(1 for _ in blobs.blobs()) == 1


def test_an_empty_place_has_nothing_to_sweep_or_list(blobs: BlobStore) -> None:
    """A new workspace has no folders yet."""
    assert (blobs.sweep(), list(blobs.blobs())) == (0, [])
