"""Values at the limits of their types: no module may take one number, moment or category for another (R-4.4)."""

from __future__ import annotations

import csv
import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from studiolo.modules.data_format_conversions.convert_to_svmlight import convert_to_svmlight
from studiolo.modules.data_transformation.add_rows import add_rows
from studiolo.modules.data_transformation.apply_math_operation import apply_math_operation
from studiolo.modules.data_transformation.apply_sql_transformation import apply_sql_transformation
from studiolo.modules.data_transformation.clean_missing_data import clean_missing_data
from studiolo.modules.data_transformation.clip_values import clip_values
from studiolo.modules.data_transformation.convert_to_indicator_values import convert_to_indicator_values
from studiolo.modules.data_transformation.edit_metadata import edit_metadata
from studiolo.modules.data_transformation.group_data_into_bins import group_data_into_bins
from studiolo.modules.data_transformation.join_data import join_data
from studiolo.modules.data_transformation.partition_and_sample import partition_and_sample
from studiolo.modules.data_transformation.smote import smote
from studiolo.modules.data_transformation.split_data import split_data
from studiolo.modules.statistical_functions.compute_linear_correlation import compute_linear_correlation
from studiolo.modules.text_analytics.extract_n_gram_features_from_text import (
    extract_n_gram_features_from_text,
)
from studiolo.modules.text_analytics.latent_dirichlet_allocation import latent_dirichlet_allocation
from studiolo.modules.text_analytics.preprocess_text import preprocess_text
from studiolo.sdk import ModuleError
from studiolo.sdk.roles import with_role
from studiolo_child.nearest import did_you_mean

NAN, INF = float("nan"), float("inf")
FAR = datetime.datetime(9999, 12, 31)  # what databases write for "without end"
FAR_IN_NANOSECONDS_WRAPPED = (253402214400 * 10**9 + 2**63) % 2**64 - 2**63


def table(values: Any, data_type: Any = None) -> pa.Table:
    """Give a table with the column k."""
    return pa.table({"k": pa.array(values, data_type)})


def matches(left: pa.Table, right: pa.Table) -> int:
    """Count the pairs of an inner join by k."""
    keys = {"join_key_columns_for_left_dataset": ["k"], "join_key_columns_for_right_dataset": ["k"]}
    return int(join_data(left, right, **keys).num_rows)


def categories(places: list[int | None], values: list[Any]) -> pa.Table:
    """Give a table with the Categorical column k, its dictionary as it is given."""
    return table(pa.DictionaryArray.from_arrays(pa.array(places), pa.array(values)))


DECIMALS = pa.decimal128(30, 0)
APART = {
    "decimals that are one Double": (
        table([Decimal(10**20)], DECIMALS),
        table([Decimal(10**20 + 1)], DECIMALS),
    ),
    "decimals of two scales": (
        table([Decimal("1.5")], pa.decimal128(38, 10)),
        table([Decimal("1.50000000000000000001")], pa.decimal128(38, 20)),
    ),
    "a decimal and an integer": (table([Decimal(2**53 + 1)], DECIMALS), table([2**53])),
    "a small decimal and an integer": (table([Decimal("0.5")], pa.decimal128(38, 38)), table([0])),
    "large unsigned integers": (table([2**63 + 1], pa.uint64()), table([2**63], pa.uint64())),
    "a large unsigned and a negative integer": (table([2**63 + 1], pa.uint64()), table([1 - 2**63])),
    "a moment beyond nanoseconds": (
        table([FAR], pa.timestamp("us")),
        table([FAR_IN_NANOSECONDS_WRAPPED], pa.timestamp("ns")),
    ),
    "a date beyond nanoseconds": (
        table([FAR.date()]),
        table([FAR_IN_NANOSECONDS_WRAPPED], pa.timestamp("ns")),
    ),
}


