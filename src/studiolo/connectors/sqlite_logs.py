"""Makes sure that an SQLite file holds everything: what is in a log beside it would be missed by reading it."""

from __future__ import annotations

from pathlib import Path

from studiolo.domain.reserved import DATABASE_ENDINGS
from studiolo.errors import UserError

_LOGS = ("-wal", "-journal")


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
