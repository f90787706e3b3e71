"""With which parameters a module is called: by rule from its declaration, and by `SETTINGS` where no rule would do.

To add a module that needs more than its defaults, add an entry to `SETTINGS`; columns are found by rule and have
to be named only where the module would refuse those of the usual table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from studiolo.domain.column_rules import is_rules
from studiolo.domain.module import Declaration, Parameter
from studiolo.formats.delimited_writer import write
from studiolo.formats.reading import MemorySource
from studiolo.sdk import ModuleError

from .frames import columns_by_rules

Given = dict[str, Any]

# Module to parameters for calling it; each is tried. What is not named keeps its default, or is found by rule.
SETTINGS: dict[str, list[Given]] = {
    "apply-sql-transformation": [{}, {"dialect": "sqlite"}],
    "enter-data-manually": [
        {"data": "a,b\n1,x\n"},
        {"data": ""},
        {"data": "1 1:2\n", "data_format": "SvmLight"},
    ],
    "export-data": [
        {"path": f"out/x.{ending}"} for ending in ("csv", "tsv", "arff", "parquet", "arrow", "jsonl")
    ],
}
# Columns of the usual table for `columns` parameters, where the first ones would be refused.
COLUMNS: dict[tuple[str, str], list[str]] = {
    ("convert-to-indicator-values", "categorical_columns_to_convert"): ["plan"],
}


def settings(declaration: Declaration, table: pa.Table, *, is_thorough: bool = False) -> Iterator[Given]:
    """Give sets of parameters for a call with a table.

    Args:
        declaration: of the module.
        table: what its datasets are.
        is_thorough: each choice and each yes or no once, too, instead of the defaults alone.
    """
    for own in SETTINGS.get(declaration.id, [{}]):
        for columns in _column_choices(declaration, table, own):
            given = {**_needed(declaration, table), **columns, **own}
            yield given
        if is_thorough:
            yield from ({**given, **other} for other in _alternatives(declaration, given))


def _needed(declaration: Declaration, table: pa.Table) -> Given:
    """Give files where the module reads one, and values for what is required and is no column."""
    given: Given = {}
    path = next((one for one in declaration.parameters if one.kind == "path"), None)
    if path is not None and not declaration.inputs:
        given[path.name] = _file(table)
    for one in declaration.parameters:
        if one.required and one.kind != "columns" and one.name not in given:
            given[one.name] = _value(one)
    return given


def _file(table: pa.Table) -> MemorySource:
    try:
        return MemorySource("data/table.csv", write(table))
    except ModuleError:
        return MemorySource("data/table.csv", b"")


def _value(parameter: Parameter) -> Any:
    if parameter.default not in (None, ""):
        return parameter.default
    if parameter.kind in ("integer", "number"):
        return parameter.minimum if parameter.minimum is not None else 1
    return parameter.choices[0] if parameter.choices else "x"


def _column_choices(declaration: Declaration, table: pa.Table, own: Given) -> Iterator[Given]:
    """Give names for the `columns` parameters: those that rules choose, else none, the first, the last, and all."""
    chosen: Given = {}
    open_ones: list[str] = []
    for one in declaration.parameters:
        if one.kind != "columns" or one.name in own:
            continue
        named = COLUMNS.get((declaration.id, one.name))
        if named is not None and set(named) <= set(table.column_names):
            chosen[one.name] = named
        elif is_rules(one.default):
            chosen[one.name] = columns_by_rules(one.default, table, one.name)
        elif one.required:
            open_ones.append(one.name)
    names = table.column_names
    if not open_ones:
        yield chosen
        return
    picks = [names[-1:], names[:1], names[3:4], names] if names else [[]]
    for pick in [pick for at, pick in enumerate(picks) if pick not in picks[:at]]:
        yield {**chosen, **dict.fromkeys(open_ones, pick)}


def _alternatives(declaration: Declaration, given: Given) -> Iterator[Given]:
    """Give each other value of each choice and of each yes or no, with what has to be set for it to count."""
    for one in declaration.parameters:
        values: tuple[Any, ...] = ()
        if one.kind == "choice":
            values = one.choices
        elif one.kind == "boolean":
            values = (True, False)
        for value in values:
            if value != given.get(one.name, one.default):
                yield {**_conditions(declaration, one), one.name: value}


def _conditions(declaration: Declaration, parameter: Parameter) -> Given:
    """Give what has to be set for a parameter to count."""
    if parameter.when is None:
        return {}
    name, values = parameter.when
    parent = declaration.parameter(name)
    assert parent is not None
    value: Any = values[0]
    if parent.kind == "boolean":
        value = str(value).lower() == "true"
    return {**_conditions(declaration, parent), name: value}
