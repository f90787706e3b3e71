"""Runs as a program sees them: `result["clean"].result_dataset.to_pandas()` (R-3.6)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Content, ReceiptEntry
from studiolo.domain.nearest import did_you_mean
from studiolo.domain.run import NodeRun, Run
from studiolo.errors import StudioloError, UserError, error_from_json
from studiolo.workspace.output import Output

if TYPE_CHECKING:
    from studiolo.workspace.workspace import Workspace


@dataclass(frozen=True)
class PictureFile:
    """A picture of a node: its name in the working directory, media type, and a file to open."""

    name: str
    media_type: str
    path: Path


class RunResult(Mapping[str, "NodeResult"]):
    """A run and its nodes, by name and in the order of the experiment. `result["clean"]` gives a node."""

    def __init__(self, workspace: Workspace, run: Run, node_runs: list[NodeRun]) -> None:
        self._workspace = workspace
        self.run = run
        self.nodes = {node_run.node: NodeResult(workspace, node_run) for node_run in node_runs}

    def __getitem__(self, node: str) -> NodeResult:
        try:
            return self.nodes[node]
        except KeyError:
            raise UserError(
                "unknown-node",
                f'Run {self.number} of {self.experiment} has no node "{node}".',
                did_you_mean(node, self.nodes, "node"),
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, node: object) -> bool:
        return node in self.nodes

    def __repr__(self) -> str:
        return f"<RunResult {self.experiment} run {self.number}: {self.state}, {len(self.nodes)} nodes>"

    @property
    def number(self) -> int:
        """Number of the run, unique within the workspace."""
        return self.run.number

    @property
    def experiment(self) -> str:
        """Name of the experiment."""
        return self.run.experiment

    @property
    def state(self) -> str:
        """One of `domain.run.RUN_STATES`."""
        return self.run.state

    @property
    def started(self) -> float:
        """Seconds since the epoch, UTC."""
        return self.run.started

    @property
    def ended(self) -> float | None:
        """Seconds since the epoch, UTC; None while it runs."""
        return self.run.ended

    @property
    def is_ok(self) -> bool:
        """Every node finished or was reused."""
        return self.state == "finished"

    def raise_for_failure(self) -> RunResult:
        """Raise the error of the first failed node, if there is one; give the result otherwise."""
        for node in self.nodes.values():
            if node.error is not None and node.state == "failed":
                raise node.error
        return self

    def to_json(self) -> dict[str, Any]:
        """Give the run with its nodes as a JSON-ready dictionary."""
        return {
            "run": self.number,
            "experiment": self.experiment,
            "state": self.state,
            "started": self.started,
            "ended": self.ended,
            "nodes": {name: node.to_json() for name, node in self.nodes.items()},
        }


class NodeResult:
    """One node of a run. Each output port is an attribute: `node.result_dataset`."""

    def __init__(self, workspace: Workspace, node_run: NodeRun) -> None:
        self._workspace = workspace
        self.node_run = node_run

    def __repr__(self) -> str:
        return f"<NodeResult {self.name}: {self.state}>"

    def __getattr__(self, name: str) -> Output:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.output(name)

    @property
    def name(self) -> str:
        """Name of the node."""
        return self.node_run.node

    @property
    def state(self) -> str:
        """One of `domain.run.NODE_STATES`."""
        return self.node_run.state

    @property
    def reason(self) -> str:
        """Why it ran, or why it was reused (R-3.3)."""
        return self.node_run.reason

    @property
    def error(self) -> StudioloError | None:
        """Why it failed, or None."""
        return error_from_json(dict(self.node_run.error)) if self.node_run.error else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what deserves a look."""
        return self.node_run.warnings

    @property
    def usage(self) -> Mapping[str, float]:
        """`wall_seconds`, `cpu_seconds` and `peak_memory_bytes` as far as measured."""
        return self.node_run.usage

    @property
    def metrics(self) -> Mapping[str, Any]:
        """What its script logged by `azureml.core`: name to a value, a list, or column to the same."""
        return self.node_run.metrics

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags that its script set by `azureml.core`."""
        return self.node_run.tags

    @property
    def shapes(self) -> Mapping[str, tuple[int, int]]:
        """Output port to rows and columns, for datasets."""
        return self.node_run.shapes

    @property
    def receipts(self) -> dict[str, tuple[ReceiptEntry, ...]]:
        """`in:PORT` and `out:PORT` to what was changed there (R-2.4)."""
        return {
            port: tuple(ReceiptEntry.from_json(entry) for entry in entries)
            for port, entries in self.node_run.receipts.items()
        }

    @property
    def reused_run(self) -> int | None:
        """The run whose result was reused, or None."""
        return self.node_run.reused_run

    @property
    def outputs(self) -> dict[str, Output]:
        """Output port to what it holds."""
        return {port: self.output(port) for port in self.node_run.outputs}

    def output(self, port: str) -> Output:
        """Give what an output port holds.

        Raises:
            UserError: `unknown-port`, also while the node has not finished.
        """
        content = self.node_run.outputs.get(port)
        if content is None:
            hint = did_you_mean(port, self.node_run.outputs, "output")
            if self.state not in ("finished", "reused"):
                hint = f"Its state is {self.state}; outputs are there once it has finished."
            raise UserError("unknown-port", f'Node {self.name} has no output "{port}".', hint)
        receipt = self.receipts.get(f"out:{port}", ())
        return self._workspace.output(content, f"{self.name}.{port}", receipt)

    @cached_property
    def log(self) -> bytes:
        """What it printed, the middle cut when it was long."""
        return self._workspace.log_of(self.node_run)

    @cached_property
    def pictures(self) -> tuple[PictureFile, ...]:
        """Its pictures in order of creation, each as a file with a name that can be opened."""
        contents = self.node_run.outputs.values()
        content = next((one for one in contents if one.kind == "device"), None)
        if content is None:
            return ()
        document = json.loads(self._workspace.blobs.path(content.digest).read_bytes())
        folder = self._workspace.pictures_folder(content)
        files = []
        for index, picture in enumerate(document["pictures"], 1):
            source = self._workspace.blobs.path(Content.from_json(picture["content"]).digest)
            target = folder / f"{index:02d}-{Path(picture['name']).name}"
            if not target.exists():
                folder.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
            files.append(PictureFile(picture["name"], picture["media_type"], target))
        return tuple(files)

    def to_json(self) -> dict[str, Any]:
        """Give the node as a JSON-ready dictionary."""
        run = self.node_run
        return {
            "state": run.state,
            "reason": run.reason,
            "reused_run": run.reused_run,
            "outputs": {
                port: {**content.to_json(), **_shape(run.shapes.get(port))}
                for port, content in run.outputs.items()
            },
            "receipts": dict(run.receipts),
            "warnings": list(run.warnings),
            "usage": dict(run.usage),
            "metrics": dict(run.metrics),
            "tags": dict(run.tags),
            "error": dict(run.error) if run.error else None,
            "fingerprint": run.fingerprint,
            "started": run.started,
            "ended": run.ended,
        }


def _shape(shape: tuple[int, int] | None) -> dict[str, int]:
    return {} if shape is None else {"rows": shape[0], "columns": shape[1]}
