"""`studiolo check`: finds what is wrong with experiments and their scripts; nothing of them runs."""

from __future__ import annotations

from pathlib import Path

import click

from studiolo.cli.choosing import chosen_experiment
from studiolo.cli.error_text import problem_lines
from studiolo.cli.exit_codes import OK, USER_ERROR
from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_experiment
from studiolo.cli.progress import SilentWatcher
from studiolo.cli.quantities import count_text
from studiolo.cli.screen import Screen
from studiolo.cli.sections import StudioloCommand
from studiolo.errors import StudioloError, UserError


@click.command(
    "check",
    cls=StudioloCommand,
    arguments=[("EXPERIMENT", "Only this one.")],
    examples=[("studiolo check", "all experiments"), ("studiolo check churn --json", "one, for a program")],
)
@click.argument("experiment", required=False, shell_complete=complete_experiment)
@click.option("--json", "is_json", is_flag=True, help="Print the problems as one JSON document.")
@click.pass_obj
def check(invocation: Invocation, experiment: str | None, is_json: bool) -> int:
    """Find everything that is wrong before a run would: the graph, names, values, files, and the scripts.

    Scripts are read in the jail, not run: syntax, names that are defined nowhere, imports that the environment
    lacks. The exit code is 2 when there is a problem.
    """
    invocation.is_json = is_json
    with invocation.open() as workspace:
        names = [chosen_experiment(workspace, experiment)] if experiment else workspace.experiment_names()
        if not names:
            raise UserError(
                "which-experiment", "This workspace has no experiment.", "Make one: studiolo new NAME"
            )
        watcher = SilentWatcher(invocation.err)
        found = {name: workspace.check(name, listener=watcher) for name in names}
        folder = workspace.path
    if is_json:
        problems = {name: [problem.to_json() for problem in found[name]] for name in names}
        invocation.print_json({"is_ok": not any(found.values()), "experiments": problems})
    else:
        for name in names:
            _tell(name, found[name], folder, invocation.out, invocation.err)
    return USER_ERROR if any(found.values()) else OK


def _tell(name: str, problems: list[StudioloError], folder: Path, out: Screen, err: Screen) -> None:
    if not problems:
        out.line(f"{out.styled(out.sign('finished'), 'green')} {name}: nothing is wrong")
        return
    out.line(f"{out.styled(out.sign('failed'), 'red')} {name}: {count_text(len(problems), 'problem')}")
    for problem in problems:
        err.line()
        for line in problem_lines(problem, folder, err):
            err.line(line)
    err.line()
