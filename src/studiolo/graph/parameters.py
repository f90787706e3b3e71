"""Checks the parameter values of a node against its module's declaration, and fills in defaults."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from studiolo.domain.column_rules import is_rules, rules_problem
from studiolo.domain.module import Declaration, Parameter
from studiolo.domain.nearest import did_you_mean
from studiolo.domain.reserved import reading_problem, writing_problem
from studiolo.errors import UserError, Where
from studiolo.graph.addresses import SCHEMES, has_scheme, place_problems, secret_problems, wrong_scheme
from studiolo.graph.paths import is_path, names_in, what_is

Finding = tuple[str, str, str, str]
"""Parameter, code, summary and hint."""


def effective_parameters(declaration: Declaration, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values that a job gets: all declared parameters in order, then the script's own keywords.

    A value that is absent or None is the default, and so is the value of a parameter that does not count
    because of its `when`: what was set for another mode never changes a result.
    """
    values = {
        parameter.name: given[parameter.name]
        if given.get(parameter.name) is not None and counts(declaration, parameter, given)
        else parameter.default
        for parameter in declaration.parameters
    }
    return {**values, **{name: value for name, value in given.items() if name not in values}}


def counts(declaration: Declaration, parameter: Parameter, given: Mapping[str, Any]) -> bool:
    """Say whether a parameter counts, given the values of the others.

    It does when it has no `when`, or when the parameter that this names counts and has one of its values;
    booleans are compared as `true` and `false`.
    """
    seen = {parameter.name}
    while parameter.when is not None:
        parent_name, wanted = parameter.when
        parent = declaration.parameter(parent_name)
        if parent is None or parent.name in seen:
            return True
        seen.add(parent.name)
        value = given.get(parent.name)
        value = parent.default if value is None else value
        if _text(value) not in {_text(one) for one in wanted}:
            return False
        parameter = parent
    return True


def parameter_problems(
    declaration: Declaration,
    given: Mapping[str, Any],
    node: str,
    *,
    keywords: Mapping[str, Any] | None = None,
    workspace: Path | None = None,
    network: Sequence[str] | None = None,
    secrets: Collection[str] | None = None,
) -> Iterator[Finding]:
    """Give what is wrong with the values of a node.

    Args:
        declaration: of the node's module.
        given: the node's values by declared name.
        node: its name, for the sentences.
        keywords: keyword parameters of the node's script, when they are known.
        workspace: folder that paths are relative to; None leaves files unchecked.
        network: patterns of the hosts that the workspace allows; None leaves addresses to write to unchecked.
        secrets: names of the secrets that the workspace has; None leaves these unchecked.
    """
    for name, value in given.items():
        parameter = declaration.parameter(name)
        if parameter is None:
            yield from _unknown(declaration, name, value, node, keywords)
        elif value is not None and counts(declaration, parameter, given):
            for code, summary, hint in _value_problems(parameter, value, node):
                yield name, code, summary, hint
            if (
                parameter.kind == "path"
                and workspace is not None
                and isinstance(value, str)
                and is_path(value)
            ):
                for code, summary, hint in _file_problems(declaration, parameter, value, node, workspace):
                    yield name, code, summary, hint
            if parameter.kind == "address" or "secrets" in parameter.accepts:
                yield from secret_problems(name, value, secrets)
            if parameter.kind == "address" and network is not None:
                yield from place_problems(name, value, node, network, is_target=is_target(declaration))
    for parameter in declaration.parameters:
        value = given.get(parameter.name)
        value = parameter.default if value is None else value
        if parameter.required and value in (None, "", []) and counts(declaration, parameter, given):
            yield (
                parameter.name,
                "missing-parameter",
                f'Node {node} needs the parameter "{parameter.name}".',
                _missing_hint(parameter, node),
            )


def parameter_from_text(parameter: Parameter | None, text: str) -> Any:
    """Read a value typed on a command line: by the parameter's kind, else as YAML would read it.

    >>> parameter_from_text(Parameter("count", "integer"), "5")
    5

    Raises:
        UserError: `wrong-parameter` when the text is not of that kind.
    """
    from studiolo.graph.yaml_tree import scalar_value

    kind = parameter.kind if parameter else ""
    if kind == "columns":
        return _columns_from_text(parameter, text)
    if kind not in ("integer", "number", "boolean", ""):
        return text
    value = scalar_value(text)
    if parameter is not None:
        for code, summary, hint in _value_problems(parameter, value, ""):
            raise UserError(code, summary, hint, Where(parameter=parameter.name))
    return value


def _columns_from_text(parameter: Parameter | None, text: str) -> Any:
    """Read names with commas between, or rules in braces as in the file."""
    from studiolo.graph.yaml_tree import parse_yaml, plain

    if not text.lstrip().startswith("{"):
        return [name.strip() for name in text.split(",") if name.strip()]
    item = parse_yaml(text.encode("utf-8", "replace"), "the value")
    rules = plain(item) if item is not None else {}
    if parameter is not None:
        for code, summary, hint in _value_problems(parameter, rules, ""):
            raise UserError(code, summary, hint, Where(parameter=parameter.name))
    return rules


def is_target(declaration: Declaration) -> bool:
    """Say whether the module's paths are written and not read: it gives a file and no dataset."""
    types = {port.type for port in declaration.outputs}
    return "file" in types and "dataset" not in types


