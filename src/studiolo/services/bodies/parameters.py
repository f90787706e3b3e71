"""Web-service parameters of a request: checked, converted to their types, defaults filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studiolo.domain.service import ServiceParameter, ServiceVersion
from studiolo.services.bodies.cells import float_cell, integer_cell, text_cell, truth_cell
from studiolo.services.bodies.errors import Detail, ServiceProblem
from studiolo.services.bodies.json_text import cut, is_deep, shown, unreadable
from studiolo.services.bodies.request import hint_for

_EXPECTED = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "True or False",
    "any": "a value nested in at most 32 levels",
}


def read_parameters(given: Any, version: ServiceVersion) -> dict[str, Any]:
    """Give the value of every parameter of a version.

    Old clients send every value as text, so a text is converted to the parameter's type. null, and an empty text
    for another type than text, mean that the value is not given.

    Args:
        given: what stands under `GlobalParameters`; None when nothing does.
        version: declares the parameters.

    Raises:
        ServiceProblem: `parameter-unknown`, `parameter-missing`, `parameter-type`, `parameter-choice`.
    """
    declared = version.parameters
    if given is None:
        given = {}
    if type(given) is not dict:
        unreadable(f"The parameters are {shown(given)}, an object of names and values is expected.")
    if not declared and not given:
        return {}
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        details = [
            Detail(
                f'The service has no parameter "{cut(name)}". '
                + (hint_for(name, declared, "parameter") if number < 3 else ""),
                cut(name),
            )
            for number, name in enumerate(unknown[:10])
        ]
        raise ServiceProblem("parameter-unknown", details, more=max(len(unknown) - 10, 0))
    values: dict[str, Any] = {}
    absent: list[str] = []
    for name, parameter in declared.items():
        value = given.get(name)
        if value is not None and not (value == "" and parameter.type not in ("string", "any")):
            values[name] = _converted(value, parameter)
        elif parameter.is_required:
            absent.append(name)
        else:
            values[name] = parameter.default
    if absent:
        details = [Detail(f'The request lacks the parameter "{cut(name)}".', name) for name in absent]
        raise ServiceProblem("parameter-missing", details)
    return values


def _converted(value: Any, parameter: ServiceParameter) -> Any:
    try:
        converted = _TYPES.get(parameter.type, _any)(value)
    except (ValueError, OverflowError):
        expected = _EXPECTED.get(parameter.type, _EXPECTED["any"])
        said = f'The parameter "{cut(parameter.name)}" is {shown(value)}, {expected} is expected.'
        raise ServiceProblem("parameter-type", said, target=parameter.name) from None
    if parameter.choices and converted not in parameter.choices:
        choices = ", ".join(cut(str(choice)) for choice in parameter.choices[:20])
        said = f'The parameter "{cut(parameter.name)}" is {shown(value)}, which is not one of: {choices}.'
        raise ServiceProblem("parameter-choice", said, target=parameter.name)
    return converted


def _number(value: Any) -> float | int:
    if type(value) is bool:
        raise ValueError
    number = value if type(value) is int else float_cell(value)
    if number is None or number - number != 0:  # infinite
        raise ValueError
    return number


def _integer(value: Any) -> int:
    number = None if type(value) is bool else integer_cell(value)
    if number is None:
        raise ValueError
    return number


def _truth(value: Any) -> bool:
    truth = truth_cell(value)
    if truth is None:
        raise ValueError
    return truth


def _any(value: Any) -> Any:
    if is_deep(value):
        raise ValueError
    return value


_TYPES: dict[str, Callable[[Any], Any]] = {
    "string": text_cell,
    "integer": _integer,
    "number": _number,
    "boolean": _truth,
    "any": _any,
}
