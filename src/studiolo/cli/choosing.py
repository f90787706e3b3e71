"""Finds what somebody means by `EXPERIMENT[:NODE[.PORT]]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studiolo.cli.quantities import listing
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError

if TYPE_CHECKING:
    from studiolo.workspace import NodeResult, Output, Workspace

LOOK_BACK = 200


@dataclass(frozen=True)
class Place:
    """What a text names: an experiment, one node of it, or one output port of that node.

    >>> Place.parse("churn:clean.result_dataset")
    Place(experiment='churn', node='clean', port='result_dataset')
    """

    experiment: str
    node: str | None = None
    port: str | None = None

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read `EXPERIMENT[:NODE[.PORT]]`. Experiments have no colon in their names, nodes no dot."""
        experiment, _, rest = text.partition(":")
        node, _, port = rest.partition(".")
        return cls(experiment, node or None, port or None)


def chosen_experiment(workspace: Workspace, name: str | None) -> str:
    """Give the name of an experiment, by its name or a path; None stands for the only one there is.

    Raises:
        UserError: `unknown-experiment`, with the nearest name; `which-experiment` when None may mean several.
    """
    names = workspace.experiment_names()
    if name is not None:
        return name if name in names else workspace.experiment(name).name
    if len(names) == 1:
        return names[0]
    if not names:
        raise UserError(
            "which-experiment", "This workspace has no experiment.", "Make one: studiolo new NAME"
        )
    raise UserError(
        "which-experiment", "This workspace has several experiments.", f"Name one: {listing(names)}."
    )


def known_experiment(workspace: Workspace, name: str) -> str:
    """Give the name of an experiment that exists or has been run.

    Raises:
        UserError: `unknown-experiment`.
    """
    if name in workspace.experiment_names() or workspace.runs(name, limit=1):
        return name
    return chosen_experiment(workspace, name)


def find_output(workspace: Workspace, place: Place, run: int | None) -> tuple[NodeResult, Output]:
    """Give an output port of a node: of the run named, or of the newest that has it.

    Raises:
        UserError: `unknown-experiment`, `unknown-node`, `unknown-run`, `unknown-port`, `never-run`; `which-port`
            when no port is named and the node has several.
    """
    assert place.node is not None
    newest = workspace.find_node(place.experiment, place.node, run)
    node = newest
    if run is None and newest.state not in ("finished", "reused"):
        node = _newest_with_outputs(workspace, place, newest)
    port = place.port or _only_port(node, place)
    return node, node.output(port)


def check_run(workspace: Workspace, experiment: str, run: int | None) -> None:
    """Make sure that a run belongs to an experiment.

    Raises:
        UserError: `unknown-run`, `wrong-run`.
    """
    if run is None:
        return
    other = workspace.result(run).experiment
    if other != experiment:
        raise UserError(
            "wrong-run",
            f"Run {run} is one of the experiment {other}, not of {experiment}.",
            f"studiolo runs {experiment} lists its runs.",
        )


def _newest_with_outputs(workspace: Workspace, place: Place, newest: NodeResult) -> NodeResult:
    assert place.node is not None
    for run in workspace.runs(place.experiment, limit=LOOK_BACK):
        node = workspace.result(run.number).nodes.get(place.node)
        if node is not None and (place.port in node.outputs if place.port else bool(node.outputs)):
            return node
    return newest


def _only_port(node: NodeResult, place: Place) -> str:
    ports = [port for port, output in node.outputs.items() if output.kind != "device"]
    if len(ports) == 1:
        return ports[0]
    if not ports:
        raise UserError(
            "which-port",
            f"Node {node.name} has no output: it is {node.state}.",
            f"studiolo show {place.experiment}:{node.name} tells more.",
        )
    raise UserError(
        "which-port",
        f"Node {node.name} has several outputs.",
        f"Name one, as in {place.experiment}:{node.name}.{ports[0]}. {did_you_mean('', ports, 'output')}",
    )
