"""Reads and writes files of the workspace by path, and refuses paths that leave it."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

from studiolo.domain.nearest import did_you_mean
from studiolo.domain.reserved import (
    DATABASE_ENDINGS,
    RESERVED_FOLDERS,
    STATE_FOLDER,
    WORKSPACE_FILE,
    WRITTEN_ENDINGS,
    Refusal,
    reading_problem,
    writing_problem,
)
from studiolo.errors import UserError
from studiolo.store.blobs import BlobStore
from studiolo.store.failures import storing
from studiolo.store.temporary import TemporaryFile, sync_folder

RACY_NS = 2_000_000_000
"""A file changed less than this ago may change again without its size and time showing it."""

_PIECE_BYTES = 1 << 20
_TRIES = 3
_LISTED = 2_000


class FileDigests(Protocol):
    """Digests of files as they were when last read; `studiolo.metadata.Metadata` is one."""

    def file_digest(self, path: str | Path, size: int, mtime_ns: int, inode: int) -> tuple[str, int] | None:
        """Give digest and size of an unchanged file, or None."""
        ...

    def put_file_digest(self, path: str | Path, size: int, mtime_ns: int, inode: int, digest: str) -> None:
        """Remember the digest of a file."""
        ...


def read_local(
    name: str, workspace_root: Path, blobs: BlobStore, digests: FileDigests, *, allow_outside: bool = False
) -> tuple[str, int]:
    """Keep a file's bytes in the store and give their digest and size.

    A file that looks as it did at the last reading costs a look at its size, time and inode.

    Raises:
        UserError: `bad-path`, `outside-workspace`, `reserved-path`, `missing-file`, `not-a-file`,
            `unreadable-file`, `empty-file`, `changing-file`; also a full disk.
    """
    path = resolve_source(name, workspace_root, allow_outside=allow_outside)
    facts = _facts(name, path)
    known = digests.file_digest(path, facts.st_size, facts.st_mtime_ns, facts.st_ino)
    if known is not None and blobs.keep(*known):
        return known
    with _opened(name, path) as descriptor:
        for _ in range(_TRIES):
            before = os.fstat(descriptor)
            try:
                digest = blobs.put_descriptor(descriptor, before.st_size)
            except ValueError:
                # It became shorter meanwhile.
                continue
            after = os.fstat(descriptor)
            if _same(before, after):
                break
        else:
            raise UserError(
                "changing-file",
                f'The file "{name}" changes while it is read.',
                "Run again when the program that writes it has finished.",
            )
    if abs(time.time_ns() - after.st_mtime_ns) > RACY_NS:
        digests.put_file_digest(path, after.st_size, after.st_mtime_ns, after.st_ino, digest)
    return digest, after.st_size


def write_local(
    name: str, workspace_root: Path, descriptor: int, size: int, *, allow_outside: bool = False
) -> bool:
    """Give a file the first `size` bytes behind a descriptor, whole or not at all, and say if it changed.

    Folders on the way are made. A file with the same bytes already is left alone. An existing file keeps
    its access rights. When it fails, the old file is as it was and nothing else is left.

    Raises:
        UserError: `bad-path`, `outside-workspace`, `reserved-path`, `wrong-name`, `not-a-file`,
            `unreadable-file`, `workspace-disk-full`, `workspace-unwritable`.
    """
    path = _resolve_target(name, workspace_root, allow_outside=allow_outside)
    state = workspace_root.resolve() / STATE_FOLDER
    mode = None
    if path.exists():
        facts = _facts(name, path, may_be_empty=True)
        mode = stat.S_IMODE(facts.st_mode)
        if facts.st_size == size and _has_content(name, path, descriptor, size):
            return False
    elif _is_folder(name, path):
        raise _not_a_file(name, "is a folder")
    with storing(path.parent, size):
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(_temporary_folder(path.parent, state), mode) as file:
            file.copy(descriptor, size)
            os.fdatasync(file.descriptor)
            file.place(path)
        sync_folder(path.parent)
    return True


def resolve_source(name: str, workspace_root: Path, *, allow_outside: bool = False) -> Path:
    """Give the absolute path of what an experiment may read.

    Raises:
        UserError: `bad-path`, `outside-workspace` or `reserved-path`.
    """
    path = resolve(name, workspace_root, allow_outside=allow_outside)
    if not allow_outside:
        root = workspace_root.resolve()
        _refuse(name, path, root, reading_problem(path.relative_to(root).parts))
    return path


def resolve_database(name: str, workspace_root: Path, *, allow_outside: bool = False) -> Path:
    """Give the absolute path of a database file that an experiment may write in.

    Raises:
        UserError: `bad-path`, `outside-workspace`, `reserved-path`, `wrong-name`, `not-a-file`.
    """
    path = _resolve_target(name, workspace_root, allow_outside=allow_outside, endings=DATABASE_ENDINGS)
    if path.exists():
        _facts(name, path, may_be_empty=True)
    return path


def _resolve_target(
    name: str, workspace_root: Path, *, allow_outside: bool, endings: tuple[str, ...] = WRITTEN_ENDINGS
) -> Path:
    path = resolve(name, workspace_root, allow_outside=allow_outside)
    root = workspace_root.resolve()
    if not allow_outside:
        problem = writing_problem(path.relative_to(root).parts, endings)
        if problem is not None and (problem[0] == "reserved-path" or not _is_folder(name, path)):
            _refuse(name, path, root, problem)
    # By identity too: a file system or a mount may know a folder by further names.
    reserved = (STATE_FOLDER,) if allow_outside else (STATE_FOLDER, WORKSPACE_FILE, *RESERVED_FOLDERS)
    for place in (path, *path.parents):
        if place == root:
            break
        for one in reserved:
            with contextlib.suppress(OSError):
                if place.samefile(root / one):
                    what, hint = f'lies in "{one}", which is studiolo\'s own', "Write to another folder."
                    _refuse(name, path, root, ("reserved-path", what, hint))
    return path


def _is_folder(name: str, path: Path) -> bool:
    return path.is_dir() or name.endswith(("/", os.sep))


def _refuse(name: str, path: Path, root: Path, problem: Refusal | None) -> None:
    if problem is not None:
        code, what, hint = problem
        raise UserError(code, f'"{name}"{_link(name, root, path)} {what}.', hint)


def _link(name: str, root: Path, path: Path) -> str:
    return "" if os.path.normpath(root / name) == str(path) else f' (it is a link to "{path}")'


def resolve(name: str, workspace_root: Path, *, allow_outside: bool = False) -> Path:
    """Give the absolute path that a path of the workspace means, links followed.

    Raises:
        UserError: `bad-path` or `outside-workspace`.
    """
    if not name.strip() or "\0" in name:
        raise UserError(
            "bad-path", f"{name!r} is not a path.", "Give the path of a file, such as data/customers.csv."
        )
    root = workspace_root.resolve()
    try:
        path = (root / name).resolve()
    except (OSError, RuntimeError):
        # A circle of links; Python 3.13 leaves it for the opening to find.
        raise UserError("bad-path", f'The links of "{name}" go in a circle.', "Mend the link.") from None
    if not allow_outside and root != path and root not in path.parents:
        raise UserError(
            "outside-workspace",
            f'The path "{name}" leaves the workspace{_link(name, root, path)}.',
            f'Copy the file into the workspace, for example to "data/{path.name}", or register it with '
            "`studiolo dataset add`, which may read any file of yours.",
        )
    return path


def _facts(name: str, path: Path, *, may_be_empty: bool = False) -> os.stat_result:
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(name, path) from None
    except OSError as error:
        raise _unreadable(name, path, error) from None
    if stat.S_ISDIR(facts.st_mode):
        raise _not_a_file(name, "is a folder", _listing(path))
    if not stat.S_ISREG(facts.st_mode):
        raise _not_a_file(name, "is not an ordinary file (a pipe, socket or device)")
    if facts.st_size == 0 and not may_be_empty:
        raise UserError("empty-file", f'The file "{name}" is empty.', f"Its absolute path is {path}.")
    return facts


@contextlib.contextmanager
def _opened(name: str, path: Path) -> Iterator[int]:
    try:
        # A pipe that took the file's place would otherwise make us wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise _missing(name, path) from None
    except OSError as error:
        raise _unreadable(name, path, error) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _has_content(name: str, path: Path, descriptor: int, size: int) -> bool:
    with _opened(name, path) as present:
        return all(
            os.pread(present, _PIECE_BYTES, offset)
            == os.pread(descriptor, min(_PIECE_BYTES, size - offset), offset)
            for offset in range(0, size, _PIECE_BYTES)
        )


def _temporary_folder(folder: Path, state: Path) -> Path:
    """Give the workspace's folder for half-written files where a rename from there is possible."""
    temporary = state / "temporary"
    try:
        if temporary.stat().st_dev == folder.stat().st_dev:
            return temporary
    except OSError:
        pass
    return folder


