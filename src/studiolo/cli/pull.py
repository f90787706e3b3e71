"""`studiolo pull`: writes a node with its inputs to a folder, to run and debug it outside studiolo."""

from __future__ import annotations

from pathlib import Path

import click

from studiolo.cli.choosing import Place, check_run, known_experiment
from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_place, complete_run
from studiolo.cli.quantities import shape_text
from studiolo.cli.sections import StudioloCommand
from studiolo.errors import UserError


@click.command(
    "pull",
    cls=StudioloCommand,
    arguments=[
        ("EXPERIMENT:NODE", "A node with a script."),
        ("FOLDER", "Where to; EXPERIMENT-NODE in the folder you are in when it is left out."),
    ],
    examples=[
        ("studiolo pull churn:clean", "what it had in its newest run, to churn-clean/"),
        ("studiolo pull churn:clean /tmp/clean --run 3", "what it had in run 3"),
        ("python churn-clean/run_local.py", "run it there, without studiolo"),
    ],
)
@click.argument("what", metavar="EXPERIMENT:NODE", shell_complete=complete_place)
@click.argument("folder", metavar="[FOLDER]", required=False, type=click.Path())
@click.option(
    "--run", metavar="N", type=int, shell_complete=complete_run, help="As it was in this run, not the newest."
)
@click.option("--csv", "with_csv", is_flag=True, help="Large inputs as CSV too; small ones always are.")
@click.option("--force", "is_forced", is_flag=True, help="Write over what was pulled there before.")
@click.option("--json", "is_json", is_flag=True, help="Print what was written as one JSON document.")
@click.pass_obj
def pull(
    invocation: Invocation,
    what: str,
    folder: str | None,
    run: int | None,
    with_csv: bool,
    is_forced: bool,
    is_json: bool,
) -> None:
    """Take a node with you: inputs, script, bundle, packages, and run_local.py that runs it without studiolo.

    A failed node can be pulled too: the folder opens in VS Code with a launch file that stops at the error.
    """
    from studiolo.workspace.pulling import pull_node

    invocation.is_json = is_json
    place = Place.parse(what)
    if place.node is None or place.port is not None:
        name = place.experiment or "EXPERIMENT"
        raise UserError(
            "which-node", f'"{what}" names no node.', f"Name one, as in {name}:{place.node or 'NODE'}."
        )
    with invocation.open() as workspace:
        experiment = known_experiment(workspace, place.experiment)
        check_run(workspace, experiment, run)
        target = Path(folder or f"{experiment}-{place.node}").expanduser().absolute()
        pulled = pull_node(
            workspace, experiment, place.node, target, run=run, with_csv=with_csv, is_forced=is_forced
        )
    if invocation.is_json:
        shapes = {port: {"rows": rows, "columns": columns} for port, (rows, columns) in pulled.inputs.items()}
        facts = {"folder": str(target), "run": pulled.run, "node": pulled.node, "script": pulled.script}
        facts |= {"environment": pulled.environment, "inputs": shapes, "warnings": pulled.warnings}
        invocation.print_json(facts)
        return
    shown = folder or target.name
    inputs = ", ".join(f"{port} {shape_text(*shape)}" for port, shape in pulled.inputs.items())
    invocation.out.line(f"Pulled {place.node} of run {pulled.run} to {shown}: {inputs or 'no datasets'}.")
    for warning in pulled.warnings:
        invocation.err.line(f"Warning: {warning}")
    invocation.out.line(f"Run it: python {shown}/run_local.py")
