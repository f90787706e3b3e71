"""Add Rows: one dataset below another."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.converting import categorical
from studiolo.modules.columns.kinds import kind_of, missing_count, one_chunk, value_kind_of
from studiolo.sdk import DatasetPort, ModuleError, module
from studiolo_child.nearest import did_you_mean


@module(
    id="add-rows",
    name="Add Rows",
    category="Data Transformation / Manipulation",
    inputs=[
        DatasetPort("dataset1", label="Dataset1", aliases=("Dataset1",)),
        DatasetPort("dataset2", label="Dataset2", aliases=("Dataset2",)),
    ],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    preload=("pyarrow", "pyarrow.compute"),
    aliases=("b2ebdabd-217d-4915-86cc-5b05972f7270",),
)
def add_rows(dataset1: pa.Table, dataset2: pa.Table) -> pa.Table:
    r"""Put the rows of the second dataset below those of the first.

    Both need the same columns. They are matched by name, and the result has them in the order of the first
    dataset, with its roles; the designer refused another order.

    Types must agree too: an Integer and a Double column become Double, a categorical and a plain column of
    the same values become plain, two categorical ones unite their categories, and a column without any value
    takes the type of the other. Other differences are an error, a time zone on one side only too; Edit Metadata
    changes types.

    Example:
        january:
          module: enter-data-manually
          parameters: {data: "customer,amount\n1,10\n2,20\n"}
        february:
          module: enter-data-manually
          parameters: {data: "customer,amount\n1,12.5\n"}
        both:
          module: add-rows
          inputs: {dataset1: january, dataset2: february}
    """
    _check_names(dataset1, dataset2)
    if not dataset1.num_columns:
        return dataset1
    fields, columns = [], []
    for field in dataset1.schema:
        pieces = _united(field.name, dataset1.column(field.name), dataset2.column(field.name))
        fields.append(field.with_type(pieces[0].type))
        columns.append(
            pa.chunked_array([chunk for piece in pieces for chunk in piece.chunks], pieces[0].type)
        )
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _check_names(first: pa.Table, second: pa.Table) -> None:
    for here, there, words in ((first, second, "first"), (second, first, "second")):
        known = set(there.column_names)
        for name in here.column_names:
            if name not in known:
                other = "second" if words == "first" else "first"
                raise ModuleError(
                    f'The {words} dataset has the column "{name[:80]}", which the {other} has not.',
                    f"{did_you_mean(name, there.column_names, 'column')} Both need the same columns.",
                    code="different-columns",
                    port="dataset2",
                )


def _united(name: str, first: pa.ChunkedArray, second: pa.ChunkedArray) -> list[pa.ChunkedArray]:
    """Give two columns with the same Arrow type."""
    if first.type == second.type and not pa.types.is_dictionary(first.type):
        return [first, second]
    if missing_count(first) == len(first) or missing_count(second) == len(second):
        return _with_nothing(first, second)
    both_categorical = pa.types.is_dictionary(first.type) and pa.types.is_dictionary(second.type)
    if both_categorical and first.type == second.type:
        return [pa.chunked_array([categorical(first)]), pa.chunked_array([categorical(second)])]
    if value_kind_of(first.type) != value_kind_of(second.type) and not _are_numbers(first, second):
        raise ModuleError(
            f'The column "{name[:80]}" is {kind_of(first.type)} in the first dataset and '
            f"{kind_of(second.type)} in the second.",
            "Give both the same type with Edit Metadata.",
            code="different-columns",
            port="dataset2",
        )
    result = _in_one_type(name, [_plain(first), _plain(second)])
    if both_categorical:
        return [pa.chunked_array([categorical(column)]) for column in result]
    return result


def _with_nothing(first: pa.ChunkedArray, second: pa.ChunkedArray) -> list[pa.ChunkedArray]:
    """Give columns of which one at least has no value; it takes the other's type."""
    if missing_count(first) == len(first) and missing_count(second) < len(second):
        return [pa.chunked_array([pa.nulls(len(first), second.type)]), pa.chunked_array([one_chunk(second)])]
    return [pa.chunked_array([one_chunk(first)]), pa.chunked_array([pa.nulls(len(second), first.type)])]


def _are_numbers(first: pa.ChunkedArray, second: pa.ChunkedArray) -> bool:
    return {value_kind_of(first.type), value_kind_of(second.type)} == {"Integer", "Double"}


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return pa.chunked_array([one_chunk(column).dictionary_decode()])
    return column


def _in_one_type(name: str, plain: list[pa.ChunkedArray]) -> list[pa.ChunkedArray]:
    """Give two columns of one kind, or of Integer and Double, in the first type that holds the values of both."""
    zones = [getattr(column.type, "tz", None) for column in plain]
    types = [column.type for column in plain]
    if kind_of(types[0]) == "DateTime" and (zones[0] is None) != (zones[1] is None):
        with_zone, without = ("first", "second") if zones[0] else ("second", "first")
        raise ModuleError(
            f'The column "{name[:80]}" has a time zone in the {with_zone} dataset and none in the {without}.',
            "Take the time zone off, or set it, in a script before.",
            code="different-columns",
            port="dataset2",
        )
    for wanted in _wider(*types):
        try:
            # The digits that a Double lacks are the only loss there may be.
            return [pc.cast(column, wanted, safe=wanted != pa.float64()) for column in plain]
        except pa.ArrowInvalid:
            continue
    raise ModuleError(
        f'No type holds the values of the column "{name[:80]}" in both datasets, {types[0]} and {types[1]}.',
        "Give both the same type with Edit Metadata.",
        code="value-does-not-fit",
        port="dataset2",
    )


def _wider(first: pa.DataType, second: pa.DataType) -> list[pa.DataType]:
    """Give types that can hold the values of two types of one kind, or of Integer and Double; the best first."""
    types = (first, second)
    if all(pa.types.is_integer(one) for one in types):
        return [pa.int64(), pa.uint64()]
    if all(pa.types.is_decimal(one) for one in types):
        scale = max(one.scale for one in types)
        digits = max(one.precision - one.scale for one in types)
        return [pa.decimal128(scale + digits, scale) if scale + digits <= 38 else pa.float64()]
    kind = kind_of(first)
    if kind in ("Integer", "Double"):
        return [pa.float64()]
    if kind in ("DateTime", "TimeSpan"):
        units = ["s", "ms", "us", "ns"]
        finest = max(units.index(getattr(one, "unit", "s")) for one in types)
        # Nanoseconds reach from 1677 to 2262 only, so that dates such as 9999-12-31 need a coarser unit.
        coarser = reversed(units[: finest + 1])
        if kind == "TimeSpan":
            return [pa.duration(unit) for unit in coarser]
        zone = getattr(first, "tz", None) or getattr(second, "tz", None)
        return [pa.timestamp(unit, zone) for unit in coarser]
    return [pa.large_binary() if kind == "Bytes" else pa.large_string()]
