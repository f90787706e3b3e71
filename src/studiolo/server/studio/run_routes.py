"""Runs: start, cancel, follow, history, compare."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from studiolo.server.studio.reaching import StudioOfRequest
from studiolo.server.studio.run_forms import (
    NodeRunForm,
    RunComparison,
    RunForm,
    RunSnapshot,
    RunWish,
    StatusForm,
    TextSlice,
    Ticket,
)
from studiolo.studio.runs import Wanted

__all__ = ["router"]

router = APIRouter(tags=["runs"])

Number = Annotated[int, Path(ge=1, le=2**53)]
Offset = Annotated[int, Query(ge=0, le=2**53)]


@router.get("/experiments/{name}/status", response_model=StatusForm, operation_id="getStatus")
def get_status(name: str, studio: StudioOfRequest) -> StatusForm:
    """Give the state of every node of an experiment."""
    return StatusForm.model_validate(studio.status(name))


@router.post("/experiments/{name}/runs", response_model=Ticket, operation_id="startRun", status_code=202)
def start_run(name: str, wish: RunWish, studio: StudioOfRequest) -> Ticket:
    """Begin a run; events tell what becomes of it."""
    wanted = Wanted(
        tuple(wish.to), tuple(wish.start), tuple(wish.only), wish.force or tuple(wish.force_nodes)
    )
    return Ticket(ticket=studio.run(name, wanted))


@router.get("/runs", response_model=list[RunForm], operation_id="listRuns")
def list_runs(
    studio: StudioOfRequest, experiment: str | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[RunForm]:
    """List runs, newest first."""
    return [RunForm.model_validate(run) for run in studio.history.runs(experiment, limit)]


@router.get("/runs/{number}", response_model=RunSnapshot, operation_id="getRun")
def get_run(number: Number, studio: StudioOfRequest) -> RunSnapshot:
    """Give a run with its locked experiment."""
    return RunSnapshot.model_validate(studio.history.snapshot(number))


@router.post("/runs/{number}/cancel", response_model=RunForm, operation_id="cancelRun")
def cancel_run(number: Number, studio: StudioOfRequest) -> RunForm:
    """Ask a run to end."""
    return RunForm.model_validate(studio.history.cancel(number))


@router.get("/runs/{number}/nodes/{node:path}/log", response_model=TextSlice, operation_id="getLog")
def get_log(number: Number, node: str, studio: StudioOfRequest, offset: Offset = 0) -> TextSlice:
    """Give a node's log from an offset on."""
    return TextSlice.model_validate(studio.history.log(number, node, offset))


@router.get("/runs/{a}/compare/{b}", response_model=RunComparison, operation_id="compareRuns")
def compare_runs(a: Number, b: Number, studio: StudioOfRequest) -> RunComparison:
    """Compare two runs: graph, fields, outputs."""
    return RunComparison.model_validate(studio.history.compare(a, b))


@router.get("/runs/{number}/nodes/{node:path}", response_model=NodeRunForm, operation_id="getNodeRun")
def get_node_run(number: Number, node: str, studio: StudioOfRequest) -> NodeRunForm:
    """Give all about one node of a run."""
    return NodeRunForm.model_validate(studio.history.node_run(number, node))
