"""What every built-in module must keep, whoever adds it: it is found by importing `studiolo.modules`.

How a module is called that needs more than its defaults stands in `settings.py`, with which data in `tables.py`.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from studiolo.domain.column_rules import is_rules
from studiolo.domain.module import PARAMETER_KINDS, Declaration, Parameter, Port
from studiolo.sdk import ModuleError
from studiolo.sdk.roles import with_role

from .calling import (
    MODULES,
    UNIMPORTABLE,
    Function,
    call,
    can_make,
    declaration_of,
    found,
    is_table,
    outputs_of,
    tried,
)
from .frames import as_comparable, marks_of
from .settings import settings
from .tables import TABLES, USUAL
from .usual_tables import usual_for

# Their results are new tables, without the roles of the old ones (studiolo.sdk.roles).
WITHOUT_ROLES = ("apply-sql-transformation", "execute-r-script")
EVERY = pytest.mark.parametrize("function", MODULES.values(), ids=MODULES)
CALLED = {id: function for id, function in MODULES.items() if declaration_of(function).runner == "function"}
EVERY_CALLED = pytest.mark.parametrize("function", CALLED.values(), ids=CALLED)


def among(chosen: Callable[[Declaration], Any]) -> pytest.MarkDecorator:
    """Give the called modules that a test is about, so that it has nothing to skip."""
    found = {id: one for id, one in CALLED.items() if chosen(declaration_of(one))}
    return pytest.mark.parametrize("function", found.values(), ids=found)


def objects_of(declaration: Declaration) -> list[Port]:
    """Give the inputs for objects that have to be connected."""
    return [port for port in declaration.inputs if port.type == "object" and not port.optional]


# Their file or object is no table and can't be made of one.
NOT_BY_TABLE = ("import-bundle",)


def test_every_file_can_be_imported() -> None:
    """The other tests speak of the modules that were found."""
    assert UNIMPORTABLE == {}
    assert {"import-data", "export-data", "enter-data-manually", "apply-sql-transformation"} <= set(MODULES)


def test_ids_and_aliases_belong_to_one_module_each() -> None:
    """A file or an imported graph names a module by any of them, case aside."""
    owners: dict[str, set[str]] = {}
    for id, function in MODULES.items():
        declaration = declaration_of(function)
        for name in (id, declaration.name, *declaration.aliases):
            owners.setdefault(name.lower(), set()).add(id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}
    assert len(MODULES) == len(found())


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
        if parameter.name in given and not parameter.required and not is_rules(parameter.default):
            default = given[parameter.name].default
            assert default == parameter.default or (not default and not parameter.default), parameter.name


@EVERY
def test_what_is_preloaded_exists(function: Function) -> None:
    """A misspelt name would cost each first job the import."""
    for name in declaration_of(function).preload:
        importlib.import_module(name)


def needed_objects(function: Function) -> None:
    """Skip where the suite can't make an object that an input needs."""
    for port in declaration_of(function).inputs:
        if port.type == "object" and port.holds and not port.optional and not can_make(port):
            pytest.skip(f"no module that makes a {port.holds}")


@EVERY_CALLED
@pytest.mark.parametrize("kind", TABLES)
def test_any_table_gives_a_result_or_a_told_error(function: Function, kind: str) -> None:
    """R-4.1: a result of the declared kinds or a ModuleError, never a stack trace; warnings are errors here."""
    needed_objects(function)
    for given in settings(declaration_of(function), TABLES[kind]):
        assert_well(function, tried(function, TABLES[kind], given))


@EVERY_CALLED
def test_every_choice_works_or_says_why_not(function: Function) -> None:
    """A choice that nobody tried fails at its first user."""
    needed_objects(function)
    table = usual_for(declaration_of(function).id)
    for given in settings(declaration_of(function), table, is_thorough=True):
        assert_well(function, tried(function, table, given))


def assert_well(function: Function, answer: list[Any] | ModuleError) -> None:
    """Check that a call's answer is an error that helps, or a value of the declared kind for each output."""
    if isinstance(answer, ModuleError):
        assert answer.summary and len(answer.summary) < 2000 and len(answer.hint) < 2000
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", answer.code)
        declaration = declaration_of(function)
        assert not answer.parameter or declaration.parameter(answer.parameter) is not None, answer.parameter
        assert not answer.port or declaration.input(answer.port) is not None, answer.port
        return
    outputs = outputs_of(declaration_of(function))
    assert len(answer) == len(outputs)
    for port, value in zip(outputs, answer, strict=True):
        assert_is_of_type(port.type, value)


