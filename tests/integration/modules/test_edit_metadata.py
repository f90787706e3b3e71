"""Edit Metadata: types, categories, roles and names (R-4.4, facts 4.5)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from studiolo.formats.missing import with_nulls
from studiolo.modules.data_transformation.edit_metadata import edit_metadata
from studiolo.sdk.roles import role_of, with_role

NAN = float("nan")
DAY = datetime.datetime(2020, 1, 31, 17, 30)
SECOND = datetime.timedelta(seconds=1)


def retyped(values: pa.Array, data_type: str, **more: Any) -> list[Any]:
    """Give the values of a column after its type was changed; NaN as None."""
    table = edit_metadata(pa.table({"a": values}), column=["a"], data_type=data_type, **more)
    return list(with_nulls(table)["a"].to_pylist())


@pytest.mark.parametrize(
    ("values", "data_type", "expected"),
    [
        (pa.array(["1", " 2 ", "3.0", None]), "Integer", [1, 2, 3, None]),
        (pa.array(["1,234.5", "-7", " 1e3", None]), "Double", [1234.5, -7.0, 1000.0, None]),
        (pa.array(["True", "false", "0", None]), "Boolean", [True, False, False, None]),
        (pa.array(["2020-01-31 17:30:00", None]), "DateTime", [DAY, None]),
        (pa.array(["1/31/2020 5:30 PM", None]), "DateTime", [DAY, None]),
        (pa.array(["00:00:01", None]), "TimeSpan", [SECOND, None]),
        (pa.array([1.9, -1.9, NAN]), "Integer", [1, -1, None]),
        (pa.array([1.5, 0.0, NAN]), "Boolean", [True, False, None]),
        (pa.array([1.5, 2.0, NAN]), "String", ["1.5", "2.0", None]),
        (pa.array([1580491800, None]), "DateTime", [DAY, None]),
        (pa.array([1, None]), "TimeSpan", [SECOND, None]),
        (pa.array([1, None], pa.int16()), "Double", [1.0, None]),
        (pa.array([DAY, None]), "Integer", [1580491800, None]),
        (pa.array([1_500_000, None], pa.duration("us")), "Integer", [1, None]),
        (pa.array([1_500_000, None], pa.duration("us")), "Double", [1.5, None]),
        (pa.array([True, None]), "Integer", [1, None]),
        (pa.array([True, None]), "String", ["True", None]),
        (pa.array([None, None], pa.bool_()), "DateTime", [None, None]),
        (pa.array([NAN, NAN]), "String", [None, None]),
        (pa.array([], pa.string()), "Integer", []),
    ],
)
def test_values_become_those_of_the_type(values: pa.Array, data_type: str, expected: list[Any]) -> None:
    """The designer's conversions; `False` is false here, a fault of the designer that facts 8.10 names."""
    assert retyped(values, data_type) == expected


@pytest.mark.parametrize("form", ["%d.%m.%Y %H:%M", "dd.MM.yyyy HH:mm"])
def test_a_format_of_moments_is_that_of_either_product(form: str) -> None:
    """The designer had strptime's letters, the classic product .NET's (facts 4.5)."""
    assert retyped(pa.array(["31.01.2020 17:30", None]), "DateTime", datetime_format=form) == [DAY, None]


def test_one_value_that_does_not_fit_is_told_with_its_row(refused: Callable[..., Any]) -> None:
    """It must not become missing in silence (facts 4.5, error 42)."""
    table = pa.table({"größe": ["1", None, "zwei", "3"], "day": ["2020-01-31", "soon", "10", "x"]})
    assert refused(edit_metadata, table, column=["größe"], data_type="Integer") == (
        "value-does-not-fit",
        'Row 3 of the column "größe", "zwei", is no Integer.',
        "Correct the value upstream, make it missing, or choose another type.",
    )
    assert refused(edit_metadata, table, column=["day"], data_type="DateTime")[1] == (
        'Row 2 of the column "day", "soon", is no DateTime.'
    )
    infinite = pa.table({"a": [1.0, float("inf")]})
    assert refused(edit_metadata, infinite, column=["a"], data_type="Integer")[0] == "value-does-not-fit"


