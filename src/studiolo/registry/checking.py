"""Checks declarations that came out of a jail, so that the host only sees sound ones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from studiolo.domain.column_rules import is_rules, rules_problem
from studiolo.domain.module import PARAMETER_KINDS, PORT_TYPES, Declaration, Parameter, Port

COUNT_LIMIT = 500
TEXT_LIMIT = 100_000


def checked_declarations(data: Any) -> list[Declaration]:
    """Read a list of declarations in JSON form.

    Raises:
        ValueError: something in it is not as `Declaration.to_json` writes it; the text says what.
    """
    if not isinstance(data, list | tuple) or len(data) > COUNT_LIMIT:
        raise ValueError(f"it is not a list of at most {COUNT_LIMIT} declarations")
    return [_checked(raw) for raw in data]


def _checked(raw: Any) -> Declaration:
    try:
        declaration = Declaration.from_json(raw)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"a declaration has another form ({type(error).__name__})") from None
    _texts(declaration, "id", "name", "category", "summary", "description", "runner", "entry")
    _texts(declaration, "script_parameter")
    _all_texts(declaration.preload, declaration.aliases, declaration.programs)
    if not declaration.id or not declaration.id.isprintable() or len(declaration.id) > 200:
        raise ValueError("a module has an empty or odd id")
    if type(declaration.version) is not int or not isinstance(declaration.deterministic, bool):
        raise ValueError(f"the module {declaration.id} has an odd version or deterministic")
    if not isinstance(declaration.passes_through, bool):
        raise ValueError(f"the module {declaration.id} has an odd passes_through")
    if declaration.runner not in ("function", "script"):
        raise ValueError(f"the module {declaration.id} has the runner {declaration.runner[:40]!r}")
    for ports in (declaration.inputs, declaration.outputs):
        _unique(ports, declaration.id)
        for port in ports:
            _port(port)
    _unique(declaration.parameters, declaration.id)
    for parameter in declaration.parameters:
        _parameter(parameter)
    return declaration


def _port(port: Port) -> None:
    _texts(port, "name", "type", "label", "holds")
    _all_texts(port.aliases)
    if port.type not in PORT_TYPES or not isinstance(port.optional, bool):
        raise ValueError(f"the port {port.name} has an unknown type")


def _parameter(parameter: Parameter) -> None:
    _texts(parameter, "name", "kind", "label", "language", "help", "input")
    _all_texts(parameter.aliases, parameter.choices, parameter.accepts)
    if parameter.kind not in PARAMETER_KINDS or not isinstance(parameter.required, bool):
        raise ValueError(f"the parameter {parameter.name} has an unknown kind")
    for bound in (parameter.minimum, parameter.maximum):
        if bound is not None and (type(bound) not in (int, float) or not math.isfinite(bound)):
            raise ValueError(f"the parameter {parameter.name} has a bound that is no number")
    when: Any = parameter.when
    if when is not None:
        if not isinstance(when, tuple) or len(when) != 2 or not isinstance(when[0], str):
            raise ValueError(f"the parameter {parameter.name} has a when of another form")
        if not isinstance(when[1], tuple) or not all(
            isinstance(one, str | bool | int | float) for one in when[1]
        ):
            raise ValueError(f"the parameter {parameter.name} has a when of another form")
    default = parameter.default
    if parameter.kind == "columns" and is_rules(default) and rules_problem(default) is None:
        return
    if not isinstance(default, str | bool | int | float | list | None) or default != default:
        raise ValueError(f"the parameter {parameter.name} has a default of another form")


def _texts(noun: object, *names: str) -> None:
    for name in names:
        value = getattr(noun, name)
        if not isinstance(value, str) or len(value) > TEXT_LIMIT:
            raise ValueError(f"{name} is no text or longer than {TEXT_LIMIT} characters")


def _all_texts(*groups: Iterable[Any]) -> None:
    for group in groups:
        if (
            not isinstance(group, tuple)
            or len(group) > COUNT_LIMIT
            or not all(isinstance(one, str) for one in group)
        ):
            raise ValueError("a list of texts has another form")


def _unique(nouns: Sequence[Port] | Sequence[Parameter], id: str) -> None:
    names = [noun.name for noun in nouns]
    if len(names) > COUNT_LIMIT or not all(isinstance(name, str) and name.isidentifier() for name in names):
        raise ValueError(f"the module {id} has a port or parameter whose name is no identifier")
    if len(set(names)) < len(names):
        raise ValueError(f"the module {id} has two ports or parameters of one name")
