"""Opens the tables of the store for the page, each mapped once, and keeps the ones looked at last."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from studiolo.domain.dataset import Schema
from studiolo.errors import UserError, WorkerError
from studiolo.store.codec import check_frame, open_table, read_schema
from studiolo.store.digest import is_digest

if TYPE_CHECKING:
    import pyarrow

    from studiolo.workspace import Workspace

KEPT_TABLES = 16


class OpenedTables:
    """Tables by digest. Nothing of them is in memory but what is looked at: they are read-only mappings.

    A digest may name any bytes of the store, also some that a hostile script made to look like a frame. So a
    frame is checked whole before it is mapped the first time ever; the database remembers that it was.

    Args:
        workspace: whose store it is.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._schemas: OrderedDict[str, Schema] = OrderedDict()
        self._tables: OrderedDict[str, pyarrow.Table] = OrderedDict()

    def schema(self, digest: str) -> Schema:
        """Give rows and columns.

        Raises:
            UserError: `unknown-content`, `missing-content` or `not-a-dataset`.
        """
        with self._lock:
            if digest in self._schemas:
                self._schemas.move_to_end(digest)
                return self._schemas[digest]
        descriptor = open_content(self._workspace, digest)
        try:
            schema = self._checked_schema(digest, descriptor)
        finally:
            os.close(descriptor)
        with self._lock:
            self._schemas[digest] = schema
            while len(self._schemas) > KEPT_TABLES:
                self._schemas.popitem(last=False)
        return schema

    def table(self, digest: str) -> pyarrow.Table:
        """Give the table; missing floats are NaN in it.

        Raises:
            UserError: as for `schema`.
        """
        self.schema(digest)
        with self._lock:
            if digest in self._tables:
                self._tables.move_to_end(digest)
                return self._tables[digest]
        descriptor = open_content(self._workspace, digest)
        try:
            table = open_table(descriptor)
        finally:
            os.close(descriptor)
        with self._lock:
            self._tables[digest] = table
            while len(self._tables) > KEPT_TABLES:
                self._tables.popitem(last=False)
        return table

    def _checked_schema(self, digest: str, descriptor: int) -> Schema:
        metadata = self._workspace.metadata
        if metadata.frame_facts(digest) is not None:
            return read_schema(self._workspace.blobs.path(digest))
        try:
            schema = check_frame(descriptor, os.fstat(descriptor).st_size)
        except WorkerError:
            raise UserError(
                "not-a-dataset",
                f"The content {digest[:12]} is no dataset.",
                "Look at it in another way, or download it.",
            ) from None
        metadata.put_frame_facts(digest, schema.rows, len(schema.columns))
        return schema


def open_content(workspace: Workspace, digest: str) -> int:
    """Open content of the store and give the descriptor, which is the caller's to close.

    Raises:
        UserError: `unknown-content`, the text is no digest; `missing-content`, the store has lost it.
    """
    if not is_digest(digest):
        raise UserError(
            "unknown-content",
            f"{digest[:80]!r} names no content.",
            "Content is named by 64 hexadecimal digits; open it from its port.",
        )
    return workspace.blobs.open(digest)