@pytest.mark.parametrize("pair", APART.values(), ids=APART)
def test_join_data_never_matches_different_keys(pair: tuple[pa.Table, pa.Table]) -> None:
    """Rows of two customers brought together silently are the worst that a join can do."""
    assert matches(*pair) == 0


EQUAL = {
    "decimals of two scales": (
        table([Decimal("1.5")], pa.decimal128(38, 10)),
        table([Decimal("1.5")], pa.decimal128(38, 30)),
    ),
    "a decimal and an integer": (
        table([Decimal(2**62 + 1), None], pa.decimal128(38, 2)),
        table([2**62 + 1, None]),
    ),
    "a decimal and a Double": (table([Decimal("1.5")], pa.decimal128(38, 2)), table([1.5])),
    "large unsigned integers": (
        table([2**63 + 1, None], pa.uint64()),
        table([2**63 + 1, None], pa.uint64()),
    ),
    "an unsigned and a signed integer": (table([5, 2**63], pa.uint64()), table([5, -1])),
    "a date and a moment": (
        table([datetime.date(2020, 1, 1), FAR.date()]),
        table([datetime.datetime(2020, 1, 1)], pa.timestamp("ns")),
    ),
}


@pytest.mark.parametrize("pair", EQUAL.values(), ids=EQUAL)
def test_join_data_matches_equal_keys_of_different_types(pair: tuple[pa.Table, pa.Table]) -> None:
    """What is one number or moment is one key, however the two files wrote it (facts 4.9)."""
    assert matches(*pair) == 1


def test_add_rows_finds_a_type_that_holds_both() -> None:
    """A year 9999 must not become 1816, nor a large identifier negative."""
    large = add_rows(table([2**63 + 5], pa.uint64()), table([1]))
    assert large["k"].to_pylist() == [2**63 + 5, 1]
    moments = add_rows(table([FAR], pa.timestamp("us")), table([2000], pa.timestamp("ns")))
    assert moments["k"].to_pylist() == [FAR, datetime.datetime(1970, 1, 1, 0, 0, 0, 2)]


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (table([2**63], pa.uint64()), table([-1]), "value-does-not-fit"),
        (table([FAR], pa.timestamp("us")), table([1], pa.timestamp("ns")), "value-does-not-fit"),
        (
            table([0], pa.timestamp("us", "Europe/Rome")),
            table([FAR], pa.timestamp("us")),
            "different-columns",
        ),
    ],
)
def test_add_rows_refuses_what_no_type_holds(first: pa.Table, second: pa.Table, code: str) -> None:
    """Values that wrap around, or a local time taken for UTC, would pass unseen."""
    for tables in ((first, second), (second, first)):
        with pytest.raises(ModuleError) as caught:
            add_rows(*tables)
        assert (caught.value.code, caught.value.port) == (code, "dataset2")


INTEGERS = table([2**53, 2**53 + 1, None, -5])
UNSIGNED = table([2**63 + 7, 1, None, 0], pa.uint64())


@pytest.mark.parametrize(
    ("given", "condition", "rows"),
    [
        (INTEGERS, "> 9007199254740992.5", [1]),
        (INTEGERS, "<= -4.5", [3]),
        (INTEGERS, "== 9007199254740993.0", [1]),
        (INTEGERS, "!= -5.5", [0, 1, 3]),
        (INTEGERS, "== 0.5", []),
        (INTEGERS, "< 1e400", [0, 1, 3]),
        (UNSIGNED, "> -1", [0, 1, 3]),
        (UNSIGNED, "== 9223372036854775815", [0]),
        (UNSIGNED, "< -0.5", []),
    ],
)
def test_a_relative_expression_compares_integers_exactly(
    given: pa.Table, condition: str, rows: list[int]
) -> None:
    """A fraction was refused beside large identifiers, and a negative number beside unsigned ones (facts 4.3)."""
    numbered = given.append_column("row", [list(range(len(given)))])
    first, _ = split_data(
        numbered, splitting_mode="Relative Expression", relational_expression=rf"\"k\" {condition}"
    )
    assert first["row"].to_pylist() == rows