def _same(before: os.stat_result, after: os.stat_result) -> bool:
    return (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_size,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )


def _listing(folder: Path) -> str:
    """Give a hint that names files of a folder."""
    names = _names(folder)
    if not names:
        return "It holds no files."
    return f"It holds {', '.join(names[:10])}{f' and {len(names) - 10} more' if len(names) > 10 else ''}."


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in islice(entries, _LISTED))
    except OSError:
        return []


def _missing(name: str, path: Path) -> UserError:
    folder = path.parent
    if folder.is_dir():
        hint = did_you_mean(path.name, _names(folder), "file")
    else:
        missing = folder
        while not missing.parent.is_dir():
            missing = missing.parent
        known = [entry for entry in _names(missing.parent) if (missing.parent / entry).is_dir()]
        hint = f'There is no folder "{missing.name}" in {missing.parent}. '
        hint += did_you_mean(missing.name, known, "folder")
    return UserError("missing-file", f'There is no file "{name}".', f"{hint} Looked for {path}.")


def _not_a_file(name: str, what: str, hint: str = "") -> UserError:
    return UserError("not-a-file", f'"{name}" {what}.', f"Give the path of a file. {hint}".rstrip())


def _unreadable(name: str, path: Path, error: OSError) -> UserError:
    return UserError(
        "unreadable-file",
        f'The file "{name}" cannot be read: {os.strerror(error.errno or 0)}.',
        f"Check the access rights of {path}.",
    )
