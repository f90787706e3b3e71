"""The log files of a run's nodes: written while a job prints, so that others can follow."""

from __future__ import annotations

from io import FileIO
from pathlib import Path
from urllib.parse import quote


def log_path(runs: Path, run: int, node: str) -> Path:
    """Give the path of a node's log in a run; the name is escaped, a node may be called anything."""
    return runs / str(run) / f"{quote(node, safe=' ')}.log"


class NodeLog:
    """One log file. It is made with the first text, so that quiet nodes leave none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = 0
        self._file: FileIO | None = None

    def write(self, text: bytes) -> None:
        """Append text; it can be read by others at once."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb", buffering=0)
        self._file.write(text)
        self._written += len(text)

    def close(self, whole: bytes) -> None:
        """Append what `whole`, the kept log, has beyond the streamed part, and close."""
        if len(whole) > self._written:
            self.write(whole[self._written :])
        if self._file is not None:
            self._file.close()
            self._file = None
