"""Statistics, histograms and pairs of columns agree with numpy and pandas over all rows (R-2.6)."""

from __future__ import annotations

import decimal
import random
import statistics
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from studiolo.domain.dataset import Column
from studiolo.studio.column_pairs import MOST_POINTS, compared
from studiolo.studio.histograms import bars_of, figures_of
from studiolo.workspace.distinct import LONG_ROWS, count_distinct


def counts(bars: list[dict[str, Any]]) -> list[int]:
    return [bar["count"] for bar in bars]


def figures(values: pa.Array, kind: str, bins: int = 10, log: bool = False) -> dict[str, Any]:
    return figures_of(pa.table({"a": values}), Column("a", kind), bins, log)


def numbers(seed: int) -> list[float]:
    chance = random.Random(seed)
    kinds = [
        lambda: chance.gauss(0, 1),
        lambda: float(chance.randrange(10)),
        lambda: round(chance.random(), 1),
        lambda: chance.uniform(-1e300, 1e300),
        lambda: chance.expovariate(1) * 1e-9,
        lambda: 1e15 + chance.randrange(5),
    ]
    make = kinds[seed % len(kinds)]
    return [make() for _ in range(chance.choice([2, 3, 50, 3000]))]


@pytest.mark.parametrize("seed", range(60))
def test_a_histogram_is_that_of_numpy(seed: int) -> None:
    """R-2.6: each value in the same bar, also those on an edge."""
    values = numbers(seed)
    bins = 1 + seed % 17
    bars = bars_of(pa.array(values, pa.float64()), bins)
    if len(set(values)) == 1:
        assert counts(bars) == [len(values)]
        return
    wanted, edges = np.histogram(np.array(values), bins)
    assert counts(bars) == wanted.tolist()
    assert [bar["low"] for bar in bars] + [bars[-1]["high"]] == pytest.approx(edges.tolist(), rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_a_logarithmic_histogram_has_every_value(seed: int) -> None:
    """R-2.6: bars of equal width on the scale; values that are not above 0 make it an ordinary one."""
    chance = random.Random(seed)
    values = [10 ** chance.uniform(-5, 5) for _ in range(500)]
    bars = bars_of(pa.array(values), 7, log=True)
    edges = [bar["low"] for bar in bars] + [bars[-1]["high"]]
    wanted, _ = np.histogram(np.array(values), edges)
    assert counts(bars) == wanted.tolist()
    assert np.diff(np.log10(edges)) == pytest.approx([np.log10(edges[-1] / edges[0]) / 7] * 7)
    assert bars_of(pa.array([-1.0, 10.0]), 2, log=True)[1]["low"] == 4.5


@pytest.mark.parametrize("seed", range(24))
def test_statistics_are_those_of_pandas(seed: int) -> None:
    """R-2.6: mean, median, quartiles, min, max, standard deviation, unique, missing."""
    values = [None if index % 7 == 3 else value for index, value in enumerate(numbers(seed))]
    series = pd.Series(values, dtype=float)
    found = figures(pa.array(values, pa.float64()), "float64")
    assert (found["missing"], found["unique"]) == (series.isna().sum(), series.nunique())
    assert found["quartiles"] == pytest.approx([series.quantile(share) for share in (0.25, 0.5, 0.75)])
    for name, wanted in [("median", series.median()), ("min", series.min()), ("max", series.max())]:
        assert found[name] == pytest.approx(wanted)
    if seed % 6 != 3:  # sums of numbers near the greatest float differ by their order
        assert found["mean"] == pytest.approx(series.mean())
        assert found["std"] == pytest.approx(statistics.stdev(series.dropna()))  # pandas is off for 1e15


def test_the_ends_of_integers_are_counted() -> None:
    """R-2.6: the width of all 64-bit integers is no 64-bit integer."""
    found = figures(pa.array([-(2**63), 2**63 - 1, 0]), "int64", 4)
    assert (found["min"], found["max"]) == (str(-(2**63)), str(2**63 - 1))
    assert counts(found["bins"]) == [1, 0, 1, 1]
    greatest = 1.7976931348623157e308
    assert counts(bars_of(pa.array([-greatest, 0.0, greatest]), 4)) == [1, 0, 1, 1]
    assert counts(bars_of(pa.array([1.0, np.nextafter(1.0, 2)]), 3)) == [0, 1, 1]


def test_a_constant_column_has_one_bar() -> None:
    """R-2.6: its ends are the value."""
    assert bars_of(pa.array([7, 7, None]), 10) == [{"label": "7", "count": 2, "low": 7.0, "high": 7.0}]


@pytest.mark.parametrize(
    ("values", "kind", "missing"),
    [
        (pa.array([None, None], pa.float64()), "float64", 2),
        (pa.array([], pa.int64()), "int64", 0),
        (pa.array([None], pa.large_string()), "string", 1),
        (pa.array([], pa.large_string()), "string", 0),
        (pa.array([None], pa.timestamp("s")), "timestamp[s]", 1),
        (pa.array([None, None]).cast(pa.bool_()), "bool", 2),
        (pa.array([None], pa.large_string()).dictionary_encode(), "categorical", 1),
        (pa.array([float("nan")]), "float64", 1),
    ],
)
def test_without_a_value_there_is_nothing_to_show(values: pa.Array, kind: str, missing: int) -> None:
    """R-2.5: empty and all-missing columns have no figures and no bars."""
    found = figures(values, kind)
    assert (found["missing"], found["unique"], found["bins"], found["other_values"]) == (missing, 0, [], 0)
    assert {found[name] for name in ("mean", "median", "min", "max", "std", "quartiles")} == {None}


def test_infinities_are_values_without_a_bar() -> None:
    """R-2.3: they are no missing values; R-2.6: the rest of the column can be looked at."""
    found = figures(pa.array([1.0, 2.0, float("inf"), float("-inf"), None]), "float64", 2)
    assert (found["min"], found["max"], found["mean"], found["missing"]) == ("-inf", "inf", None, 1)
    assert (counts(found["bins"]), found["other_values"], found["quartiles"]) == ([1, 1], 2, None)
    alone = figures(pa.array([float("inf")]), "float64")
    assert (alone["bins"], alone["other_values"], alone["max"]) == ([], 1, "inf")


def test_texts_have_bars_for_the_most_frequent_ones() -> None:
    """R-2.6: equal counts by value; the rest is counted."""
    texts = pa.array(["b"] * 3 + ["a"] * 3 + ["c", "d", None], pa.large_string())
    wanted = [{"label": "a", "count": 3}, {"label": "b", "count": 3}]
    found = figures(texts, "string", 2)
    assert (found["bins"], found["other_values"], found["unique"]) == (wanted, 2, 4)
    coded = figures(texts.dictionary_encode(), "categorical", 2)
    # Equal counts of categories come in the order of the categories.
    assert (counts(coded["bins"]), coded["other_values"]) == ([3, 3], 2)
    truths = figures(pa.array([True, False, True, None]), "bool")
    assert truths["bins"] == [{"label": "true", "count": 2}, {"label": "false", "count": 1}]


def test_times_spans_and_decimals_have_ranges() -> None:
    """R-2.6: times in seconds since 1970, labels as a reader writes them."""
    days = figures(pa.array([0, 10, None], pa.date32()), "date32", 2)
    assert (days["min"], days["max"]) == ("1970-01-01", "1970-01-11")
    assert [(bar["label"], bar["low"]) for bar in days["bins"]] == [
        ("1970-01-01 to 1970-01-06", 0.0),
        ("1970-01-06 to 1970-01-11", 432_000.0),
    ]
    spans = figures(pa.array([0, 3600], pa.duration("s")), "duration[s]", 1)
    assert spans["bins"] == [{"label": "00:00:00 to 01:00:00", "count": 2, "low": 0.0, "high": 3600.0}]
    money = figures(pa.array([decimal.Decimal("1.50"), decimal.Decimal("2.50")]), "decimal(3,2)", 1)
    assert (money["mean"], money["median"], money["min"], counts(money["bins"])) == (2.0, 2.0, "1.50", [2])


@pytest.mark.parametrize("missing", [0, 5])
def test_two_numbers_are_points(missing: int) -> None:
    """R-2.6, compare to: rows that have both; a sample is spread evenly and says so."""
    x = pa.array([float(value) for value in range(10_000)])
    y = pa.array([None if value < missing else value * 2 for value in range(10_000)])
    found = compared(x, y)
    assert (found["kind"], found["rows"], found["is_sample"]) == ("scatter", 10_000 - missing, True)
    assert len(found["x"]) == MOST_POINTS
    assert found["y"] == [2 * value for value in found["x"]]
    assert (found["x"][0], found["x"][-1] > 9_990) == (missing, True)
    few = compared(pa.array([1, None, 3]), pa.array([1.0, 2.0, float("inf")]))
    assert (few["x"], few["y"], few["rows"], few["is_sample"]) == ([1.0], [1.0], 1, False)


@pytest.mark.parametrize("is_swapped", [False, True])
@pytest.mark.parametrize("is_coded", [False, True])
def test_number_and_category_are_boxes_as_pandas_has_them(is_swapped: bool, is_coded: bool) -> None:
    """R-2.6, compare to: quartiles, and whiskers at the last values within 1.5 widths of the box."""
    chance = random.Random(3)
    group = [chance.choice("abcdefghijklmnop") for _ in range(4000)]
    value = [chance.choice([None, chance.gauss(0, 3), chance.gauss(0, 30)]) for _ in group]
    category = pa.array(group, pa.large_string())
    category = category.dictionary_encode() if is_coded else category
    pair = (category, pa.array(value, pa.float64()))
    found = compared(*reversed(pair)) if is_swapped else compared(*pair)
    assert (found["kind"], found["is_swapped"], len(found["boxes"])) == ("boxes", is_swapped, 12)
    frame = pd.DataFrame({"group": group, "value": value}).dropna()
    assert sum(box["count"] for box in found["boxes"]) + found["other_values"] == len(frame)
    for box in found["boxes"]:
        part = frame[frame["group"] == box["label"]]["value"]
        q1, median, q3 = part.quantile([0.25, 0.5, 0.75])
        near = part[(part >= q1 - 1.5 * (q3 - q1)) & (part <= q3 + 1.5 * (q3 - q1))]
        wanted = [len(part), near.min(), q1, median, q3, near.max()]
        names = ("count", "low", "q1", "median", "q3", "high")
        assert [box[name] for name in names] == pytest.approx(wanted)


def test_two_categories_are_counts_as_pandas_has_them() -> None:
    """R-2.6, compare to: the twelve most frequent values of each, and the rest counted."""
    chance = random.Random(5)
    x = [chance.choice([*"abcdefghijklmnopq", None]) for _ in range(3000)]
    y = [chance.choice([True, False, None]) for _ in range(3000)]
    found = compared(pa.array(x, pa.large_string()), pa.array(y))
    wanted = pd.crosstab(pd.Series(x), pd.Series(y).map({True: "true", False: "false"}))
    assert found["counts"] == [[int(wanted.loc[a, b]) for b in found["y"]] for a in found["x"]]
    assert sum(map(sum, found["counts"])) + found["other_rows"] == int(wanted.to_numpy().sum())
    assert compared(pa.array([], pa.large_string()), pa.array([], pa.bool_()))["counts"] == []


@pytest.mark.parametrize("offset", [0, 7])
@pytest.mark.parametrize(
    "values",
    [
        pa.array([None if at % 9 == 0 else at for at in range(LONG_ROWS + 9)]),
        pa.array([float(at - 3) * (-1) ** at for at in range(LONG_ROWS + 9)]),
        pa.array(
            ["" if at % 5 == 0 else str(at % 900_000) for at in range(LONG_ROWS + 9)], pa.large_string()
        ),
        pa.array(range(LONG_ROWS + 9), pa.timestamp("ns")),
    ],
    ids=["int64", "float64", "string", "timestamp"],
)
def test_distinct_values_of_long_columns_are_counted_in_parts(values: pa.Array, offset: int) -> None:
    """R-2.6: the same number as in one table of hashes, in a fraction of the memory."""
    import pyarrow.compute as pc

    part = values.slice(offset)
    assert count_distinct(pa.chunked_array([part])) == pc.count_distinct(part).as_py()
