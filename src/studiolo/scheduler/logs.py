"""The log files of a run's nodes: written while a job prints, so that others can follow."""

from __future__ import annotations

import errno
import hashlib
from io import FileIO
from pathlib import Path
from urllib.parse import quote

from studiolo.store.failures import disk_full

NAME_LIMIT = 240  # of 255 bytes


def log_path(runs: Path, run: int, node: str) -> Path:
    """Give the path of a node's log in a run; the name is escaped, a node may be called anything.

    What would be too long for a file system, as most names of 30 Chinese characters, ends in a digest.
    """
    name = quote(node, safe=" ")
    if len(name) > NAME_LIMIT:
        name = f"{name[: NAME_LIMIT - 33]}-{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    return runs / str(run) / f"{name}.log"


class NodeLog:
    """One log file. It is made with the first text, so that quiet nodes leave none.

    `write` and `close` raise UserError `workspace-disk-full`, or OSError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = 0
        self._file: FileIO | None = None

    def write(self, text: bytes) -> None:
        """Append text; it can be read by others at once."""
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("wb", buffering=0)
            while text:  # an almost full disk takes a part
                taken = self._file.write(text) or 0
                self._written += taken
                text = text[taken:]
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise disk_full(self._path.parent, None, is_quota=error.errno == errno.EDQUOT) from error
            raise

    def close(self, whole: bytes) -> None:
        """Append what `whole`, the kept log, has beyond the streamed part, and close."""
        try:
            if len(whole) > self._written:
                self.write(whole[self._written :])
        finally:
            if self._file is not None:
                self._file.close()
                self._file = None
