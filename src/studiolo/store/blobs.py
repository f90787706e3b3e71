"""The store of immutable content on disk: one file for each digest, whole or not there at all.

`root/ab/cdef…` holds the content whose digest begins with `abcdef…`; what is being written lies in
`root/../temporary`. Does not know what the bytes mean; `studiolo.store.codec` does.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studiolo.errors import StudioloError, UserError
from studiolo.store.digest import digest_bytes, digest_descriptor, is_digest
from studiolo.store.failures import storing
from studiolo.store.temporary import TemporaryFile, sweep, sync_folder

FRESH_SECONDS = 60.0
"""Younger content may not be durable under its name yet; older content is made young when kept."""

GROUP_LIMIT = 64
"""A group of blobs that waits for `flush` is flushed when it has this many, as each holds a descriptor."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True)
class Blob:
    """A blob as it lies in the store.

    Attributes:
        digest: its name.
        size: length in bytes.
        modified: seconds since the epoch when it was written or last kept.
    """

    digest: str
    size: int
    modified: float


class BlobStore:
    """Content by digest in a folder. Safe for several threads and several processes at once.

    Guarantees: a digest is visible only with all its bytes, on disk; equal content is kept once and not
    written again; a process killed at any moment leaves at most temporary files, which `sweep` removes.

    Args:
        root: the folder `blobs` of a workspace's `.studiolo`; made when first needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.temporary = root.parent / "temporary"
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._waiting: dict[str, TemporaryFile] = {}
        self._unsynced: set[Path] = set()
        self._failure: StudioloError | None = None

    # Naming

    def relative(self, digest: str) -> str:
        """Give the path of a digest below `root`: `ab/cdef…`.

        Raises:
            ValueError: `digest` is not one; nothing else may become a path here.
        """
        if not is_digest(digest):
            raise ValueError(f"not a digest: {digest[:80]!r}")
        return f"{digest[:2]}/{digest[2:]}"

    def path(self, digest: str) -> Path:
        """Give the path of a digest, whether it is there or not."""
        return self.root / self.relative(digest)

    # Reading

    def has(self, digest: str) -> bool:
        """Say whether the content is there. To build on it later, call `keep` instead."""
        return self.path(digest).is_file()

    def open(self, digest: str) -> int:
        """Open content for reading and give the descriptor, which is the caller's to close.

        Raises:
            UserError: `missing-content`.
        """
        try:
            return os.open(self.path(digest), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise missing_content(digest) from None

    def read(self, digest: str) -> bytes:
        """Give all bytes of a blob; raises as `open`."""
        with os.fdopen(self.open(digest), "rb") as file:
            return file.read()

    def verify(self, digest: str) -> bool:
        """Read the content again and say whether it is there and still is what its name says."""
        try:
            descriptor = self.open(digest)
        except UserError:
            return False
        try:
            return digest_descriptor(descriptor, os.fstat(descriptor).st_size) == digest
        finally:
            os.close(descriptor)

    def blobs(self) -> Iterator[Blob]:
        """Go through everything in the store, in no order; what comes or goes meanwhile may be missed."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self.root) as folders:
            for folder in folders:
                with (
                    contextlib.suppress(FileNotFoundError, NotADirectoryError),
                    os.scandir(folder) as entries,
                ):
                    for entry in entries:
                        digest = folder.name + entry.name
                        if is_digest(digest):
                            facts = entry.stat(follow_symlinks=False)
                            yield Blob(digest, facts.st_size, facts.st_mtime)

    # Writing

    def put_bytes(self, data: bytes, *, durable: bool = True) -> tuple[str, int]:
        """Keep bytes and give their digest and size; see `put_descriptor`."""
        digest, size = digest_bytes(data), len(data)
        if not self._is_there(digest, size, durable):
            with storing(self.temporary, size), TemporaryFile(self.temporary) as file:
                file.write(data)
                self._keep_file(file, digest, durable)
        return digest, size

    def put_descriptor(
        self, descriptor: int, size: int, digest: str | None = None, *, durable: bool = True
    ) -> str:
        """Keep the first `size` bytes behind a descriptor and give their digest.

        Content that is there already is not written; one of a wrong size is replaced.

        Args:
            descriptor: open for reading; its position neither matters nor changes. Anything but a memfd
                sealed against writing is copied before it is named, so that what is kept is what is named.
            size: number of bytes.
            digest: the digest if it is known, which is believed.
            durable: False: the content becomes visible and durable at the next `flush`, together with
                all others put so; much cheaper for several small ones.

        Raises:
            UserError: `workspace-disk-full` or `workspace-unwritable`; nothing is left behind.
            ValueError: there are fewer than `size` bytes.
        """
        if digest is None and _is_sealed(descriptor):
            digest = digest_descriptor(descriptor, size)
        if digest is not None and self._is_there(digest, size, durable):
            return digest
        with storing(self.temporary, size), TemporaryFile(self.temporary) as file:
            file.copy(descriptor, size)
            return self.put_temporary(file, size, digest, durable=durable)

    def put_file(self, path: Path, *, durable: bool = True) -> tuple[str, int]:
        """Keep a copy of a file as it is now and give its digest and size; see `put_descriptor`.

        Raises:
            OSError: the file cannot be opened.
        """
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            size = os.fstat(descriptor).st_size
            return self.put_descriptor(descriptor, size, durable=durable), size
        finally:
            os.close(descriptor)

    def put_temporary(
        self, file: TemporaryFile, size: int, digest: str | None = None, *, durable: bool = True
    ) -> str:
        """Keep what was written into a temporary file of this store's folder, without copying it.

        Args:
            file: made in `temporary`; placed, discarded or taken over afterwards.
            size: number of bytes in it.
            digest: the digest if it is known, which is believed.
            durable: as in `put_descriptor`.
        """
        if digest is None:
            digest = digest_descriptor(file.descriptor, size)
        if self._is_there(digest, size, durable):
            file.discard()
        else:
            with storing(self.temporary, size):
                self._keep_file(file, digest, durable)
        return digest

    def flush(self, digests: Iterable[str] = ()) -> None:
        """Make everything put with `durable=False` visible and durable; returns when it is.

        Takes along what other threads have put so far, and waits for a flush of theirs that is under way.

        Args:
            digests: what the caller is about to refer to. Needed when several threads flush: another one's
                flush may have taken it along and failed.

        Raises:
            UserError: `workspace-disk-full` or `workspace-unwritable`; what waited is discarded and has to
                be put again.
        """
        with self._flushing:
            with self._lock:
                files, self._waiting = self._waiting, {}
                folders, self._unsynced = self._unsynced, set()
            needed = sum(os.fstat(file.descriptor).st_size for file in files.values())
            try:
                with storing(self.root, needed):
                    self._place_all(files, folders)
            except StudioloError as error:
                self._failure = error
                raise
            finally:
                # Those that were placed are not there to be discarded any more.
                for file in files.values():
                    file.discard()
            lost = next((digest for digest in digests if not self.has(digest)), None)
            if lost is not None:
                raise self._failure or missing_content(lost)

    def keep(self, digest: str, size: int | None = None) -> bool:
        """Say whether the content is there, and if so keep it from being collected for the grace period.

        Call it before a row that refers to content of an earlier row (a reused result, a cached digest) is
        written; `has` followed by a row could lose a race against `retention.collect`. Costs some 15
        microseconds.

        Args:
            digest: the content.
            size: its length if known; content of another length counts as not there.
        """
        return self._refresh(digest, size, None)

    # Removing

    def sweep(self) -> int:
        """Remove the temporary files of dead processes and give their number."""
        return sweep(self.temporary)

    def remove(self, digest: str, *, unless_after: float) -> bool:
        """Remove content unless it was written or kept after `unless_after`, and say whether it went.

        Only `retention.collect` knows that nobody needs it.
        """
        path = self.path(digest)
        with contextlib.suppress(FileNotFoundError), _locked_folder(path.parent, fcntl.LOCK_EX) as folder:
            facts = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
            if facts.st_mtime <= unless_after:
                os.unlink(path.name, dir_fd=folder)
                return True
        return False

    # Inner workings

    def _is_there(self, digest: str, size: int | None, durable: bool) -> bool:
        with self._lock:
            is_waiting = digest in self._waiting
            if is_waiting and not durable:
                return True
        if is_waiting:
            self.flush()
        return self._refresh(digest, size, durable)

    def _refresh(self, digest: str, size: int | None, durable: bool | None) -> bool:
        """Say whether a blob is there, keep it from being collected and see to its name.

        Args:
            digest: the blob.
            size: its length if known.
            durable: make the name durable now, at the next flush (False), or know that it is (None).
        """
        name = self.relative(digest)
        path = f"{self.root}/{name[:2]}"
        with contextlib.suppress(FileNotFoundError), _locked_folder(path, fcntl.LOCK_SH) as folder:
            facts = os.stat(name[3:], dir_fd=folder, follow_symlinks=False)
            if size is not None and facts.st_size != size:
                return False
            now = time.time()
            if now - facts.st_mtime > FRESH_SECONDS:
                # A store that this user cannot write cannot be collected by them either.
                with contextlib.suppress(OSError):
                    os.utime(name[3:], dir_fd=folder)
            # Another process may have placed it just now and not yet made the name durable.
            if durable is not None and abs(now - facts.st_ctime) < FRESH_SECONDS:
                if durable:
                    with storing(self.root):
                        os.fsync(folder)
                else:
                    with self._lock:
                        self._unsynced.add(Path(path))
            return True
        return False

    def _keep_file(self, file: TemporaryFile, digest: str, durable: bool) -> None:
        if durable:
            self._place_all({digest: file}, set())
            return
        # The store takes the file over; the caller's `with` block then finds nothing to discard.
        own = file.hand_over()
        with self._lock:
            earlier = self._waiting.get(digest)
            self._waiting[digest] = own
            is_full = len(self._waiting) >= GROUP_LIMIT
        if earlier is not None:
            earlier.discard()
        if is_full:
            self.flush()

    def _place_all(self, files: dict[str, TemporaryFile], folders: set[Path]) -> None:
        """Bring bytes to disk, then give the names, then bring the names to disk."""
        for file in files.values():
            os.fdatasync(file.descriptor)
        for digest, file in files.items():
            folders |= self._place(file, self.path(digest))
        for folder in folders:
            sync_folder(folder)

    def _place(self, file: TemporaryFile, target: Path) -> set[Path]:
        if not target.parent.is_dir():
            self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
            target.parent.mkdir(mode=0o755, exist_ok=True)
            sync_folder(self.root)
        with _locked_folder(target.parent, fcntl.LOCK_SH):
            file.place(target)
        return {target.parent}


def missing_content(digest: str) -> UserError:
    """Make the error that content is not in the store any more."""
    return UserError(
        "missing-content",
        f"The content {digest[:12]} is not in the store.",
        "It was removed or never kept. Run the experiment again: what is missing is computed again.",
        digest=digest,
    )


@contextlib.contextmanager
def _locked_folder(path: Path | str, kind: int) -> Iterator[int]:
    """Hold the lock between those who keep content and the one who collects it; short, per folder."""
    descriptor = os.open(path, _FOLDER)
    try:
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        os.close(descriptor)


def _is_sealed(descriptor: int) -> bool:
    try:
        return bool(fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE)
    except OSError:
        return False