@pytest.mark.parametrize(
    "key",
    [categories([0, 1] * 10, ["a", "a"]), table([NAN, None] * 10), categories([0, None] * 10, [None])],
    ids=["the same category twice", "NaN and missing", "a category without a value"],
)
def test_a_stratum_is_a_value_and_not_its_number(key: pa.Table) -> None:
    """Ten and ten rows of one value would give no row at a rate of 0.05."""
    given = {"stratified_split_for_sampling": True, "stratification_key_column_for_sampling": ["k"]}
    assert partition_and_sample(key, rate_of_sampling=0.05, **given).num_rows == 1


def test_a_category_without_a_value_is_missing() -> None:
    """Arrow files may have a null among the categories, and its rows count as present to who only asks the places."""
    odd = categories([0, 1, 2, 2], ["a", None, "b"])
    removed, _ = clean_missing_data(odd, cleaning_mode="Remove entire row")
    filled, _ = clean_missing_data(odd, cleaning_mode="Replace with mode")
    assert removed["k"].to_pylist() == ["a", "b", "b"]
    assert filled["k"].to_pylist() == ["a", "b", "b", "b"]


def test_the_mode_counts_values_that_stand_twice_among_the_categories() -> None:
    """Four rows have an a and two a b, though no single place occurs more often than the b."""
    odd = categories([0, 1, 2, 2, None, 0, 1], ["a", "a", "b"])
    filled, _ = clean_missing_data(odd, cleaning_mode="Replace with mode")
    assert filled["k"].to_pylist() == ["a", "a", "b", "b", "a", "a", "a"]


def test_a_cleaning_by_mice_takes_a_dataset_without_rows() -> None:
    """A service may be asked for the answer to no row at all."""
    gaps = pa.table({"x": [1.0, None, 3.0], "y": [2.0, 4.0, 6.5]})
    _, cleaning = clean_missing_data(gaps, cleaning_mode="Replace using MICE")
    assert cleaning.apply(gaps.slice(0, 0)).num_rows == 0


def test_a_replacement_that_no_category_can_be_is_told() -> None:
    """The column was text where the cleaning was fitted and holds numbers as categories now."""
    _, cleaning = clean_missing_data(table(["Rome", None]), replacement_value="none")
    with pytest.raises(ModuleError, match='"k" is Categorical with Integer values here and was String'):
        cleaning.apply(categories([0, None], [7]))


def test_topics_of_a_column_that_is_no_text_are_told_at_the_port() -> None:
    """Apply Transformation has no parameter to blame."""
    texts = pa.table({"k": ["tea and bread", "bread and wine"]})
    topics = latent_dirichlet_allocation(texts, number_of_topics_to_model=2)[2]
    with pytest.raises(ModuleError) as caught:
        topics.apply(table([1, 2]))
    assert (caught.value.code, caught.value.port) == ("wrong-column-type", "dataset")


def test_statistics_of_the_largest_numbers_are_numbers() -> None:
    """Their sum is infinite, their mean is not."""
    huge = pa.table({"x": [1e308, 1e308, 1.6e308, -1e308]})
    mean = clip_values(huge, substitute_value_for_peaks="Mean")["x"].to_pylist()
    median = clip_values(huge, upper_threshold="Percentile", percentile_value_for_upper_threshold=50)
    assert mean == [pytest.approx(6.5e307)] * 3 + [-1e308]
    assert median["x"].to_pylist() == [1e308, 1e308, 1e308, -1e308]
    small = pa.table({"x": [1.7, -1.7, 1.0], "y": [1.0, 2.0, 3.0]})
    large = small.set_column(0, "x", [[1.7e308, -1.7e308, 1e308]])
    expected = compute_linear_correlation(small)["y"][0].as_py()
    assert compute_linear_correlation(large)["y"][0].as_py() == pytest.approx(expected)


