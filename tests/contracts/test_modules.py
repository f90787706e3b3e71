"""What every built-in module must keep, whoever adds it: it is found by importing `studiolo.modules`.

A module that needs parameters beyond its defaults to do anything gets an entry in `SETTINGS`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import studiolo.modules
from studiolo.domain.module import PARAMETER_KINDS, Declaration, Parameter
from studiolo.formats.delimited_writer import write
from studiolo.formats.reading import MemorySource
from studiolo.sdk import ModuleError

Function = Callable[..., Any]

# Parameters for calling a module by its id; lists are tried one after the other.
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "apply-sql-transformation": [{}, {"dialect": "sqlite"}],
    "enter-data-manually": [{}, {"data": "a,b\n1,x\n"}, {"data": "1 1:2\n", "data_format": "SvmLight"}],
    "export-data": [
        {"path": f"out/x.{ending}"} for ending in ("csv", "tsv", "arff", "parquet", "arrow", "jsonl")
    ],
}


def found() -> Iterator[Function]:
    """Give the functions of all files below studiolo.modules that declare a module."""
    package = studiolo.modules
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        file = importlib.import_module(info.name)
        for value in vars(file).values():
            declaration = getattr(value, "declaration", None)
            if isinstance(declaration, Declaration) and declaration.entry.startswith(f"{info.name}:"):
                yield value


MODULES = {function.declaration.id: function for function in found()}  # type: ignore[attr-defined]
EVERY = pytest.mark.parametrize("function", MODULES.values(), ids=MODULES)
CALLED = {id: function for id, function in MODULES.items() if function.declaration.runner == "function"}  # type: ignore[attr-defined]
EVERY_CALLED = pytest.mark.parametrize("function", CALLED.values(), ids=CALLED)

TABLES = {
    "empty": pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}),
    "one row": pa.table({"a": [1], "b": ["x"], "c": [True]}),
    "all missing": pa.table(
        {
            "a": pa.array([float("nan")] * 3),
            "b": pa.array([None] * 3, pa.string()),
            "c": pa.array([None] * 3, pa.int64()),
            "d": pa.array([None] * 3, pa.timestamp("us")),
            "e": pa.array([None] * 3, pa.bool_()),
            "f": pa.array(pd.Categorical([None] * 3, categories=["x"])),
        }
    ),
    "unicode names": pa.table(
        {"größe (m²)": [1.5, 2.5], "名前": ["山", None], 'a "b", c;\td': [1, 2], "🙂": [1, None]}
    ),
    "wide": pa.table({f"column {number}": [number, None] for number in range(500)}),
    "every type": pa.table(
        {
            "boolean": [True, None],
            "integer": pa.array([1, None], pa.int16()),
            "double": [1.5, float("nan")],
            "infinite": [float("inf"), float("-inf")],
            "string": ["x", None],
            "time": pa.array([1, None], pa.timestamp("ns")),
            "zoned": pa.array([1, None], pa.timestamp("us", "Europe/Rome")),
            "span": pa.array([1, None], pa.duration("us")),
            "category": pa.array(["x", None]).dictionary_encode(),
        }
    ),
    "bytes": pa.table({"bytes": [b"\x00\xff", None]}),
    "no columns": pa.table({}),
}


def declaration_of(function: Function) -> Declaration:
    """Give a module's declaration."""
    declaration: Declaration = function.declaration  # type: ignore[attr-defined]
    return declaration


def wants_tables(function: Function, port: str) -> bool:
    """Say whether the function takes a pyarrow Table for a port, by its annotation."""
    return "Table" in str(inspect.signature(function).parameters[port].annotation)


def settings(declaration: Declaration, table: pa.Table) -> list[dict[str, Any]]:
    """Give the parameters to call a module with: its own settings, or a file of the table where it reads one."""
    if declaration.id in SETTINGS:
        return SETTINGS[declaration.id]
    path = next((parameter for parameter in declaration.parameters if parameter.kind == "path"), None)
    if path is None:
        return [{}]
    try:
        return [{path.name: MemorySource("data/table.csv", write(table))}]
    except ModuleError:
        return [{path.name: MemorySource("data/table.csv", b"")}]


def call(function: Function, table: pa.Table, given: dict[str, Any]) -> list[Any]:
    """Call a module with the table at each input and give its values, one for each output port."""
    declaration = declaration_of(function)
    inputs = []
    for port in declaration.inputs:
        is_table = wants_tables(function, port.name)
        inputs.append(None if port.type != "dataset" else table if is_table else table.to_pandas())
    result = function(*inputs, **given)
    outputs = [port for port in declaration.outputs if port.type != "device"]
    return [result] if len(outputs) == 1 else list(result if result is not None else [None] * len(outputs))


def test_there_are_modules() -> None:
    """The suite must not pass because it found none."""
    assert {"import-data", "export-data", "enter-data-manually", "apply-sql-transformation"} <= set(MODULES)


