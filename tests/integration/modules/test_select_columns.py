"""Select Columns in Dataset and Select Columns Transform (R-4.4, facts 4.4 and 1.2)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from studiolo.modules.data_transformation.apply_transformation import apply_transformation
from studiolo.modules.data_transformation.select_columns_in_dataset import select_columns_in_dataset
from studiolo.modules.data_transformation.select_columns_transform import select_columns_transform
from studiolo.sdk.roles import role_of, with_role

TABLE = with_role(pa.table({"a": [1, 2], "größe": ["x", None], "c": [1.5, 2.5]}), ["c"], "label")


def test_names_come_in_their_order_once_and_with_roles() -> None:
    """A list gives the order; rules were resolved in the order of the dataset before (facts 1.2)."""
    chosen = select_columns_in_dataset(TABLE, select_columns=["c", "größe", "c"])
    assert chosen.to_pydict() == {"c": [1.5, 2.5], "größe": ["x", None]}
    assert role_of(chosen, "c") == "label"
    assert chosen["c"].chunk(0).buffers()[1].address == TABLE["c"].chunk(0).buffers()[1].address


def test_an_unknown_or_empty_choice_is_an_error(refused: Callable[..., Any]) -> None:
    """Errors 1 and 11 of the retired products (facts 1.2)."""
    assert refused(select_columns_in_dataset, TABLE, select_columns=["grösse"])[0] == "missing-column"
    assert refused(select_columns_in_dataset, TABLE)[0] == "no-columns"


def test_the_transform_keeps_the_same_columns_of_another_dataset() -> None:
    """And label and score columns in addition, as in the designer (facts 4.4)."""
    remembered = pickle.loads(pickle.dumps(select_columns_transform(TABLE.select(["größe", "a"]))))
    other = pa.table({"a": [3], "Scored Labels": [1], "more": [0], "größe": ["y"], "y": [1]})
    other = with_role(with_role(other, ["Scored Labels"], "score"), ["y"], "label")
    assert apply_transformation(remembered, other).to_pydict() == {
        "größe": ["y"],
        "a": [3],
        "Scored Labels": [1],
        "y": [1],
    }
    assert remembered.studiolo_card() == {
        "title": "Select Columns Transform",
        "settings": [],
        "tables": [{"title": "Columns kept", "columns": ["Column"], "rows": [["größe"], ["a"]]}],
    }


def test_only_a_remembered_label_may_be_absent(refused: Callable[..., Any]) -> None:
    """Data to be scored has no label; a feature that is absent is told."""
    remembered = select_columns_transform(TABLE)
    scoring = pa.table({"größe": ["y"], "a": [3]})
    assert apply_transformation(remembered, scoring).to_pydict() == {"a": [3], "größe": ["y"]}
    assert refused(apply_transformation, remembered, scoring.select(["a"]))[0] == "missing-column"
    assert refused(select_columns_transform, pa.table({}))[0] == "no-columns"
