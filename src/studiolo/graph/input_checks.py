"""Checks the inputs of a node: those it has, those it needs, and whether what is connected to them fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import iskeyword

from studiolo.domain.module import Declaration, Port
from studiolo.domain.nearest import did_you_mean, nearest
from studiolo.errors import UserError
from studiolo.graph.node_check import NodeCheck
from studiolo.graph.resolving import fits, further_inputs, output_ports, what_fits


def input_problems(check: NodeCheck) -> Iterator[UserError]:
    """Give unknown inputs of a node, and those that it needs and that nothing is connected to."""
    declaration, node = check.declaration, check.node
    if declaration is None:
        return
    known = [port.name for port in declaration.inputs]
    further = further_inputs(node, declaration)
    for name in further:
        yield from _further_input(check, name, known)
    for name in node.inputs:
        if name not in known and name not in further:
            yield check.problem(
                "unknown-port",
                f'Node {node.name} has no input "{name}".',
                did_you_mean(name, known, "input"),
                "inputs",
                name,
                port=name,
            )
    bundle = bundle_port(declaration) if node.bundle is not None else None
    for port in declaration.inputs:
        if not port.optional and port.name not in node.inputs and port != bundle:
            yield check.problem(
                "missing-input",
                f'The input "{port.name}" of node {node.name} is not connected.',
                f"Add {port.name}: NODE under inputs of {node.name}.",
                "inputs",
                port=port.name,
            )


def _further_input(check: NodeCheck, name: str, known: list[str]) -> Iterator[UserError]:
    """Check an input that a script takes by keyword; whether it does is seen for certain by a `check` job only."""
    node, place = check.node, ("inputs", name)
    keywords = check.around.keywords.get(node.name)
    others = [*known, *(keywords or _words_of_signature(node.script.text if node.script else ""))]
    if not name.isidentifier() or iskeyword(name):
        summary = f'The input "{name}" of node {node.name} is no name that a parameter of a script can have.'
        yield check.problem("unknown-port", summary, did_you_mean(name, known, "input"), *place, port=name)
    elif name in node.parameters:
        yield check.problem(
            "unexpected-value",
            f'Node {node.name} sets the parameter "{name}" and has a connection to an input of that name.',
            "Remove one of the two.",
            *place,
            port=name,
        )
    elif node.script is not None and not (
        name in keywords if keywords is not None else _may_take(node.script.text, name)
    ):
        yield check.problem(
            "unknown-port",
            f'Node {node.name} has no input "{name}", and its script has no parameter of that name.',
            did_you_mean(name, others, "input")
            if nearest(name, others)
            else f"Add it to the script's function, behind the datasets: `*, {name}=None`.",
            *place,
            port=name,
        )


def connection_problems(check: NodeCheck) -> Iterator[UserError]:
    """Give the connections into a node that do not fit."""
    experiment, declared = check.resolution.experiment, check.resolution.declared
    for name, source in check.node.inputs.items():
        wanted = check.input(name)
        upstream = experiment.nodes.get(source.node)
        if wanted is None or upstream is None or source.node not in declared:
            continue
        ports = output_ports(upstream, declared[source.node])
        given = next((port for port in ports if port.name == source.port), None)
        if given is not None and not _goes_into(given, wanted):
            yield check.problem(
                "type-mismatch",
                f'The input "{name}" of node {check.name} takes {what_fits(wanted)}; '
                f"{source} gives {what_fits(given)}.",
                _other_output(ports, wanted, source.node),
                "inputs",
                name,
                port=name,
            )


def _goes_into(given: Port, wanted: Port) -> bool:
    """Say whether an output fits; "anything" is not what a device shows, which no node can take."""
    return fits(given, wanted) and not given.type == "device" != wanted.type


def _other_output(ports: tuple[Port, ...], wanted: Port, node: str) -> str:
    fitting = [f"{node}.{port.name}" for port in ports if _goes_into(port, wanted)]
    if fitting:
        return f"Take {' or '.join(fitting)}."
    return f"Connect an output that gives {what_fits(wanted)}."


def bundle_port(declaration: Declaration) -> Port | None:
    """Give the input that a node's `bundle` stands for: `script_bundle`, or None when the module has none."""
    port = declaration.input("script_bundle")
    return port if port is not None and port.type == "zip" else None


def _may_take(script: str, name: str) -> bool:
    """Say whether a script may have a parameter of that name, seen by its words alone."""
    is_open = "**" in script or "import *" in script or "def azureml_main(" not in script
    return is_open or re.search(rf"\b{re.escape(name)}\b", script) is not None


def _words_of_signature(script: str) -> list[str]:
    """Give what may be keyword parameters of azureml_main, seen by its words alone: hints only."""
    found = re.search(r"^def azureml_main\(([^)]*)", script, re.MULTILINE)
    return re.findall(r"(\w+)\s*(?:=|,|$)", found[1])[2:] if found else []
