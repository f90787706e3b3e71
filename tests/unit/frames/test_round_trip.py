"""What goes into pandas and comes back is the same, or the receipt says what is not (R-2.5)."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from frame_examples import PLAIN, array, frame_of, plain_values, tables, through_pandas
from hypothesis import example, given, settings

from studiolo_child.frames.arrow_frames import table_from_frame


def told(receipt: list[dict[str, object]]) -> set[object]:
    return {entry["column"] for entry in receipt}


def lossy(receipt: list[dict[str, object]]) -> set[object]:
    return {entry["column"] for entry in receipt if entry["lossy"]}


def check_round_trip(table: pa.Table, integers_with_missing: str) -> None:
    frame = frame_of(table)
    again, receipt = through_pandas(frame, integers_with_missing)
    if not receipt:
        assert again == frame
        return
    before, after = table_from_frame(frame), table_from_frame(again)
    assert after.column_names == before.column_names
    for name in before.column_names:
        if name not in told(receipt):
            assert after.schema.field(name) == before.schema.field(name)
        if name not in lossy(receipt):
            assert plain_values(after.column(name)) == plain_values(before.column(name))


@settings(max_examples=400, deadline=None)
@given(tables())
@example(pa.table({}))
def test_a_dataset_survives_pandas_or_the_receipt_tells_otherwise(table: pa.Table) -> None:
    """Dataset, DataFrame, dataset is identity or has a receipt, for every type (R-2.5)."""
    check_round_trip(table, "float")


@settings(max_examples=200, deadline=None)
@given(tables())
def test_a_dataset_survives_pandas_with_nullable_integers(table: pa.Table) -> None:
    """The same holds when integers with missing values become Int64 (R-2.2)."""
    check_round_trip(table, "nullable")


@pytest.mark.parametrize("values", [[], [1], [1, 2, 3]], ids=["empty", "one row", "three rows"])
@pytest.mark.parametrize("kind", [kind for kind, _ in PLAIN], ids=str)
def test_columns_without_missing_values_come_back_byte_for_byte(kind: pa.DataType, values: list[int]) -> None:
    """The common case needs no receipt; only dates and decimals have no dtype of their own in pandas (R-2.2)."""
    cells: list[object] = list(values)
    if pa.types.is_large_string(kind):
        cells = [str(value) for value in values]
    if pa.types.is_large_binary(kind):
        cells = [b"\xff%d" % value for value in values]
    if pa.types.is_boolean(kind):
        cells = [value % 2 == 1 for value in values]
    if pa.types.is_decimal(kind):
        cells = [0 for _ in values]
    frame = frame_of(pa.table({"x": array(kind, cells)}))
    again, receipt = through_pandas(frame)
    codes = [entry["code"] for entry in receipt]
    if pa.types.is_date(kind):
        assert codes == ["date-to-datetime"]
    elif pa.types.is_decimal(kind):
        assert codes[:1] == ["decimal-to-object"]
    elif pa.types.is_large_binary(kind) and not values:
        assert codes == ["empty-to-string"]
    else:
        assert (again, codes) == (frame, [])


@pytest.mark.parametrize("kind", [kind for kind, _ in PLAIN], ids=str)
def test_columns_without_any_value_keep_their_type_or_say_so(kind: pa.DataType) -> None:
    """An all-missing column is where a type gets lost in silence (R-2.5)."""
    frame = frame_of(pa.table({"x": pa.nulls(3, kind)}))
    again, receipt = through_pandas(frame)
    assert again == frame or told(receipt) == {"x"}
    assert all(value is None for value in plain_values(table_from_frame(again).column("x")))


def test_infinities_and_signed_zero_are_values() -> None:
    """Float columns keep NaN as missing and infinities as values (R-2.3)."""
    frame = frame_of(pa.table({"x": [math.inf, -math.inf, -0.0, math.nan]}))
    assert through_pandas(frame) == (frame, [])


def test_integers_that_float64_cannot_hold_are_told_as_lossy() -> None:
    """2**53 + 1 beside a missing value changes: a strict node must fail on it (R-2.4)."""
    table = pa.table(
        {"age": pa.array([2**53 + 1, None, None, None], pa.int64()), "b": pa.array([1, None, 2, 3])}
    )
    _, receipt = through_pandas(frame_of(table))
    assert receipt == [
        {
            "code": "integer-missing-to-float",
            "text": "`age`: Integer with 3 missing became float64, rounded",
            "column": "age",
            "lossy": True,
        },
        {
            "code": "integer-missing-to-float",
            "text": "`b`: Integer with 1 missing became float64",
            "column": "b",
            "lossy": False,
        },
    ]


def test_roles_come_back_with_their_columns() -> None:
    """A role is part of the dataset (R-2.1), and pandas carries it in `attrs`."""
    field = pa.field("y", pa.int64(), metadata={"studiolo.role": "label", "studiolo.category": "target"})
    frame = frame_of(pa.table([pa.array([1, 2])], schema=pa.schema([field])))
    assert through_pandas(frame) == (frame, [])
    assert table_from_frame(frame).schema.field("y").metadata == field.metadata
