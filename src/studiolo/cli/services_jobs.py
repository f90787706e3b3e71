"""`studiolo services jobs`: the batch jobs of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_service
from studiolo.cli.plain_text import clean_line, clean_lines
from studiolo.cli.quantities import moment_text, seconds_text
from studiolo.cli.sections import StudioloCommand
from studiolo.cli.tables import Cell, Heading, table_lines
from studiolo.errors import UserError

if TYPE_CHECKING:
    from studiolo.domain.batch import BatchJob
    from studiolo.services.batch.jobs import BatchJobs

_COLOURS = {"Finished": "green", "Failed": "red", "Cancelled": "yellow", "Running": "cyan"}


@click.command(
    "jobs",
    cls=StudioloCommand,
    arguments=[("NAME", "The service."), ("JOB", "One job, by the beginning of its id.")],
    examples=[
        ("studiolo services jobs churn", "the newest ones"),
        ("studiolo services jobs churn 3f2c --log", "what the nodes of one printed"),
        ("studiolo services jobs churn 3f2c --cancel", "end it"),
    ],
)
@click.argument("name", shell_complete=complete_service)
@click.argument("job", required=False)
@click.option("--log", "is_log", is_flag=True, help="Print the job's log.")
@click.option("--cancel", "is_cancel", is_flag=True, help="End the job, if it has not ended.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 1000), default=50, help="At most so many; 50.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def jobs(
    invocation: Invocation,
    name: str,
    job: str | None,
    is_log: bool,
    is_cancel: bool,
    limit: int,
    is_json: bool,
) -> None:
    """Show the batch jobs of a service, newest first. Servers run them one after another: studiolo serve."""
    from studiolo.services.batch.answers import own_status
    from studiolo.services.batch.jobs import BatchJobs

    if job is None and (is_log or is_cancel):
        raise click.UsageError("Name the job.", click.get_current_context())
    invocation.is_json = is_json
    with invocation.open() as workspace:
        from studiolo.services.registry import Services

        service = Services(workspace).get(name)
        shelf = BatchJobs(workspace)
        found = list(shelf.list(service, limit if job is None else 1000))
        if job is not None:
            found = [_one(found, job, name)]
            if is_cancel and not found[0].has_ended:
                shelf.end(service, found[0].id)
                found = [shelf.get(service, found[0].id)]
            if is_log:
                _print_log(invocation, shelf, found[0])
                return
    if is_json:
        invocation.print_json({"jobs": [own_status(one, "") for one in found]})
        return
    if not found:
        invocation.out.line(f"{name} has no batch jobs.")
        return
    _print(invocation, found)
    if job is not None and found[0].error:
        for line in clean_lines(found[0].error):
            invocation.out.line(line)


def _one(found: list[BatchJob], beginning: str, name: str) -> BatchJob:
    matching = [one for one in found if one.id.startswith(beginning.lower())]
    if len(matching) != 1:
        are = "no batch job" if not matching else f"{len(matching)} batch jobs"
        raise UserError(
            "unknown-job",
            f'The service {name} has {are} whose id begins with "{beginning[:40]}".',
            f"List them: studiolo services jobs {name}",
        )
    return matching[0]


def _print_log(invocation: Invocation, shelf: BatchJobs, job: BatchJob) -> None:
    text = shelf.log(job).decode("utf-8", "replace")
    if invocation.is_json:
        invocation.print_json({"id": job.id, "log": text})
        return
    for line in clean_lines(text):
        invocation.out.line(line)


def _print(invocation: Invocation, found: list[BatchJob]) -> None:
    headings = [
        Heading("job", least=8),
        Heading("state"),
        Heading("made", least=10),
        Heading("took", is_right=True),
        Heading("version", is_right=True),
        Heading("step", least=8),
    ]
    rows = []
    for one in found:
        state = "Cancelling" if one.is_cancel_requested and not one.has_ended else one.state
        now = one.progress
        step = f"{now.text} ({now.done} of {now.total} done)" if one.state == "Running" else ""
        took = seconds_text(one.ended - one.started) if one.ended and one.started else ""
        rows.append(
            [
                Cell(one.id),
                Cell(state, _COLOURS.get(state, "")),
                Cell(moment_text(one.created), "dim"),
                Cell(took),
                Cell(str(one.version)),
                Cell(clean_line(step or one.error.partition("\n")[0]), "dim"),
            ]
        )
    for line in table_lines(headings, rows, invocation.out):
        invocation.out.line(line)