def _value_problems(parameter: Parameter, value: Any, node: str) -> Iterator[tuple[str, str, str]]:
    what = f'The parameter "{parameter.name}"' + (f" of node {node}" if node else "")
    wanted = _wanted(parameter, value)
    if wanted is not None:
        quoted = _scalar(value) and parameter.kind in ("text", "code", "choice", "path", "address", "columns")
        yield (
            "wrong-parameter",
            f"{what} must be {wanted}, not {_described(value)}.",
            f"Put it in quotes: '{_text(value)}'." if quoted else parameter.help,
        )
    elif parameter.kind in ("integer", "number"):
        low, high = parameter.minimum, parameter.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            yield "out-of-range", f"{what} is {value}, out of range.", f"Allowed: {_range(low, high)}."
    elif parameter.kind == "choice" and value not in parameter.choices:
        yield (
            "unknown-choice",
            f'{what} is "{_short(value)}", which is none of its choices.',
            did_you_mean(_short(value), parameter.choices, "choice"),
        )
    elif parameter.kind == "columns" and is_rules(value):
        problem = rules_problem(value)
        if problem is not None:
            yield "wrong-parameter", f"{what} {problem[0]}.", problem[1]
    elif parameter.kind == "columns" and len(set(value)) < len(value):
        twice = next(name for name in value if value.count(name) > 1)
        yield "wrong-parameter", f'{what} names the column "{_short(twice)}" twice.', "Remove one of the two."
    elif parameter.kind == "address" and value and not has_scheme(value, parameter.accepts or SCHEMES):
        yield "wrong-parameter", *wrong_scheme(what, _short(value), parameter.accepts or SCHEMES)


def _wanted(parameter: Parameter, value: Any) -> str | None:
    """Give what the value should be when it is of the wrong kind, else None."""
    kind = parameter.kind
    if kind == "integer":
        return None if type(value) is int else "a whole number"
    if kind == "number":
        good = type(value) in (int, float) and abs(value) <= sys.float_info.max  # NaN is not
        return None if good else "a finite number"
    if kind == "boolean":
        return None if isinstance(value, bool) else "true or false"
    if kind == "columns":
        good = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
        return None if good or is_rules(value) else "a list of column names, or rules"
    if kind == "path":
        return None if isinstance(value, str) and (not value or is_path(value)) else "a path"
    if isinstance(value, str):
        return "without NUL characters" if "\0" in value else None
    return {"choice": "one of its choices", "address": "an address"}.get(kind, "a text")


def _unknown(
    declaration: Declaration, name: str, value: Any, node: str, keywords: Mapping[str, Any] | None
) -> Iterator[Finding]:
    known = [parameter.name for parameter in declaration.parameters]
    if declaration.runner == "script":
        if keywords is None or name in keywords:
            if not _is_json(value):
                yield (
                    name,
                    "wrong-parameter",
                    f'The parameter "{name}" of node {node} has a value without JSON form.',
                    "Use texts, finite numbers, true, false, lists and mappings.",
                )
            return
        known += keywords
    yield (
        name,
        "unknown-parameter",
        f'Node {node} has the unknown parameter "{_short(name)}".',
        did_you_mean(name, known, "parameter"),
    )


def _file_problems(
    declaration: Declaration, parameter: Parameter, value: str, node: str, workspace: Path
) -> Iterator[tuple[str, str, str]]:
    what = f'The parameter "{parameter.name}" of node {node}'
    if "://" in value:
        yield (
            "wrong-parameter",
            f'{what} is the address "{_short(value)}"; it takes a path.',
            "Set the parameter for an address instead.",
        )
        return
    path, root = Path(os.path.realpath(workspace / value)), Path(os.path.realpath(workspace))
    found, problem, link = what_is(path), None, ""
    if path.is_relative_to(root):
        parts = path.relative_to(root).parts
        problem = writing_problem(parts) if is_target(declaration) else reading_problem(parts)
        is_link = os.path.normpath(root / value) != str(path)
        link = f', a link to "{_short("/".join(parts))}"' if is_link else ""
    if not path.is_relative_to(root):
        yield (
            "outside-workspace",
            f'{what} names "{_short(value)}", which leaves the workspace.',
            "Copy the file into the workspace, or register it with studiolo dataset add.",
        )
    elif found == "folder" and "folder" in parameter.accepts:
        return
    elif found not in ("file", None):
        kind = "a folder" if found == "folder" else "no ordinary file"
        yield "not-a-file", f'{what} names "{_short(value)}", which is {kind}.', "Name a file."
    elif problem is not None:
        code, is_wrong, hint = problem
        yield code, f'{what} names "{_short(value)}"{link}, which {is_wrong}.', hint
    elif found is None and not is_target(declaration):
        yield (
            "missing-file",
            f'{what} names "{_short(value)}", which does not exist.',
            _near_files(path, root),
        )


def _near_files(path: Path, root: Path) -> str:
    if what_is(path.parent) != "folder":
        return f'There is no folder "{_short(str(path.parent.relative_to(root)))}" in the workspace.'
    known = [name for name in names_in(path.parent) if what_is(path.parent / name) == "file"]
    return did_you_mean(_short(path.name), known, "file")


def _missing_hint(parameter: Parameter, node: str) -> str:
    examples = {"integer": "3", "number": "0.5", "columns": "[age]", "path": "data/file.csv"}
    example = examples.get(parameter.kind, parameter.choices[0] if parameter.choices else "…")
    when = f" It counts because {parameter.when[0]} asks for it." if parameter.when else ""
    return f"Add {parameter.name}: {example} under parameters of {node}.{when}"


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return f"{low:g} or more" if low is not None else f"{high:g} or less"


def _scalar(value: Any) -> bool:
    return isinstance(value, bool | int | float)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:80] + "…"


def _described(value: Any) -> str:
    if isinstance(value, str):
        return f'the text "{_short(value)}"'
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    return _short(_text(value)) if _scalar(value) else type(value).__name__


def _is_json(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list | tuple):
        return all(map(_is_json, value))
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and _is_json(one) for name, one in value.items())
    return value is None or isinstance(value, str | int)
