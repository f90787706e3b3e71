"""Says of every node how its newest run left it, and whether that still holds for what is on the canvas now."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from threading import Lock
from typing import Any

from studiolo.domain.experiment import Experiment, Node
from studiolo.domain.run import NodeRun, Run
from studiolo.studio.document_json import Json
from studiolo.studio.documents import Document
from studiolo.studio.node_facts import Facts, node_facts, with_names
from studiolo.workspace import Workspace

KEPT_SNAPSHOTS = 300
ENDED_WELL = ("finished", "reused")


class Statuses:
    """Gives the states of nodes and runs as pages show them.

    Args:
        workspace: that holds the runs.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._facts: OrderedDict[int, dict[str, Facts]] = OrderedDict()
        self._now: tuple[str, str, dict[str, Facts]] = ("", "", {})
        self._lock = Lock()

    def of(self, document: Document) -> Json:
        """Give the newest run of an experiment and the status of each of its nodes, as `StatusForm` has them."""
        metadata = self._workspace.metadata
        rows = {row.node: row for row in metadata.newest_node_runs(document.name)}
        facts = self._facts_now(document)
        experiment = document.resolution.experiment
        renamed = find_renamed(experiment, rows, facts, self.facts_of)
        rows.update({new: replace(rows[old], node=new) for old, new in renamed.items()})
        held = _Held(experiment, rows, facts, lambda row: self._facts_before(row, renamed))
        nodes = {}
        for name in experiment.nodes:
            row = rows.get(name)
            nodes[name] = not_run(name) if row is None else node_status(row, held.of(name))
        runs = metadata.runs(document.name, limit=1)
        return {"run": self.run_json(runs[0]) if runs else None, "nodes": nodes}

    def run_json(self, run: Run, counts: Mapping[str, int] | None = None) -> Json:
        """Give a run as `RunForm` has it."""
        if counts is None:
            counts = self._workspace.metadata.node_state_counts([run.number])[run.number]
        return {
            "number": run.number,
            "experiment": run.experiment,
            "state": run.state,
            "started": run.started,
            "ended": run.ended,
            "counts": dict(counts),
        }

    def facts_of(self, number: int) -> dict[str, Facts]:
        """Give the facts of the nodes of a run's experiment; none when there is no such run."""
        with self._lock:
            if number in self._facts:
                self._facts.move_to_end(number)
                return self._facts[number]
        run = self._workspace.metadata.run(number)
        found = {} if run is None else snapshot_facts(run.snapshot)
        with self._lock:
            self._facts[number] = found
            while len(self._facts) > KEPT_SNAPSHOTS:
                self._facts.popitem(last=False)
        return found

    def _facts_before(self, row: NodeRun, renamed: Mapping[str, str]) -> Facts | None:
        """Give the facts of a node when it ran, with the names that nodes have now."""
        names = {new: old for old, new in renamed.items()}
        facts = self.facts_of(row.run).get(names.get(row.node, row.node))
        return None if facts is None else with_names(facts, renamed)

    def _facts_now(self, document: Document) -> dict[str, Facts]:
        name, revision, facts = self._now
        if (name, revision) != (document.name, document.revision):
            facts = {node.name: facts_now(node) for node in document.resolution.experiment.nodes.values()}
            self._now = (document.name, document.revision, facts)
        return facts


def find_renamed(
    experiment: Experiment,
    rows: Mapping[str, NodeRun],
    facts: Mapping[str, Facts],
    facts_of: Callable[[int], Mapping[str, Facts]],
) -> dict[str, str]:
    """Give old to new name of nodes that never ran under their name, and are what one that is gone was."""
    gone = {name: row for name, row in rows.items() if name not in experiment.nodes}
    renamed: dict[str, str] = {}
    fresh = [name for name in experiment.nodes if name not in rows]
    while gone and fresh:
        count = len(renamed)
        for new in list(fresh):
            for old, row in gone.items():
                known = facts_of(row.run).get(old)
                if known is not None and with_names(known, renamed) == facts[new]:
                    renamed[old] = new
                    del gone[old]
                    fresh.remove(new)
                    break
        if len(renamed) == count:
            break
    return renamed


class _Held:
    """Whether the newest results of nodes are those of the nodes as they are now, and of those before them."""

    def __init__(
        self,
        experiment: Experiment,
        rows: Mapping[str, NodeRun],
        facts: Mapping[str, Facts],
        facts_before: Callable[[NodeRun], Facts | None],
    ) -> None:
        self._experiment = experiment
        self._rows = rows
        self._facts = facts
        self._facts_before = facts_before
        self._known: dict[str, bool] = {}

    def of(self, name: str) -> bool:
        """Say whether a node's result holds; nodes before it are settled first, without recursion."""
        open_nodes = [name]
        while open_nodes:
            current = open_nodes[-1]
            if current in self._known:
                open_nodes.pop()
                continue
            before = [one for one in self._experiment.upstream(current) if one in self._experiment.nodes]
            unknown = [one for one in before if one not in self._known]
            if unknown and not set(unknown) & set(open_nodes):
                open_nodes += unknown
                continue
            self._known[current] = not unknown and self._is_own(current)  # what is in a cycle never holds
            open_nodes.pop()
        return self._known[name]

    def _is_own(self, name: str) -> bool:
        row = self._rows.get(name)
        if row is None or self._facts_before(row) != self._facts.get(name):
            return False
        for port, source in self._experiment.nodes[name].inputs.items():
            earlier = self._rows.get(source.node)
            if earlier is None or not self._known.get(source.node, False):
                return False
            used, given = row.parts.get(f"input:{port}"), earlier.outputs.get(source.port)
            is_ended = row.state in ENDED_WELL and earlier.state in ENDED_WELL
            if is_ended and used is not None and (given is None or used != f"{given.kind} {given.digest}"):
                return False
        return True


def not_run(name: str) -> Json:
    """Give the status of a node that never ran, as `NodeStatus` has it."""
    return node_status(NodeRun(0, name, "not-run")) | {"run": None}


WHOLE_ERROR: Json = {"hint": "", "where": {}, "details": {}, "traceback": "", "problems": []}
"""What an error that was kept without it has all the same, as `ErrorForm` has it."""


def node_status(row: NodeRun, is_current: bool = True) -> Json:
    """Give a node run as `NodeStatus` has it."""
    return {
        "node": row.node,
        "state": row.state,
        "is_current": is_current,
        "run": row.run,
        "reused_run": row.reused_run,
        "reason": row.reason,
        "started": row.started,
        "ended": row.ended,
        "outputs": {port: _port_result(row, port) for port in row.outputs},
        "error": {**WHOLE_ERROR, **row.error} if row.error is not None else None,
        "warnings": list(row.warnings),
    }


def facts_now(node: Node) -> Facts:
    """Give the facts of a node as it is on the canvas."""
    return node_facts(asdict(node))


def snapshot_facts(snapshot: Mapping[str, Any]) -> dict[str, Facts]:
    """Give the facts of the nodes in the snapshot of a run."""
    nodes = snapshot.get("experiment", {}).get("nodes", {})
    return {name: node_facts(node) for name, node in nodes.items()}


def _port_result(row: NodeRun, port: str) -> Json:
    content, shape = row.outputs[port], row.shapes.get(port)
    return {
        "kind": content.kind,
        "digest": content.digest,
        "size": content.size,
        "rows": shape[0] if shape else None,
        "columns": shape[1] if shape else None,
        "receipts": len(row.receipts.get(f"out:{port}", ())),
    }
