"""Makes the rows of node runs from what happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from studiolo.domain.run import NodeRun
from studiolo.errors import StudioloError
from studiolo.scheduler.executors.local import AttemptEnd
from studiolo.scheduler.preparing import Prepared


def reused_row(run: int, prepared: Prepared) -> NodeRun:
    """Give the row of a node whose earlier result serves."""
    earlier = prepared.reuse
    assert earlier is not None
    return NodeRun(
        run=run,
        node=prepared.node.name,
        state="reused",
        reason=prepared.reason,
        fingerprint=prepared.fingerprint,
        parts=prepared.parts,
        outputs=earlier.outputs,
        shapes=earlier.shapes,
        receipts=earlier.receipts,
        warnings=earlier.warnings,
        reused_run=earlier.reused_run or earlier.run,
    )


def finished_row(row: NodeRun, prepared: Prepared, end: AttemptEnd, ended: float) -> NodeRun:
    """Give the row of a node whose job ended well."""
    report = end.result.report
    return replace(
        row,
        state="finished",
        fingerprint=prepared.fingerprint,
        parts=prepared.parts,
        outputs={port: held.content for port, held in end.outputs.items()},
        shapes={port: held.shape for port, held in end.outputs.items() if held.shape is not None},
        receipts=report.get("receipts", {}),
        warnings=(*report.get("warnings", ()), *end.end.warnings),
        usage={**end.end.usage, **report.get("timing", {})},
        ended=ended,
    )


def ended_row(
    run: int,
    node: str,
    state: str,
    *,
    prepared: Prepared | None = None,
    started: float | None = None,
    ended: float | None = None,
    because: str | None = None,
    error: StudioloError | None = None,
    usage: Mapping[str, float] | None = None,
) -> NodeRun:
    """Give the row of a node that has no result: running, failed, skipped or cancelled."""
    reason = prepared.reason if prepared is not None else ""
    if because is not None:
        reason = f"{state} because {because} failed"
    return NodeRun(
        run=run,
        node=node,
        state=state,
        reason=reason,
        fingerprint=prepared.fingerprint if prepared else None,
        parts=prepared.parts if prepared else {},
        error=error.to_json() if error is not None else None,
        usage=usage or {},
        started=started,
        ended=ended,
    )
