"""Gives an experiment as the JSON that pages edit, and reads parts of it back; `DocumentForm` is its form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.limits import LIMIT_NAMES, Grants, Limits
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.graph.node_reading import split_source

Json = dict[str, Any]

EMPTY_NODE: Json = {
    "module": "",
    "parameters": {},
    "inputs": {},
    "script": None,
    "bundle": None,
    "environment": None,
    "dialect": "designer",
    "limits": {},
    "grants": {"network": [], "read": []},
    "strict": False,
    "outputs": {},
    "comment": "",
    "requirements": [],
}
"""A node of which nothing is said; a field with this value counts as absent."""

EMPTY_SERVICE: Json = {"inputs": {}, "outputs": {}, "parameters": {}}
EMPTY_TARGET: Json = {"default": None, "has_default": False, "required": False, "description": ""}


def experiment_json(experiment: Experiment) -> Json:
    """Give title, nodes and web service of a resolved experiment."""
    return {
        "title": experiment.title,
        "nodes": {name: node_json(node) for name, node in experiment.nodes.items()},
        "web_service": _service_json(experiment.web_service),
    }


def node_json(node: Node) -> Json:
    """Give a node; limits only where they differ from the default."""
    default = Limits()
    limits = {name: getattr(node.limits, name) for name in LIMIT_NAMES}
    script = node.script
    return {
        "module": node.module,
        "parameters": {name: _ready(value) for name, value in node.parameters.items()},
        "inputs": {port: _written(source) for port, source in node.inputs.items()},
        "script": None if script is None else {"file": script.file, "text": plain_text(script.text)},
        "bundle": node.bundle,
        "environment": node.environment,
        "dialect": node.dialect,
        "limits": {name: value for name, value in limits.items() if value != getattr(default, name)},
        "grants": {"network": list(node.grants.network), "read": list(node.grants.read)},
        "strict": node.strict,
        "outputs": dict(node.outputs),
        "comment": node.comment,
        "requirements": list(node.requirements),
    }


def plain_text(text: str) -> str:
    """Give a script's text as an editor holds it: with one kind of line end, and nothing that JSON can't carry."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode("utf-8")


def source_from(text: str) -> Source:
    """Read `node.port` or `node`."""
    return split_source(text)


def facts_from(node: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of `domain.experiment.Node` from a node's JSON, but for name, script, inputs and parameters."""
    grants = node["grants"]
    return {
        "module": node["module"],
        "bundle": node["bundle"],
        "environment": node["environment"],
        "dialect": node["dialect"],
        "limits": Limits(**node["limits"]),
        "grants": Grants(tuple(grants["network"]), tuple(grants["read"])),
        "strict": node["strict"],
        "outputs": dict(node["outputs"]),
        "comment": node["comment"],
        "requirements": tuple(node["requirements"]),
    }


def target_from(data: Mapping[str, Any]) -> ParameterTarget:
    """Read a parameter of the web service."""
    source = split_source(data["target"])
    return ParameterTarget(
        source.node,
        source.port,
        data["default"] if data["has_default"] else None,
        data["has_default"],
        data["description"],
        data["required"],
    )


def _service_json(offered: WebService | None) -> Json | None:
    if offered is None:
        return None
    return {
        "inputs": {name: _written(source) for name, source in offered.inputs.items()},
        "outputs": {name: _written(source) for name, source in offered.outputs.items()},
        "parameters": {name: _target_json(target) for name, target in offered.parameters.items()},
    }


def _target_json(target: ParameterTarget) -> Json:
    return {
        "target": str(target),
        "default": _ready(target.default),
        "has_default": target.has_default,
        "required": target.is_required,
        "description": target.description,
    }


def _written(source: Source) -> str:
    return str(source).removesuffix(".")


def _ready(value: Any) -> Any:
    """Give a value as JSON can carry it: numbers that it lacks become texts as YAML writes them."""
    if isinstance(value, Mapping):
        return {str(name): _ready(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_ready(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return value
