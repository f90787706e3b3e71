"""`studiolo publish`: makes a version of a web service of an experiment, and shows its keys once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from studiolo.cli.choosing import check_run, chosen_experiment
from studiolo.cli.interrupts import Interrupts
from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_experiment, complete_run, complete_service
from studiolo.cli.outcome import verdict
from studiolo.cli.run import make_watcher, tell_result
from studiolo.cli.sections import StudioloCommand
from studiolo.domain.service import STATES

if TYPE_CHECKING:
    from studiolo.scheduler.progress import Progress
    from studiolo.services.registry import Published, Services
    from studiolo.workspace import RunResult, Workspace


@click.command(
    "publish",
    cls=StudioloCommand,
    arguments=[("EXPERIMENT", "Its name; it says what it offers under web_service in experiment.yaml.")],
    examples=[
        ("studiolo publish churn --name churn", "the first time: makes the service"),
        ("studiolo publish churn --name churn --standby", "a version that does not answer yet"),
        ("studiolo publish churn --name churn --run 12", "what run 12 left"),
    ],
)
@click.argument("experiment", required=False, shell_complete=complete_experiment)
@click.option(
    "--name", metavar="NAME", required=True, shell_complete=complete_service, help="Of the service."
)
@click.option(
    "--state",
    type=click.Choice(STATES),
    help="fresh: each request has a process of its own; kept: a process serves many. As before, at first fresh.",
)
@click.option("--description", metavar="TEXT", help="One line for those who call it.")
@click.option(
    "--run", "run_number", metavar="N", type=int, shell_complete=complete_run, help="What this run left."
)
@click.option(
    "--standby", is_flag=True, help="It does not answer yet; see studiolo services rollback and split."
)
@click.option("--no-sample", is_flag=True, help="No rows of the data in the documents that clients read.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def publish(
    invocation: Invocation,
    experiment: str | None,
    name: str,
    state: str | None,
    description: str | None,
    run_number: int | None,
    standby: bool,
    no_sample: bool,
    is_json: bool,
) -> int | None:
    """Publish an experiment as a web service: run what is not known yet, and freeze a version of all it needs.

    The version answers the same for ever, whatever changes in the workspace. Publishing under the same name again
    makes the next version, which answers at once; addresses and keys stay. The two keys are shown once, here.
    """
    from studiolo.services.registry import Services, check_service_name

    invocation.is_json = is_json
    check_service_name(name)
    with invocation.open() as workspace:
        chosen = chosen_experiment(workspace, experiment)
        if run_number is None:
            result = _run(workspace, chosen, invocation)
            if not result.is_ok:
                return tell_result(result, workspace.path, invocation)
            run_number = result.number
            if not is_json:
                invocation.out.line(verdict(result, invocation.out))
        else:
            check_run(workspace, chosen, run_number)
        services = Services(workspace)
        published = services.publish(
            chosen,
            name,
            state=state,
            description=description,
            run=run_number,
            has_sample=not no_sample,
            is_live=not standby,
        )
        if is_json:
            invocation.print_json(published_json(published, services))
        else:
            _tell(published, services, invocation)
    return None


def _run(workspace: Workspace, experiment: str, invocation: Invocation) -> RunResult:
    from studiolo.services.publishing import run_to_publish

    watcher = make_watcher(invocation, False)
    with Interrupts() as interrupts:

        def listen(event: Progress) -> None:
            interrupts.note(event)
            watcher(event)

        try:
            return run_to_publish(workspace, experiment, listen)
        finally:
            watcher.close()


def published_json(published: Published, services: Services) -> dict[str, Any]:
    """Give what publishing gave for a program; the only time that the keys are told."""
    from studiolo.cli.service_text import service_json, version_json

    return {
        **service_json(published.service, services),
        "published": version_json(published.version),
        "is_live": published.is_live,
        "keys": dict(published.keys) if published.keys is not None else None,
    }


def _tell(published: Published, services: Services, invocation: Invocation) -> None:
    from studiolo.cli.service_text import address_lines, port_lines

    screen, version = invocation.out, published.version
    answers = "answers now" if published.is_live else f"on standby: version {published.service.live} answers"
    screen.line()
    screen.line(
        f"{screen.styled(version.service, 'bold')} version {version.number} of run {version.run}, {answers}"
    )
    for line in port_lines(version, screen):
        screen.line(line)
    screen.line()
    for line in address_lines(published.service, services, screen):
        screen.line(line)
    screen.line()
    if published.keys is None:
        screen.line(
            f"The keys are as before; studiolo services keys {version.service} makes new ones.", "dim"
        )
        return
    screen.line("Keys, shown only this once. Either opens the service: Authorization: Bearer KEY", "bold")
    for slot, key in published.keys.items():
        screen.line(f"  {slot:<9}  {key}")
