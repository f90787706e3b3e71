"""What the rows need of the store: the marks for `studiolo.store.retention`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from studiolo.domain.dataset import Content
from studiolo.metadata.connection import Connection
from studiolo.store.retention import digests_in

_NEEDED_RUNS = """
    SELECT number FROM (
        SELECT number, state, pinned, row_number() OVER (PARTITION BY experiment ORDER BY number DESC) AS age
        FROM runs
    ) WHERE age <= ? OR pinned = 1 OR state = 'running'
"""

_NEEDED_VERSIONS = """
    SELECT service_versions.document FROM service_versions
    JOIN services ON services.name = service_versions.service WHERE services.retired IS NULL
"""


class NeededContent(Connection):
    """The `studiolo.store.retention.Needs` of a workspace's database."""

    def needed(self, last_runs: int) -> set[Content]:
        """Give everything that may not go when the last `last_runs` runs of each experiment are kept.

        That is what registered datasets, pinned and running runs and the last runs refer to:
        their outputs, and every digest in their snapshots and in the parts of their fingerprints; and what
        the versions of published services need, until the service is retired; and the tables of batch jobs.
        """
        with self._transaction() as connection:
            return set(_needed(connection, last_runs))

    def release(self, last_runs: int) -> set[Content]:
        """Give `needed` and offer no other result for reuse any more, in one step.

        A node run of an older run stays reusable as long as all its outputs are needed by something else.
        """
        with self._transaction() as connection:
            needed = set(_needed(connection, last_runs))
            digests = {content.digest for content in needed}
            rows = connection.execute(
                f"SELECT rowid, outputs FROM node_runs WHERE kept = 1 AND run NOT IN ({_NEEDED_RUNS})",
                (last_runs,),
            )
            released = [
                (rowid,)
                for rowid, outputs in rows
                if not digests.issuperset(content["digest"] for content in json.loads(outputs).values())
            ]
            connection.executemany("UPDATE node_runs SET kept = 0 WHERE rowid = ?", released)
        return needed


def _needed(connection: sqlite3.Connection, last_runs: int) -> Iterator[Content]:
    for kind, digest, size in connection.execute("SELECT kind, digest, size FROM datasets WHERE removed = 0"):
        yield Content(kind, digest, size)
    query = f"SELECT outputs, parts FROM node_runs WHERE run IN ({_NEEDED_RUNS})"
    for outputs, parts in connection.execute(query, (last_runs,)):
        for content in json.loads(outputs).values():
            yield Content.from_json(content)
        yield from _mentioned(parts)
    for (snapshot,) in connection.execute(
        f"SELECT snapshot FROM runs WHERE number IN ({_NEEDED_RUNS})", (last_runs,)
    ):
        yield from _mentioned(snapshot)
    for (document,) in connection.execute(_NEEDED_VERSIONS):
        yield from _mentioned(document)
    for wish, results in connection.execute("SELECT wish, results FROM batch_jobs"):
        yield from _mentioned(wish)
        yield from _mentioned(results)


def _mentioned(text: str) -> Iterator[Content]:
    """Give the digests in a text as contents of unknown kind and size."""
    for digest in digests_in(text.encode("utf-8")):
        yield Content("file", digest, 0)
