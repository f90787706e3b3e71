"""Rows of batch jobs: what clients asked for, how far it is, what came of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from studiolo.domain.batch import CANCELLED, ENDED, NOT_STARTED, QUEUED, RUNNING, WAITING, BatchJob, Progress
from studiolo.metadata.connection import Connection, plain, to_text

_FIELDS = (
    "id, service, version, state, wish, created, started, ended, step, done, total, error, results, "
    "cancel_requested, attempts"
)
MOST_KEPT = 1000
"""Ended jobs that are kept of each service; older ones go, with their outputs."""

UNSTARTED_SECONDS = 7 * 86400.0
"""A job that nobody started for so long goes too."""


class BatchJobRows(Connection):
    """The batch jobs of the workspace."""

    def add_batch_job(self, job: BatchJob, most_kept: int = MOST_KEPT) -> None:
        """Write a new job; the oldest ended ones of its service go when there are more than `most_kept`."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO batch_jobs (id, service, version, state, wish, created) VALUES (?, ?, ?, ?, ?, ?)",
                (job.id, plain(job.service), job.version, job.state, to_text(job.wish), job.created),
            )
            connection.execute(
                """
                DELETE FROM batch_jobs WHERE service = ?1 AND state IN (?2, ?3, ?4) AND created <= (
                    SELECT created FROM batch_jobs WHERE service = ?1 AND state IN (?2, ?3, ?4)
                    ORDER BY created DESC LIMIT 1 OFFSET ?5
                )
                """,
                (plain(job.service), *ENDED, most_kept),
            )
            connection.execute(
                "DELETE FROM batch_jobs WHERE state = ? AND created < ?",
                (NOT_STARTED, job.created - UNSTARTED_SECONDS),
            )

    def batch_job(self, id: str) -> BatchJob | None:
        """Give a job, or None."""
        row = self._row(f"SELECT {_FIELDS} FROM batch_jobs WHERE id = ?", (plain(id),))
        return None if row is None else _job(row)

    def batch_jobs(self, service: str, limit: int = 50) -> list[BatchJob]:
        """Give the jobs of a service, newest first."""
        rows = self._rows(
            f"SELECT {_FIELDS} FROM batch_jobs WHERE service = ? ORDER BY created DESC, id LIMIT ?",
            (plain(service), max(limit, 0)),
        )
        return [_job(row) for row in rows]

    def batch_job_ids(self, state: str) -> list[str]:
        """Give the ids of all jobs in a state, the oldest first."""
        return [
            row[0]
            for row in self._rows("SELECT id FROM batch_jobs WHERE state = ? ORDER BY created", (state,))
        ]

    def waiting_batch_jobs(self, service: str) -> int:
        """Give how many jobs of a service have not begun."""
        row = self._row(
            "SELECT count(*) FROM batch_jobs WHERE service = ? AND state IN (?, ?)",
            (plain(service), *WAITING),
        )
        return 0 if row is None else int(row[0])

    def batch_job_log(self, id: str) -> bytes:
        """Give the log of a job; empty when there is none."""
        row = self._row("SELECT log FROM batch_jobs WHERE id = ?", (plain(id),))
        return b"" if row is None else bytes(row[0])

    def queue_batch_job(self, id: str) -> bool:
        """Let a job be begun that was only made; False when it is in another state."""
        return bool(
            self._change(
                "UPDATE batch_jobs SET state = ? WHERE id = ? AND state = ?", (QUEUED, id, NOT_STARTED)
            )
        )

    def begin_batch_job(self, id: str, now: float) -> bool:
        """Claim a queued job; False when another process was quicker."""
        return bool(
            self._change(
                "UPDATE batch_jobs SET state = ?, started = coalesce(started, ?), attempts = attempts + 1 "
                "WHERE id = ? AND state = ?",
                (RUNNING, now, id, QUEUED),
            )
        )

    def requeue_batch_job(self, id: str, *, counts: bool) -> bool:
        """Let a running job be begun once more; `counts`: the attempt was used up."""
        return bool(
            self._change(
                "UPDATE batch_jobs SET state = ?, step = '', done = 0, total = 0, attempts = attempts - ? "
                "WHERE id = ? AND state = ?",
                (QUEUED, 0 if counts else 1, id, RUNNING),
            )
        )

    def note_batch_job(self, id: str, progress: Progress, log: bytes) -> None:
        """Note how far a running job is."""
        self._change(
            "UPDATE batch_jobs SET step = ?, done = ?, total = ?, log = ? WHERE id = ? AND state = ?",
            (plain(progress.text), progress.done, progress.total, log, id, RUNNING),
        )

    def is_batch_job_cancelled(self, id: str) -> bool:
        """Say whether somebody asked for the end of a job, or has removed it."""
        row = self._row("SELECT cancel_requested FROM batch_jobs WHERE id = ?", (plain(id),))
        return row is None or bool(row[0])

    def cancel_batch_job(self, id: str, now: float) -> str | None:
        """Ask for a job's end, and give its state then; one that has not begun ends at once. None: there is none."""
        with self._transaction() as connection:
            row = connection.execute("SELECT state FROM batch_jobs WHERE id = ?", (plain(id),)).fetchone()
            if row is None:
                return None
            state = str(row[0])
            if state in WAITING:
                _end(connection, id, CANCELLED, now)
                return CANCELLED
            if state == RUNNING:
                connection.execute("UPDATE batch_jobs SET cancel_requested = 1 WHERE id = ?", (id,))
            return state

    def end_batch_job(
        self,
        id: str,
        state: str,
        now: float,
        *,
        error: str = "",
        results: Mapping[str, Any] | None = None,
        log: bytes | None = None,
    ) -> bool:
        """End a running or queued job and erase what its client asked for, secrets included."""
        with self._transaction() as connection:
            return _end(connection, id, state, now, plain(error), results or {}, log)

    def remove_batch_job(self, id: str) -> bool:
        """Forget an ended job; retention may take its outputs then."""
        marks = ", ".join("?" * len(ENDED))
        return bool(
            self._change(f"DELETE FROM batch_jobs WHERE id = ? AND state IN ({marks})", (plain(id), *ENDED))
        )


def _end(
    connection: sqlite3.Connection,
    id: str,
    state: str,
    now: float,
    error: str = "",
    results: Mapping[str, Any] | None = None,
    log: bytes | None = None,
) -> bool:
    # What is erased is overwritten in the file, too.
    connection.execute("PRAGMA secure_delete = ON")
    changed = connection.execute(
        f"""
        UPDATE batch_jobs SET state = ?, ended = ?, wish = '{{}}', error = ?, results = ?, log = coalesce(?, log)
        WHERE id = ? AND state NOT IN ({", ".join("?" * len(ENDED))})
        """,
        (state, now, error, to_text(results or {}), log, id, *ENDED),
    )
    return bool(changed.rowcount)


def _job(row: Sequence[Any]) -> BatchJob:
    (
        id,
        service,
        version,
        state,
        wish,
        created,
        started,
        ended,
        step,
        done,
        total,
        error,
        results,
        cancel,
        attempts,
    ) = row
    return BatchJob(
        id=id,
        service=service,
        version=version,
        state=state,
        wish=json.loads(wish),
        created=created,
        started=started,
        ended=ended,
        progress=Progress(step, done, total),
        error=error,
        results=json.loads(results),
        is_cancel_requested=bool(cancel),
        attempts=attempts,
    )
