"""What the test form of a help page shows: a field for each column and parameter, filled in from the sample."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from studiolo.domain.service import ServiceColumn, ServiceParameter, ServicePort, ServiceVersion
from studiolo.services.documents.column_types import PARAMETER_WORDS, in_words, is_categorical, kind_of
from studiolo.services.documents.samples import parameters, sample_table

CHOICES_LIMIT = 200  # a longer list is a field to type into
_MODES = {"Integer": "numeric", "Double": "decimal", "integer": "numeric", "number": "decimal"}


def form(version: ServiceVersion) -> dict[str, Any]:
    """Give the inputs with their fields and CSV text, and the parameters' fields."""
    given = parameters(version)
    return {
        "inputs": [
            _input(number, port)
            for number, port in enumerate(version.inputs.values(), 1)
            if port.type != "object"
        ],
        "parameters": [
            _parameter_field(number, one, given[one.name])
            for number, one in enumerate(version.parameters.values(), 1)
        ],
    }


def _input(number: int, port: ServicePort) -> dict[str, Any]:
    columns, rows = sample_table(port, 5)
    fields: list[dict[str, Any]] = []
    if port.columns is not None:
        fields = [
            _column_field(f"field-{number}-{place}", column, value)
            for place, (column, value) in enumerate(zip(columns, rows[0], strict=True), 1)
        ]
    return {"name": port.name, "json": json.dumps(port.name), "fields": fields, "csv": _csv(columns, rows)}


def _csv(columns: tuple[ServiceColumn, ...], rows: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([_shown(value) for value in row] for row in rows)
    return text.getvalue()


def _column_field(id: str, column: ServiceColumn, value: Any) -> dict[str, Any]:
    kind = kind_of(column)
    choices: list[Any] = []
    if kind == "Boolean":
        choices = [None, True, False]
    elif is_categorical(column) and 0 < len(column.categories) <= CHOICES_LIMIT:
        choices = [None, *column.categories]
    return _field(id, column.name, kind, in_words(column), value, choices)


def _parameter_field(number: int, one: ServiceParameter, value: Any) -> dict[str, Any]:
    choices = list(one.choices) or ([True, False] if one.type == "boolean" else [])
    words = one.description or PARAMETER_WORDS[one.type]
    if not choices and not one.is_required:
        words += "; empty for the default"
    return _field(f"parameter-{number}", one.name, one.type, words, value, choices)


def _field(id: str, name: str, kind: str, words: str, value: Any, choices: list[Any]) -> dict[str, Any]:
    if choices and value not in choices:
        choices = [value, *choices]
    options = [
        {
            "json": json.dumps(choice),
            "label": "(missing)" if choice is None else _shown(choice),
            "is_chosen": choice == value and type(choice) is type(value),
        }
        for choice in choices
    ]
    return {
        "id": id,
        "name": name,
        "json": json.dumps(name),
        "kind": kind,
        "words": words,
        "value": _shown(value),
        "has_lines": any(mark in _shown(value) for mark in "\r\n"),
        "choices": options,
        "mode": _MODES.get(kind, ""),
    }


def _shown(value: Any) -> str:
    """Write a value as a person types it; None is an empty field."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
