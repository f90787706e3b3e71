"""`studiolo export`: writes a result to a file in the format of its ending."""

from __future__ import annotations

from pathlib import Path

import click

from studiolo.cli.choosing import Place, check_run, find_output, known_experiment
from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_place, complete_run
from studiolo.cli.quantities import bytes_text, shape_text
from studiolo.cli.sections import StudioloCommand
from studiolo.errors import UserError


@click.command(
    "export",
    cls=StudioloCommand,
    arguments=[
        ("EXPERIMENT:NODE.PORT", "What to write; without a port the only output of the node."),
        ("FILE", "Where to; csv, tsv, parquet, arrow, jsonl, arff … by its ending."),
    ],
    examples=[
        ("studiolo export churn:clean.result_dataset clean.csv", "the latest result"),
        ("studiolo export churn:clean clean.parquet --run 3", "of an earlier run"),
    ],
)
@click.argument("what", metavar="EXPERIMENT:NODE[.PORT]", shell_complete=complete_place)
@click.argument("file", metavar="FILE", type=click.Path())
@click.option(
    "--run", metavar="N", type=int, shell_complete=complete_run, help="Of this run, not the latest."
)
@click.option("--format", "format_", metavar="FORMAT", help="A format by name, whatever the ending.")
@click.option("--json", "is_json", is_flag=True, help="Print what was written as one JSON document.")
@click.pass_obj
def export(
    invocation: Invocation, what: str, file: str, run: int | None, format_: str | None, is_json: bool
) -> None:
    """Write a result to a file. A file that is there is replaced, whole or not at all.

    Datasets are written in the format of the file's ending; zips and other files as they are.
    """
    invocation.is_json = is_json
    place = Place.parse(what)
    if place.node is None:
        raise UserError(
            "which-port",
            f'"{what}" names no output of a node.',
            f"Name one, as in {place.experiment or 'EXPERIMENT'}:NODE.result_dataset.",
        )
    with invocation.open() as workspace:
        place = Place(known_experiment(workspace, place.experiment), place.node, place.port)
        check_run(workspace, place.experiment, run)
        node, output = find_output(workspace, place, run)
        path = output.save(Path(file), format_)
        size = path.stat().st_size
        facts = {"path": str(path), "size": size, "run": node.node_run.run, "digest": output.digest}
        if output.kind == "dataset":
            facts |= {"rows": output.rows, "columns": len(output.columns)}
        if invocation.is_json:
            invocation.print_json(facts)
            return
        shape = f"{shape_text(output.rows, len(output.columns))}, " if output.kind == "dataset" else ""
        invocation.out.line(
            f"Wrote {output.name} of run {node.node_run.run} to {file}: {shape}{bytes_text(size)}."
        )
