"""Sample requests and answers of a version in each form, from the rows that its run delivered."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from studiolo.domain.service import ServiceColumn, ServiceParameter, ServicePort, ServiceVersion
from studiolo.services.bodies.cell_forms import double_texts
from studiolo.services.documents.column_types import classic_name, is_categorical, kind_of

SAMPLE_ROWS = 2
_EXAMPLES: dict[str, Any] = {
    "Boolean": True,
    "Integer": 1,
    "Double": 1.5,
    "String": "text",
    "DateTime": "2015-01-31T12:00:00",
    "TimeSpan": "PT1H",
    "Bytes": "AAECAw==",
}
_PARAMETERS: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "any": "text"}
_ANY_TABLE = ((ServiceColumn("column1", "string"),), (("text",),))

Table = tuple[tuple[ServiceColumn, ...], list[list[Any]]]
Form = Callable[[tuple[ServiceColumn, ...], list[list[Any]]], Any]


def sample_table(port: ServicePort, rows: int = SAMPLE_ROWS) -> Table:
    """Give the columns and at least one row of a port; made up by type where the run left none."""
    columns = port.columns
    if columns is None:
        columns, made_up = _ANY_TABLE
        if port.sample:
            return tuple(
                ServiceColumn(f"column{number}", "string") for number in range(1, len(port.sample[0]) + 1)
            ), [[_plain(value) for value in row] for row in port.sample[:rows]]
        return columns, [list(row) for row in made_up]
    if port.sample:
        return columns, [[_plain(value) for value in row] for row in port.sample[:rows]]
    return columns, [[_made_up(column) for column in columns]]


def parameters(version: ServiceVersion) -> dict[str, Any]:
    """Give a value for each parameter: its default, or one that shows its type."""
    return {name: _parameter(one) for name, one in version.parameters.items()}


def tables(ports: Mapping[str, ServicePort], form: Form, rows: int = SAMPLE_ROWS) -> dict[str, Any]:
    """Give the sample of each port that carries a table, in a form."""
    return {
        name: form(*sample_table(port, rows))
        for name, port in ports.items()
        if port.type in ("dataset", "any")
    }


def own_request(version: ServiceVersion, rows: int = SAMPLE_ROWS) -> dict[str, Any]:
    """Give a request of our own form."""
    request: dict[str, Any] = {}
    if version.inputs:
        request["inputs"] = tables(version.inputs, as_records, rows)
    if version.parameters:
        request["parameters"] = parameters(version)
    return request


def own_answer(version: ServiceVersion) -> dict[str, Any]:
    """Give an answer of our own form."""
    return {"outputs": tables(version.outputs, as_records)}


def classic_request(
    version: ServiceVersion, rows: int = SAMPLE_ROWS, form: Form | None = None
) -> dict[str, Any]:
    """Give a request of the classic form: each input a table, or with `as_records` rows as objects."""
    return {
        "Inputs": tables(version.inputs, form or as_table, rows),
        "GlobalParameters": parameters(version),
    }


def classic_answer(version: ServiceVersion) -> dict[str, Any]:
    """Give a classic answer with `details=true`: every cell a text."""
    return {"Results": tables(version.outputs, _as_answer)}


def classic_row_answer(version: ServiceVersion) -> dict[str, Any]:
    """Give a classic answer with `format=swagger`: every cell a text."""
    return {"Results": tables(version.outputs, _as_text_records)}


def batch_request(version: ServiceVersion) -> dict[str, Any]:
    """Give a request that makes a batch job whose inputs lie at an HTTP address."""
    names = [name for name, port in version.inputs.items() if port.type in ("dataset", "any")]
    request: dict[str, Any] = {}
    if names:
        request["Inputs"] = {
            name: {
                "BaseLocation": "https://files.example.org/",
                "RelativeLocation": f"data/table{number}.csv",
                "SasBlobToken": "",
            }
            for number, name in enumerate(names, 1)
        }
    request["GlobalParameters"] = parameters(version)
    return request


def batch_answer(version: ServiceVersion, jobs: str) -> dict[str, Any]:
    """Give the status of a finished batch job.

    Args:
        version: what answered.
        jobs: address of the batch endpoint, whose own storage keeps outputs that name no other place.
    """
    places = {
        name: {
            "ConnectionString": None,
            "RelativeLocation": f"3f2c…/outputs/output{number}.csv",
            "BaseLocation": f"{jobs}/",
            "SasBlobToken": "?sig=…",
        }
        for number, name in enumerate(version.outputs, 1)
    }
    return {"StatusCode": "Finished", "Results": places, "Details": None}


def as_records(columns: tuple[ServiceColumn, ...], rows: list[list[Any]]) -> list[dict[str, Any]]:
    """Give rows as objects."""
    names = [column.name for column in columns]
    return [dict(zip(names, row, strict=True)) for row in rows]


def as_table(columns: tuple[ServiceColumn, ...], rows: list[list[Any]]) -> dict[str, Any]:
    """Give a table as classic requests have it."""
    return {"ColumnNames": [column.name for column in columns], "Values": rows}


def classic_text(value: Any, column: ServiceColumn) -> str | None:
    """Give a cell as classic answers write it."""
    if value is None:
        return None
    if isinstance(value, float):
        return double_texts([value])[0]
    if kind_of(column) == "DateTime" and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        hour = moment.hour % 12 or 12
        half = "AM" if moment.hour < 12 else "PM"
        day = f"{moment.month}/{moment.day}/{moment.year}"
        return f"{day} {hour}:{moment.minute:02}:{moment.second:02} {half}"
    return str(value)


def _as_answer(columns: tuple[ServiceColumn, ...], rows: list[list[Any]]) -> dict[str, Any]:
    value = {
        "ColumnNames": [column.name for column in columns],
        "ColumnTypes": [classic_name(column) for column in columns],
        "Values": _as_texts(columns, rows),
    }
    return {"type": "table", "value": value}


def _as_text_records(columns: tuple[ServiceColumn, ...], rows: list[list[Any]]) -> list[dict[str, Any]]:
    return as_records(columns, _as_texts(columns, rows))


def _as_texts(columns: tuple[ServiceColumn, ...], rows: list[list[Any]]) -> list[list[Any]]:
    return [[classic_text(value, column) for value, column in zip(row, columns, strict=True)] for row in rows]


def _plain(value: Any) -> Any:
    """Make sure that a sample value can stand in JSON."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _made_up(column: ServiceColumn) -> Any:
    if is_categorical(column) and column.categories:
        return column.categories[0]
    return _EXAMPLES[kind_of(column)]


def _parameter(parameter: ServiceParameter) -> Any:
    if not parameter.is_required:
        return parameter.default
    return parameter.choices[0] if parameter.choices else _PARAMETERS[parameter.type]
