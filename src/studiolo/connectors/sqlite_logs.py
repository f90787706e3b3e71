"""Makes sure that an SQLite file holds everything: what is in a log beside it would be missed by reading it."""

from __future__ import annotations

import os
from pathlib import Path

from studiolo.domain.reserved import DATABASE_ENDINGS
from studiolo.errors import UserError

_LOGS = ("-wal", "-journal")
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")
"""Ends a journal that names a further file, which SQLite deletes wherever it lies."""


def check_journal(name: str, path: Path) -> None:
    """Raise when the journal beside an SQLite file would make SQLite delete another file.

    Only a program that writes in several files at once leaves such a journal; or somebody made it on purpose.

    Args:
        name: of the database as the author wrote it.
        path: of the file.

    Raises:
        UserError: `changing-file`.
    """
    beside = Path(f"{path}-journal")
    if not beside.is_file():
        return
    with beside.open("rb") as journal:
        journal.seek(max(0, journal.seek(0, os.SEEK_END) - len(_NAMES_ANOTHER)))
        if journal.read() == _NAMES_ANOTHER:
            raise UserError(
                "changing-file",
                f'The journal "{beside.name}" beside the database "{name}" names a further file.',
                "Let the program that wrote it finish its work, or delete the journal.",
            )


def check_log(name: str, root: Path) -> None:
    """Raise when a log with something in it lies beside an SQLite file.

    Raises:
        UserError: `changing-file`.
    """
    if not name.lower().endswith(DATABASE_ENDINGS):
        return
    for ending in _LOGS:
        log = Path(root, f"{name}{ending}")
        if log.is_file() and log.stat().st_size:
            raise UserError(
                "changing-file",
                f'A program writes in the database "{name}": "{log.name}" lies beside it.',
                "End that program, or run in it: PRAGMA wal_checkpoint(TRUNCATE)",
            )
