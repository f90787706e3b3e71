"""Runs and node runs: states, reasons and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studiolo.domain.dataset import Content

RUN_STATES = ("running", "finished", "failed", "cancelled", "interrupted")
NODE_STATES = ("waiting", "running", "finished", "reused", "failed", "skipped", "cancelled")


@dataclass(frozen=True)
class Run:
    """One execution of an experiment.

    Attributes:
        number: from 1, unique within the workspace.
        experiment: name of the experiment.
        state: one of `RUN_STATES`.
        started: seconds since the epoch, UTC.
        ended: the same, None while it runs.
        snapshot: the exact experiment, scripts and parameters, JSON-ready.
    """

    number: int
    experiment: str
    state: str
    started: float
    ended: float | None = None
    snapshot: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """Something that a script asked for by `azureml.core`, beside the inputs of its node.

    Attributes:
        what: `dataset`, `model`, `datasets` or `models`.
        name: of the dataset or model; "" for a list.
        version: that was asked for; None for the latest one.
        digest: of what was given; "" when there was none.
    """

    what: str
    name: str
    version: int | None
    digest: str

    def to_json(self) -> dict[str, Any]:
        """Give it as a JSON-ready dictionary."""
        return {"what": self.what, "name": self.name, "version": self.version, "digest": self.digest}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Asked:
        """Read what `to_json` gave."""
        return cls(data["what"], data["name"], data["version"], data["digest"])


@dataclass(frozen=True)
class NodeRun:
    """One execution of a node in a run.

    Attributes:
        run: number of the run.
        node: name of the node.
        state: one of `NODE_STATES`.
        reason: why it ran or why it was reused, one sentence (R-3.3).
        fingerprint: see graph/fingerprint.py; None when it was never known.
        parts: the parts of the fingerprint, to tell later what changed.
        outputs: output port to content; ports without content are absent.
        shapes: output port to (rows, columns) for datasets.
        receipts: `in:PORT` or `out:PORT` to list of receipt entries, JSON-ready.
        error: `StudioloError.to_json()` of the failure, or None.
        warnings: sentences.
        usage: `wall_seconds`, `cpu_seconds`, `peak_memory_bytes` as far as measured.
        metrics: what the script logged: name to a value, a list, or column to the same.
        tags: what the script set, name to text.
        asked: what the script asked for; the result may be reused while that stands for the same.
        keywords: keyword parameters of its script that have a default of JSON form, with that default.
        reused_run: number of the run whose result was reused, or None.
        started: seconds since the epoch, UTC; None when it never started.
        ended: the same.
    """

    run: int
    node: str
    state: str
    reason: str = ""
    fingerprint: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, Content] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    receipts: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    usage: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    reused_run: int | None = None
    started: float | None = None
    ended: float | None = None
