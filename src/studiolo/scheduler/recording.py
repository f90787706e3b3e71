"""Makes the rows of node runs from what happened to them."""

from __future__ import annotations

from dataclasses import replace

from studiolo.domain.run import NodeRun
from studiolo.errors import InternalError, StudioloError
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
        metrics=earlier.metrics,
        tags=earlier.tags,
        asked=earlier.asked,
        keywords=earlier.keywords,
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
        warnings=(*prepared.warnings, *report.get("warnings", ()), *end.end.warnings),
        usage={**end.end.usage, **report.get("timing", {})},
        metrics=report.get("metrics", {}),
        tags=report.get("tags", {}),
        asked=prepared.answering.asked() if prepared.answering is not None else (),
        keywords=report.get("keywords", {}),
        ended=ended,
    )


def failed_row(row: NodeRun, end: AttemptEnd, error: StudioloError) -> NodeRun:
    """Give the row of a node whose job ended badly, with what it had logged by then."""
    report = end.result.report
    return replace(
        row,
        usage=end.end.usage,
        metrics=report.get("metrics", {}),
        tags=report.get("tags", {}),
        error=error.to_json(),
    )


def ended_row(
    run: int,
    node: str,
    state: str,
    *,
    prepared: Prepared | None = None,
    before: NodeRun | None = None,
    started: float | None = None,
    ended: float | None = None,
    because: str | None = None,
    error: StudioloError | None = None,
) -> NodeRun:
    """Give the row of a node that has no result: running, failed, skipped or cancelled.

    `before` is its row so far: when it started, what it took, what it logged.
    """
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
        usage=before.usage if before is not None else {},
        metrics=before.metrics if before is not None else {},
        tags=before.tags if before is not None else {},
        started=before.started if before is not None else started,
        ended=ended,
    )


def error_of_node(error: Exception, name: str, what: str) -> StudioloError:
    """Give an error its node; a fault of ours becomes an error of the node and not the end of the run."""
    if not isinstance(error, StudioloError):
        error = InternalError("internal", f"Node {name} {what}: {error!r}")
    return error.at(node=name)
