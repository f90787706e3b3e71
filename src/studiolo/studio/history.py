"""Past runs as pages show them: lists, locked snapshots, logs, and in what two of them differ (R-3.5)."""

from __future__ import annotations

from studiolo.domain.run import NodeRun, Run
from studiolo.graph.experiment_json import experiment_from_json
from studiolo.graph.resolving import resolve
from studiolo.studio.document_json import Json, experiment_json
from studiolo.studio.documents import Documents
from studiolo.studio.layouts import empty_layout, layout_bytes, read_layout
from studiolo.studio.node_facts import differing
from studiolo.studio.statuses import Statuses, node_status, not_run, snapshot_facts
from studiolo.studio.tailing import read_text
from studiolo.workspace import Workspace

SLICE_BYTES = 256 * 1024


class History:
    """Past runs.

    Args:
        workspace: that holds them.
        documents: gives the positions of nodes.
        statuses: gives what a page shows of a run.
    """

    def __init__(self, workspace: Workspace, documents: Documents, statuses: Statuses) -> None:
        self._workspace = workspace
        self._documents = documents
        self._statuses = statuses

    def runs(self, experiment: str | None, limit: int) -> list[Json]:
        """List runs, newest first; of one experiment or of all."""
        listed = self._workspace.runs(experiment, limit)
        counts = self._workspace.metadata.node_state_counts([run.number for run in listed])
        return [self._statuses.run_json(run, counts[run.number]) for run in listed]

    def cancel(self, number: int) -> Json:
        """Ask a run of any process to end, and give it; one that has ended stays as it is.

        Raises:
            UserError: `unknown-run`.
        """
        self._workspace.cancel(number)
        return self._statuses.run_json(self._run(number))

    def node_run(self, number: int, node: str) -> Json:
        """Give all about one node of a run, as `NodeRunForm` has it.

        Raises:
            UserError: `unknown-run`, `unknown-node`.
        """
        row = self._workspace.result(number)[node].node_run
        return {
            **node_status(row),
            "receipts": {port: list(entries) for port, entries in row.receipts.items()},
            "usage": dict(row.usage),
            "metrics": dict(row.metrics),
            "tags": dict(row.tags),
            "fingerprint": row.fingerprint,
            "parts": dict(row.parts),
        }

    def log(self, number: int, node: str, offset: int) -> Json:
        """Give a part of a node's log from an offset in bytes on, as `TextSlice` has it.

        Raises:
            UserError: `unknown-run`, `unknown-node`.
        """
        row = self._workspace.result(number)[node].node_run
        is_ended = row.state not in ("waiting", "running")
        path = self._workspace.log_file(row)
        text, following = read_text(path, offset, SLICE_BYTES, is_ended)
        size = path.stat().st_size if path.is_file() else 0
        return {
            "text": text,
            "offset": offset,
            "next": following,
            "is_complete": is_ended and following >= size,
        }

    def snapshot(self, number: int) -> Json:
        """Give a run with its experiment exactly as it was and the states of its nodes, as `RunSnapshot` has them.

        Nodes stand where they stand now, as far as their names are still the same.

        Raises:
            UserError: `unknown-run`.
        """
        return self._snapshot(self._run(number), self._rows(number))

    def compare(self, a: int, b: int) -> Json:
        """Give two runs and every node in which they differ or not, as `RunComparison` has them.

        Raises:
            UserError: `unknown-run`.
        """
        runs, rows = (self._run(a), self._run(b)), (self._rows(a), self._rows(b))
        facts = tuple(snapshot_facts(run.snapshot) for run in runs)
        nodes = []
        for name in dict.fromkeys([*facts[0], *facts[1]]):
            in_a, in_b = name in facts[0], name in facts[1]
            presence = "both" if in_a and in_b else "only-a" if in_a else "only-b"
            one, other = rows[0].get(name), rows[1].get(name)
            nodes.append(
                {
                    "node": name,
                    "presence": presence,
                    "fields": list(differing(facts[0][name], facts[1][name])) if in_a and in_b else [],
                    "a": node_status(one) if one is not None else None,
                    "b": node_status(other) if other is not None else None,
                    "differing_outputs": _differing_outputs(one, other),
                }
            )
        return {
            "a": self._snapshot(runs[0], rows[0]),
            "b": self._snapshot(runs[1], rows[1]),
            "nodes": nodes,
        }

    def _run(self, number: int) -> Run:
        run = self._workspace.metadata.run(number)
        if run is None:
            raise self._workspace.metadata.unknown_run(number)
        return run

    def _rows(self, number: int) -> dict[str, NodeRun]:
        return {row.node: row for row in self._workspace.metadata.node_runs(number)}

    def _snapshot(self, run: Run, rows: dict[str, NodeRun]) -> Json:
        experiment = resolve(
            experiment_from_json(run.snapshot["experiment"]), self._workspace.registry
        ).experiment
        content = experiment_json(experiment)
        layout = empty_layout()
        if run.experiment in self._documents.names():
            known = read_layout(layout_bytes(self._documents.folder(run.experiment)))
            layout = known or layout
        document = {
            "name": run.experiment,
            "revision": f"run-{run.number}",
            **content,
            "layout": layout,
            "is_readable": True,
            "problems": [],
        }
        nodes = {
            name: node_status(rows[name]) if name in rows else not_run(name) for name in experiment.nodes
        }
        return {"run": self._statuses.run_json(run), "document": document, "nodes": nodes}


def _differing_outputs(one: NodeRun | None, other: NodeRun | None) -> list[str]:
    """Give the ports that hold different content, or none, in one of two finished node runs."""
    if one is None or other is None:
        return []
    ports = {**one.outputs, **other.outputs}
    return [port for port in ports if _digest(one, port) != _digest(other, port)]


def _digest(row: NodeRun, port: str) -> str | None:
    content = row.outputs.get(port)
    return None if content is None else content.digest
