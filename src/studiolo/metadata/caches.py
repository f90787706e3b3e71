"""Rows that only save work: digests of files, declarations, script checks, shapes of frames.

Each may be lost or deleted at any time at the cost of computing it again; none keeps content from being
collected.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studiolo.metadata.connection import Connection, to_text


class CacheRows(Connection):
    """What was computed before from content that has not changed."""

    def file_digest(self, path: str | Path, size: int, mtime_ns: int, inode: int) -> tuple[str, int] | None:
        """Give digest and size of a file that looks as it did when it was last read, or None.

        Args:
            path: absolute path.
            size: `st_size` now.
            mtime_ns: `st_mtime_ns` now.
            inode: `st_ino` now.
        """
        row = self._row(
            "SELECT digest, size FROM file_digests WHERE path = ? AND size = ? AND mtime_ns = ? "
            "AND inode = ?",
            (os.fsencode(path), size, mtime_ns, inode),
        )
        return None if row is None else (row[0], row[1])

    def put_file_digest(self, path: str | Path, size: int, mtime_ns: int, inode: int, digest: str) -> None:
        """Remember the digest of a file as it was with these facts.

        The caller makes sure that the file was not changed within the last seconds: a change that leaves
        size and time as they are would go unseen.
        """
        self._change(
            "INSERT OR REPLACE INTO file_digests (path, size, mtime_ns, inode, digest) "
            "VALUES (?, ?, ?, ?, ?)",
            (os.fsencode(path), size, mtime_ns, inode, digest),
        )

    def declarations(self, file_digest: str) -> list[dict[str, Any]] | None:
        """Give the declarations found in a module file of that digest, or None when not known."""
        return self._document("SELECT document FROM declarations WHERE file_digest = ?", file_digest)

    def put_declarations(self, file_digest: str, declarations: Sequence[dict[str, Any]]) -> None:
        """Remember the declarations found in a module file."""
        self._change(
            "INSERT OR REPLACE INTO declarations (file_digest, document) VALUES (?, ?)",
            (file_digest, to_text(list(declarations))),
        )

    def script_check(self, key: str) -> list[dict[str, Any]] | None:
        """Give the problems found in a script, none of them being an empty list; or None when not known.

        Args:
            key: digest of everything the check depends on: script, bundle, environment.
        """
        return self._document("SELECT document FROM script_checks WHERE check_key = ?", key)

    def put_script_check(self, key: str, problems: Sequence[dict[str, Any]]) -> None:
        """Remember the problems found in a script."""
        self._change(
            "INSERT OR REPLACE INTO script_checks (check_key, document) VALUES (?, ?)",
            (key, to_text(list(problems))),
        )

    def frame_facts(self, digest: str) -> tuple[int, int] | None:
        """Give rows and columns of a frame, or None when not known."""
        row = self._row("SELECT rows, columns FROM frame_facts WHERE digest = ?", (digest,))
        return None if row is None else (row[0], row[1])

    def put_frame_facts(self, digest: str, rows: int, columns: int) -> None:
        """Remember rows and columns of a frame."""
        self._change(
            "INSERT OR REPLACE INTO frame_facts (digest, rows, columns) VALUES (?, ?, ?)",
            (digest, rows, columns),
        )

    def _document(self, query: str, key: str) -> list[dict[str, Any]] | None:
        row = self._row(query, (key,))
        if row is None:
            return None
        document: list[dict[str, Any]] = json.loads(row[0])
        return document
