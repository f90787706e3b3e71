"""Proposes what an experiment could offer as a web service, and says what a version of it would hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from studiolo.domain.experiment import Experiment, Source
from studiolo.domain.module import Declaration
from studiolo.domain.service import WebService
from studiolo.graph.connections import in_order
from studiolo.graph.resolving import Resolution, input_ports, output_ports
from studiolo.services.pruning import prune

TABLES = ("dataset", "any")
IsEmpty = Callable[[str, str], bool]


@dataclass(frozen=True)
class Proposal:
    """What a web service of an experiment would offer.

    Attributes:
        offered: ports to fill and to return.
        reasons: a sentence for each choice.
    """

    offered: WebService
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What a version would hold, by names of nodes.

    Attributes:
        at_request: run at each request, in order.
        once: have run once; what they gave is part of the version.
        left_out: no part of it.
    """

    at_request: tuple[str, ...]
    once: tuple[str, ...]
    left_out: tuple[str, ...]


def propose(resolution: Resolution, is_empty: IsEmpty = lambda node, port: False) -> Proposal:
    """Propose inputs and outputs for an experiment that says nothing of a web service.

    Outputs are the tables of the last nodes. Inputs take the place of what comes first, an imported table for
    example; where a model is trained on the way, requests come in behind the training, which is done once.

    Args:
        resolution: of the experiment.
        is_empty: says whether a node's newest run left nothing at an output port.
    """
    graph = _Graph(resolution)
    outputs = graph.outputs(is_empty)
    reasons = list(outputs.values())
    training = graph.training(outputs)
    inputs: list[Source] = []
    for port, source in graph.connections(outputs):
        if port.node in training or graph.type_of(port) not in TABLES:
            continue
        if source.node in training:
            inputs.append(port)
            reasons.append(
                f"Requests take the place of what {source.node} gives to {port.node}: it also serves training."
            )
        elif not resolution.experiment.nodes[source.node].inputs:
            inputs.append(port)
            reasons.append(
                f"Requests take the place of {source.node}, the data that {port.node} begins with."
            )
    for node in sorted(training & graph.model_makers(outputs), key=graph.order.index):
        reasons.append(f"{node} gives a model that no request changes: it runs once, and its result is kept.")
    offered = WebService(
        inputs={f"input{number}": port for number, port in enumerate(inputs, 1)},
        outputs={f"output{number}": port for number, port in enumerate(outputs, 1)},
    )
    return Proposal(offered, tuple(reasons))


def plan(resolution: Resolution, offered: WebService) -> Plan:
    """Say what a version would hold.

    Args:
        resolution: of the experiment, without problems.
        offered: instead of what the experiment says.

    Raises:
        UserError: `no-web-service`.
        Problems: what keeps it from being published.
    """
    experiment = replace(resolution.experiment, web_service=offered)
    pruned = prune(replace(resolution, experiment=experiment))
    frozen = [
        *pruned.constants.values(),
        *(source for ports in pruned.static.values() for source in ports.values()),
    ]
    once = _before(experiment, {source.node for source in frozen}) - set(pruned.nodes)
    order = in_order(experiment)
    return Plan(
        pruned.nodes,
        tuple(name for name in order if name in once),
        tuple(name for name in order if name not in once and name not in pruned.nodes),
    )


def _before(experiment: Experiment, nodes: Iterable[str]) -> set[str]:
    """Give these nodes and all that they need."""
    found, waiting = set(nodes), list(nodes)
    while waiting:
        name = waiting.pop()
        for source in experiment.nodes[name].inputs.values():
            if source.node not in found:
                found.add(source.node)
                waiting.append(source.node)
    return found


class _Graph:
    def __init__(self, resolution: Resolution) -> None:
        self.experiment = resolution.experiment
        self.declared: Mapping[str, Declaration] = resolution.declared
        self.order = list(in_order(self.experiment))

    def type_of(self, port: Source) -> str:
        """Give the type of an input port."""
        ports = input_ports(self.experiment.nodes[port.node], self.experiment.nodes, self.declared)
        return next((one.type for one in ports if one.name == port.port), "any")

    def outputs(self, is_empty: IsEmpty) -> dict[Source, str]:
        """Give a table of each last node, or of one that gave none what was put into it; with the reason."""
        found: dict[Source, str] = {}
        for end in self.order:
            if any(self.experiment.downstream(end)):
                continue
            table = self._table(end, is_empty)
            if table is not None:
                found[table] = f"{table} is returned: nothing in the experiment comes after {end}."
                continue
            for source in self.experiment.nodes[end].inputs.values():
                table = self._table(source.node, is_empty)
                if table is not None and self.experiment.nodes[source.node].inputs:
                    found.setdefault(
                        table, f"{table} is returned: {end}, which comes after it, gives no table."
                    )
        return {one: reason for one, reason in found.items() if not self._is_before(one, found)}

    def _is_before(self, table: Source, others: Iterable[Source]) -> bool:
        """Tell whether another table is made from this one."""
        return any(
            other.node != table.node and table.node in _before(self.experiment, [other.node])
            for other in others
        )

    def _table(self, name: str, is_empty: IsEmpty) -> Source | None:
        ports = output_ports(self.experiment.nodes[name], self.declared[name])
        tables = (port.name for port in ports if port.type in TABLES and not is_empty(name, port.name))
        first = next(tables, None)
        return None if first is None else Source(name, first)

    def connections(self, outputs: Iterable[Source]) -> Iterator[tuple[Source, Source]]:
        """Give each connection that the outputs need: the port that takes, and the one that gives."""
        needed = _before(self.experiment, {source.node for source in outputs})
        for name in self.order:
            if name in needed:
                for port, source in self.experiment.nodes[name].inputs.items():
                    yield Source(name, port), source

    def model_makers(self, outputs: Iterable[Source]) -> set[str]:
        """Give the nodes whose models, or other things that are no tables, others use."""
        return {source.node for port, source in self.connections(outputs) if self.type_of(port) == "object"}

    def training(self, outputs: Iterable[Source]) -> set[str]:
        """Give the nodes that make models, and all before them."""
        return _before(self.experiment, self.model_makers(outputs))
