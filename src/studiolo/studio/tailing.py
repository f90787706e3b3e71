"""Reads what nodes print while they run, from the log files, in pieces of whole characters."""

from __future__ import annotations

import codecs
import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from studiolo.scheduler.logs import log_path
from studiolo.studio.document_json import Json

PIECE_BYTES = 64 * 1024
BETWEEN_SECONDS = 0.1
AFTER_SECONDS = 2.0


@dataclass(frozen=True)
class LogPiece:
    """A part of a node's log.

    Attributes:
        experiment: name of the experiment.
        run: number of the run.
        node: name of the node.
        offset: where the part begins in the log, in bytes.
        text: the part.
    """

    experiment: str
    run: int
    node: str
    offset: int
    text: str

    def to_json(self) -> Json:
        """Give the data of the event `log`."""
        return {"run": self.run, "node": self.node, "offset": self.offset, "text": self.text}


@dataclass
class _Tail:
    path: Path
    offset: int = 0
    until: float | None = None


@dataclass
class LogTails:
    """The logs of the nodes that run, as far as they were read.

    Attributes:
        runs: folder of the logs.
    """

    runs: Path
    _tails: dict[tuple[str, int, str], _Tail] = field(default_factory=dict)
    _looked: float = 0.0

    def follow(
        self, experiment: str, nodes: Collection[tuple[int, str]], ended: Collection[tuple[int, str]] = ()
    ) -> None:
        """Follow the logs of these nodes of an experiment, by run and name; others end when they have been read.

        Of a log that is long already only the end is read.

        Args:
            experiment: its name.
            nodes: those that run.
            ended: those that began and ended since the last look: their logs are told too.
        """
        for number, node in (*nodes, *ended):
            if (experiment, number, node) not in self._tails:
                path = log_path(self.runs, number, node)
                self._tails[experiment, number, node] = _Tail(path, max(0, _size(path) - PIECE_BYTES))
        for (name, number, node), tail in self._tails.items():
            if name == experiment and (number, node) not in nodes and tail.until is None:
                tail.until = time.monotonic() + AFTER_SECONDS

    def news(self) -> Iterator[LogPiece]:
        """Give what was printed since, at most once in a tenth of a second."""
        now = time.monotonic()
        if now - self._looked < BETWEEN_SECONDS:
            return
        self._looked = now
        for (experiment, number, node), tail in list(self._tails.items()):
            text, following = read_text(tail.path, tail.offset, is_ended=tail.until is not None)
            if text:
                yield LogPiece(experiment, number, node, tail.offset, text)
                tail.offset = following
            elif tail.until is not None and now > tail.until:
                del self._tails[experiment, number, node]


def read_text(path: Path, offset: int, limit: int = PIECE_BYTES, is_ended: bool = True) -> tuple[str, int]:
    """Give a part of a text file from an offset on, and where the next part begins.

    A character that was cut by the end of the part is left to the next one, unless the file has ended there.

    Args:
        path: the file; one that is not there is empty.
        offset: in bytes.
        limit: bytes to read.
        is_ended: nothing will be added to the file.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(limit)
            is_last = is_ended and offset + len(data) >= os.fstat(file.fileno()).st_size
    except OSError:
        return "", offset
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data, final=is_last)
    return text, offset + len(data) - len(decoder.getstate()[0])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
