"""The classic swagger 2.0 document of a service, which old clients and the R package read without a key.

The order of the paths and their query strings matter: the R package finds the request-response endpoint by
`/execute?` in the key of a path and takes the HTTP method from the second path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from studiolo.domain.service import Service, ServicePort, ServiceVersion
from studiolo.services.documents.addresses import Addresses
from studiolo.services.documents.column_types import classic_schema
from studiolo.services.documents.samples import as_records, classic_request

_PLACE = ("ConnectionString", "RelativeLocation", "BaseLocation", "SasBlobToken")
NO_DESCRIPTION = "No description provided for this web service."
_JOB = {"name": "jobId", "in": "path", "description": "Id of the job", "required": True, "type": "string"}


def classic_swagger(service: Service, version: ServiceVersion, addresses: Addresses) -> dict[str, Any]:
    """Give the document of a service's live version.

    Args:
        service: which one.
        version: the version that answers.
        addresses: of the service.
    """
    description = service.description or version.description or NO_DESCRIPTION
    return {
        "swagger": "2.0",
        "info": {
            "version": "2.0",
            "title": service.name,
            "description": description,
            "x-endpoint-name": "default",
            "x-endpoint-description": description,
        },
        "host": addresses.host,
        "basePath": addresses.base_path,
        "schemes": [addresses.scheme],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": _paths(),
        "securityDefinitions": {
            "api_key": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "For example: Bearer abc123",
            }
        },
        "definitions": _definitions(version),
    }


def document_text(document: Mapping[str, Any]) -> bytes:
    """Write a document as JSON that stays JSON when a client strips what looks like HTML tags.

    The R package does so with `apidocument`: `<`, `>` and `&` are written as escapes.
    """
    text = json.dumps(document, allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("ascii")


def _paths() -> dict[str, Any]:
    return {
        "/swagger.json": {
            "get": _operation(
                "getSwaggerDocument", "Get swagger API document for the web service", [], {"200": _done(None)}
            )
        },
        "/execute?api-version=2.0&format=swagger": {
            "post": _operation(
                "execute",
                "Execute the web service and get a response synchronously",
                [_body("executePayload", "ExecutionRequest")],
                {"200": _done(_reference("ExecutionResults"))},
            )
        },
        "/jobs?api-version=2.0": {
            "post": _operation(
                "submitjob",
                "Submit an asynchronous job to execute the web service",
                [_body("submitJobPayload", "BatchExecutionRequest")],
                {"200": _done({"type": "string"}, "Job id")},
            )
        },
        "/jobs/{jobId}?api-version=2.0": {
            "get": _operation(
                "getjobstatus", "Get job status", [_JOB], {"200": _done(_reference("BatchExecutionStatus"))}
            ),
            "delete": _operation("canceljob", "Cancel a job", [_JOB], {"204": _done(None)}),
        },
        "/jobs/{jobId}/start?api-version=2.0": {
            "post": _operation("startjob", "Start a job", [_JOB], {"204": _done(None)})
        },
    }


def _operation(name: str, summary: str, given: list[Any], answers: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "parameters": given,
        "responses": answers,
    }
    if name != "getSwaggerDocument":
        operation["security"] = [{"api_key": []}]
        answers["default"] = {"description": "Error Response", "schema": _ERROR}
    return operation


_ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "code": {"type": "string"},
                            "target": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
            },
        }
    },
}


def _done(schema: Any, description: str = "OK") -> dict[str, Any]:
    return {"description": description} if schema is None else {"description": description, "schema": schema}


def _body(name: str, definition: str) -> dict[str, Any]:
    return {"name": name, "in": "body", "required": True, "schema": _reference(definition)}


def _reference(definition: str) -> dict[str, str]:
    return {"$ref": "#/definitions/" + quote(definition.replace("~", "~0").replace("/", "~1"))}


def _definitions(version: ServiceVersion) -> dict[str, Any]:
    inputs = {name: f"{name}Item" for name, port in version.inputs.items() if _is_table(port)}
    outputs = {
        name: f"{name}OutputItem" if name in inputs else f"{name}Item"
        for name, port in version.outputs.items()
        if _is_table(port)
    }
    place = _reference("AzureBlobDataReference")
    given = {
        "Inputs": _reference("ExecutionInputs"),
        "GlobalParameters": _reference("GlobalParameters"),
    }
    definitions = {
        "ExecutionRequest": {
            "type": "object",
            "properties": given,
            "required": ["Inputs", "GlobalParameters"],
            "example": classic_request(version, 1, as_records),
        },
        "ExecutionResults": _object({"Results": _reference("ExecutionOutputs")}),
        "BatchExecutionRequest": _object(
            {
                "Inputs": _reference("BatchInputs"),
                "Outputs": _reference("BatchOutputs"),
                "GlobalParameters": _reference("GlobalParameters"),
            }
        ),
        "BatchExecutionStatus": _object(
            {
                "StatusCode": {
                    "type": "string",
                    "enum": ["NotStarted", "Running", "Failed", "Cancelled", "Finished"],
                },
                "Results": _reference("BatchOutputs"),
                "Details": {"type": "string"},
            }
        ),
        "AzureBlobDataReference": _object({part: {"type": "string"} for part in _PLACE}),
        "ExecutionInputs": _object({name: _rows_of(item) for name, item in inputs.items()}),
        "ExecutionOutputs": _object({name: _rows_of(item) for name, item in outputs.items()}),
        "BatchInputs": _object(dict.fromkeys(version.inputs, place)),
        "BatchOutputs": _object(dict.fromkeys(version.outputs, place)),
        "GlobalParameters": _parameters(version),
    }
    items = [(item, version.inputs[name]) for name, item in inputs.items()]
    items += [(item, version.outputs[name]) for name, item in outputs.items()]
    return definitions | {item: _item(port) for item, port in items}


def _is_table(port: ServicePort) -> bool:
    return port.type in ("dataset", "any")


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties)}


def _rows_of(item: str) -> dict[str, Any]:
    return {"type": "array", "items": _reference(item)}


def _item(port: ServicePort) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "object"}
    if port.columns:
        item["required"] = [column.name for column in port.columns]
    item["properties"] = {column.name: classic_schema(column) for column in port.columns or ()}
    return item


def _parameters(version: ServiceVersion) -> dict[str, Any]:
    """Describe the global parameters; the classic document knows no type for `any`, so it is text there."""
    properties: dict[str, Any] = {}
    for name, one in version.parameters.items():
        properties[name] = {"type": "string" if one.type == "any" else one.type}
        if one.description:
            properties[name]["description"] = one.description
        if one.choices:
            properties[name]["enum"] = list(one.choices)
        if not one.is_required and one.default is not None:
            properties[name]["default"] = one.default
    described = _object(properties)
    required = [name for name, one in version.parameters.items() if one.is_required]
    return described | {"required": required} if required else described
