"""Apply Transformation takes what other modules fitted (R-4.4, facts 5)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from studiolo.modules.data_transformation.apply_transformation import apply_transformation
from studiolo.modules.data_transformation.clean_missing_data import MODES, clean_missing_data
from studiolo.modules.data_transformation.normalize_data import METHODS, normalize_data

TABLE = pa.table({"a": [1.0, float("nan"), 4.0, 2.0], "b": [2, 3, None, 8], "c": ["x", "y", "x", "z"]})
FITTED = [
    *((clean_missing_data, {"cleaning_mode": mode, "columns_to_be_cleaned": ["a", "b"]}) for mode in MODES),
    *((normalize_data, {"transformation_method": method}) for method in METHODS),
]


@pytest.mark.parametrize(
    ("function", "given"), FITTED, ids=[next(iter(given.values())) for _, given in FITTED]
)
def test_applied_to_the_data_of_the_fit_it_gives_the_same(function: Any, given: dict[str, Any]) -> None:
    """Training and scoring must not differ; the object has been through a pickle, as on a port."""
    table, fitted = function(TABLE, **given)
    assert apply_transformation(pickle.loads(pickle.dumps(fitted)), TABLE).equals(table) or str(
        apply_transformation(fitted, TABLE).to_pydict()
    ) == str(table.to_pydict())


def test_another_object_is_refused(refused: Callable[..., Any]) -> None:
    """A port of any object lets everything through."""
    assert refused(apply_transformation, {"a": 1}, TABLE)[:2] == (
        "bad-parameter",
        "The input transformation holds a dict, which is no transformation.",
    )
