"""The designer's request-response form: classic requests, typed replies, its own error bodies.

Its ports are named `WebServiceInput0` and `WebServiceOutput0`. A cell may be `{"isNan": true}`.
"""

from __future__ import annotations

from typing import Any

import orjson

from studiolo.domain.service import ServiceVersion
from studiolo.services.bodies.cell_forms import classic_type, typed_cells
from studiolo.services.bodies.classic import NAMES, Frames, read_inputs, row_lists, row_objects
from studiolo.services.bodies.frame_reading import read_columns
from studiolo.services.bodies.json_text import member, parse, unreadable
from studiolo.services.bodies.request import Request

PREFIXES = ("WebServiceInput", "WebServiceOutput")


def is_designer(version: ServiceVersion) -> bool:
    """Say whether the ports of a version are named as the designer's clients expect."""
    names = [*version.inputs, *version.outputs]
    return bool(names) and all(
        name.startswith(PREFIXES) and name.removeprefix(PREFIXES[0]).removeprefix(PREFIXES[1]).isdecimal()
        for name in names
    )


def read_execute(body: bytes, version: ServiceVersion, *, max_rows: int | None = None) -> Request:
    """Read the body of a request; the arguments and what is raised are those of `classic.read_execute`."""
    document = parse(body)
    if type(document) is not dict:
        unreadable("The body is a list, an object with `Inputs` is expected.")
    inputs = member(document, "Inputs")
    extra = 0
    if b'"isNan"' in body and type(inputs) is dict:
        inputs, extra = _without_nan(inputs)
    parameters = member(document, "GlobalParameters")
    return read_inputs(body, len(document) + extra, inputs, parameters, version, max_rows, NAMES)


def _without_nan(inputs: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Give the tables with `{"isNan": true}` as null, and how many there were."""
    found = 0

    def cell(value: Any) -> Any:
        nonlocal found
        if type(value) is dict and value == {"isNan": True}:
            found += 1
            return None
        return value

    def row(value: Any) -> Any:
        if type(value) is list:
            return [cell(one) for one in value]
        if type(value) is dict:
            return {name: cell(one) for name, one in value.items()}
        return value

    def table(value: Any) -> Any:
        if type(value) is list:
            return [row(one) for one in value]
        if type(value) is dict:
            return {
                name: [row(one) for one in part] if type(part) is list else part
                for name, part in value.items()
            }
        return value

    return {name: table(value) for name, value in inputs.items()}, found


def write_results(frames: Frames, version: ServiceVersion, *, with_types: bool, as_rows: bool) -> bytes:
    """Write the reply with typed cells.

    Args:
        frames: checked frame of every output, by name.
        version: gives the order of the outputs.
        with_types: whether tables tell the types of their columns (`details=true`).
        as_rows: row objects below `Results`, which is the designer's default; else tables without `Results`.
    """
    results: dict[str, Any] = {}
    for name in version.outputs:
        rows, columns = read_columns(frames[name])
        names = [column.name for column in columns]
        cells = [typed_cells(column) for column in columns]
        if as_rows:
            results[name] = row_objects(rows, names, cells)
            continue
        value: dict[str, Any] = {"ColumnNames": names}
        if with_types:
            value["ColumnTypes"] = [classic_type(column.type) for column in columns]
        value["Values"] = row_lists(rows, cells)
        results[name] = {"type": "DataTable", "value": value}
    return orjson.dumps({"Results": results} if as_rows else results)
