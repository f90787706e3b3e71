"""Our own form: typed JSON, as records or as columns with rows; the reply is written as the request was.

    {"inputs": {"input1": [{"a": 1}]}, "parameters": {"threshold": 0.5}}
    {"inputs": {"input1": {"columns": ["a"], "data": [[1]]}}}

For a version with one input, its table alone may be the whole body. Arrow is in arrow.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from studiolo.domain.service import ServiceVersion
from studiolo.services.bodies.cell_forms import typed_cells
from studiolo.services.bodies.classic import Frames, read_inputs, row_lists, row_objects
from studiolo.services.bodies.errors import Detail, ServiceProblem
from studiolo.services.bodies.frame_reading import read_columns
from studiolo.services.bodies.json_text import cut, parse, unreadable
from studiolo.services.bodies.request import ROWS, Request, hint_for

NAMES = ("columns", "data")
_MEMBERS = ("inputs", "parameters")


def read_body(body: bytes, version: ServiceVersion, *, max_rows: int | None = None) -> Request:
    """Read the body of a request of our own form.

    An empty body is one without inputs and parameters.

    Args:
        body: JSON in UTF-8.
        version: declares inputs, columns and parameters.
        max_rows: rows of all inputs together that are taken; None for any number.

    Raises:
        ServiceProblem: whatever is wrong with it.
    """
    document: Any = parse(body) if body or version.inputs else {}
    is_bare = type(document) is list or (
        document.keys() >= set(NAMES) and not document.keys() & set(_MEMBERS)
    )
    if is_bare:
        request = read_inputs(body, -1, _only_input(document, version), None, version, max_rows, NAMES)
        return replace(request, is_bare=True)
    unknown = [name for name in document if name not in _MEMBERS]
    if unknown:
        details = [
            Detail(
                f'The body has "{cut(name)}", which is unknown. {_nearest(name, number)}'.rstrip(), cut(name)
            )
            for number, name in enumerate(unknown[:10])
        ]
        hint = "The body has `inputs` and `parameters`; with one input it may also be that input's table."
        raise ServiceProblem("request-unreadable", details, hint, more=max(len(unknown) - 10, 0))
    inputs, parameters = document.get("inputs"), document.get("parameters")
    return read_inputs(body, len(document), inputs, parameters, version, max_rows, NAMES)


def _nearest(name: str, number: int) -> str:
    return hint_for(name, _MEMBERS, "member") if number < 3 else ""


def _only_input(table: Any, version: ServiceVersion) -> dict[str, Any]:
    if len(version.inputs) != 1:
        unreadable(
            f"The body is a table, and the service has {len(version.inputs)} inputs. Send it below `inputs`."
        )
    return dict.fromkeys(version.inputs, table)


def write_body(frames: Frames, version: ServiceVersion, request: Request) -> bytes:
    """Write the reply: `{"outputs": {"output1": ...}}` with the orientation that the request had.

    Args:
        frames: checked frame of every output, by name.
        version: gives the order of the outputs.
        request: what is answered; without inputs, or when one of them was in rows, the reply is in row objects.
    """
    forms = request.forms.values()
    as_rows = not forms or ROWS in forms
    outputs: dict[str, Any] = {}
    for name in version.outputs:
        rows, columns = read_columns(frames[name])
        names = [column.name for column in columns]
        cells = [typed_cells(column) for column in columns]
        if as_rows:
            outputs[name] = row_objects(rows, names, cells)
        else:
            outputs[name] = {"columns": names, "data": row_lists(rows, cells)}
    return orjson.dumps({"outputs": outputs})
