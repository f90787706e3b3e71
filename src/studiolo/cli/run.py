"""`studiolo run`: runs an experiment, tells of it, and says how it went by its exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from studiolo.cli.choosing import chosen_experiment
from studiolo.cli.exit_codes import exit_code_of_run
from studiolo.cli.interrupts import Interrupts
from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_assignment, complete_experiment, complete_node
from studiolo.cli.outcome import failures, summary
from studiolo.cli.progress import LineWatcher, SilentWatcher, Watcher
from studiolo.cli.sections import StudioloCommand

if TYPE_CHECKING:
    from studiolo.scheduler.progress import Progress
    from studiolo.workspace import RunResult


@click.command(
    "run",
    cls=StudioloCommand,
    arguments=[("EXPERIMENT", "Its name; may be left out in a workspace with one experiment.")],
    examples=[
        ("studiolo run churn", "what is not known yet"),
        ("studiolo run churn --to clean", "clean, and what it needs"),
        ("studiolo run churn --from clean --force", "clean and all behind it, anew"),
        ("studiolo run churn --set sample.rows=500", "with another value, this once"),
        ("studiolo run churn --json | jq .state", "for a program"),
    ],
)
@click.argument("experiment", required=False, shell_complete=complete_experiment)
@click.option(
    "--to", metavar="NODE", multiple=True, shell_complete=complete_node, help="This node and all it needs."
)
@click.option(
    "--from",
    "start",
    metavar="NODE",
    multiple=True,
    shell_complete=complete_node,
    help="This node and all that use it, on earlier results of the others.",
)
@click.option("--only", metavar="NODE", multiple=True, shell_complete=complete_node, help="This node alone.")
@click.option(
    "--set",
    "assignments",
    metavar="NODE.PARAMETER=VALUE",
    multiple=True,
    shell_complete=complete_assignment,
    help="Set a parameter for this run; the file stays as it is.",
)
@click.option("--force", is_flag=True, help="Run the nodes although their results are known.")
@click.option("--logs/--no-logs", default=False, help="Show what the nodes print while they run.")
@click.option("--json", "is_json", is_flag=True, help="Print the result as one JSON document.")
@click.pass_obj
def run(
    invocation: Invocation,
    experiment: str | None,
    to: tuple[str, ...],
    start: tuple[str, ...],
    only: tuple[str, ...],
    assignments: tuple[str, ...],
    force: bool,
    logs: bool,
    is_json: bool,
) -> int:
    """Run an experiment. Nodes whose inputs, script and parameters are as before are reused, not run.

    --to, --from, --only and --set may be given several times. Ctrl-C cancels the run; what has finished is kept.
    The exit code is 0 when all went well, 1 when a node failed, 2 when something was found wrong before.
    """
    invocation.is_json = is_json
    watcher = make_watcher(invocation, logs)
    with Interrupts() as interrupts, invocation.open() as workspace:

        def listen(event: Progress) -> None:
            interrupts.note(event)
            watcher(event)

        try:
            result = workspace.run(
                chosen_experiment(workspace, experiment),
                to=to,
                from_=start,
                only=only,
                set=assignments,
                force=force,
                listener=listen,
            )
        finally:
            watcher.close()
        return tell_result(result, workspace.path, invocation)


def make_watcher(invocation: Invocation, has_logs: bool) -> Watcher:
    """Choose how a run is told: live on a terminal, in lines elsewhere; never on a program's standard output."""
    screen = invocation.err if invocation.is_json else invocation.out
    if screen.can_move:
        from studiolo.cli.live import LiveWatcher

        return LiveWatcher(screen, has_logs)
    if invocation.is_json and not has_logs:
        return SilentWatcher(screen)
    return LineWatcher(screen, has_logs)


def tell_result(result: RunResult, folder: Path, invocation: Invocation) -> int:
    """Write what came of a run and give the exit code: failures first, so that the verdict stands last.

    Args:
        result: of the run.
        folder: of the workspace.
        invocation: where to write.
    """
    errors = [
        node.error for node in result.nodes.values() if node.state == "failed" and node.error is not None
    ]
    for line in failures(result, folder, invocation.err):
        invocation.err.line(line)
    if invocation.is_json:
        invocation.print_json(result.to_json())
        return exit_code_of_run(result.state, errors)
    if errors or not invocation.out.can_move:
        invocation.out.line()
    for line in summary(result, invocation.out):
        invocation.out.line(line)
    return exit_code_of_run(result.state, errors)
