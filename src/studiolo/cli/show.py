"""`studiolo show`: an experiment with its nodes, one node of a run, or what came out of a port."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from studiolo.cli.choosing import Place, check_run, find_output, known_experiment
from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_place, complete_run
from studiolo.cli.plain_text import clean_line, clean_lines
from studiolo.cli.quantities import moment_text
from studiolo.cli.screen import STATE_STYLES, Screen
from studiolo.cli.sections import StudioloCommand
from studiolo.cli.tables import Cell, Heading, table_lines

if TYPE_CHECKING:
    from studiolo.workspace import NodeResult, Output, RunResult, Workspace

ROWS = 10
MOST_ROWS = 10_000


@click.command(
    "show",
    cls=StudioloCommand,
    arguments=[("EXPERIMENT[:NODE[.PORT]]", "What to look at; without it all experiments of the workspace.")],
    examples=[
        ("studiolo show", "all experiments"),
        ("studiolo show churn", "its nodes and how they went"),
        ("studiolo show churn:clean", "one node: error, receipts, pictures, log"),
        ("studiolo show churn:clean.result_dataset", "rows and statistics of a result"),
        ("studiolo show churn:clean --run 3", "as it was in an earlier run"),
    ],
)
@click.argument("what", metavar="[EXPERIMENT[:NODE[.PORT]]]", required=False, shell_complete=complete_place)
@click.option(
    "--rows", metavar="N", type=click.IntRange(0, MOST_ROWS), default=ROWS, help=f"Rows shown; {ROWS}."
)
@click.option(
    "--run", metavar="N", type=int, shell_complete=complete_run, help="Of this run, not the latest."
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def show(invocation: Invocation, what: str | None, rows: int, run: int | None, is_json: bool) -> None:
    """Show an experiment, a node of it, or a result.

    A result is shown with its first rows, with statistics of each column over all rows, and with its receipt:
    what was changed in the data where it left the script.
    """
    invocation.is_json = is_json
    with invocation.open() as workspace:
        if what is None:
            _show(invocation, _overview_json(workspace), _overview(workspace, invocation.out))
            return
        place = Place.parse(what)
        place = Place(known_experiment(workspace, place.experiment), place.node, place.port)
        check_run(workspace, place.experiment, run)
        if place.node is None:
            _show_experiment(invocation, workspace, place.experiment, run)
        elif place.port is None:
            _show_node(invocation, workspace, place, run)
        else:
            _show_port(invocation, workspace, place, run, rows)


def _show(invocation: Invocation, document: dict[str, Any] | None, lines: Iterator[str]) -> None:
    """Write the document for a program or the lines for a person."""
    if invocation.is_json:
        invocation.print_json(document or {})
        return
    for line in lines:
        invocation.out.line(line)


# The workspace


def _overview_json(workspace: Workspace) -> dict[str, Any]:
    experiments = []
    for name in workspace.experiment_names():
        runs = workspace.runs(name, limit=1)
        latest = {"run": runs[0].number, "state": runs[0].state, "started": runs[0].started} if runs else None
        experiments.append({"name": name, "latest": latest})
    return {"workspace": workspace.name, "path": str(workspace.path), "experiments": experiments}


def _overview(workspace: Workspace, screen: Screen) -> Iterator[str]:
    names = workspace.experiment_names()
    if not names:
        yield f"{workspace.name} has no experiment yet. Make one: studiolo new NAME"
        return
    rows = []
    for name in names:
        runs = workspace.runs(name, limit=1)
        if runs:
            sign, style = screen.sign(runs[0].state), STATE_STYLES.get(runs[0].state, "")
            facts = [f"run {runs[0].number} {runs[0].state}", moment_text(runs[0].started)]
        else:
            sign, style, facts = " ", "dim", ["not run yet", ""]
        rows.append([Cell(sign, style), Cell(name), Cell(facts[0], style), Cell(facts[1], "dim")])
    headings = [
        Heading(""),
        Heading("experiment", least=10),
        Heading("latest run", least=10),
        Heading("started"),
    ]
    yield from table_lines(headings, rows, screen)


# An experiment


def _show_experiment(invocation: Invocation, workspace: Workspace, name: str, run: int | None) -> None:
    result = workspace.latest(name) if run is None else workspace.result(run)
    if result is None:
        _show(invocation, _not_run_json(workspace, name), _not_run(workspace, name, invocation.out))
        return
    _show(invocation, result.to_json() if invocation.is_json else None, _run_lines(result, invocation.out))


def _run_lines(result: RunResult, screen: Screen) -> Iterator[str]:
    from studiolo.cli.outcome import node_table, remarks, verdict

    yield from node_table(list(result.nodes.values()), screen)
    told = list(remarks(result, screen))
    yield from ["", *told] if told else []
    yield ""
    yield verdict(result, screen)
    yield screen.styled(f"started {moment_text(result.started)}", "dim")


def _not_run_json(workspace: Workspace, name: str) -> dict[str, Any]:
    nodes = workspace.experiment(name).nodes
    facts = {node.name: {"module": node.module, "state": "waiting"} for node in nodes.values()}
    return {"run": None, "experiment": name, "state": None, "nodes": facts}


def _not_run(workspace: Workspace, name: str, screen: Screen) -> Iterator[str]:
    rows = [
        [
            Cell(screen.sign("waiting"), "dim"),
            Cell(clean_line(node.name)),
            Cell(clean_line(node.module), "dim"),
            Cell(
                ", ".join(clean_line(str(source).removesuffix(".")) for source in node.inputs.values()), "dim"
            ),
        ]
        for node in workspace.experiment(name).nodes.values()
    ]
    headings = [
        Heading(""),
        Heading("node", least=8),
        Heading("module", least=8),
        Heading("after", wraps=True),
    ]
    yield from table_lines(headings, rows, screen)
    yield ""
    yield f"{name} has not run yet: studiolo run {name}"


# A node and a port


def _show_node(invocation: Invocation, workspace: Workspace, place: Place, run: int | None) -> None:
    from studiolo.cli.node_page import node_json, node_lines

    assert place.node is not None
    node = workspace.find_node(place.experiment, place.node, run)
    result = workspace.result(node.node_run.run)
    document = node_json(node, result) if invocation.is_json else None
    _show(invocation, document, node_lines(node, result, workspace.path, invocation.out))


def _show_port(
    invocation: Invocation, workspace: Workspace, place: Place, run: int | None, rows: int
) -> None:
    node, output = find_output(workspace, place, run)
    document = _output_json(node, place, output, rows) if invocation.is_json else None
    _show(invocation, document, _output_lines(node, place, output, rows, invocation.out))


def _output_lines(node: NodeResult, place: Place, output: Output, rows: int, screen: Screen) -> Iterator[str]:
    from studiolo.cli.card_text import card_lines
    from studiolo.cli.dataset_text import dataset_lines
    from studiolo.cli.node_page import output_facts
    from studiolo.cli.outcome import quoted

    name = f"{place.experiment}:{node.name}.{place.port}"
    yield f"{screen.styled(clean_line(name), 'bold')}  {output_facts(output)}  run {node.node_run.run}"
    yield ""
    if output.kind == "dataset":
        yield from dataset_lines(output, rows, screen)
    elif output.kind == "device":
        yield from clean_lines(node.log.decode("utf-8", "replace"))
        yield from (f"picture: {clean_line(str(picture.path))}" for picture in node.pictures)
    else:
        if output.card is not None:
            yield from card_lines(output.card, rows, screen)
            yield ""
        yield f"digest {output.digest}"
        yield f"studiolo export {quoted(name)} FILE writes it to a file."


def _output_json(node: NodeResult, place: Place, output: Output, rows: int) -> dict[str, Any]:
    document = {
        "experiment": place.experiment,
        "run": node.node_run.run,
        "node": node.name,
        "port": place.port,
        "kind": output.kind,
        "digest": output.digest,
        "size": output.size,
    }
    if output.kind == "dataset":
        document |= dataset_json(output, rows)
    if output.kind == "object":
        document["card"] = output.card
    return document


def dataset_json(output: Output, rows: int) -> dict[str, Any]:
    """Give rows, columns with statistics, first rows and receipt of a dataset for a program."""
    return {
        "rows": output.rows,
        "columns": output.statistics(),
        "head": output.head(rows),
        "receipt": [entry.to_json() for entry in output.receipt],
    }
