"""`studiolo runs` lists what has been run; `studiolo cancel` ends what is running."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from studiolo.cli.choosing import known_experiment
from studiolo.cli.exit_codes import OK, WORKER_REFUSED
from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_experiment, complete_running
from studiolo.cli.plain_text import clean_line
from studiolo.cli.quantities import moment_text, seconds_text
from studiolo.cli.screen import STATE_STYLES
from studiolo.cli.sections import StudioloCommand
from studiolo.cli.tables import Cell, Heading, table_lines

if TYPE_CHECKING:
    from studiolo.domain.run import Run
    from studiolo.workspace import Workspace

PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 0.1


@click.command(
    "runs",
    cls=StudioloCommand,
    arguments=[("EXPERIMENT", "Only runs of this one.")],
    examples=[
        ("studiolo runs churn --limit 5", "the latest five"),
        ("studiolo show churn --run 3", "one of them"),
    ],
)
@click.argument("experiment", required=False, shell_complete=complete_experiment)
@click.option("--limit", metavar="N", type=click.IntRange(1, 10_000), default=20, help="At most so many; 20.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def runs(invocation: Invocation, experiment: str | None, limit: int, is_json: bool) -> None:
    """List runs, newest first."""
    invocation.is_json = is_json
    with invocation.open() as workspace:
        name = known_experiment(workspace, experiment) if experiment is not None else None
        found = workspace.runs(name, limit=limit)
    if is_json:
        invocation.print_json({"runs": [_json(run) for run in found]})
        return
    if not found:
        invocation.out.line("Nothing has been run yet.")
        return
    screen = invocation.out
    rows = [
        [
            Cell(screen.sign(run.state), STATE_STYLES.get(run.state, "")),
            Cell(str(run.number)),
            Cell(clean_line(run.experiment)),
            Cell(run.state, STATE_STYLES.get(run.state, "")),
            Cell(moment_text(run.started), "dim"),
            Cell(seconds_text(run.ended - run.started) if run.ended is not None else ""),
        ]
        for run in found
    ]
    headings = [
        Heading(""),
        Heading("run", is_right=True),
        Heading("experiment", least=8),
        Heading("state"),
        Heading("started", least=10),
        Heading("time", is_right=True),
    ]
    for line in table_lines(headings, rows, screen):
        screen.line(line)


@click.command(
    "cancel",
    cls=StudioloCommand,
    arguments=[("RUN", "Its number; studiolo runs lists them.")],
    examples=[("studiolo cancel 12", "end run 12, wherever it was started")],
)
@click.argument("number", metavar="RUN", type=int, shell_complete=complete_running)
@click.pass_obj
def cancel(invocation: Invocation, number: int) -> int:
    """End a run that another process is carrying out. What has finished is kept.

    The exit code is 0 when the run has ended, also when it had ended before.
    """
    with invocation.open() as workspace:
        workspace.runs(limit=1)  # a run whose host has died is not running
        if not workspace.cancel(number):
            result = workspace.result(number)
            invocation.out.line(f"Run {number} of {result.experiment} has ended already: {result.state}.")
            return OK
        state = _wait_for_end(workspace, number)
    if state == "running":
        invocation.err.line(f"Run {number} was asked to end, but goes on after {PATIENCE_SECONDS:.0f} s.")
        return WORKER_REFUSED
    invocation.out.line(f"Run {number}: {state}.")
    return OK


def _wait_for_end(workspace: Workspace, number: int) -> str:
    until = time.monotonic() + PATIENCE_SECONDS
    state = workspace.result(number).state
    while state == "running" and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        state = workspace.result(number).state
    return state


def _json(run: Run) -> dict[str, Any]:
    return {
        "run": run.number,
        "experiment": run.experiment,
        "state": run.state,
        "started": run.started,
        "ended": run.ended,
    }