def test_smote_stays_within_the_type_of_a_column() -> None:
    """The greatest integer is one less than its Double and would come out as the least."""
    given = pa.table({"y": [0, 0, 0, 1, 1], "k": [1, 1, 2, 2**63 - 1, 2**63 - 1]})
    assert smote(given, label_column=["y"])["k"].to_pylist()[-2:] == [2**63 - 1] * 2


@pytest.mark.parametrize(("constant", "name"), [(INF, "Add(k_$inf)"), (NAN, "Add(k_$nan)")])
def test_a_constant_may_be_any_double(constant: float, name: str) -> None:
    """The name of the result has no whole number to show."""
    given = {"operations_function": "Add", "operations_constant": constant}
    assert apply_math_operation(table([1.0]), category="Operations", **given).column_names == ["k", name]


def test_a_vocabulary_with_infinite_counts_is_refused() -> None:
    """No number of texts can be that."""
    columns = {"NGram": ["total.num.docs", "tea"], "DF": [INF, 1.0], "IDF": [0.0, 1.0]}
    given = {"text_column": ["k"], "vocabulary_mode": "ReadOnly"}
    with pytest.raises(ModuleError, match="missing or infinite") as caught:
        extract_n_gram_features_from_text(table(["tea"]), pa.table(columns), **given)
    assert caught.value.port == "input_vocabulary"


def test_new_names_may_stand_on_lines() -> None:
    """A list pasted from a sheet has line ends; what can't be read is told at the parameter."""
    given = pa.table({"a": [1], "b": [2], "c": [3]})
    renamed = edit_metadata(given, column=["a", "b", "c"], new_column_names='"x,y",z\nw')
    assert renamed.column_names == ["x,y", "z", "w"]
    before = csv.field_size_limit(100_000)  # of the whole interpreter, which other readers raise
    try:
        with pytest.raises(ModuleError) as caught:
            edit_metadata(given, column=["a"], new_column_names="x" * 200_000)
    finally:
        csv.field_size_limit(before)
    assert (caught.value.code, caught.value.parameter) == ("bad-parameter", "new_column_names")


def test_a_format_of_moments_that_names_a_part_twice_is_told() -> None:
    """There pandas raises an error of regular expressions."""
    with pytest.raises(ModuleError, match="is no DateTime"):
        edit_metadata(table(["12/31/2020"]), column=["k"], data_type="DateTime", datetime_format="%d/%d/%Y")


def test_half_floats_can_be_categories() -> None:
    """Files of other programs have them, and Arrow can't sort them."""
    half = table(np.array([1.5, 0.5, NAN], np.float16))
    categorical = edit_metadata(half, column=["k"], categorical="Make categorical")
    assert categorical["k"].to_pylist() == [1.5, 0.5, None]
    assert convert_to_indicator_values(categorical, categorical_columns_to_convert=["k"])[0].num_columns == 4


def test_sqlite_refuses_a_name_that_it_can_not_have() -> None:
    """SQLite ends its texts at a NUL character."""
    with pytest.raises(ModuleError, match="NUL character") as caught:
        apply_sql_transformation(
            pa.table({"a\0b": [1]}), None, None, query="select * from t1", dialect="sqlite"
        )
    assert (caught.value.code, caught.value.port) == ("sql-bad-table", "table1")


def test_errors_are_bounded_whatever_the_names() -> None:
    """A name may be as long as a text (CONVENTIONS, Errors)."""
    long = {f"{'x' * 5000}{place}": [1] for place in range(20)}
    assert len(did_you_mean("age", list(long), "column")) < 1200
    assert len(did_you_mean("x" * 5000, list(long), "column")) < 200
    with pytest.raises(ModuleError) as caught:
        smote(pa.table(long), label_column=list(long))
    assert len(caught.value.summary) < 600


