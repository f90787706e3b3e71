"""Writes finished node runs behind the run's back: contents first, then the row, many in one go.

While one group is being brought to disk the next gathers, so that a chain of short nodes pays one wait for the
disk for several of them. A node counts as finished only when its row is in the database; a host killed before
that loses nothing but the work of that node.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from studiolo.domain.run import NodeRun
from studiolo.errors import InternalError, StudioloError
from studiolo.metadata import Metadata
from studiolo.store.blobs import BlobStore


@dataclass(frozen=True)
class NewContent:
    """Content that the store has to get: from a descriptor, or as bytes.

    Attributes:
        digest: its digest.
        size: length in bytes.
        descriptor: sealed memfd; stays the caller's.
        data: the bytes, when there is no descriptor.
        port: output port it belongs to, or None.
    """

    digest: str
    size: int
    descriptor: int | None = None
    data: bytes = b""
    port: str | None = None


@dataclass(frozen=True)
class Finished:
    """A node run with the contents it refers to.

    Attributes:
        node_run: the row.
        contents: what the store may lack.
        is_stored: called in the persister's thread when contents and row are durable, or with why not.
        is_last: the node's last row, where nobody can do anything about a problem: `close` tries it again.
    """

    node_run: NodeRun
    contents: Sequence[NewContent] = field(default=())
    is_stored: Callable[[StudioloError | None], None] = lambda _: None
    is_last: bool = False


class Persister:
    """A thread that stores finished nodes in groups. `put` never waits; `close` waits for all."""

    def __init__(self, blobs: BlobStore, metadata: Metadata) -> None:
        self._blobs = blobs
        self._metadata = metadata
        self._queue: queue.SimpleQueue[Finished | None] = queue.SimpleQueue()
        self._unrecorded: list[NodeRun] = []
        self._thread = threading.Thread(target=self._work, name="studiolo-persister", daemon=True)
        self._thread.start()

    def put(self, finished: Finished) -> None:
        """Hand over a node run."""
        self._queue.put(finished)

    def close(self) -> None:
        """Wait until everything handed over is stored.

        Raises:
            UserError: the last row of a node could not be stored, and still can't be.
        """
        self._queue.put(None)
        self._thread.join()
        rows, self._unrecorded = self._unrecorded, []
        if rows:
            self._metadata.put_node_runs(rows)

    def _work(self) -> None:
        is_open = True
        while is_open:
            item = self._queue.get()
            group: list[Finished] = []
            while True:
                if item is None:
                    is_open = False
                    break
                group.append(item)
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            if group:
                self._store(group)

    def _store(self, group: list[Finished]) -> None:
        try:
            self._write(group)
        except Exception as error:
            if len(group) > 1:  # one bad apple: each alone, so that the others are kept
                for finished in group:
                    self._store([finished])
                return
            if not isinstance(error, StudioloError):
                error = InternalError("internal", f"A result could not be stored: {error!r}")
            if group[0].is_last:
                self._unrecorded.append(group[0].node_run)
            group[0].is_stored(error)
            return
        for finished in group:
            finished.is_stored(None)

    def _write(self, group: list[Finished]) -> None:
        for finished in group:
            for content in finished.contents:
                if content.descriptor is None:
                    self._blobs.put_bytes(content.data, durable=False)
                else:
                    self._blobs.put_descriptor(
                        content.descriptor, content.size, content.digest, durable=False
                    )
        self._blobs.flush({content.digest for finished in group for content in finished.contents})
        self._metadata.put_node_runs([finished.node_run for finished in group])