def test_ids_and_aliases_belong_to_one_module_each() -> None:
    """A file or an imported graph names a module by any of them, case aside."""
    owners: dict[str, set[str]] = {}
    for id, function in MODULES.items():
        declaration = declaration_of(function)
        for name in (id, declaration.name, *declaration.aliases):
            owners.setdefault(name.lower(), set()).add(id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}
    assert len(MODULES) == len(list(found()))


@EVERY
def test_the_declaration_is_complete(function: Function) -> None:
    """Palette, checks and panel live on it alone."""
    declaration = declaration_of(function)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", declaration.id)
    assert declaration.name and declaration.category
    assert declaration.summary.endswith(".") and len(declaration.summary) <= 120
    assert declaration.entry == f"{function.__module__}:{function.__name__}"
    assert Declaration.from_json(declaration.to_json()) == declaration
    assert [port.name for port in (*declaration.inputs, *declaration.outputs) if not port.label] == []


@EVERY
def test_the_docstring_has_an_example(function: Function) -> None:
    """It is the help text of the module; an example says more than a description (CONVENTIONS, Docstrings)."""
    description = declaration_of(function).description
    assert "Example:\n" in description
    if declaration_of(function).runner == "function":
        assert f"module: {declaration_of(function).id}" in description


@EVERY
def test_every_parameter_is_explained(function: Function) -> None:
    """Label and help stand in the panel; what shows a parameter must be there."""
    parameters = declaration_of(function).parameters
    known = {parameter.name: parameter for parameter in parameters}
    for parameter in parameters:
        assert parameter.label and parameter.help.endswith("."), parameter.name
        assert parameter.kind in PARAMETER_KINDS
        if parameter.when is not None:
            parent, values = parameter.when
            assert set(values) <= set(allowed(known[parent])), parameter.name
        if parameter.minimum is not None and parameter.default is not None:
            assert parameter.minimum <= parameter.default
        if parameter.maximum is not None and parameter.default is not None:
            assert parameter.default <= parameter.maximum


def allowed(parent: Parameter) -> tuple[str, ...]:
    """Give the values that a parameter may have for others to depend on."""
    return parent.choices if parent.kind == "choice" else ("true", "false", "True", "False")


@EVERY_CALLED
def test_defaults_are_those_of_the_function(function: Function) -> None:
    """A call from a program and a node with nothing set do the same."""
    given = inspect.signature(function).parameters
    for parameter in declaration_of(function).parameters:
        if parameter.name in given and not parameter.required:
            default = given[parameter.name].default
            assert default == parameter.default or (not default and not parameter.default), parameter.name


@EVERY
def test_what_is_preloaded_exists(function: Function) -> None:
    """A misspelt name would cost each first job the import."""
    for name in declaration_of(function).preload:
        importlib.import_module(name)


@EVERY_CALLED
@pytest.mark.parametrize("kind", TABLES)
def test_any_table_gives_a_result_or_a_told_error(function: Function, kind: str) -> None:
    """Empty, one row, nothing but gaps, odd names, wide: a result of the declared kinds or a ModuleError."""
    outputs = [port for port in declaration_of(function).outputs if port.type != "device"]
    for given in settings(declaration_of(function), TABLES[kind]):
        try:
            values = call(function, TABLES[kind], given)
        except ModuleError as error:
            assert error.summary and len(error.summary) < 2000
            assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", error.code)
            continue
        assert len(values) == len(outputs)
        for port, value in zip(outputs, values, strict=True):
            assert_is_of_type(port.type, value)


def assert_is_of_type(kind: str, value: Any) -> None:
    """Check that a value is what the child can take for a port of that type."""
    if value is None or kind in ("object", "any"):
        return
    if kind in ("file", "zip"):
        assert isinstance(value, bytes)
        return
    assert isinstance(value, pa.Table | pd.DataFrame)
    names = value.column_names if isinstance(value, pa.Table) else list(value.columns)
    assert all(isinstance(name, str) and name for name in names)
    assert len(set(names)) == len(names)
    if isinstance(value, pa.Table):
        value.validate(full=True)


@EVERY_CALLED
def test_the_usual_table_gives_a_result(function: Function) -> None:
    """A module that refuses everything would pass the test above."""
    table = TABLES["one row"]
    results = []
    for given in settings(declaration_of(function), table):
        try:
            results.append(call(function, table, given))
        except ModuleError:
            continue
    if declaration_of(function).id != "import-bundle":  # its file is no table
        assert results


@EVERY_CALLED
def test_a_deterministic_module_gives_the_same_again(function: Function) -> None:
    """Results are reused for the same inputs (R-3.3), so a second call may not differ."""
    if not declaration_of(function).deterministic:
        pytest.skip("declared as not deterministic")
    table = TABLES["every type"]
    for given in settings(declaration_of(function), table):
        try:
            first, second = call(function, table, given), call(function, table, given)
        except ModuleError:
            continue
        for one, other in zip(first, second, strict=True):
            same = one.equals(other) if isinstance(one, pa.Table | pd.DataFrame) else one == other
            assert same