@pytest.mark.parametrize("edge", [NAN, -INF])
def test_edges_of_bins_are_finite(edge: float) -> None:
    """YAML knows such numbers, and there is no range from there to anywhere."""
    given = {"binning_mode": "Equal Width With Custom Start and Stop", "first_edge_position": edge}
    with pytest.raises(ModuleError) as caught:
        group_data_into_bins(table([1.0]), **given)
    assert (caught.value.code, caught.value.parameter) == ("bad-parameter", "first_edge_position")


HUGE = 10**30  # a parameter of whole numbers may be as large as its author likes


def test_huge_parameters_are_taken_or_told() -> None:
    """They must not end in an error of an array that nobody has heard of."""
    integers = pa.table({"y": [0, 0, 0, 1, 1], "k": [1, 2, 3, 4, 5]})
    assert partition_and_sample(integers, partition_or_sample_mode="Head", number_of_rows_to_select=HUGE) == (
        integers
    )
    peaks = {"set_of_thresholds": "ClipSubPeaks", "constant_value_for_lower_threshold": HUGE}
    assert clip_values(integers, list_of_columns=["k"], **peaks)["k"].to_pylist() == [1e30] * 5
    steps = {"binning_mode": "Equal Width With Custom Start and Stop", "bin_width": HUGE}
    assert group_data_into_bins(integers, columns_to_bin=["k"], **steps)[1].edges["k"].tolist() == [0.0]
    with pytest.raises(ModuleError) as caught:
        smote(integers, label_column=["y"], smote_percentage=HUGE)
    assert (caught.value.code, caught.value.parameter) == ("too-many-cells", "smote_percentage")


def test_a_whole_number_does_for_a_number() -> None:
    """The greatest power of Latent Dirichlet Allocation is 1, and people write it so."""
    texts = table(["tea and bread", "bread and wine"])
    given = {"show_all_options": True, "power_applied_to_the_iteration_during_updates": 1}
    dataset = latent_dirichlet_allocation(texts, number_of_topics_to_model=2, **given)[0]
    assert dataset.column_names == ["k", "Topic 1", "Topic 2"]


def test_edges_of_bins_differ() -> None:
    """Steps of 1 are lost beside 1e17, where neighbouring Doubles are 16 apart."""
    given = {"first_edge_position": 1e17, "last_edge_position": 1e17 + 64, "bin_width": 1.0}
    mode = "Equal Width With Custom Start and Stop"
    _, bins = group_data_into_bins(table([1.0]), binning_mode=mode, **given)
    assert bins.edges["k"].tolist() == [1e17 + step for step in (0, 16, 32, 48, 64)]


def test_an_svmlight_file_has_one_label() -> None:
    """The second one would become a feature, and a model that learns it would know the answer."""
    twice = with_role(pa.table({"a": [1.0], "b": [2.0], "x": [3.0]}), ["a", "b"], "label")
    with pytest.raises(ModuleError, match="2 label columns") as caught:
        convert_to_svmlight(twice)
    assert (caught.value.code, caught.value.port) == ("too-many-columns", "dataset")


@pytest.mark.parametrize("text", ["a" + "'d" * 20_000, "ing" * 20_000], ids=["contractions", "endings"])
def test_endless_words_are_no_english_words(text: str) -> None:
    """Contractions within contractions went beyond Python's recursion, and endings took quadratic time."""
    cleaned = preprocess_text(table([text]), None, text_column_to_clean=["k"])
    assert cleaned["Preprocessed k"][0].as_py()


def test_wide_datasets_take_time_by_their_columns_alone() -> None:
    """Adding columns one by one took a minute for 3,000 of them."""
    wide = pa.table({f"c{place}": [float(place), 200.0] for place in range(3000)})
    clipped = clip_values(wide, overwrite_flag=False, add_indicator_columns=True)
    assert clipped.num_columns == 9000
    assert clipped.column_names[-2:] == ["c2999_clipped_value", "c2999_clipped"]
    assert add_rows(wide, wide).num_rows == 4
