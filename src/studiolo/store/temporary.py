"""Files that are being written: under a name nobody looks at, locked as long as their writer lives."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType

PREFIX = "part-"
_COPY_PIECE_BYTES = 64 << 20
_NO_DIRECT_COPY = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM)


class TemporaryFile:
    """A new empty file that becomes visible only by `place`.

    Its writer holds a lock on it that the kernel lets go when the process dies, however it dies; `sweep`
    removes files without such a lock. That holds across containers that share a folder, where process
    numbers would mean nothing. Leaving the `with` block without `place` removes the file.

    Attributes:
        descriptor: open for reading and writing.
        path: where it lies until it is placed.
    """

    def __init__(self, folder: Path, mode: int | None = 0o644) -> None:
        """Create the file.

        Args:
            folder: made, readable by its owner only, when it is not there.
            mode: access of the file, whatever the umask is; None for what the umask gives any new file.

        Raises:
            OSError: it cannot be created.
        """
        while True:
            self.path = folder / f"{PREFIX}{os.getpid()}-{os.urandom(8).hex()}"
            self.descriptor = _create(self.path, 0o666 if mode is None else 0o600)
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX)
                if mode is not None:
                    os.fchmod(self.descriptor, mode)
                if os.fstat(self.descriptor).st_nlink:
                    return
            except BaseException:
                self.discard()
                raise
            # A sweep came between creating and locking.
            self.discard()

    def __enter__(self) -> TemporaryFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`.

        Raises:
            OSError: the disk is full or failed.
        """
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]

    def copy(self, source: int, size: int) -> None:
        """Append the first `size` bytes behind the descriptor `source`, whose position stays as it was.

        Shares the blocks instead of copying them where the file system can; otherwise the kernel copies,
        no bytes pass through Python.

        Raises:
            ValueError: `source` has fewer bytes.
            OSError: reading or writing failed.
        """
        offset = 0
        direct = True
        while offset < size:
            piece = min(size - offset, _COPY_PIECE_BYTES)
            if direct:
                try:
                    count = os.copy_file_range(source, self.descriptor, piece, offset)
                except OSError as error:
                    if error.errno not in _NO_DIRECT_COPY:
                        raise
                    direct = False
                    continue
            else:
                count = os.sendfile(self.descriptor, source, offset, piece)
            if count == 0:
                raise ValueError(f"the content ends after {offset} of {size} bytes")
            offset += count

    def place(self, target: Path) -> None:
        """Give the file its name in one step, replacing what had the name, and close it.

        Durable only if `os.fdatasync` came before and `sync_folder` of the target's folder comes after.

        Raises:
            OSError: the name cannot be given; the file is still there to be discarded.
        """
        self.path.rename(target)
        os.close(self.descriptor)
        self.descriptor = -1

    def hand_over(self) -> TemporaryFile:
        """Give the file to another owner: the result is it, and discarding this one does nothing."""
        other = object.__new__(TemporaryFile)
        other.path, other.descriptor = self.path, self.descriptor
        self.descriptor = -1
        return other

    def discard(self) -> None:
        """Remove the file unless it was placed; does nothing the second time."""
        if self.descriptor < 0:
            return
        # While the lock is held: nobody else can have taken the name away and given it to another file.
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        os.close(self.descriptor)
        self.descriptor = -1


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable.

    Raises:
        OSError: the disk failed.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> int:
    """Remove the files in `folder` whose writers are dead and give their number.

    Never touches a file that is being written, nor files with other names. May run at any time, in several
    processes at once.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.name.startswith(PREFIX))
    except FileNotFoundError:
        return 0
    return sum(_remove_abandoned(path) for path in paths)


def _remove_abandoned(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except OSError:
        # Locked by its writer, or placed or removed meanwhile.
        return False
    finally:
        os.close(descriptor)
    return True


def _create(path: Path, mode: int) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags, mode)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, flags, mode)
