"""Edit Metadata: type, categories, role and name of columns."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from studiolo.modules.columns.choosing import required
from studiolo.modules.columns.converting import categorical as as_categorical
from studiolo.modules.columns.converting import converted
from studiolo.modules.columns.kinds import one_chunk, value_kind_of
from studiolo.modules.columns.replacing import replaced
from studiolo.sdk import Choice, Columns, DatasetPort, ModuleError, Text, module
from studiolo.sdk.roles import FEATURE, LABEL, NONE, SCORE, WEIGHT, role_of, with_role

UNCHANGED = "Unchanged"
TYPES = (UNCHANGED, "String", "Integer", "Double", "Boolean", "DateTime", "TimeSpan")
CATEGORICAL = (UNCHANGED, "Make categorical", "Make non-categorical")
GIVEN = {"Features": FEATURE, "Label": LABEL, "Weight": WEIGHT}
CLEARED = {"Clear feature": FEATURE, "Clear label": LABEL, "Clear score": SCORE, "Clear weight": WEIGHT}


@module(
    id="edit-metadata",
    name="Edit Metadata",
    category="Data Transformation / Manipulation",
    inputs=[DatasetPort("dataset", aliases=("Dataset",))],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    parameters=[
        Columns(
            "column",
            required=True,
            label="Column",
            help="The columns to change.",
            aliases=("Column",),
        ),
        Choice(
            "data_type",
            TYPES,
            label="Data type",
            help="The type that their values become; one value that doesn't fit is an error.",
            aliases=("Data Type",),
        ),
        Choice(
            "categorical",
            CATEGORICAL,
            label="Categorical",
            help="Whether the values are categories, not quantities or free text.",
            aliases=("Categorical",),
        ),
        Choice(
            "fields",
            (UNCHANGED, *GIVEN, *CLEARED),
            label="Fields",
            help="What the columns are for: features to learn from, the label to predict, weights of rows.",
            aliases=("Fields",),
        ),
        Text(
            "new_column_names",
            label="New column names",
            help="A name for each chosen column, separated by commas; one with a comma stands in double quotes.",
            aliases=("New Column Name",),
        ),
        Text(
            "datetime_format",
            label="DateTime format",
            help="Format of texts that become DateTime, such as %d.%m.%Y or dd.MM.yyyy; empty for the usual ones.",
            when=("data_type", ("DateTime",)),
            aliases=("Date and time Format", "DateTime format"),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "studiolo.modules.columns.converting"),
    aliases=("370b6676-c11c-486f-bf73-35349f842a66", "Metadata Editor"),
)
def edit_metadata(
    dataset: pa.Table,
    *,
    column: Sequence[str] = (),
    data_type: str = UNCHANGED,
    categorical: str = UNCHANGED,
    fields: str = UNCHANGED,
    new_column_names: str = "",
    datetime_format: str = "",
) -> pa.Table:
    r"""Change the type, the categories, the role or the names of columns.

    The changes are made in this order: data type, categorical, fields, names. Missing values stay missing, and
    an Integer column with gaps stays Integer. One value that can't be converted is an error that tells its row.

    String to Double ignores commas between thousands. Double to Integer cuts the decimals off. DateTime and
    TimeSpan become numbers as seconds (of a DateTime, since 1970), and numbers become them likewise. Texts
    become DateTime from ISO 8601 or from what people write, the month before the day, unless a format is given:
    one of strptime, or one of .NET as the classic product had. A number is true unless it is 0. Boolean and
    DateTime don't convert into each other.

    The retired designer made every text that is not empty true, also `False`; here `true`, `false`, `1` and `0`
    are read, and other texts are an error. A categorical column stays categorical when its type changes.

    A column has one role: Features takes label, weight and score off. A column whose label, score or weight is
    cleared is a feature again; Clear feature makes a column that no learner takes.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "zip,age,churned\n00184,30,yes\n20121,41,no\n"}
        edited:
          module: edit-metadata
          parameters: {column: [churned], categorical: Make categorical, fields: Label, new_column_names: left}
          inputs: {dataset: people}
    """
    chosen = required(dataset, column, "column")
    changed = {}
    for name in chosen:
        before = dataset.column(name)
        after = _retyped(before, data_type, name, datetime_format)
        if categorical == "Make categorical":
            after = as_categorical(after)
        elif categorical == "Make non-categorical" and pa.types.is_dictionary(after.type):
            after = one_chunk(after).dictionary_decode()
        if after is not before:
            changed[name] = after
    return _renamed(_with_fields(replaced(dataset, changed), chosen, fields), chosen, new_column_names)


def _retyped(
    before: pa.ChunkedArray, data_type: str, name: str, datetime_format: str
) -> pa.ChunkedArray | pa.Array:
    if data_type == UNCHANGED or value_kind_of(before.type) == data_type:
        return before
    after = converted(before, data_type, name, moment_format=datetime_format, parameter="data_type")
    return as_categorical(after) if pa.types.is_dictionary(before.type) else after


def _with_fields(table: pa.Table, chosen: list[str], fields: str) -> pa.Table:
    if fields == "Features":
        table = with_role(table, chosen, None)
    elif fields in GIVEN:
        table = with_role(table, chosen, GIVEN[fields])
    elif fields in CLEARED:
        role = CLEARED[fields]
        cleared = [name for name in chosen if (role_of(table, name) or FEATURE) == role]
        table = with_role(table, cleared, NONE if role == FEATURE else None)
    return table


def _renamed(table: pa.Table, chosen: list[str], new_column_names: str) -> pa.Table:
    if not new_column_names.strip():
        return table
    names = _names_in(new_column_names)
    if len(names) != len(chosen) or not all(names):
        given = sum(1 for name in names if name)
        raise ModuleError(
            f"{len(chosen)} columns are chosen, and {given} new names are given.",
            "Give one name for each chosen column, separated by commas, or none at all.",
            code="bad-parameter",
            parameter="new_column_names",
        )
    new = dict(zip(chosen, names, strict=True))
    after = [new.get(name, name) for name in table.column_names]
    counts = Counter(after)
    twice = next((name for name in names if counts[name] > 1), None)
    if twice is not None:
        raise ModuleError(
            f'Two columns would have the name "{twice[:80]}".',
            "Choose another new name, or rename the other column too.",
            code="clashing-names",
            parameter="new_column_names",
        )
    return table.rename_columns(after)


def _names_in(text: str) -> list[str]:
    try:
        rows = list(csv.reader(text.strip().splitlines(keepends=True), skipinitialspace=True))
    except csv.Error as fault:
        raise ModuleError(
            f"The new column names can't be read: {fault}.",
            'Separate them by commas, and put a name with a comma in quotes: "a, b".',
            code="bad-parameter",
            parameter="new_column_names",
        ) from None
    return [name.strip() for row in rows for name in row]
