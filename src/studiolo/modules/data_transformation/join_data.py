"""Join Data: brings rows of two datasets together by keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.choosing import required
from studiolo.modules.columns.naming import numbered
from studiolo.modules.joining.comparing import key_codes
from studiolo.modules.joining.matching import Codes, found_in, pairs
from studiolo.sdk import Boolean, Choice, Columns, DatasetPort, ModuleError, module

INNER, LEFT, FULL, SEMI = "Inner Join", "Left Outer Join", "Full Outer Join", "Left Semi-Join"
R, TWO = "_R", "(2)"
LEFT_KEYS, RIGHT_KEYS = "join_key_columns_for_left_dataset", "join_key_columns_for_right_dataset"


@module(
    id="join-data",
    name="Join Data",
    category="Data Transformation / Manipulation",
    inputs=[
        DatasetPort("dataset1", label="Left dataset", aliases=("Dataset1",)),
        DatasetPort("dataset2", label="Right dataset", aliases=("Dataset2",)),
    ],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    parameters=[
        Columns(
            LEFT_KEYS,
            required=True,
            input="dataset1",
            label="Join key columns for left dataset",
            help="The columns of the left dataset whose values are compared, in order.",
            aliases=(
                "Comma-separated case-sensitive names of join key columns for L",
                "Join key columns for L",
            ),
        ),
        Columns(
            RIGHT_KEYS,
            required=True,
            input="dataset2",
            label="Join key columns for right dataset",
            help="As many columns of the right dataset, in the same order.",
            aliases=(
                "Comma-separated case-sensitive names of join key columns for R",
                "Join key columns for R",
            ),
        ),
        Boolean(
            "match_case",
            default=True,
            label="Match case",
            help="Tell capital letters from small ones in text keys.",
            aliases=("Match case",),
        ),
        Choice(
            "join_type",
            (INNER, LEFT, FULL, SEMI),
            label="Join type",
            help="Which rows stay that have no match; a semi-join only filters the left dataset.",
            aliases=("Join type",),
        ),
        Boolean(
            "keep_right_key_columns_in_joined_table",
            default=True,
            label="Keep right key columns in joined table",
            help="Put the keys of the right dataset into the result too.",
            when=("join_type", (INNER, LEFT, FULL)),
            aliases=("Keep right key columns in joined table",),
        ),
        Choice(
            "suffix_of_clashing_columns",
            (R, TWO),
            label="Suffix of clashing columns",
            help="What right columns get whose name the left dataset has: _R as in the designer, (2) as in classic.",
            when=("join_type", (INNER, LEFT, FULL)),
        ),
    ],
    preload=("numpy", "pyarrow", "pyarrow.compute", "studiolo.modules.joining.comparing"),
    aliases=("124865f7-e901-4656-adac-f4cb08248099",),
)
def join_data(
    dataset1: pa.Table,
    dataset2: pa.Table,
    *,
    join_key_columns_for_left_dataset: Sequence[str] = (),
    join_key_columns_for_right_dataset: Sequence[str] = (),
    match_case: bool = True,
    join_type: str = INNER,
    keep_right_key_columns_in_joined_table: bool = True,
    suffix_of_clashing_columns: str = R,
) -> pa.Table:
    r"""Bring rows of two datasets together whose keys are equal.

    An inner join gives a row for each pair. A left outer join gives the left rows without a match too, a full
    outer join then also the right ones, below all others. A left semi-join gives the left rows that have a
    match, each once and with the left columns only. Rows come in the order of the left dataset, for each in
    that of the right one.

    A missing key matches nothing, not even another missing one (pandas would match them). Keys of one type are
    compared; of an Integer and a Double column whole numbers match. Other differences of type are an error.
    Without Match case texts are compared in capital letters, and the key columns keep their spelling.

    If any right column in the result has a name of the left dataset, these columns get the suffix `_R`, or
    `_R1`, `_R2` and so on where that makes a name that is taken; one suffix for the whole join, as in the
    designer. The classic product numbered each: choose `(2)` for `name (2)`. Without the right key columns the
    right rows of a full outer join that have no match lose their key.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "id,age\n1,30\n2,41\n3,25\n"}
        orders:
          module: enter-data-manually
          parameters: {data: "customer,amount\n1,10\n1,20\n3,5\n4,7\n"}
        joined:
          module: join-data
          parameters:
            join_key_columns_for_left_dataset: [id]
            join_key_columns_for_right_dataset: [customer]
            join_type: Left Outer Join
          inputs: {dataset1: customers, dataset2: orders}
    """
    left_keys = required(dataset1, join_key_columns_for_left_dataset, LEFT_KEYS, "dataset1")
    right_keys = required(dataset2, join_key_columns_for_right_dataset, RIGHT_KEYS, "dataset2")
    if len(left_keys) != len(right_keys):
        raise ModuleError(
            f"The left dataset has {len(left_keys)} key columns and the right one {len(right_keys)}.",
            "Choose as many key columns in both, in the order in which they belong together.",
            code="bad-parameter",
            parameter=RIGHT_KEYS,
        )
    left, right = key_codes(dataset1, dataset2, left_keys, right_keys, match_case=match_case)
    if join_type == SEMI:
        return dataset1.filter(pa.array(found_in(left, right)))
    left_rows, right_rows = pairs(left, right, keep_unmatched=join_type != INNER)
    if join_type == FULL:
        left_rows, right_rows = _with_right_only(left_rows, right_rows, len(left), len(right))
    kept = dataset2
    if not keep_right_key_columns_in_joined_table:
        kept = dataset2.drop_columns(list(dict.fromkeys(right_keys)))
    names = _named(kept.column_names, dataset1.column_names, suffix_of_clashing_columns)
    return _side_by_side(dataset1, left_rows, kept.rename_columns(names), right_rows)


def _with_right_only(
    left_rows: Codes | None, right_rows: Codes, left_count: int, right_count: int
) -> tuple[Codes | None, Codes]:
    """Add the right rows that have no match, with -1 for the left row."""
    unmatched = np.ones(right_count + 1, bool)
    unmatched[right_rows] = False
    unmatched[-1] = False
    more = np.flatnonzero(unmatched)
    if not len(more):
        return left_rows, right_rows
    first = np.arange(left_count) if left_rows is None else left_rows
    return np.concatenate([first, np.full(len(more), -1)]), np.concatenate([right_rows, more])


def _named(names: list[str], taken: Collection[str], suffix: str) -> list[str]:
    """Give the right columns' names in the result."""
    used = {*taken, *names}
    clashing = [name for name in names if name in set(taken)]
    if suffix == TWO:
        new = {}
        for name in clashing:
            new[name] = numbered(name, used)
            used.add(new[name])
        return [new.get(name, name) for name in names]
    number = 0
    end = R
    while any(name + end in used for name in clashing):
        number += 1
        end = f"{R}{number}"
    return [name + end if name in clashing else name for name in names]


def _side_by_side(left: pa.Table, left_rows: Codes | None, right: pa.Table, right_rows: Codes) -> pa.Table:
    beside = _taken(right, right_rows)
    before = left if left_rows is None else _taken(left, left_rows)
    fields = (*before.schema, *beside.schema)
    return pa.Table.from_arrays([*before.columns, *beside.columns], schema=pa.schema(fields))


def _taken(table: pa.Table, rows: Codes) -> pa.Table:
    absent = rows < 0
    return table.take(pa.array(rows, mask=absent) if absent.any() else pa.array(rows))
