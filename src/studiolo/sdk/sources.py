"""Files that the host hands to a job: of a `Path` or `Address` parameter, or the text of a script."""

from __future__ import annotations

import mmap
import os
from typing import IO


class SourceFile:
    """The bytes of a file or address, open for reading inside the jail.

    Attributes:
        name: the path or address as the author wrote it; good for messages and for the ending.
        size: length in bytes.
    """

    def __init__(self, name: str, descriptor: int, size: int) -> None:
        self.name = name
        self.size = size
        self._descriptor = descriptor

    def open(self) -> IO[bytes]:
        """Open the bytes from their beginning; may be called again."""
        handle = os.fdopen(os.dup(self._descriptor), "rb")
        handle.seek(0)
        return handle

    def read(self) -> bytes:
        """Give all bytes."""
        with self.open() as handle:
            return handle.read()

    def map(self) -> mmap.mmap | bytes:
        """Map all bytes read-only without copying them; an empty file gives empty bytes."""
        if self.size == 0:
            return b""
        return mmap.mmap(self._descriptor, self.size, access=mmap.ACCESS_READ)


class ScriptText(str):
    """The text of a `Code` parameter that lies in a file of the experiment.

    Attributes:
        file: its path relative to the experiment, for messages.
    """

    file: str

    def __new__(cls, text: str, file: str) -> ScriptText:
        """Make a text that knows its file."""
        made = super().__new__(cls, text)
        made.file = file
        return made
