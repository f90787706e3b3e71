"""Group Data into Bins (R-4.4; facts 5, Group Data into Bins)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from studiolo.modules.data_transformation.group_data_into_bins import group_data_into_bins
from studiolo.sdk.roles import role_of, with_role

NAN = float("nan")
STEPS = "Equal Width With Custom Start and Stop"


def binned(values: list[Any], **given: Any) -> list[Any]:
    """Give the bins of one column as plain numbers."""
    given = {"output_mode": "Result Only", "quantile_normalization": "Quantile Index", **given}
    table, _ = group_data_into_bins(pa.table({"x": values}), **given)
    result: list[Any] = table["x_quantized"].to_pylist()
    return result


def test_an_edge_is_the_lower_boundary_of_its_bin() -> None:
    """Below the first and from the last edge on there is a bin too; missing stays missing (facts 5)."""
    values = [float("-inf"), -1, 0, 17.9, 18, NAN, 65, float("inf")]
    edges = "0, 18, 65"
    assert binned(values, binning_mode="Custom Edges", comma_separated_list_of_bin_edges=edges) == [
        *(1, 1, 2, 2, 3, None, 4, 4)
    ]


def test_bins_of_equal_width_span_least_to_greatest() -> None:
    """The greatest value is in the last bin, as numpy's histogram has it."""
    values = np.random.default_rng(0).normal(size=500)
    found = binned(list(values), binning_mode="Equal Width", number_of_bins=7)
    assert np.bincount(found)[1:].tolist() == np.histogram(values, bins=7)[0].tolist()


def test_quantiles_hold_equally_many_rows() -> None:
    """Without ties the bins are those of pandas.qcut."""
    values = pd.Series(np.random.default_rng(1).normal(size=1000))
    found = binned(values.to_list(), number_of_bins=8)
    assert found == (pd.qcut(values, 8, labels=False) + 1).to_list()


def test_quantiles_of_equal_values_are_fewer() -> None:
    """An edge counts once, and none lies at the least value, where its bin would be empty."""
    assert binned([0, 0, 0, 0, 0, 0, 5, 9], number_of_bins=4) == [1, 1, 1, 1, 1, 1, 2, 2]
    assert binned([3, 3, 3]) == [1, 1, 1]


@pytest.mark.parametrize(
    ("normalization", "values"),
    [("Percent", [100 / 3, 200 / 3]), ("PQuantile", [1 / 3, 2 / 3]), ("Quantile Index", [1, 2])],
)
def test_the_normalization_says_what_stands_for_a_bin(normalization: str, values: list[Any]) -> None:
    """The place is the number by bins + 1 (facts 5, D), in other modes always the number."""
    assert binned([1, 2], number_of_bins=2, quantile_normalization=normalization) == values
    assert binned(
        [1, 2], number_of_bins=2, quantile_normalization=normalization, binning_mode="Equal Width"
    ) == [1, 2]


def test_custom_start_and_stop_make_steps() -> None:
    """With a bin below and one above; 0.1 three times is 0.3 although Doubles disagree."""
    assert binned([-1, 0, 0.4, 0.5, 0.99, 1, 7], binning_mode=STEPS) == [1, 2, 2, 3, 3, 4, 4]
    given = {"first_edge_position": 0.0, "bin_width": 0.1, "last_edge_position": 0.3}
    assert binned([0.35], binning_mode=STEPS, **given) == [5]


def test_entropy_finds_the_edge_between_the_classes() -> None:
    """And none in a column that tells nothing of the label (Fayyad and Irani 1993)."""
    random = np.random.default_rng(2)
    x = np.concatenate([random.uniform(0, 1, 50), random.uniform(2, 3, 50), random.uniform(4, 5, 50)])
    classes = ["a"] * 50 + ["b"] * 50 + ["a"] * 50
    table = pa.table({"x": x, "noise": random.normal(size=150), "k": classes})
    table = with_role(table, ["k"], "label")
    result, bins = group_data_into_bins(table, binning_mode="Entropy MDL", tag_columns_as_categorical=False)
    assert result["x_quantized"].to_pylist() == [1] * 50 + [2] * 50 + [3] * 50
    assert set(result["noise_quantized"].to_pylist()) == {1}
    one, _ = group_data_into_bins(table, binning_mode="Entropy MDL", number_of_bins=1)
    assert set(one["x_quantized"].to_pylist()) == {1}
    assert [round(edge) for edge in bins.edges["x"]] in ([1, 4], [2, 4], [2, 3], [1, 3])


def test_entropy_needs_a_label(refused: Callable[..., Any]) -> None:
    """It is the label that the bins are to separate."""
    assert refused(group_data_into_bins, pa.table({"x": [1]}), binning_mode="Entropy MDL")[0] == "not-labeled"


