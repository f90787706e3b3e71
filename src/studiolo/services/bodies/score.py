"""The retired product's first form, at `/score`: one row in, the cells of one row out.

{"Id": "score00001", "Instance": {"FeatureVector": {"a": "1"}, "GlobalParameters": {}}}
"""

from __future__ import annotations

import orjson

from studiolo.domain.service import ServiceVersion
from studiolo.services.bodies.cell_forms import classic_cells
from studiolo.services.bodies.classic import Frames, read_inputs, row_lists
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.services.bodies.frame_reading import read_columns
from studiolo.services.bodies.json_text import member, parse, shown, unreadable
from studiolo.services.bodies.request import Request


def read_score(body: bytes, version: ServiceVersion) -> Request:
    """Read the body of a request at `/score`.

    Raises:
        ServiceProblem: whatever is wrong with it; `operation-invalid` when the version has several inputs.
    """
    document = parse(body)
    instance = member(document, "Instance") if type(document) is dict else None
    if type(instance) is not dict or type(document) is not dict:
        unreadable("The body has no object `Instance`.")
    if len(version.inputs) > 1:
        said = f"The service has {len(version.inputs)} inputs; /score takes one."
        raise ServiceProblem("operation-invalid", said, "Use /execute.")
    vector = member(instance, "FeatureVector")
    if vector is not None and type(vector) is not dict:
        unreadable(f"`FeatureVector` is {shown(vector)}, an object of columns and cells is expected.")
    inputs = {} if vector is None else {name: [vector] for name in version.inputs}
    if vector and not version.inputs:
        raise ServiceProblem("input-unknown", "The service has no input, and the request a `FeatureVector`.")
    # What counts as the name of the input has none in this form.
    pairs = len(document) + len(instance) - len(inputs)
    return read_inputs(body, pairs, inputs, member(instance, "GlobalParameters"), version, None)


def write_score(frames: Frames, version: ServiceVersion) -> bytes:
    """Write the reply: a list of the texts of the first output's row; a list of such lists for several rows."""
    name = next(iter(version.outputs))
    rows, columns = read_columns(frames[name])
    lists = row_lists(rows, [classic_cells(column) for column in columns])
    return orjson.dumps(lists[0] if rows == 1 else lists)
