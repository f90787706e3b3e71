"""`studiolo logs`: what the nodes of a run have printed, also while it goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from studiolo.cli.choosing import Place, check_run, known_experiment
from studiolo.cli.invocation import Invocation
from studiolo.cli.log_lines import LogLines
from studiolo.cli.name_completion import complete_node, complete_run, complete_run_or_experiment
from studiolo.cli.plain_text import clean_line, clean_lines
from studiolo.cli.sections import StudioloCommand
from studiolo.errors import UserError

if TYPE_CHECKING:
    from studiolo.workspace import NodeResult, RunResult, Workspace

FOLLOW_SECONDS = 0.1


@click.command(
    "logs",
    cls=StudioloCommand,
    arguments=[
        ("WHAT", "EXPERIMENT, EXPERIMENT:NODE, or the number of a run."),
        ("NODE", "One node of it; without it all, each line behind its node's name."),
    ],
    examples=[
        ("studiolo logs churn:clean", "of the latest run"),
        ("studiolo logs 12 clean", "of run 12"),
        ("studiolo logs churn --follow", "of all nodes, while they run"),
    ],
)
@click.argument("what", metavar="WHAT", shell_complete=complete_run_or_experiment)
@click.argument("node", required=False, shell_complete=complete_node)
@click.option("--follow", "-f", is_flag=True, help="Go on until the run has ended.")
@click.option(
    "--run", metavar="N", type=int, shell_complete=complete_run, help="Of this run, not the latest."
)
@click.pass_obj
def logs(invocation: Invocation, what: str, node: str | None, follow: bool, run: int | None) -> None:
    """Show what nodes have printed. The log of a reused node is the one of the run that made its result.

    One node's log goes to a pipe or file byte for byte; on a terminal it is shown without control sequences.
    """
    with invocation.open() as workspace:
        result, name = _find(workspace, what, node, run)
        names = [name] if name is not None else list(result.nodes)
        if follow:
            _follow(invocation, workspace, result.number, names)
        elif name is None:
            _write_all(invocation, [result[one] for one in names])
        else:
            _write_one(invocation, result[name].log)


def _find(workspace: Workspace, what: str, node: str | None, run: int | None) -> tuple[RunResult, str | None]:
    """Find the run and the node that are meant; without a node None.

    Raises:
        UserError: one of them is unknown, or `never-run`.
    """
    place = Place.parse(what)
    name = node or place.node
    if what.isdigit() and what not in workspace.experiment_names():
        result = workspace.result(int(what))
    else:
        experiment = known_experiment(workspace, place.experiment)
        check_run(workspace, experiment, run)
        if run is None and name is not None:
            result = workspace.result(workspace.find_node(experiment, name).node_run.run)
        else:
            latest = workspace.latest(experiment) if run is None else workspace.result(run)
            if latest is None:
                raise UserError(
                    "never-run", f"{experiment} has not run yet.", f"Run it: studiolo run {experiment}"
                )
            result = latest
    if name is not None:
        result[name]  # raises with the nearest name
    return result, name


def _write_one(invocation: Invocation, log: bytes) -> None:
    if invocation.out.is_terminal:
        for line in clean_lines(log.decode("utf-8", "replace")):
            invocation.out.line(line)
        return
    invocation.out.write("")
    view = memoryview(log)
    while view:
        view = view[os.write(1, view) :]


def _write_all(invocation: Invocation, nodes: Sequence[NodeResult]) -> None:
    for node in nodes:
        _write_lines(invocation, node.name, clean_lines(node.log.decode("utf-8", "replace")), True)


def _write_lines(invocation: Invocation, node: str, lines: Sequence[str], has_names: bool) -> None:
    for line in lines:
        invocation.out.line(f"{clean_line(node)} | {line}" if has_names else line)


def _follow(invocation: Invocation, workspace: Workspace, number: int, names: Sequence[str]) -> None:
    """Write logs as they grow until the run, or the one node, has ended."""
    lines, written = LogLines(), dict.fromkeys(names, 0)
    has_names = len(names) > 1
    is_over = False
    while not is_over and not invocation.out.is_gone:
        result = workspace.result(number)
        nodes = [result[name] for name in names]
        is_over = all(node.state not in ("waiting", "running") for node in nodes) or result.state != "running"
        for node in nodes:
            text = node.log[written[node.name] :]
            written[node.name] += len(text)
            _write_lines(invocation, node.name, lines.add(node.name, text), has_names)
        if not is_over:
            time.sleep(FOLLOW_SECONDS)
    for name in names:
        _write_lines(invocation, name, lines.end(name), has_names)
