"""Settles what the names in an experiment stand for: modules, ports and parameters, also by their old names.

The products' display names ("Execute Python Script", "Dataset1") are aliases of declarations (R-1.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.module import Declaration, Port
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import StudioloError, UserError
from studiolo.graph.connections import two_connections
from studiolo.graph.places import Path, Places


class _HasNames(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


Named = TypeVar("Named", bound=_HasNames)


class Declarations(Protocol):
    """Where declarations come from; `studiolo.registry.Registry` is one."""

    def get(self, name: str) -> Declaration:
        """Give the declaration of that id or alias, or raise a UserError that names the nearest one."""
        ...


@dataclass(frozen=True)
class Resolution:
    """An experiment in which every name that is known is the declared one.

    Attributes:
        experiment: with module ids, port names, and the port of every connection where it is known.
        declared: node to declaration, for nodes whose module is known.
        places: the experiment's places, also by the declared names.
        problems: unknown modules, nodes and output ports, ambiguous outputs, two connections.
    """

    experiment: Experiment
    declared: Mapping[str, Declaration]
    places: Places
    problems: tuple[StudioloError, ...]


def resolve(experiment: Experiment, declarations: Declarations, places: Places | None = None) -> Resolution:
    """Settle the names of an experiment; never raises, what is unknown stays as written.

    Resolving a resolved experiment changes nothing.

    Args:
        experiment: as read or as built in Python.
        declarations: the modules that exist.
        places: lines of its parts, when it was read from a file.
    """
    resolver = _Resolver(experiment, places or Places())
    for node in experiment.nodes.values():
        resolver.declare(node, declarations)
    nodes = {name: resolver.with_declared_names(node) for name, node in experiment.nodes.items()}
    known = resolver.places.with_aliases(resolver.aliases)
    resolver.places = known
    nodes = {name: resolver.with_sources(node, nodes) for name, node in nodes.items()}
    return Resolution(replace(experiment, nodes=nodes), resolver.declared, known, tuple(resolver.problems))


def output_ports(node: Node, declaration: Declaration) -> tuple[Port, ...]:
    """Give the node's output ports in order: the declared ones and those the node adds (R-1.4)."""
    extra = tuple(Port(name, kind, label=name) for name, kind in node.outputs.items())
    return (*declaration.outputs, *extra) if extra else declaration.outputs


def further_inputs(node: Node, declaration: Declaration) -> tuple[str, ...]:
    """Give the inputs of a node beyond the declared ones: a script takes them by keyword (R-1.9)."""
    if declaration.runner != "script":
        return ()
    return tuple(name for name in node.inputs if declaration.input(name) is None)


def input_ports(
    node: Node, nodes: Mapping[str, Node], declared: Mapping[str, Declaration]
) -> tuple[Port, ...]:
    """Give the node's input ports in order: the declared ones and those that the node adds.

    A port that it adds takes whatever the output gives that is connected to it.

    Args:
        node: resolved; its module is known.
        nodes: all nodes of the experiment.
        declared: node to declaration, for nodes whose module is known.
    """
    declaration = declared[node.name]
    ports = list(declaration.inputs)
    for name in further_inputs(node, declaration):
        source = node.inputs[name]
        given: Port | None = None
        if source.node in nodes and source.node in declared:
            outputs = output_ports(nodes[source.node], declared[source.node])
            given = next((port for port in outputs if port.name == source.port), None)
        kind, holds = ("any", "") if given is None else (given.type, given.holds)
        ports.append(Port(name, kind, optional=True, label=name, holds=holds))
    return tuple(ports)


def what_fits(port: Port) -> str:
    """Say what a port takes or gives, with its article, such as `a trained model`."""
    words = {"any": "anything", "device": "console text and pictures"}.get(port.type)
    kind = port.holds or port.type
    return words or f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def find_named(name: str, known: Iterable[Named]) -> Named | None:
    """Give the port or parameter of that name, or else of that label or old name whatever its case."""
    folded = name.casefold()
    match: Named | None = None
    for candidate in known:
        if candidate.name == name:
            return candidate
        old_names = [text.casefold() for text in (candidate.label, *candidate.aliases)]
        if match is None and folded in old_names:
            match = candidate
    return match


def fits(output: Port, input: Port) -> bool:
    """Say whether what comes out of `output` may go into `input`."""
    if output.holds and input.holds and output.holds != input.holds:
        return False
    return output.type == input.type or "any" in (output.type, input.type)


def default_output(node: Node, declaration: Declaration, wanted: Port | None) -> Port | None:
    """Give the output that a connection means when it names only the node, or None when that is not clear.

    It is the only output; or the only one besides devices; or the only one of those that fits the wanted
    input; or, for modules that run the author's script, the first that fits.
    """
    ports = output_ports(node, declaration)
    data = [port for port in ports if port.type != "device"] or list(ports)
    if len(data) == 1:
        return data[0]
    fitting = [port for port in data if wanted is None or fits(port, wanted)]
    if len(fitting) == 1 or (fitting and declaration.runner == "script"):
        return fitting[0]
    return None