def test_output_modes() -> None:
    """Append keeps what is there and finds free names (facts 6), Inplace keeps order and roles."""
    table = with_role(pa.table({"x": [1, 2], "s": ["a", "b"], "x_quantized": [0, 0]}), ["x"], "label")
    given: dict[str, Any] = {"binning_mode": "Equal Width", "number_of_bins": 2, "columns_to_bin": ["x"]}
    append, _ = group_data_into_bins(table, **given)
    assert append.column_names == ["x", "s", "x_quantized", "x_quantized_2"]
    assert append.select([0, 1, 2]).equals(table) and role_of(append, "x") == "label"
    in_place, _ = group_data_into_bins(table, output_mode="Inplace", **given)
    assert in_place.to_pydict() == {"x": [1, 2], "s": ["a", "b"], "x_quantized": [0, 0]}
    assert role_of(in_place, "x") == "label" and pa.types.is_dictionary(in_place.schema.field("x").type)
    only, _ = group_data_into_bins(
        table, output_mode="Result Only", tag_columns_as_categorical=False, **given
    )
    assert only.equals(pa.table({"x_quantized": [1, 2]}))


def test_categories_are_all_bins_in_order() -> None:
    """Also those that no row is in, so that another part of the data has the same."""
    table, _ = group_data_into_bins(
        pa.table({"x": [1.0, NAN]}), binning_mode="Custom Edges", comma_separated_list_of_bin_edges="5,6"
    )
    column = table["x_quantized"].combine_chunks()
    assert column.dictionary.to_pylist() == [1, 2, 3] and column.type.ordered
    assert column.to_pylist() == [1, None]


def test_the_transformation_keeps_the_edges() -> None:
    """The designer found new ones on apply, which is not copied (facts 5); it survives its port."""
    _, bins = group_data_into_bins(pa.table({"x": [0, 10]}), binning_mode="Equal Width", number_of_bins=2)
    again = pickle.loads(pickle.dumps(bins))
    assert again.apply(pa.table({"x": [100, 4, None]}))["x_quantized"].to_pylist() == [2, 1, None]
    assert again.studiolo_card()["tables"][0]["rows"] == [["x", 1, None, 5.0], ["x", 2, 5.0, None]]


def test_the_transformation_tells_what_it_lacks(refused: Callable[..., Any]) -> None:
    """A missing or textual column is named (R-4.4)."""
    _, bins = group_data_into_bins(pa.table({"größe": [0, 10]}))
    assert refused(bins.apply, pa.table({"grösse": [1]})) == (
        "missing-column",
        'The input dataset has no column "größe".',
        'Did you mean "grösse"?',
    )
    assert refused(bins.apply, pa.table({"größe": ["a"]}))[0] == "wrong-column-type"


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({"comma_separated_list_of_bin_edges": ""}, "No bin edge"),
        ({"comma_separated_list_of_bin_edges": "1, x"}, '"x" is not a number'),
        ({"comma_separated_list_of_bin_edges": "2, 1"}, "not finite and ascending"),
        ({"comma_separated_list_of_bin_edges": "1, 1"}, "not finite and ascending"),
        ({"comma_separated_list_of_bin_edges": "nan"}, "not finite and ascending"),
        ({"binning_mode": STEPS, "bin_width": 0.0}, "width is 0"),
        ({"binning_mode": STEPS, "last_edge_position": -1.0}, "below the first"),
        ({"binning_mode": STEPS, "bin_width": 1e-9}, "more than 100,000 bins"),
    ],
)
def test_useless_edges_are_refused(
    refused: Callable[..., Any], given: dict[str, Any], parameter: str
) -> None:
    """With the parameter and the way out."""
    told = refused(group_data_into_bins, pa.table({"x": [1]}), **{"binning_mode": "Custom Edges", **given})
    assert told[0] == "bad-parameter" and parameter in told[1] and told[2]


@pytest.mark.parametrize("mode", ["Quantiles", "Equal Width", "Custom Edges", STEPS])
def test_odd_data_gives_a_table(mode: str) -> None:
    """No rows, nothing but gaps, infinities, very large numbers: no warning, no stack trace."""
    for values in ([], [NAN, NAN], [float("inf"), NAN], [-1.7e308, 1.7e308]):
        table = pa.table({"x": pa.array(values, pa.float64())})
        result, _ = group_data_into_bins(table, binning_mode=mode, comma_separated_list_of_bin_edges="0")
        assert result.num_rows == len(values)


def test_texts_are_refused(refused: Callable[..., Any]) -> None:
    """Only numbers have an order with distances."""
    told = refused(group_data_into_bins, pa.table({"city": ["Rome"]}), columns_to_bin=["city"])
    assert told[:2] == ("wrong-column-type", 'The column "city" is String; only numbers can be used here.')
    assert refused(group_data_into_bins, pa.table({"city": ["Rome"]}))[0] == "no-columns"
