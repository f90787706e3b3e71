"""Builds the job of a node: what the child is told, and the bytes it gets. Does not run anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studiolo.domain.column_rules import input_of
from studiolo.domain.experiment import Node, Script
from studiolo.domain.module import Declaration
from studiolo.graph.parameters import effective_parameters
from studiolo.scheduler.asked import Answering
from studiolo.worker.jobs import Job, JobInput

if TYPE_CHECKING:
    from studiolo.scheduler.preparing import Prepared


@dataclass(frozen=True)
class Ingredients:
    """Everything the job of a node is made from.

    Attributes:
        node: resolved.
        declaration: of its module.
        inputs: connected inputs in the order of the declaration, the script bundle too; then those the node adds.
        files: bytes of `path` and `address` parameters, by parameter name.
        source: file of a user's own module; None for built-in ones.
        environment: name of the environment, for messages.
        answering: answers what its script asks; None when it may not ask.
    """

    node: Node
    declaration: Declaration
    inputs: tuple[JobInput, ...]
    files: tuple[JobInput, ...] = ()
    source: Script | None = None
    environment: str = "current"
    answering: Answering | None = None


def ingredients_of(
    prepared: Prepared, inputs: tuple[JobInput, ...], files: tuple[JobInput, ...], environment: str
) -> Ingredients:
    """Give the ingredients of a node whose inputs are there; files get names without anything that opens an address."""
    names = {parameter: fetched.name for parameter, fetched in prepared.files.items()}
    node = (
        replace(prepared.node, parameters={**prepared.node.parameters, **names}) if names else prepared.node
    )
    return Ingredients(
        node, prepared.declaration, inputs, files, prepared.source, environment, prepared.answering
    )


def build_job(ingredients: Ingredients) -> Job:
    """Give the job of a node."""
    node, declaration = ingredients.node, ingredients.declaration
    document: dict[str, Any] = {
        "node": node.name,
        "environment": ingredients.environment,
        "dialect": node.dialect,
        "strict": node.strict,
        "ports": {
            "inputs": [port.name for port in declaration.inputs if port.type == "dataset"],
            "declared": [port.name for port in declaration.inputs],
        },
    }
    if declaration.runner == "script":
        document |= _script_part(node, declaration)
    else:
        document |= _module_part(node, declaration, ingredients)
    outputs = [(port.name, port.type) for port in declaration.outputs if port.type != "device"]
    outputs += list(node.outputs.items())
    return Job(
        document=document,
        inputs=ingredients.inputs,
        files=ingredients.files,
        outputs=tuple((name, "file" if type_ == "any" else type_) for name, type_ in outputs),
        limits=node.limits,
        grants=node.grants,
        answer=ingredients.answering.for_attempt() if ingredients.answering is not None else None,
    )


def _script_part(node: Node, declaration: Declaration) -> dict[str, Any]:
    declared = effective_parameters(declaration, node.parameters)
    names = {parameter.name for parameter in declaration.parameters}
    script = node.script or Script("script.py", "")
    return {
        "kind": "script",
        "script": {"text": script.text, "file": script.file},
        "parameters": {name: value for name, value in node.parameters.items() if name not in names},
        "integers_with_missing": declared.get("integers_with_missing", "float"),
    }


def _module_part(node: Node, declaration: Declaration, ingredients: Ingredients) -> dict[str, Any]:
    parameters: Mapping[str, Any] = effective_parameters(declaration, node.parameters)
    source, script = ingredients.source, node.script
    if script is not None and declaration.script_parameter:
        held = {"script": {"text": script.text, "file": script.file}}
        parameters = {**parameters, declaration.script_parameter: held}
    return {
        "kind": "module",
        "module": {
            "entry": declaration.entry,
            "source": {"text": source.text, "file": source.file} if source else None,
        },
        "parameters": dict(parameters),
        "column_inputs": {
            parameter.name: input_of(declaration, parameter)
            for parameter in declaration.parameters
            if parameter.kind == "columns" and input_of(declaration, parameter) is not None
        },
        "integers_with_missing": "float",
    }
