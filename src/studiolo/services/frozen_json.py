"""Published versions as JSON and back: what is read is what was written, for every version there can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Experiment, Node, Script, Source
from studiolo.domain.limits import Grants, Limits
from studiolo.domain.service import (
    FrozenEnvironment,
    FrozenNode,
    ParameterTarget,
    ServiceColumn,
    ServiceParameter,
    ServicePort,
    ServiceVersion,
    WebService,
)

FORM = 1
"""Form of the document; a reader of a later form still reads this one."""


def version_to_json(version: ServiceVersion) -> dict[str, Any]:
    """Give a version as a JSON-ready dictionary."""
    return {"form": FORM, **asdict(version)}


def version_from_json(data: Mapping[str, Any]) -> ServiceVersion:
    """Read what `version_to_json` gave."""
    values = _known(ServiceVersion, data)
    values["nodes"] = tuple(_frozen_node(node) for node in data["nodes"])
    for key in ("inputs", "outputs"):
        values[key] = {name: _port(port) for name, port in data[key].items()}
    values["constants"] = _contents(data["constants"])
    values["parameters"] = {name: _parameter(one) for name, one in data["parameters"].items()}
    values["environments"] = {
        key: FrozenEnvironment(**_known(FrozenEnvironment, one)) for key, one in data["environments"].items()
    }
    return ServiceVersion(**values)


def experiment_from_json(data: Mapping[str, Any]) -> Experiment:
    """Read an experiment from the snapshot of a run."""
    values = _known(Experiment, data)
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
    values = _known(Node, data)
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    values["inputs"] = {port: Source(**source) for port, source in data["inputs"].items()}
    values["script"] = None if data["script"] is None else Script(**data["script"])
    values["limits"] = Limits(**_known(Limits, data["limits"]))
    values["grants"] = Grants(**{name: tuple(one) for name, one in data["grants"].items()})
    return Node(**values)


def _frozen_node(data: Mapping[str, Any]) -> FrozenNode:
    values = _known(FrozenNode, data)
    values["node"] = node_from_json(data["node"])
    values["static"] = _contents(data["static"])
    values["files"] = {
        name: (shown, Content.from_json(content)) for name, (shown, content) in data["files"].items()
    }
    values["bundle"] = None if data["bundle"] is None else Content.from_json(data["bundle"])
    values["source"] = None if data["source"] is None else tuple(data["source"])
    return FrozenNode(**values)


def _port(data: Mapping[str, Any]) -> ServicePort:
    values = _known(ServicePort, data)
    values["at"] = Source(**data["at"])
    if data["columns"] is not None:
        values["columns"] = tuple(_column(column) for column in data["columns"])
    values["sample"] = tuple(tuple(row) for row in data["sample"])
    return ServicePort(**values)


def _column(data: Mapping[str, Any]) -> ServiceColumn:
    return ServiceColumn(**{**_known(ServiceColumn, data), "categories": tuple(data["categories"])})


def _parameter(data: Mapping[str, Any]) -> ServiceParameter:
    values = _known(ServiceParameter, data)
    values["target"] = ParameterTarget(**_known(ParameterTarget, data["target"]))
    values["choices"] = tuple(data["choices"])
    return ServiceParameter(**values)


def _contents(data: Mapping[str, Any]) -> dict[str, Content]:
    return {name: Content.from_json(content) for name, content in data.items()}


def _known(noun: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """Give those values that the noun has; a document may be older or younger than this program."""
    names = {field.name for field in fields(noun)}
    return {name: value for name, value in data.items() if name in names}