@pytest.mark.parametrize(
    ("values", "data_type"),
    [
        (pa.array([True]), "DateTime"),
        (pa.array([DAY]), "Boolean"),
        (pa.array([b"x"]), "String"),
        (pa.array([DAY]), "TimeSpan"),
    ],
)
def test_types_that_have_nothing_to_do_with_each_other_are_refused(
    refused: Callable[..., Any], values: pa.Array, data_type: str
) -> None:
    """Boolean to date was refused in the designer too (facts 4.5)."""
    answer = refused(edit_metadata, pa.table({"a": values}), column=["a"], data_type=data_type)
    assert answer[0] == "wrong-column-type"


def test_categories_are_sorted_and_undone() -> None:
    """Learners and views see the same order whatever row comes first; NaN is no category."""
    table = pa.table({"s": ["b", None, "a", "b"], "d": [2.0, NAN, 1.0, 2.0], "n": [1, 2, 3, 4]})
    made = edit_metadata(table, column=["s", "d"], categorical="Make categorical")
    assert made["s"].type == pa.dictionary(pa.int32(), pa.string())
    assert made["s"].chunk(0).dictionary.to_pylist() == ["a", "b"]
    assert made["d"].chunk(0).dictionary.to_pylist() == [1.0, 2.0]
    assert made.to_pydict() == {"s": ["b", None, "a", "b"], "d": [2.0, None, 1.0, 2.0], "n": [1, 2, 3, 4]}
    undone = edit_metadata(made, column=["s", "d"], categorical="Make non-categorical")
    assert undone.schema.types == [pa.string(), pa.float64(), pa.int64()]
    assert undone["s"].to_pylist() == ["b", None, "a", "b"]


def test_a_categorical_column_stays_so_when_its_type_changes() -> None:
    """Type and category are two things; type comes first (facts 4.5, order)."""
    table = pa.table({"a": pa.array(["10", "9", None]).dictionary_encode()})
    changed = edit_metadata(table, column=["a"], data_type="Integer")
    assert changed["a"].type.value_type == pa.int64()
    assert changed["a"].chunk(0).dictionary.to_pylist() == [9, 10]
    assert changed["a"].to_pylist() == [10, 9, None]


def test_fields_set_and_clear_roles() -> None:
    """Training and evaluation find the label by it (facts 1.1)."""
    table = pa.table({"a": [1], "b": [2]})

    def roles(*fields: str) -> list[str | None]:
        result = table
        for one in fields:
            result = edit_metadata(result, column=["a"], fields=one)
        return [role_of(result, name) for name in ("a", "b")]

    assert roles("Label") == ["label", None]
    assert roles("Label", "Clear label") == [None, None]
    assert roles("Label", "Clear weight") == ["label", None]
    assert roles("Weight", "Features") == [None, None]
    assert roles("Clear feature") == ["none", None]
    assert roles("Label", "Clear feature") == ["label", None]
    scored = with_role(table, ["a"], "score", "Calibrated Score")
    assert edit_metadata(scored, column=["a", "b"], fields="Clear score").schema == table.schema


def test_new_names_keep_order_and_roles(refused: Callable[..., Any]) -> None:
    """The count must be that of the columns, and no name may come twice (facts 4.5)."""
    table = with_role(pa.table({"a": [1], "b": [2], "c": [3]}), ["b"], "label")
    renamed = edit_metadata(table, column=["a", "b"], new_column_names='"x, y", 名前')
    assert renamed.to_pydict() == {"x, y": [1], "名前": [2], "c": [3]}
    assert role_of(renamed, "名前") == "label"
    assert edit_metadata(table, column=["a", "b"], new_column_names="b,a").column_names == ["b", "a", "c"]
    assert refused(edit_metadata, table, column=["a", "b"], new_column_names="x")[:2] == (
        "bad-parameter",
        "2 columns are chosen, and 1 new names are given.",
    )
    assert refused(edit_metadata, table, column=["a"], new_column_names="c")[0] == "clashing-names"


def test_columns_must_be_chosen_and_there(refused: Callable[..., Any]) -> None:
    """The nearest name is in the hint (R-1.10)."""
    table = pa.table({"customer": [1]})
    assert refused(edit_metadata, table)[0] == "no-columns"
    assert refused(edit_metadata, table, column=["Customer"])[0::2] == (
        "missing-column",
        'Did you mean "customer"?',
    )


def test_untouched_columns_are_not_copied() -> None:
    """A table of a million rows is passed on as it is."""
    table = pa.table({"a": ["1"], "b": [1.5]})
    changed = edit_metadata(table, column=["a"], data_type="Integer", fields="Label")
    assert changed["b"].chunk(0).buffers()[1].address == table["b"].chunk(0).buffers()[1].address
