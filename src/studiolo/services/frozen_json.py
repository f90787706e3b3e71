"""Published versions as JSON and back: what is read is what was written, for every version there can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Source
from studiolo.domain.service import (
    FrozenEnvironment,
    FrozenNode,
    ParameterTarget,
    ServiceColumn,
    ServiceParameter,
    ServicePort,
    ServiceVersion,
)
from studiolo.graph.experiment_json import known_fields, node_from_json

FORM = 1
"""Form of the document; a reader of a later form still reads this one."""


def version_to_json(version: ServiceVersion) -> dict[str, Any]:
    """Give a version as a JSON-ready dictionary."""
    return {"form": FORM, **asdict(version)}


def version_from_json(data: Mapping[str, Any]) -> ServiceVersion:
    """Read what `version_to_json` gave."""
    values = known_fields(ServiceVersion, data)
    values["nodes"] = tuple(_frozen_node(node) for node in data["nodes"])
    for key in ("inputs", "outputs"):
        values[key] = {name: _port(port) for name, port in data[key].items()}
    values["constants"] = _contents(data["constants"])
    values["parameters"] = {name: _parameter(one) for name, one in data["parameters"].items()}
    values["environments"] = {
        key: FrozenEnvironment(**known_fields(FrozenEnvironment, one))
        for key, one in data["environments"].items()
    }
    return ServiceVersion(**values)


def _frozen_node(data: Mapping[str, Any]) -> FrozenNode:
    values = known_fields(FrozenNode, data)
    values["node"] = node_from_json(data["node"])
    values["static"] = _contents(data["static"])
    values["files"] = {
        name: (shown, Content.from_json(content)) for name, (shown, content) in data["files"].items()
    }
    values["bundle"] = None if data["bundle"] is None else Content.from_json(data["bundle"])
    values["source"] = None if data["source"] is None else tuple(data["source"])
    return FrozenNode(**values)


def _port(data: Mapping[str, Any]) -> ServicePort:
    values = known_fields(ServicePort, data)
    values["at"] = Source(**data["at"])
    if data["columns"] is not None:
        values["columns"] = tuple(_column(column) for column in data["columns"])
    values["sample"] = tuple(tuple(row) for row in data["sample"])
    return ServicePort(**values)


def _column(data: Mapping[str, Any]) -> ServiceColumn:
    return ServiceColumn(**{**known_fields(ServiceColumn, data), "categories": tuple(data["categories"])})


def _parameter(data: Mapping[str, Any]) -> ServiceParameter:
    values = known_fields(ServiceParameter, data)
    values["target"] = ParameterTarget(**known_fields(ParameterTarget, data["target"]))
    values["choices"] = tuple(data["choices"])
    return ServiceParameter(**values)


def _contents(data: Mapping[str, Any]) -> dict[str, Content]:
    return {name: Content.from_json(content) for name, content in data.items()}