class _Resolver:
    def __init__(self, experiment: Experiment, places: Places) -> None:
        self.experiment = experiment
        self.places = places
        self.declared: dict[str, Declaration] = {}
        self.problems: list[StudioloError] = []
        self.aliases: dict[Path, Path] = {}

    def declare(self, node: Node, declarations: Declarations) -> None:
        if not node.module:
            if self.places.file is None:
                summary = f"Node {node.name} names no module."
                self.add("missing-key", summary, "Give the id of its module.", node.name)
            return
        try:
            self.declared[node.name] = declarations.get(node.module)
        except UserError as problem:
            where = self.places.in_node(node.name, "module")
            self.problems.append(
                type(problem)(problem.code, problem.summary, problem.hint, where, **problem.details)
            )

    def with_declared_names(self, node: Node) -> Node:
        declaration = self.declared.get(node.name)
        if declaration is None:
            return node
        parameters: dict[str, Any] = self._renamed(
            node, "parameters", node.parameters, declaration.parameters
        )
        for parameter in declaration.parameters:
            if parameter.kind == "columns" and isinstance(parameters.get(parameter.name), str):
                parameters[parameter.name] = [parameters[parameter.name]]
        return replace(
            node,
            module=declaration.id,
            parameters=parameters,
            inputs=self._renamed(node, "inputs", node.inputs, declaration.inputs),
        )

    def with_sources(self, node: Node, nodes: Mapping[str, Node]) -> Node:
        declaration = self.declared.get(node.name)
        inputs = {}
        for name, source in node.inputs.items():
            wanted = declaration.input(name) if declaration else None
            inputs[name] = self._source(node.name, name, source, wanted, nodes)
        return replace(node, inputs=inputs)

    def _source(
        self, name: str, port: str, source: Source, wanted: Port | None, nodes: Mapping[str, Node]
    ) -> Source:
        upstream = nodes.get(source.node)
        if upstream is None:
            self.add(
                "unknown-node",
                f'The input "{port}" of node {name} comes from "{source.node}", which is no node here.',
                did_you_mean(source.node, (other for other in nodes if other != name), "node"),
                name,
                "inputs",
                port,
                port=port,
            )
            return source
        declaration = self.declared.get(source.node)
        if declaration is None:
            return source
        ports = output_ports(upstream, declaration)
        found = (
            find_named(source.port, ports) if source.port else default_output(upstream, declaration, wanted)
        )
        if found is not None:
            return Source(source.node, found.name)
        self._no_output(name, port, source, ports, wanted)
        return source

    def _no_output(
        self, name: str, port: str, source: Source, ports: Sequence[Port], wanted: Port | None
    ) -> None:
        names = [one.name for one in ports]
        fitting = [f"{source.node}.{one.name}" for one in ports if wanted is None or fits(one, wanted)]
        place = (name, "inputs", port)
        if source.port:
            summary = f'Node {source.node} has no output "{source.port}".'
            self.add("unknown-port", summary, did_you_mean(source.port, names, "output"), *place, port=port)
        elif not fitting:
            lacks = f"gives no {wanted.holds or wanted.type}" if wanted and names else "has no output at all"
            summary = f'The input "{port}" of node {name} comes from {source.node}, which {lacks}.'
            self.add("type-mismatch", summary, "Connect an output that fits.", *place, port=port)
        else:
            summary = (
                f'The input "{port}" of node {name} does not say which output of {source.node} it takes.'
            )
            self.add("ambiguous-output", summary, f"Write {port}: {' or '.join(fitting)}.", *place, port=port)

    def _renamed(
        self, node: Node, key: str, given: Mapping[str, Any], known: Sequence[Named]
    ) -> dict[str, Any]:
        renamed: dict[str, Any] = {}
        for name, value in given.items():
            found = find_named(name, known)
            declared = found.name if found else name
            if declared in renamed:
                self._twice(node.name, key, declared, name)
                continue
            if declared != name:
                self.aliases["nodes", node.name, key, declared] = ("nodes", node.name, key, name)
            renamed[declared] = value
        return renamed

    def _twice(self, node: str, key: str, declared: str, written: str) -> None:
        if key == "inputs":
            where = self.places.in_node(node, "inputs", written, port=declared)
            self.problems.append(two_connections(node, declared, where))
        else:
            self.add(
                "duplicate-key",
                f'Node {node} gives the parameter "{declared}" twice, once as "{written}".',
                "Remove one of the two.",
                node,
                key,
                written,
                parameter=declared,
            )

    def add(
        self,
        code: str,
        summary: str,
        hint: str,
        node: str,
        *path: str,
        port: str | None = None,
        parameter: str | None = None,
    ) -> None:
        where = self.places.in_node(node, *path, port=port, parameter=parameter)
        self.problems.append(UserError(code, summary, hint, where))
