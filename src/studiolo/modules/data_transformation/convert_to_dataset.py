"""Convert to Dataset: passes a dataset on, with one value made missing or replaced."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.value_types import moment, numbers, truth
from studiolo.modules.columns.kinds import kind_of, missing_count, missing_in, one_chunk
from studiolo.modules.columns.replacing import replaced
from studiolo.sdk import Choice, DatasetPort, Text, module

NOTHING, SET_MISSING, REPLACE = "None", "SetMissingValues", "ReplaceValues"
MISSING, CUSTOM = "Missing", "Custom"


@module(
    id="convert-to-dataset",
    name="Convert to Dataset",
    category="Data Transformation / Manipulation",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    parameters=[
        Choice(
            "action",
            (NOTHING, SET_MISSING, REPLACE),
            label="Action",
            help="Pass the dataset on, make a value missing, or replace a value.",
            aliases=("Action",),
        ),
        Text(
            "custom_missing_value",
            default="?",
            label="Custom missing value",
            help="The value that becomes missing, where it is the whole cell.",
            when=("action", SET_MISSING),
            aliases=("Custom Missing Value",),
        ),
        Choice(
            "replace",
            (MISSING, CUSTOM),
            label="Replace",
            help="Replace missing values, or a value.",
            when=("action", REPLACE),
            aliases=("Replace",),
        ),
        Text(
            "custom_value",
            default="obs",
            label="Custom value",
            help="The value to replace, where it is the whole cell.",
            when=("replace", CUSTOM),
            aliases=("Custom Value",),
        ),
        Text(
            "new_value",
            default="0",
            label="New value",
            help="The value to put there, in the columns whose type it fits.",
            when=("action", REPLACE),
            aliases=("New Value",),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "studiolo.formats.value_types"),
    aliases=("72bf58e0-fc87-4bb1-9704-f1805003b975",),
)
def convert_to_dataset(
    dataset: pa.Table,
    *,
    action: str = NOTHING,
    custom_missing_value: str = "?",
    replace: str = MISSING,
    custom_value: str = "obs",
    new_value: str = "0",
) -> pa.Table:
    r"""Pass a dataset on, and on request make a value missing or replace one.

    Every dataset of the studio is in one form already, so with the action *None* nothing changes. A value counts
    where it is the whole cell and can be read as a value of the column's type: `0` in an Integer, Double and String
    column, `?` in String columns only, `true` in a Boolean one, `2024-05-01` in DateTime. Columns that the value, or
    the new value, does not fit stay as they are, and so do bytes. Types, names and roles of columns stay.

    Example:
        answers:
          module: enter-data-manually
          parameters: {data: "name,answer\nAda,yes\nBob,?\n"}
        known:
          module: convert-to-dataset
          parameters: {action: SetMissingValues, custom_missing_value: "?"}
          inputs: {dataset: answers}
    """
    if action == NOTHING:
        return dataset
    changed: dict[str, pa.Array] = {}
    for name in dataset.column_names:
        column = one_chunk(dataset.column(name))
        if action == SET_MISSING:
            array = _without(column, custom_missing_value)
        else:
            array = _with(column, None if replace == MISSING else custom_value, new_value)
        if array is not None:
            changed[name] = array
    return replaced(dataset, changed)


def _without(column: pa.Array, text: str) -> pa.Array | None:
    """Give the column with the value missing; None when it does not occur."""
    if pa.types.is_dictionary(column.type):
        values = _without(column.dictionary, text)
        if values is None:
            return None
        places = pc.if_else(pc.is_null(values.take(column.indices)), None, column.indices)
        return _tidy(
            pa.DictionaryArray.from_arrays(places, column.dictionary, ordered=column.type.ordered), text
        )
    value = _value(text, column.type)
    hits = None if value is None else _hits(column, value)
    if hits is None:
        return None
    gap = pa.scalar(float("nan") if pa.types.is_floating(column.type) else None, column.type)
    return pc.if_else(hits, gap, column)


def _tidy(column: pa.DictionaryArray, text: str) -> pa.DictionaryArray:
    """Take the category that became missing out of the categories."""
    value = _value(text, column.dictionary.type)
    keep = pc.invert(pc.equal(column.dictionary, value).fill_null(False))
    kept = column.dictionary.filter(keep)
    places = pc.index_in(column.dictionary, value_set=kept).take(column.indices).cast(column.indices.type)
    return pa.DictionaryArray.from_arrays(places, kept, ordered=column.type.ordered)


def _with(column: pa.Array, old: str | None, new: str) -> pa.Array | None:
    """Give the column with the old value, or what is missing, replaced; None when nothing changes."""
    if pa.types.is_dictionary(column.type):
        plain = _with(column.dictionary_decode(), old, new)
        if plain is None:
            return None
        index = column.type.index_type
        fresh = pc.dictionary_encode(plain)
        known = column.dictionary.filter(pc.is_in(column.dictionary, value_set=fresh.dictionary))
        added = fresh.dictionary.filter(pc.invert(pc.is_in(fresh.dictionary, value_set=known)))
        values = pa.concat_arrays([known, added])
        index = pa.int32() if len(values) > 100 else index
        return pa.DictionaryArray.from_arrays(pc.index_in(plain, value_set=values).cast(index), values)
    value = _value(new, column.type)
    if value is None:
        return None
    if old is None:
        return pc.if_else(missing_in(column), value, column) if missing_count(column) else None
    former = _value(old, column.type)
    hits = None if former is None else _hits(column, former)
    return None if hits is None else pc.if_else(hits, value, column)


def _hits(column: pa.Array, value: pa.Scalar) -> pa.Array | None:
    """Say where the column has the value; None when nowhere."""
    is_nan = pa.types.is_floating(column.type) and value.as_py() != value.as_py()
    hits = (pc.is_nan(column) if is_nan else pc.equal(column, value)).fill_null(False)
    return hits if pc.any(hits).as_py() else None


def _value(text: str, data_type: pa.DataType) -> Any:
    """Give the text as a value of the type, None when it is none."""
    kind = kind_of(data_type)
    if kind == "String":
        return pa.scalar(text, data_type)
    texts = pa.chunked_array([[text.strip()]], pa.string())
    if kind in ("Integer", "Double"):
        found = numbers(texts)
        if found is not None and kind == "Integer" and "." not in text and "e" not in text.lower():
            found = texts  # a Double would lose digits
    elif kind == "Boolean":
        found = truth(texts)
    elif kind == "DateTime":
        found = moment(texts)
    else:
        return None
    try:
        return None if found is None else pc.cast(found, data_type)[0]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
