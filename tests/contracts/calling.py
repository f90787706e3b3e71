"""Finds the built-in modules and calls them as a job would, objects on ports made by the real modules."""

from __future__ import annotations

import functools
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow as pa

import studiolo.modules
from studiolo.domain.module import Declaration, Port
from studiolo.sdk import ModuleError

from .frames import as_dataframe
from .tables import USUAL

Function = Callable[..., Any]

UNIMPORTABLE: dict[str, str] = {}
"""Files of studiolo.modules that could not be imported, with the reason."""


def _imported(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except Exception as error:  # so that one broken file fails one test, with its name
        UNIMPORTABLE[name] = f"{type(error).__name__}: {error}"
        return None


def found() -> list[Function]:
    """Give the functions of all files below studiolo.modules that declare a module."""
    package = studiolo.modules
    functions = []
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        for value in vars(_imported(info.name) or ModuleType("none")).values():
            declaration = getattr(value, "declaration", None)
            if isinstance(declaration, Declaration) and declaration.entry.startswith(f"{info.name}:"):
                functions.append(value)
    return functions


MODULES: dict[str, Function] = {declared.declaration.id: declared for declared in found()}  # type: ignore[attr-defined]


def declaration_of(function: Function) -> Declaration:
    """Give a module's declaration."""
    declaration: Declaration = function.declaration  # type: ignore[attr-defined]
    return declaration


def wants_tables(function: Function, port: str) -> bool:
    """Say whether the function takes a pyarrow Table for a port, by its annotation."""
    return "Table" in str(inspect.signature(function).parameters[port].annotation)


# What makes an object for a port, by what the port holds: the module, and the columns parameter of training.
MAKERS = {
    "untrained model": "two-class-logistic-regression",
    "trained model": "train-model",
    "untrained clustering model": "k-means-clustering",
    "clustering model": "train-clustering-model",
    "transformation": "normalize-data",
}
# Modules that take only some of the objects that fit their port.
OWN_MAKERS = {"train-anomaly-detection-model": "pca-based-anomaly-detection"}


@functools.cache
def _pickled(holds: str, maker: str) -> bytes:
    function = MODULES[maker]
    declaration = declaration_of(function)
    given: dict[str, Any] = {}
    for one in declaration.parameters:
        if one.kind == "columns":
            given[one.name] = (
                ["churned"] if declaration.id == "train-model" else ["age", "income", "children"]
            )
    values = call(function, USUAL, given)
    port = next(at for at, one in enumerate(outputs_of(declaration)) if one.holds == holds)
    return pickle.dumps(values[port])


def can_make(port: Port) -> bool:
    """Say whether the suite has an object for a port; without one an input stays unconnected."""
    return MAKERS.get(port.holds) in MODULES


def object_for(port: Port, id: str) -> Any:
    """Give a fresh copy of an object that a port of a module holds."""
    return pickle.loads(_pickled(port.holds, OWN_MAKERS.get(id, MAKERS[port.holds])))


def outputs_of(declaration: Declaration) -> list[Port]:
    """Give the outputs that the function returns a value for."""
    return [port for port in declaration.outputs if port.type != "device"]


def call(
    function: Function, table: pa.Table, given: dict[str, Any], objects: dict[str, Any] | None = None
) -> list[Any]:
    """Call a module with the table at each dataset input; give its values, one for each output port.

    Args:
        function: of the module.
        table: for every input of type dataset.
        given: parameters.
        objects: input port to value, in place of what is made for it.
    """
    declaration = declaration_of(function)
    inputs: list[Any] = []
    for port in declaration.inputs:
        if port.name in (objects or {}):
            inputs.append((objects or {})[port.name])
        elif port.type == "object" and port.holds:
            inputs.append(object_for(port, declaration.id))
        elif port.type != "dataset":
            inputs.append(None)
        else:
            inputs.append(table if wants_tables(function, port.name) else as_dataframe(table))
    result = function(*inputs, **given)
    outputs = outputs_of(declaration)
    return [result] if len(outputs) == 1 else list(result if result is not None else [None] * len(outputs))


def tried(function: Function, table: pa.Table, given: dict[str, Any], **more: Any) -> list[Any] | ModuleError:
    """Call a module; a ModuleError is given back, any other error is raised."""
    try:
        return call(function, table, given, **more)
    except ModuleError as error:
        return error


def is_table(value: Any) -> bool:
    """Say whether a value is what a dataset port takes."""
    return isinstance(value, pa.Table | pd.DataFrame)
