"""Reads the body that makes a batch job, in the classic form and in our own.

{"Inputs": {"input1": PLACE}, "Outputs": {"output1": PLACE}, "GlobalParameters": {}}
{"Input": PLACE, "Output": PLACE}
{"inputs": {"input1": PLACE OR TABLE}, "outputs": {"output1": PLACE}, "parameters": {}}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from studiolo.domain.service import ServiceVersion
from studiolo.services.batch.references import Reference, read_reference
from studiolo.services.bodies import classic, own
from studiolo.services.bodies.errors import Detail, ServiceProblem
from studiolo.services.bodies.json_text import cut, member, parse, refuse_repeated_names, shown, unreadable
from studiolo.services.bodies.parameters import read_parameters
from studiolo.services.bodies.request import check_input_names, hint_for
from studiolo.services.bodies.tables import read_table


@dataclass(frozen=True)
class BatchForm:
    """The words of one form of body.

    Attributes:
        parameters: member with the web-service parameters.
        is_strict: other members are refused, not passed over.
    """

    parameters: str
    is_strict: bool


CLASSIC = BatchForm("GlobalParameters", False)
OWN = BatchForm("parameters", True)
_MEMBERS = ("inputs", "outputs", "parameters")


@dataclass(frozen=True)
class Wish:
    """What a client asks for.

    Attributes:
        places: input to where its table lies.
        frames: input to its table, for those that the request itself holds.
        outputs: output to where its table goes; others stay with the server.
        parameters: value of each web-service parameter.
    """

    places: dict[str, Reference] = field(repr=False)
    frames: dict[str, bytes] = field(repr=False)
    outputs: dict[str, Reference] = field(repr=False)
    parameters: dict[str, Any] = field(repr=False)


def read_wish(body: bytes, version: ServiceVersion, network: Sequence[str], form: BatchForm) -> Wish:
    """Read the body that makes a job; an empty one asks for nothing.

    Args:
        body: JSON in UTF-8.
        version: that will run.
        network: patterns of `[grants] network`.
        form: `CLASSIC` or `OWN`.

    Raises:
        ServiceProblem: whatever is wrong with it.
    """
    document: Any = parse(body) if body.strip() else {}
    if type(document) is not dict:
        unreadable("The body is a list, an object with the inputs is expected.")
    refuse_repeated_names(body, _pairs(document))
    if form.is_strict:
        _refuse_unknown(document)
    inputs = _inputs(document, version)
    check_input_names(inputs, version)
    places: dict[str, Reference] = {}
    frames: dict[str, bytes] = {}
    for name, port in version.inputs.items():
        value = inputs[name]
        names = _table_names(value)
        if names is None:
            places[name] = read_reference(value, name, network, is_output=False)
        else:
            frames[name] = read_table(value, port, names).frame
    outputs = {
        name: read_reference(value, name, network, is_output=True)
        for name, value in _outputs(document, version).items()
        if value is not None
    }
    parameters = read_parameters(member(document, form.parameters), version)
    return Wish(places, frames, outputs, parameters)


def _refuse_unknown(document: dict[str, Any]) -> None:
    for name in document:
        if name not in _MEMBERS:
            said = f'The body has "{cut(name)}", which is unknown. {hint_for(name, _MEMBERS, "member")}'
            raise ServiceProblem("request-unreadable", said.rstrip(), target=cut(name))


def _inputs(document: dict[str, Any], version: ServiceVersion) -> dict[str, Any]:
    one, several = member(document, "Input"), member(document, "Inputs")
    if one is not None and several:
        raise ServiceProblem(
            "batch-inputs-twice", "The request has both `Input` and `Inputs`.", "Give one of them."
        )
    if one is not None:
        if len(version.inputs) != 1:
            said = f"`Input` is one table, and the service has {len(version.inputs)} inputs."
            raise ServiceProblem("operation-invalid", said, "Give `Inputs`, by name.")
        return dict.fromkeys(version.inputs, one)
    if several is None:
        several = {}
    if type(several) is not dict:
        unreadable(f"The inputs are {shown(several)}, an object of names and places is expected.")
    if not several and version.inputs:
        names = ", ".join(cut(name) for name in version.inputs)
        raise ServiceProblem("batch-inputs-missing", f"The request has no inputs; the service has: {names}.")
    return several


def _outputs(document: dict[str, Any], version: ServiceVersion) -> dict[str, Any]:
    one, several = member(document, "Output"), member(document, "Outputs")
    if one is not None and several:
        raise ServiceProblem(
            "output-unknown", "The request has both `Output` and `Outputs`.", "Give one of them."
        )
    if one is not None:
        if len(version.outputs) != 1:
            said = f"`Output` is one place, and the service has {len(version.outputs)} outputs."
            raise ServiceProblem("output-unknown", said, "Give `Outputs`, by name.")
        return dict.fromkeys(version.outputs, one)
    if several is None:
        return {}
    if type(several) is not dict:
        unreadable(f"The outputs are {shown(several)}, an object of names and places is expected.")
    unknown = sorted(several.keys() - version.outputs.keys())
    if unknown:
        details = [
            Detail(
                f'The service has no output "{cut(name)}". '
                + (hint_for(name, version.outputs, "output") if number < 3 else ""),
                cut(name),
            )
            for number, name in enumerate(unknown[:10])
        ]
        raise ServiceProblem("output-unknown", details, more=max(len(unknown) - 10, 0))
    return several


def _table_names(value: Any) -> tuple[str, str] | None:
    """Give the members of a table that is in the request itself; None when it is elsewhere."""
    if type(value) is list:
        return own.NAMES
    if type(value) is dict:
        for names in (own.NAMES, classic.NAMES):
            if member(value, names[0]) is not None or member(value, names[1]) is not None:
                return names
    return None


def _pairs(value: Any) -> int:
    """Give how many names the objects of a document have together."""
    found, level = 0, [value]
    while level:
        inner: list[Any] = []
        for one in level:
            if type(one) is dict:
                found += len(one)
                inner += one.values()
            elif type(one) is list:
                inner += (item for item in one if type(item) in (dict, list))
        level = inner
    return found
