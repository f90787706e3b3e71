"""Runs and node runs as the page shows them."""

from __future__ import annotations

from typing import Any

from studiolo.server.studio.document_forms import DocumentForm
from studiolo.server.studio.form import Form
from studiolo.server.studio.problem_forms import ErrorForm


class PortResult(Form):
    """What an output port of a finished node holds. `receipts` counts the changes of the type receipt."""

    kind: str
    digest: str
    size: int
    rows: int | None = None
    columns: int | None = None
    receipts: int = 0


class NodeStatus(Form):
    """A node as its newest run left it.

    `state` is one of `domain.run.NODE_STATES` or `not-run`. `is_current` is false when the node, or one before it,
    has been changed since: its mark is cleared, its results can still be looked at.
    """

    node: str
    state: str
    is_current: bool = True
    run: int | None = None
    reused_run: int | None = None
    reason: str = ""
    started: float | None = None
    ended: float | None = None
    outputs: dict[str, PortResult] = {}
    error: ErrorForm | None = None
    warnings: list[str] = []


class RunForm(Form):
    """A run in the history."""

    number: int
    experiment: str
    state: str
    started: float
    ended: float | None = None
    counts: dict[str, int] = {}


class StatusForm(Form):
    """The experiment's newest run, and every node."""

    run: RunForm | None = None
    nodes: dict[str, NodeStatus] = {}
    starting: str | None = None


class RunWish(Form):
    """What to run; see `Workspace.run`. Nothing given: all."""

    to: list[str] = []
    start: list[str] = []
    only: list[str] = []
    force: bool = False
    force_nodes: list[str] = []


class Ticket(Form):
    """A run that is being prepared; events `starting`, `run` and `refused` name it."""

    ticket: str


class ReceiptForm(Form):
    """One change of data at the border (R-2.4)."""

    code: str
    text: str
    column: str | None = None
    lossy: bool = False


class NodeRunForm(NodeStatus):
    """All about one node of one run."""

    receipts: dict[str, list[ReceiptForm]] = {}
    usage: dict[str, float] = {}
    metrics: dict[str, Any] = {}
    tags: dict[str, str] = {}
    fingerprint: str | None = None
    parts: dict[str, str] = {}


class RunSnapshot(Form):
    """A run with the experiment exactly as it was, locked, and its nodes."""

    run: RunForm
    document: DocumentForm
    nodes: dict[str, NodeStatus]


class NodeDifference(Form):
    """One node in two runs. `presence` is `both`, `only-a` or `only-b`; `fields` names what differs in it."""

    node: str
    presence: str
    fields: list[str] = []
    a: NodeStatus | None = None
    b: NodeStatus | None = None
    differing_outputs: list[str] = []


class RunComparison(Form):
    """Two runs of any experiments side by side."""

    a: RunSnapshot
    b: RunSnapshot
    nodes: list[NodeDifference]


class TextSlice(Form):
    """A part of a log from `offset` bytes on; `next` is where the rest begins."""

    text: str
    offset: int
    next: int
    is_complete: bool
