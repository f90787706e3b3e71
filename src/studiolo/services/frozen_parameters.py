"""Works out type, default and choices of web-service parameters from declarations and scripts (R-9.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studiolo.domain.experiment import Experiment
from studiolo.domain.module import Declaration, Parameter
from studiolo.domain.run import NodeRun
from studiolo.domain.service import ParameterTarget, ServiceParameter
from studiolo.errors import Problems, StudioloError, UserError, Where

_TYPES = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "text": "string",
    "code": "string",
    "choice": "string",
}


def frozen_parameters(
    targets: Mapping[str, ParameterTarget],
    experiment: Experiment,
    declared: Mapping[str, Declaration],
    rows: Mapping[str, NodeRun],
) -> dict[str, ServiceParameter]:
    """Give the parameters of a version.

    The default is what the section says, else the node's value, else that of the declaration, else the keyword
    default of the script as the run found it.

    Args:
        targets: name to what it sets.
        experiment: resolved.
        declared: node to declaration.
        rows: node to its row in the run.

    Raises:
        Problems: `missing-default` for parameters that have no default and are not required.
    """
    problems: list[StudioloError] = []
    found = {}
    for name, target in targets.items():
        parameter = declared[target.node].parameter(target.parameter)
        node = experiment.nodes[target.node]
        row = rows.get(target.node)
        known = [target.default] if target.has_default else []
        known += [node.parameters[target.parameter]] if target.parameter in node.parameters else []
        if parameter is not None:
            known += [parameter.default] if parameter.default is not None or not parameter.required else []
        elif row is not None and target.parameter in row.keywords:
            known.append(row.keywords[target.parameter])
        if not known and not target.is_required:
            problems.append(_missing(name, target))
            continue
        found[name] = ServiceParameter(
            name=name,
            target=target,
            type=_TYPES.get(parameter.kind, "any") if parameter is not None else _type_of(known),
            default=None if target.is_required else known[0],
            is_required=target.is_required,
            choices=_choices(parameter),
            description=target.description or (parameter.help if parameter is not None else ""),
        )
    if problems:
        raise Problems(problems)
    return found


def lacking_keywords(
    targets: Mapping[str, ParameterTarget],
    experiment: Experiment,
    declared: Mapping[str, Declaration],
    rows: Mapping[str, NodeRun],
) -> set[str]:
    """Give the nodes whose row does not know a keyword default: those that ran before rows kept them."""
    return {
        target.node
        for target in targets.values()
        if not target.has_default
        and not target.is_required
        and target.parameter not in experiment.nodes[target.node].parameters
        and declared[target.node].parameter(target.parameter) is None
        and target.node in rows
        and not rows[target.node].keywords
    }


def _type_of(known: list[Any]) -> str:
    """Give the type that all known values have; a whole number beside a number with a fraction is one too."""
    kinds = {type(value) for value in known if value is not None}
    if kinds == {int, float}:
        return "number"
    if len(kinds) != 1:
        return "any"
    return {bool: "boolean", int: "integer", float: "number", str: "string"}.get(kinds.pop(), "any")


def _choices(parameter: Parameter | None) -> tuple[Any, ...]:
    return tuple(parameter.choices) if parameter is not None and parameter.kind == "choice" else ()


def _missing(name: str, target: ParameterTarget) -> UserError:
    return UserError(
        "missing-default",
        f'The web-service parameter "{name}" sets {target}, for which no default is known.',
        f"Give one: {name}: {{target: {target}, default: …}}; or say required: true, so that every request gives it.",
        Where(node=target.node, parameter=target.parameter),
    )
