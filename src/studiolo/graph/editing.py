"""Changes an experiment in memory: each function gives a new one and leaves the old as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.module import Declaration
from studiolo.domain.nearest import did_you_mean
from studiolo.domain.service import WebService
from studiolo.errors import UserError, Where
from studiolo.graph.connections import two_connections
from studiolo.graph.parameters import parameter_from_text
from studiolo.graph.reading import node_name_problem
from studiolo.graph.resolving import find_named
from studiolo.graph.web_service_names import renamed_targets, without_node


def add_node(experiment: Experiment, node: Node) -> Experiment:
    """Give the experiment with one more node, last in order.

    Raises:
        UserError: `node-name` when the name is taken or not a good one.
    """
    problem = node_name_problem(node.name)
    if node.name in experiment.nodes:
        problem = f"There is a node {node.name} already."
    if problem:
        raise UserError("node-name", problem, "Choose another name.", Where(node=node.name))
    return replace(experiment, nodes={**experiment.nodes, node.name: node})


def remove_node(experiment: Experiment, name: str) -> Experiment:
    """Give the experiment without a node, the connections to and from it, and what it offered as a web service.

    Raises:
        UserError: `unknown-node`.
    """
    known_node(experiment, name)
    nodes = {}
    for node in experiment.nodes.values():
        if node.name != name:
            inputs = {port: source for port, source in node.inputs.items() if source.node != name}
            nodes[node.name] = replace(node, inputs=inputs)
    offered = experiment.web_service
    if offered is not None:
        offered = WebService(
            without_node(offered.inputs, nodes),
            without_node(offered.outputs, nodes),
            without_node(offered.parameters, nodes),
        )
    return replace(experiment, nodes=nodes, web_service=offered)


def rename_node(experiment: Experiment, old: str, new: str) -> Experiment:
    """Give the experiment with a node renamed, also where other nodes use it; its place in the order stays.

    Raises:
        UserError: `unknown-node`, or `node-name` when the new name is taken or not a good one.
    """
    known_node(experiment, old)
    problem = node_name_problem(new)
    if new != old and new in experiment.nodes:
        problem = f"There is a node {new} already."
    if problem:
        raise UserError("node-name", problem, "Choose another name.", Where(node=old))
    nodes = {}
    for node in experiment.nodes.values():
        name = new if node.name == old else node.name
        inputs = {
            port: Source(new, source.port) if source.node == old else source
            for port, source in node.inputs.items()
        }
        nodes[name] = replace(node, name=name, inputs=inputs)
    offered = experiment.web_service
    if offered is not None:
        offered = WebService(
            renamed_targets(offered.inputs, old, new),
            renamed_targets(offered.outputs, old, new),
            renamed_targets(offered.parameters, old, new),
        )
    return replace(experiment, nodes=nodes, web_service=offered)


def connect(experiment: Experiment, source: Source, node: str, port: str) -> Experiment:
    """Give the experiment with an output connected to the input `port` of `node`.

    The same connection a second time changes nothing. Ports and types are checked by `validate`.

    Raises:
        UserError: `unknown-node`, or `two-connections` when the input has another connection.
    """
    known_node(experiment, source.node)
    target = known_node(experiment, node)
    present = target.inputs.get(port)
    if present is not None and present != source:
        raise two_connections(node, port, Where(node=node, port=port))
    changed = replace(target, inputs={**target.inputs, port: source})
    return replace(experiment, nodes={**experiment.nodes, node: changed})


def disconnect(experiment: Experiment, node: str, port: str) -> Experiment:
    """Give the experiment with the input `port` of `node` unconnected; no change when it already is.

    Raises:
        UserError: `unknown-node`.
    """
    target = known_node(experiment, node)
    inputs = {name: source for name, source in target.inputs.items() if name != port}
    return replace(experiment, nodes={**experiment.nodes, node: replace(target, inputs=inputs)})


def set_parameter(experiment: Experiment, node: str, name: str, value: Any) -> Experiment:
    """Give the experiment with a parameter of a node set.

    Raises:
        UserError: `unknown-node`.
    """
    target = known_node(experiment, node)
    changed = replace(target, parameters={**target.parameters, name: value})
    return replace(experiment, nodes={**experiment.nodes, node: changed})


def set_from_text(experiment: Experiment, assignment: str, declared: Mapping[str, Declaration]) -> Experiment:
    """Give the experiment with `node.parameter=value` applied, as `studiolo run --set` takes it.

    Args:
        experiment: resolved or not.
        assignment: the text; the value is read by the parameter's kind.
        declared: node to declaration, as in `Resolution.declared`.

    Raises:
        UserError: `wrong-assignment`, `unknown-node`, `unknown-parameter` or `wrong-parameter`.
    """
    target, equals, value = assignment.partition("=")
    node, dot, name = target.strip().partition(".")
    if not equals or not dot or not name:
        raise UserError(
            "wrong-assignment",
            f'"{assignment[:100]}" does not set a parameter.',
            "Write --set NODE.PARAMETER=VALUE, as in --set clean.count=5.",
        )
    known_node(experiment, node)
    declaration = declared.get(node)
    parameter = find_named(name, declaration.parameters) if declaration else None
    if declaration is not None and parameter is None and declaration.runner != "script":
        names = [one.name for one in declaration.parameters]
        raise UserError(
            "unknown-parameter",
            f'Node {node} has the unknown parameter "{name}".',
            did_you_mean(name, names, "parameter"),
            Where(node=node, parameter=name),
        )
    try:
        read = parameter_from_text(parameter, value)
    except UserError as problem:
        raise problem.at(node=node) from None
    return set_parameter(experiment, node, parameter.name if parameter else name, read)


def known_node(experiment: Experiment, name: str) -> Node:
    """Give the node of that name.

    Raises:
        UserError: `unknown-node`, with the nearest name.
    """
    node = experiment.nodes.get(name)
    if node is None:
        raise UserError(
            "unknown-node",
            f'The experiment {experiment.name} has no node "{name}".',
            did_you_mean(name, experiment.nodes, "node"),
            Where(node=name),
        )
    return node
