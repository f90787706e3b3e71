"""Finds the part of an experiment that a web service needs: what runs at each request, and what is the same for all.

Reads no data. What a request replaces is not run; what no request can change is computed once, at publishing. So is
what has been learned: a trained model or a transformation is taken from the run, also where the data that it was
learned from begin at a port that requests fill.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.nearest import did_you_mean
from studiolo.domain.service import WebService
from studiolo.errors import Problems, StudioloError, UserError, Where
from studiolo.graph.connections import in_order, reached, users
from studiolo.graph.parameters import is_target
from studiolo.graph.resolving import Resolution, input_ports, output_ports

LEARNED = frozenset(("trained model", "clustering model", "transformation"))
"""What ports hold that a service takes from the run (`domain.module.Port.holds`)."""


@dataclass(frozen=True)
class Pruned:
    """The part of an experiment that a web service needs.

    Attributes:
        nodes: names of the nodes that run at each request, each after those it needs.
        inputs: node to its connections from other nodes of `nodes`.
        static: node to the ports that are the same for every request, with what they are connected to.
        constants: outputs of the service that no request can change.
    """

    nodes: tuple[str, ...]
    inputs: Mapping[str, Mapping[str, Source]]
    static: Mapping[str, Mapping[str, Source]]
    constants: Mapping[str, Source]


def prune(resolution: Resolution) -> Pruned:
    """Find what the web service of an experiment needs.

    Args:
        resolution: without problems.

    Raises:
        UserError: `no-web-service`, with a section to copy.
        Problems: `unused-input`, `unused-parameter`, `cannot-publish`.
    """
    experiment = resolution.experiment
    offered = experiment.web_service
    if offered is None or not offered.outputs:
        raise _no_web_service(resolution)
    filled = set(offered.inputs.values())
    connections = {
        name: {port: source for port, source in node.inputs.items() if Source(name, port) not in filled}
        for name, node in experiment.nodes.items()
    }
    learned = set(_learned(resolution))
    upstream = _sources(connections, learned)
    needed = reached({source.node for source in offered.outputs.values()}, upstream)
    begun = {source.node for source in offered.inputs.values()}
    begun |= {target.node for target in offered.parameters.values()}
    asked = reached(begun & needed, users(upstream)) & needed
    problems = [
        *_unused(experiment, offered, needed, reached(needed, _sources(connections))),
        *_unfit(resolution, offered, [name for name in experiment.nodes if name in asked]),
    ]
    if problems:
        raise Problems(problems)
    nodes = tuple(name for name in in_order(experiment) if name in asked)
    inner, static = {}, {}
    for name in nodes:
        ports = connections[name].items()
        is_live = {port: source.node in asked and Source(name, port) not in learned for port, source in ports}
        inner[name] = {port: source for port, source in ports if is_live[port]}
        static[name] = {port: source for port, source in ports if not is_live[port]}
    constants = {name: source for name, source in offered.outputs.items() if source.node not in asked}
    return Pruned(nodes, inner, static, constants)


def _sources(
    connections: Mapping[str, Mapping[str, Source]], without: Container[Source] = ()
) -> dict[str, set[str]]:
    """Give node to the nodes that are connected to it, `without` the connections into these ports."""
    return {
        name: {source.node for port, source in ports.items() if Source(name, port) not in without}
        for name, ports in connections.items()
    }


def _learned(resolution: Resolution) -> Iterator[Source]:
    """Give the input ports that get a trained model or a transformation."""
    nodes = resolution.experiment.nodes
    for name, node in nodes.items():
        for port in input_ports(node, nodes, resolution.declared):
            source = node.inputs.get(port.name)
            if source is None:
                continue
            given = output_ports(nodes[source.node], resolution.declared[source.node])
            holds = {port.holds, *(one.holds for one in given if one.name == source.port)}
            if holds & LEARNED:
                yield Source(name, port.name)


def _unused(
    experiment: Experiment, offered: WebService, needed: set[str], behind: set[str]
) -> Iterator[StudioloError]:
    """Give what requests could set in vain; `behind` are the needed nodes and those that what is learned comes from."""
    outputs = ", ".join(map(str, offered.outputs.values()))

    def why(node: str) -> tuple[str, str]:
        if node in behind:
            return "which counts for training only, and a service does not train", "Remove it"
        return "which no web-service output depends on", f"Remove it, or name an output behind {node}"

    for name, source in offered.inputs.items():
        if source.node not in needed:
            reason, way = why(source.node)
            yield UserError(
                "unused-input",
                f'The web-service input "{name}" fills {source}, {reason}.',
                f"{way}. The outputs are {outputs}.",
                Where(node=source.node, port=source.port),
            )
    for name, target in offered.parameters.items():
        if target.node not in needed:
            reason, way = why(target.node)
            yield UserError(
                "unused-parameter",
                f'The web-service parameter "{name}" sets {target}, {reason}.',
                f"{way}. The outputs are {outputs}.",
                Where(node=target.node, parameter=target.parameter),
            )


def _unfit(resolution: Resolution, offered: WebService, asked: Iterable[str]) -> Iterator[StudioloError]:
    """Give what keeps nodes that run at each request from being frozen."""
    for name in asked:
        node, declaration = resolution.experiment.nodes[name], resolution.declared[name]
        if is_target(declaration):
            hint = "Remove what leads from its output to the service's; exporting is the work of a run."
            yield _cannot(node, "writes to a file or address at each run", hint)
        yield from _grant_problems(node)
    for name, target in offered.parameters.items():
        declared = resolution.declared[target.node].parameter(target.parameter)
        where = Where(node=target.node, parameter=target.parameter)
        if resolution.declared[target.node].runner == "host":
            yield UserError(
                "cannot-publish",
                f'The web-service parameter "{name}" would choose another dataset of the workspace.',
                "A version keeps the data it was published with: make the dataset an input instead.",
                where,
            )
        elif declared is not None and declared.kind in ("path", "address"):
            yield UserError(
                "cannot-publish",
                f'The web-service parameter "{name}" would choose the file or address that {target.node} reads.',
                "A version keeps the data it was published with: make what the node gives an input instead.",
                where,
            )


def _grant_problems(node: Node) -> Iterator[StudioloError]:
    if node.grants.read:
        folders = ", ".join(node.grants.read)
        hint = "Give the files as a script bundle, or as a dataset that is connected."
        yield _cannot(node, f"reads {folders}, whose content may change", hint)
    if node.grants.network:
        hint = "Fetch the data in a node before it that no request reaches: it runs once, at publishing."
        yield _cannot(node, "may reach the network", hint)


def _cannot(node: Node, does: str, hint: str) -> UserError:
    summary = f"Node {node.name} {does}; it cannot run at each request of a service."
    return UserError("cannot-publish", summary, hint, Where(node=node.name))


def _no_web_service(resolution: Resolution) -> UserError:
    experiment = resolution.experiment
    file = f"{experiment.folder}/experiment.yaml"
    return UserError(
        "no-web-service",
        f"The experiment {experiment.name} does not say what it offers as a web service.",
        f"Add this to {file} and keep the lines that you want:\n{_possible_section(resolution)}"
        if experiment.nodes
        else did_you_mean("", experiment.nodes, "node"),
        Where(file=file),
    )


def _possible_section(resolution: Resolution) -> str:
    """Give a section that can be copied: the last nodes' datasets as outputs, what may be replaced as inputs."""
    experiment = resolution.experiment
    inputs: list[str] = []
    outputs: list[str] = []
    for name in in_order(experiment):
        node, declaration = experiment.nodes[name], resolution.declared[name]
        for port in declaration.inputs:
            if port.type in ("dataset", "any") and (port.name in node.inputs or not inputs):
                inputs.append(f"{name}.{port.name}")
        tables = [port.name for port in output_ports(node, declaration) if port.type in ("dataset", "any")]
        if tables and not any(experiment.downstream(name)):
            outputs.append(f"{name}.{tables[0]}")
    lines = ["web_service:"]
    for key, ports in (("input", inputs), ("output", outputs)):
        lines += [f"  {key}s:"] if ports else []
        lines += [f"    {key}{number}: {_quoted(port)}" for number, port in enumerate(ports[:10], 1)]
    return "\n".join(lines)


def _quoted(port: str) -> str:
    return port if port.replace("_", "").replace("-", "").replace(".", "").isalnum() else f"'{port}'"