def assert_is_of_type(kind: str, value: Any) -> None:
    """Check that a value is what the child can take for a port of that type."""
    if kind == "object" and value is not None:
        assert pickle.dumps(value)
        return
    if value is None or kind == "any":
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
    """A module that refuses everything would pass the tests above."""
    needed_objects(function)
    table = usual_for(declaration_of(function).id)
    answers = [tried(function, table, given) for given in settings(declaration_of(function), table)]
    if declaration_of(function).id not in NOT_BY_TABLE:
        assert [answer for answer in answers if not isinstance(answer, ModuleError)], answers


@among(lambda declaration: [port for port in declaration.inputs if port.optional])
def test_optional_inputs_may_stay_unconnected(function: Function) -> None:
    """They arrive as None, whatever the parameters say that needs them."""
    optional = [port.name for port in declaration_of(function).inputs if port.optional]
    table = usual_for(declaration_of(function).id)
    for given in settings(declaration_of(function), table, is_thorough=True):
        assert_well(function, tried(function, table, given, objects=dict.fromkeys(optional)))


@EVERY_CALLED
@pytest.mark.parametrize(
    "value", [None, {"not": "a model"}, USUAL, "text"], ids=["none", "dict", "table", "text"]
)
def test_an_object_of_another_kind_is_told(function: Function, value: Any) -> None:
    """A script's port of type object fits every input for objects; what it holds is seen only here."""
    table = usual_for(declaration_of(function).id)
    given = next(settings(declaration_of(function), table))
    for port in objects_of(declaration_of(function)):
        answer = tried(function, table, given, objects={port.name: value})
        assert isinstance(answer, ModuleError), port.name
        assert_well(function, answer)
        assert answer.port == port.name


@among(lambda declaration: declaration.deterministic)
@pytest.mark.parametrize("kind", ["usual", "every type"])
def test_a_deterministic_module_gives_the_same_again(function: Function, kind: str) -> None:
    """Results are reused for the same inputs (R-3.3), so a second call may not differ."""
    needed_objects(function)
    table = usual_for(declaration_of(function).id) if kind == "usual" else TABLES[kind]
    for given in settings(declaration_of(function), table):
        first, second = tried(function, table, given), tried(function, table, given)
        if isinstance(first, ModuleError) or isinstance(second, ModuleError):
            assert str(first) == str(second)
            continue
        for port, one, other in zip(outputs_of(declaration_of(function)), first, second, strict=True):
            if port.type == "object":
                one, other = pickle.dumps(one), pickle.dumps(other)
            assert as_comparable(one) == as_comparable(other)


@among(lambda declaration: declaration.inputs and declaration.id not in WITHOUT_ROLES)
def test_a_column_that_is_kept_keeps_its_role(function: Function) -> None:
    """R-4.1: roles travel with datasets; a label that lost its role would be learnt from."""
    needed_objects(function)
    marked = with_role(with_role(USUAL, ["churned"], "label"), ["income"], "weight")
    marked = with_role(marked, ["age"], "score", "Regression Assigned Labels")
    for given in settings(declaration_of(function), marked):
        answer = tried(function, marked, given)
        for value in [] if isinstance(answer, ModuleError) else filter(is_table, answer):
            kept = {name: mark for name, mark in marks_of(marked).items() if is_kept(name, marked, value)}
            assert {name: marks_of(value).get(name) for name in kept} == kept


def is_kept(name: str, source: pa.Table, result: Any) -> bool:
    """Say whether a result has a column with the same values, whatever became of the order of rows."""
    table = result if isinstance(result, pa.Table) else pa.Table.from_pandas(result, preserve_index=False)
    if name not in table.column_names or table.num_rows == 0:
        return False
    if table.schema.field(name).type != source.schema.field(name).type:
        return False
    return set(map(repr, table[name].to_pylist())) <= set(map(repr, source[name].to_pylist()))


def test_the_usual_call_is_the_one_of_a_job() -> None:
    """A suite that calls otherwise than the child would hold nothing."""
    values = call(MODULES["apply-sql-transformation"], USUAL, {"query": "select age from t1 limit 2"})
    assert values[0].to_pydict() == {"age": [20.0, 21.0]}
