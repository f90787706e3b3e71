"""The `@module` decorator: attaches a checked declaration to a function and leaves the function as it is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from studiolo.domain.module import PARAMETER_KINDS, PORT_TYPES, Declaration, Parameter, Port

Function = TypeVar("Function", bound=Callable[..., Any])


def module(
    *,
    name: str,
    category: str,
    id: str = "",
    version: int = 1,
    inputs: Iterable[Port] = (),
    outputs: Iterable[Port] = (),
    parameters: Iterable[Parameter] = (),
    runner: str = "function",
    deterministic: bool = True,
    preload: Iterable[str] = (),
    template: str = "",
    aliases: Iterable[str] = (),
    programs: Iterable[str] = (),
    script_parameter: str = "",
    passes_through: bool = False,
) -> Callable[[Function], Function]:
    """Declare the function below as a module.

    Args:
        name: what people read in the palette.
        category: place in the palette, levels separated by ` / `.
        id: stable name used in files; made from `name` when absent.
        version: count it up when the same inputs may give another result.
        inputs: input ports in the order of the function's positional parameters.
        outputs: output ports in the order of what the function returns.
        parameters: parameters in the order of the panel; the function takes them by keyword.
        runner: see `domain.module.Declaration`.
        deterministic: False when results must never be reused.
        preload: import names that a worker should have loaded beforehand.
        template: text of a new node's script, when it has one.
        aliases: names and ids of the same module in the retired products.
        programs: names of programs of the machine that the function starts; a node is refused where one is missing.
        script_parameter: name of a `Code` parameter whose text may be a file of the experiment instead, the
            node's `script`; the function then gets it as a `ScriptText`, which knows its file.
        passes_through: in a published service its first dataset input goes unchanged to its first dataset output.

    Returns:
        A decorator that gives back the same function with the attribute `declaration`.

    Raises:
        ValueError: the declaration contradicts itself or the function's signature.
    """

    def decorate(function: Function) -> Function:
        text = inspect.getdoc(function) or ""
        declaration = Declaration(
            id=id or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
            name=name,
            category=category,
            summary=text.split("\n\n")[0].replace("\n", " "),
            description=text,
            version=version,
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            parameters=tuple(parameters),
            runner=runner,
            deterministic=deterministic,
            preload=tuple(preload),
            entry=f"{function.__module__}:{function.__name__}",
            template=template,
            aliases=tuple(aliases),
            programs=tuple(programs),
            script_parameter=script_parameter,
            passes_through=passes_through,
        )
        _check(declaration, function)
        function.declaration = declaration  # type: ignore[attr-defined]
        return function

    return decorate


def _check(declaration: Declaration, function: Callable[..., Any]) -> None:
    def refuse(what: str) -> None:
        raise ValueError(f"module {declaration.name!r}: {what}")

    for what, names in (
        ("input port", [port.name for port in declaration.inputs]),
        ("output port", [port.name for port in declaration.outputs]),
        ("parameter", [parameter.name for parameter in declaration.parameters]),
    ):
        for name in names:
            if not name.isidentifier():
                refuse(f"{what} {name!r} is not an identifier")
        for name in sorted({name for name in names if names.count(name) > 1}):
            refuse(f"{what} {name!r} is declared twice")
    for port in (*declaration.inputs, *declaration.outputs):
        if port.type not in PORT_TYPES:
            refuse(f"port {port.name!r} has the unknown type {port.type!r}")
    for parameter in declaration.parameters:
        if parameter.kind not in PARAMETER_KINDS:
            refuse(f"parameter {parameter.name!r} has the unknown kind {parameter.kind!r}")
        if parameter.kind == "choice" and parameter.default not in parameter.choices:
            refuse(
                f"parameter {parameter.name!r} has the default {parameter.default!r}, not one of its choices"
            )
    if declaration.script_parameter:
        held = declaration.parameter(declaration.script_parameter)
        if held is None or held.kind != "code":
            refuse(f"script_parameter {declaration.script_parameter!r} is none of its code parameters")
    types = [{port.type for port in ports} for ports in (declaration.inputs, declaration.outputs)]
    if declaration.passes_through and not all("dataset" in one for one in types):
        refuse("passes_through needs a dataset input and a dataset output")
    if declaration.runner not in ("function", "script", "host"):
        refuse(f"unknown runner {declaration.runner!r}")
    if declaration.runner == "function":
        _check_signature(declaration, function, refuse)


def _check_signature(
    declaration: Declaration, function: Callable[..., Any], refuse: Callable[[str], None]
) -> None:
    given = inspect.signature(function).parameters.values()
    positional = [p.name for p in given if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    keywords = {p.name for p in given if p.kind is p.KEYWORD_ONLY}
    takes_any = any(p.kind is p.VAR_KEYWORD for p in given)
    ports = [port.name for port in declaration.inputs]
    if positional != ports:
        refuse(f"the function's positional parameters {positional} are not its input ports {ports}")
    declared = {parameter.name for parameter in declaration.parameters}
    if keywords - declared or (declared - keywords and not takes_any):
        refuse(
            f"the function's keyword parameters {sorted(keywords)} are not its parameters {sorted(declared)}"
        )
