"""Remove Duplicate Rows: keeps one row of each key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from studiolo.modules.columns.choosing import required
from studiolo.modules.columns.keys import combined, encoded, with_missing_as_value
from studiolo.modules.columns.kinds import numbers_of
from studiolo.sdk import Boolean, Columns, DatasetPort, module


@module(
    id="remove-duplicate-rows",
    name="Remove Duplicate Rows",
    category="Data Transformation / Manipulation",
    inputs=[DatasetPort("dataset", aliases=("Dataset",))],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    parameters=[
        Columns(
            "key_column_selection_filter_expression",
            required=True,
            label="Key column selection filter expression",
            help="Rows are duplicates when they have the same values in all of these columns.",
            aliases=("Key column selection filter expression", "columns"),
        ),
        Boolean(
            "retain_first_duplicate_row",
            default=True,
            label="Retain first duplicate row",
            help="Keep the first row of each key; otherwise the last one.",
            aliases=("Retain first duplicate row",),
        ),
        Boolean(
            "missing_keys_are_equal",
            label="Missing keys are equal",
            help="Let a missing value equal a missing value, as the classic product did.",
        ),
    ],
    preload=("numpy", "pandas", "pyarrow", "pyarrow.compute", "studiolo.modules.columns.keys"),
    aliases=("02016f47-e4c3-4a06-9ae5-16c747389e34",),
)
def remove_duplicate_rows(
    dataset: pa.Table,
    *,
    key_column_selection_filter_expression: Sequence[str] = (),
    retain_first_duplicate_row: bool = True,
    missing_keys_are_equal: bool = False,
) -> pa.Table:
    r"""Keep one row for each combination of values in the key columns.

    The rows that stay keep their order, all columns and roles. Texts are compared exactly, with capital letters
    and blanks.

    A row with a missing value in a key is kept always, as in the retired designer. The classic product
    took missing values as equal to each other; `missing_keys_are_equal` does the same.

    Example:
        orders:
          module: enter-data-manually
          parameters: {data: "customer,amount\n1,10\n2,20\n1,30\n,40\n,50\n"}
        latest:
          module: remove-duplicate-rows
          parameters: {key_column_selection_filter_expression: [customer], retain_first_duplicate_row: false}
          inputs: {dataset: orders}
    """
    names = required(
        dataset, key_column_selection_filter_expression, "key_column_selection_filter_expression"
    )
    keys, missing = _keys(dataset, list(dict.fromkeys(names)), missing_keys_are_equal)
    repeated = pd.Series(keys).duplicated("first" if retain_first_duplicate_row else "last").to_numpy()
    stays = ~repeated | missing
    return dataset if stays.all() else dataset.filter(pa.array(stays))


def _keys(
    dataset: pa.Table, names: list[str], missing_are_equal: bool
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, np.dtype[np.bool_]]]:
    """Give a number for each row, equal where the rows are, and where a row counts as unlike all others."""
    none = np.zeros(dataset.num_rows, bool)
    if len(names) == 1 and dataset.schema.field(names[0]).type == pa.float64():
        numbers = numbers_of(dataset.column(names[0]))
        return numbers, none if missing_are_equal else np.isnan(numbers)
    columns = [encoded(dataset.column(name)) for name in names]
    if missing_are_equal:
        return combined(with_missing_as_value(columns), dense=False), none
    codes = combined(columns, dense=False)
    return codes, codes < 0
