"""OpenAPI 3.1 of our own form: one service, or every service of a server in one document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studiolo.domain.service import Service, ServicePort, ServiceVersion
from studiolo.services.bodies.errors import CODES
from studiolo.services.documents.addresses import Addresses
from studiolo.services.documents.column_types import json_schema, parameter_schema
from studiolo.services.documents.failures import FAILURES, example_problem, own_body
from studiolo.services.documents.samples import as_records, own_answer, own_request, tables

ARROW = "application/vnd.apache.arrow.stream"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def service_openapi(service: Service, version: ServiceVersion, addresses: Addresses) -> dict[str, Any]:
    """Give the document of a service's live version.

    Args:
        service: which one.
        version: the version that answers.
        addresses: of the service.
    """
    return _document(
        service.name,
        service.description or version.description or version.title,
        str(version.number),
        addresses.origin,
        [(service, version, addresses)],
    )


def server_openapi(
    title: str, origin: str, services: Iterable[tuple[Service, ServiceVersion, Addresses]]
) -> dict[str, Any]:
    """Give one document of all services of a server.

    Args:
        title: name of the workspace.
        origin: of the server, as callers see it.
        services: each with the version that answers and its addresses.
    """
    return _document(title, f"Every web service of {title}.", "1", origin.rstrip("/"), list(services))


def _document(
    title: str,
    description: str,
    number: str,
    origin: str,
    services: list[tuple[Service, ServiceVersion, Addresses]],
) -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for service, version, addresses in services:
        schemas |= _schemas(service, version)
        paths[addresses.own_path] = {"post": _operation(service, version)}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": _DIALECT,
        "info": {"title": title, "description": description, "version": number},
        "servers": [{"url": origin}],
        "security": [{"key": []}],
        "tags": [{"name": service.name} for service, _, _ in services],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "One of the two keys of the service: `Authorization: Bearer KEY`.",
                }
            },
            "responses": {str(status): _failure(status) for status in FAILURES},
            "schemas": {**schemas, "problem": _PROBLEM},
        },
    }


def _operation(service: Service, version: ServiceVersion) -> dict[str, Any]:
    given: dict[str, Any] = {
        "application/json": {
            "schema": {"$ref": f"#/components/schemas/{service.name}.request"},
            "examples": _request_examples(version),
        }
    }
    if len(version.inputs) == 1:
        given[ARROW] = {"schema": {"description": "The table of the only input, as an Arrow IPC stream."}}
    answered: dict[str, Any] = {
        "application/json": {
            "schema": {"$ref": f"#/components/schemas/{service.name}.answer"},
            "examples": {"sample": {"value": own_answer(version)}},
        }
    }
    if len(version.outputs) == 1:
        answered[ARROW] = {
            "schema": {"description": "The table of the only output, when `Accept` asks for it."}
        }
    return {
        "operationId": f"call-{service.name}",
        "tags": [service.name],
        "summary": service.description or version.description or version.title or service.name,
        "requestBody": {"required": bool(version.inputs), "content": given},
        "responses": {
            "200": {"description": "The outputs.", "content": answered},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in FAILURES},
        },
    }


def _request_examples(version: ServiceVersion) -> dict[str, Any]:
    examples = {"records": {"summary": "Rows as objects", "value": own_request(version)}}
    if version.inputs:
        columns = {**own_request(version), "inputs": tables(version.inputs, _as_columns)}
        examples["columns"] = {"summary": "Names of the columns once, then rows", "value": columns}
    return examples


def _as_columns(columns: Any, rows: list[list[Any]]) -> dict[str, Any]:
    return {"columns": [column.name for column in columns], "data": rows}


def _schemas(service: Service, version: ServiceVersion) -> dict[str, Any]:
    """Give the schemas of a service; names of ports may be any text, so that schemas count them."""
    prefix = f"{service.name}."
    place = f"#/components/schemas/{prefix}"
    schemas: dict[str, Any] = {}
    inputs = {name: f"input-{number}" for number, name in enumerate(version.inputs, 1)}
    outputs = {name: f"output-{number}" for number, name in enumerate(version.outputs, 1)}
    for name, key in inputs.items():
        schemas[f"{prefix}{key}"] = _table(version.inputs[name])
    for name, key in outputs.items():
        schemas[f"{prefix}{key}"] = _table(version.outputs[name])
    request = _object({name: {"$ref": place + key} for name, key in inputs.items()})
    properties: dict[str, Any] = {}
    required: list[str] = []
    if inputs:
        properties["inputs"] = request
        required.append("inputs")
    if version.parameters:
        properties["parameters"] = _parameters(version)
        if any(one.is_required for one in version.parameters.values()):
            required.append("parameters")
    named = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    is_bare_table_enough = len(inputs) == 1 and "parameters" not in required
    schemas[f"{prefix}request"] = (
        {"anyOf": [named, {"$ref": f"{place}input-1"}]} if is_bare_table_enough else named
    )
    answer = _object({"outputs": _object({name: {"$ref": place + key} for name, key in outputs.items()})})
    if is_bare_table_enough and len(outputs) == 1:
        # A bare table is answered by a bare table.
        answer = {"anyOf": [answer, {"$ref": f"{place}output-1"}]}
    schemas[f"{prefix}answer"] = answer
    return schemas


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _parameters(version: ServiceVersion) -> dict[str, Any]:
    schema = _object({name: parameter_schema(one) for name, one in version.parameters.items()})
    schema["required"] = [name for name, one in version.parameters.items() if one.is_required]
    return schema


def _table(port: ServicePort) -> dict[str, Any]:
    """Describe the two orientations of a table: rows as objects, or names of columns and rows of values."""
    if port.columns is None:
        row: dict[str, Any] = {"type": "object"}
        names: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
        values: dict[str, Any] = {"type": "array"}
    else:
        row = _object({column.name: json_schema(column) for column in port.columns})
        known = [column.name for column in port.columns]
        names = {
            "type": "array",
            "items": {"enum": known} if known else {"type": "string"},
            "uniqueItems": True,
            "minItems": len(known),
            "maxItems": len(known),
        }
        values = {"type": "array", "minItems": len(known), "maxItems": len(known)}
    oriented = _object({"columns": names, "data": {"type": "array", "items": values}})
    examples = tables({port.name: port}, as_records) or {port.name: []}
    return {
        "anyOf": [{"type": "array", "items": row, "examples": [examples[port.name]]}, oriented],
        "description": "Rows as objects, or the names of the columns and rows of values. Missing is null.",
    }


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong, by RFC 9457.",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "All that is wrong, in sentences."},
        "code": {"type": "string", "enum": list(CODES)},
        "hint": {"type": "string", "description": "What to do next."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["target", "message"],
                "properties": {
                    "target": {"type": "string", "description": "Such as `input1.age`."},
                    "message": {"type": "string"},
                },
            },
        },
        "traceback": {"type": "string", "description": "Of the script that failed."},
        "request_id": {"type": "string"},
    },
}


def _failure(status: int) -> dict[str, Any]:
    examples = {code: {"value": own_body(example_problem(code))} for code in FAILURES[status]}
    answer: dict[str, Any] = {
        "description": " ".join(FAILURES[status].values()),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/problem"},
                "examples": examples,
            }
        },
    }
    if status == 503:
        answer["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
        }
    return answer
