"""Reads experiments and nodes back from the JSON that runs and published versions keep of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from studiolo.domain.experiment import Experiment, Node, Script, Source
from studiolo.domain.limits import Grants, Limits
from studiolo.domain.service import ParameterTarget, WebService


def experiment_from_json(data: Mapping[str, Any]) -> Experiment:
    """Read an experiment from the snapshot of a run."""
    values = known_fields(Experiment, data)
    values["nodes"] = {name: node_from_json(node) for name, node in data["nodes"].items()}
    offered = data.get("web_service")
    if offered is not None:
        values["web_service"] = WebService(
            inputs={name: Source(**one) for name, one in offered["inputs"].items()},
            outputs={name: Source(**one) for name, one in offered["outputs"].items()},
            parameters={name: ParameterTarget(**one) for name, one in offered["parameters"].items()},
        )
    return Experiment(**values)


def node_from_json(data: Mapping[str, Any]) -> Node:
    """Read a node from the snapshot of a run or a version."""
    values = known_fields(Node, data)
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    values["inputs"] = {port: Source(**source) for port, source in data["inputs"].items()}
    values["script"] = None if data["script"] is None else Script(**data["script"])
    values["limits"] = Limits(**known_fields(Limits, data["limits"]))
    values["grants"] = Grants(**{name: tuple(one) for name, one in data["grants"].items()})
    return Node(**values)


def known_fields(noun: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """Give those values that the noun has; a document may be older or younger than this program."""
    names = {field.name for field in fields(noun)}
    return {name: value for name, value in data.items() if name in names}
