"""Rows of node runs: putting, finding what can be reused, telling why something ran."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from studiolo.domain.dataset import Content
from studiolo.domain.run import NODE_STATES, Asked, NodeRun
from studiolo.metadata.connection import Connection, plain, to_text

_FIELDS = (
    "run, node, state, reason, fingerprint, parts, outputs, shapes, receipts, error, warnings, usage, "
    "metrics, tags, asked, keywords, reused_run, started, ended"
)
_COLUMNS = tuple(_FIELDS.split(", "))
_PUT = f"""
    INSERT INTO node_runs ({_FIELDS}, position)
    VALUES ({", ".join("?" * len(_COLUMNS))}, (SELECT count(*) FROM node_runs WHERE run = ?1))
    ON CONFLICT (run, node) DO UPDATE SET
    kept = 1, {", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[2:])}
"""


class NodeRunRows(Connection):
    """What is kept of each node in each run."""

    def put_node_runs(self, node_runs: Iterable[NodeRun]) -> None:
        """Write node runs, all or none; one that is there already, by run and node, is replaced.

        The contents they refer to must be durable before.

        Raises:
            InternalError: a run they belong to does not exist.
            ValueError: a state is not one of `NODE_STATES`.
        """
        rows = [_to_row(node_run) for node_run in node_runs]
        if rows:
            with self._transaction() as connection:
                connection.executemany(_PUT, rows)

    def node_run(self, run: int, node: str) -> NodeRun | None:
        """Give one node of one run, or None."""
        return self._one("WHERE run = ? AND node = ?", (run, plain(node)))

    def node_runs(self, run: int) -> list[NodeRun]:
        """Give all nodes of a run in the order in which they were first put."""
        rows = self._rows(f"SELECT {_FIELDS} FROM node_runs WHERE run = ? ORDER BY position", (run,))
        return [_from_row(row) for row in rows]

    def newest_node_runs(self, experiment: str) -> list[NodeRun]:
        """Give for each node that ever ran in an experiment what its newest run says of it.

        Rows of nodes that a run never came to, as it was interrupted, do not count.

        Args:
            experiment: name of the experiment.
        """
        names = ", ".join(f"node_runs.{column}" for column in _COLUMNS)
        rows = self._rows(
            f"""
            SELECT {names} FROM node_runs JOIN (
                SELECT node_runs.node AS node, max(node_runs.run) AS run
                FROM runs CROSS JOIN node_runs ON node_runs.run = runs.number
                WHERE runs.experiment = ?
                AND (runs.state = 'running' OR node_runs.state NOT IN ('waiting', 'running'))
                GROUP BY node_runs.node
            ) AS newest ON node_runs.run = newest.run AND node_runs.node = newest.node
            """,
            (plain(experiment),),
        )
        return [_from_row(row) for row in rows]

    def find_reusable(self, fingerprint: str) -> NodeRun | None:
        """Give the newest finished or reused node run of that fingerprint, or None.

        Not one whose outputs were released to retention. Before a row refers to its outputs, make sure of
        them with `BlobStore.keep`: it says False when someone has deleted the file.
        """
        return self._one(
            "WHERE fingerprint = ? AND kept = 1 AND state IN ('finished', 'reused') "
            "ORDER BY run DESC, position DESC LIMIT 1",
            (fingerprint,),
        )

    def last_node_run(self, experiment: str, node: str, before: int | None = None) -> NodeRun | None:
        """Give the newest node run with a fingerprint, to tell what has changed since; or None.

        Args:
            experiment: name of the experiment.
            node: name of the node.
            before: only runs with a lower number than this.
        """
        earlier = "" if before is None else "AND node_runs.run < ?"
        values = () if before is None else (before,)
        names = ", ".join(f"node_runs.{column}" for column in _COLUMNS)
        row = self._row(
            f"""
            SELECT {names} FROM node_runs INDEXED BY node_runs_by_node
            CROSS JOIN runs ON runs.number = node_runs.run
            WHERE node_runs.node = ? AND node_runs.fingerprint IS NOT NULL AND runs.experiment = ? {earlier}
            ORDER BY node_runs.run DESC LIMIT 1
            """,
            (plain(node), plain(experiment), *values),
        )
        return None if row is None else _from_row(row)

    def _one(self, where: str, values: tuple[Any, ...]) -> NodeRun | None:
        row = self._row(f"SELECT {_FIELDS} FROM node_runs {where}", values)
        return None if row is None else _from_row(row)


def _to_row(node_run: NodeRun) -> tuple[Any, ...]:
    if node_run.state not in NODE_STATES:
        raise ValueError(f"a node run cannot be {node_run.state!r}")
    return (
        node_run.run,
        plain(node_run.node),
        node_run.state,
        plain(node_run.reason),
        node_run.fingerprint,
        to_text(dict(node_run.parts)),
        to_text({port: content.to_json() for port, content in node_run.outputs.items()}),
        to_text(dict(node_run.shapes)),
        to_text(dict(node_run.receipts)),
        None if node_run.error is None else to_text(dict(node_run.error)),
        to_text(node_run.warnings),
        to_text(dict(node_run.usage)),
        to_text(dict(node_run.metrics)),
        to_text(dict(node_run.tags)),
        to_text([asked.to_json() for asked in node_run.asked]),
        to_text(dict(node_run.keywords)),
        node_run.reused_run,
        node_run.started,
        node_run.ended,
    )


def _from_row(row: tuple[Any, ...]) -> NodeRun:
    values = dict(zip(_COLUMNS, row, strict=True))
    for column in ("parts", "receipts", "usage", "metrics", "tags", "keywords"):
        values[column] = json.loads(values[column])
    values["outputs"] = {
        port: Content.from_json(content) for port, content in json.loads(values["outputs"]).items()
    }
    values["shapes"] = {
        port: (rows, columns) for port, (rows, columns) in json.loads(values["shapes"]).items()
    }
    values["error"] = None if values["error"] is None else json.loads(values["error"])
    values["warnings"] = tuple(json.loads(values["warnings"]))
    values["asked"] = tuple(Asked.from_json(asked) for asked in json.loads(values["asked"]))
    return NodeRun(**values)
