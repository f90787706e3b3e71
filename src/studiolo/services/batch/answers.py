"""What clients are told of a batch job: the documented status of the classic form, and our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from studiolo.domain.batch import CANCELLED, FAILED, FINISHED, NOT_STARTED, QUEUED, RUNNING, BatchJob

CLASSIC_STATES = {
    NOT_STARTED: "NotStarted",
    QUEUED: "NotStarted",  # old clients know no other word for waiting
    RUNNING: "Running",
    FAILED: "Failed",
    CANCELLED: "Cancelled",
    FINISHED: "Finished",
}
OWN_STATES = {state: state[0].lower() + state[1:] for state in CLASSIC_STATES} | {NOT_STARTED: "not-started"}


def classic_status(job: BatchJob, jobs: str) -> dict[str, Any]:
    """Give the documented status of a job.

    Args:
        job: which one.
        jobs: address of the service's jobs as the client knows it, without slash at its end.
    """
    results = None
    if job.state == FINISHED:
        results = {
            name: {
                "ConnectionString": None,
                "RelativeLocation": parts[1],
                "BaseLocation": parts[0],
                "SasBlobToken": parts[2],
            }
            for name, parts in _places(job, jobs).items()
        }
    details = job.error or (job.progress.text if job.state == RUNNING else "") or None
    return {"StatusCode": CLASSIC_STATES[job.state], "Results": results, "Details": details}


def own_status(job: BatchJob, jobs: str, tables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the status of a job in our own form.

    Args:
        job: which one.
        jobs: address of the service's classic jobs, which outputs that stay here are below.
        tables: output to its columns and rows, for those that are short.
    """
    outputs: dict[str, Any] = {}
    for name, parts in _places(job, jobs).items():
        result = job.results[name]
        outputs[name] = {
            "address": "".join(parts),
            "rows": result["rows"],
            "columns": result["columns"],
            "bytes": result["size"],
        }
        if tables and tables.get(name) is not None:
            outputs[name]["table"] = tables[name]
    return {
        "id": job.id,
        "service": job.service,
        "version": job.version,
        "state": OWN_STATES[job.state],
        "created": job.created,
        "started": job.started,
        "ended": job.ended,
        "progress": {"step": job.progress.text, "done": job.progress.done, "total": job.progress.total},
        "attempts": job.attempts,
        "error": job.error or None,
        "outputs": outputs,
    }


def _places(job: BatchJob, jobs: str) -> dict[str, tuple[str, str, str]]:
    """Give output to the three parts of its address, as clients put them together."""
    found = {}
    for name, result in job.results.items():
        if "token" in result:
            file = quote(result["file"])
            found[name] = (f"{jobs}/", f"{job.id}/outputs/{file}", f"?sig={result['token']}")
        else:
            found[name] = (result["base"], result["relative"], result["signature"])
    return found
