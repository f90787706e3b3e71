"""The retired product's request-response form: tables of texts or row objects, told apart for each input.

{"Inputs": {"input1": {"ColumnNames": ["a"], "Values": [["1"]]}}, "GlobalParameters": {}}
{"Inputs": {"input1": [{"a": "1"}]}, "GlobalParameters": {}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from studiolo.domain.service import ServiceVersion
from studiolo.services.bodies.cell_forms import classic_cells, classic_type
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.services.bodies.frame_reading import read_columns
from studiolo.services.bodies.json_text import cut, member, parse, refuse_repeated_names, shown, unreadable
from studiolo.services.bodies.parameters import read_parameters
from studiolo.services.bodies.request import Request, check_input_names
from studiolo.services.bodies.tables import count_rows, read_table

NAMES = ("ColumnNames", "Values")
Frames = Mapping[str, bytes | memoryview]


def read_execute(body: bytes, version: ServiceVersion, *, max_rows: int | None = None) -> Request:
    """Read the body of a classic request.

    `Inputs` and `GlobalParameters` may be absent or null when the version has none. Other members are passed over.

    Args:
        body: JSON in UTF-8.
        version: declares inputs, columns and parameters.
        max_rows: rows of all inputs together that are taken; None for any number.

    Raises:
        ServiceProblem: whatever is wrong with it.
    """
    document = parse(body)
    if type(document) is not dict:
        unreadable("The body is a list, an object with `Inputs` is expected.")
    inputs = member(document, "Inputs")
    parameters = member(document, "GlobalParameters")
    return read_inputs(body, len(document), inputs, parameters, version, max_rows)


def read_inputs(
    body: bytes,
    pairs: int,
    inputs: Any,
    parameters: Any,
    version: ServiceVersion,
    max_rows: int | None,
    names: tuple[str, str] = NAMES,
) -> Request:
    """Read tables and parameters that a form has found in its document.

    Args:
        body: the whole JSON text.
        pairs: names in the objects of the document that are around inputs and parameters.
        inputs: what should be the tables by name.
        parameters: what should be the parameters by name.
        version: declares inputs, columns and parameters.
        max_rows: rows of all inputs together that are taken; None for any number.
        names: members of a table's object.

    Raises:
        ServiceProblem: whatever is wrong with it.
    """
    if inputs is None:
        inputs = {}
    if type(inputs) is not dict:
        unreadable(f"The inputs are {shown(inputs)}, an object of names and tables is expected.")
    check_input_names(inputs, version)
    if max_rows is not None:
        refuse_many_rows(sum(count_rows(value, names) for value in inputs.values()), max_rows)
    frames: dict[str, bytes] = {}
    forms: dict[str, str] = {}
    rows = 0
    pairs += len(inputs)
    for name, port in version.inputs.items():
        table = read_table(inputs[name], port, names)
        frames[name], forms[name] = table.frame, table.form
        rows += table.rows
        pairs += table.pairs
    values = read_parameters(parameters, version)
    if parameters:
        pairs += len(parameters)
    refuse_repeated_names(body, pairs)
    return Request(frames, values, forms, rows)


def refuse_many_rows(rows: int, max_rows: int) -> None:
    """Refuse more rows than a service takes.

    Raises:
        ServiceProblem: `request-too-large`.
    """
    if rows > max_rows:
        said = f"The request has {rows} rows, the service takes {max_rows}."
        raise ServiceProblem("request-too-large", said, "Send fewer rows at once, or use a batch job.")


def write_results(frames: Frames, version: ServiceVersion, *, with_types: bool, as_rows: bool) -> bytes:
    """Write the reply to a classic request; every cell is a text, or null for missing.

    Args:
        frames: checked frame of every output, by name.
        version: gives the order of the outputs.
        with_types: whether tables tell the types of their columns (`details=true`).
        as_rows: row objects (`format=swagger`) in place of tables.
    """
    results: dict[str, Any] = {}
    for name in version.outputs:
        rows, columns = read_columns(frames[name])
        names = [column.name for column in columns]
        cells = [classic_cells(column) for column in columns]
        if as_rows:
            results[name] = row_objects(rows, names, cells)
            continue
        value: dict[str, Any] = {"ColumnNames": names}
        if with_types:
            value["ColumnTypes"] = [classic_type(column.type) for column in columns]
        value["Values"] = row_lists(rows, cells)
        results[name] = {"type": "table", "value": value}
    return orjson.dumps({"Results": results})


def row_lists(rows: int, cells: list[Any]) -> list[Any]:
    """Give columns as rows; JSON writes tuples as lists."""
    return list(zip(*cells, strict=True)) if cells else [()] * rows


def row_objects(rows: int, names: list[str], cells: list[Any]) -> list[Any]:
    """Give columns as row objects."""
    if len(names) == 1:
        name = names[0]
        return [{name: cell} for cell in cells[0]]
    return [dict(zip(names, row, strict=True)) for row in row_lists(rows, cells)]


def is_swagger(query_format: str | None, request: Request) -> bool:
    """Say whether the reply has row objects: as `format` asks, and without it as the request was written.

    Raises:
        ServiceProblem: `query-invalid`: another format than `swagger` and `classic`.
    """
    if not query_format:
        return request.is_in_rows
    folded = query_format.lower()
    if folded not in ("swagger", "classic"):
        said = f'The format "{cut(query_format)}" is unknown; `swagger` and `classic` are known.'
        raise ServiceProblem("query-invalid", said, target="format")
    return folded == "swagger"
