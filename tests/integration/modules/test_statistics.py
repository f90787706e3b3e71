"""Summarize Data, Compute Linear Correlation, Compute Elementary Statistics, t-Test (R-4.4; facts 5 and 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from studiolo.modules.statistical_functions.compute_elementary_statistics import (
    METHODS,
    compute_elementary_statistics,
)
from studiolo.modules.statistical_functions.compute_linear_correlation import compute_linear_correlation
from studiolo.modules.statistical_functions.summarize_data import summarize_data
from studiolo.modules.statistical_functions.test_hypothesis_using_t_test import (
    test_hypothesis_using_t_test as t_test,
)

NAN, INF = float("nan"), float("inf")
t_test.__test__ = False  # type: ignore[attr-defined]  # its name is the module's, not a test's


def frame(rows: int = 200) -> pd.DataFrame:
    """Give columns with gaps, ties and different types."""
    random = np.random.default_rng(0)
    x = random.normal(5, 2, rows)
    y = np.where(random.random(rows) < 0.1, NAN, x * 2 + random.normal(size=rows))
    return pd.DataFrame(
        {"x": x, "y": y, "k": random.integers(0, 5, rows), "s": random.choice(list("ab"), rows)}
    )


def test_the_summary_is_that_of_pandas() -> None:
    """A row for each column, measures for numeric ones, missing aside (facts 5)."""
    data = frame()
    result = summarize_data(pa.Table.from_pandas(data)).to_pandas().set_index("Feature")
    for name in ("x", "y", "k"):
        column = data[name].dropna()
        assert result.loc[name].to_dict() == pytest.approx(
            {
                "Count": 200,
                "Unique Value Count": column.nunique(),
                "Missing Value Count": 200 - len(column),
                "Min": column.min(),
                "Max": column.max(),
                "Mean": column.mean(),
                "Mean Deviation": (column - column.mean()).abs().mean(),
                "1st quantile": column.quantile(0.25),
                "Median": column.median(),
                "3rd quantile": column.quantile(0.75),
                "Mode": column.mode()[0],
                "Range": column.max() - column.min(),
                "Sample Variance": column.var(),
                "Sample Standard Deviation": column.std(),
                "Sample Skewness": column.skew(),
                "Sample Kurtosis": column.kurt(),
                **{f"P{p:g}": column.quantile(p / 100) for p in (0.5, 1, 5, 95, 99, 99.5)},
            }
        )
    assert result.loc["s", ["Count", "Unique Value Count", "Missing Value Count"]].tolist() == [200, 2, 0]
    assert result.loc["s", "Min":].isna().all()


def test_the_summary_counts_values_of_every_type() -> None:
    """Large whole numbers by their digits, categories that occur, NaN as missing."""
    table = pa.table(
        {
            "big": [2**60, 2**60 + 1, None],
            "category": pa.array(pd.Categorical(["a", None, "a"], categories=["a", "b"])),
            "truth": [True, False, None],
            "double": [NAN, NAN, 1.0],
            "bytes": [b"\xff", b"", b""],
        }
    )
    result = summarize_data(table)
    assert result["Unique Value Count"].to_pylist() == [2, 1, 2, 1, 2]
    assert result["Missing Value Count"].to_pylist() == [1, 1, 1, 2, 0]


@pytest.mark.parametrize(
    "values", [[], [NAN], [1.0], [1.0, 1.0], [2.0, 2.0, 2.0, 2.0], [INF, 1.0, -INF, 3.0], [0.1] * 7]
)
def test_the_summary_of_hardly_anything(values: list[float]) -> None:
    """What is not defined is missing, as in pandas, without a warning."""
    row = summarize_data(pa.table({"x": pa.array(values, pa.float64())})).to_pylist()[0]
    column = pd.Series(values, dtype=float).dropna()
    assert row["Count"] == len(values) and row["Unique Value Count"] == column.nunique()
    if np.isfinite(column).all():
        for name, wanted in (
            ("Mean", column.mean()),
            ("Sample Skewness", column.skew()),
            ("Sample Kurtosis", column.kurt()),
        ):
            assert row[name] == pytest.approx(wanted, nan_ok=True), name
        assert row["Sample Variance"] == pytest.approx(column.var(), nan_ok=True, abs=1e-30)


def test_the_summary_of_no_columns() -> None:
    """An empty report with all of its columns."""
    assert summarize_data(pa.table({})).num_rows == 0
    assert summarize_data(pa.table({})).num_columns == 23


def test_correlations_are_those_of_pandas() -> None:
    """A square with missing rows and columns for what is no number; pairs take the rows both have (facts, tier 3)."""
    data = frame()
    result = compute_linear_correlation(pa.Table.from_pandas(data)).to_pandas()
    assert result.columns.tolist() == ["x", "y", "k", "s"] and result["s"].isna().all()
    wanted = data.corr(numeric_only=True).to_numpy()
    assert np.allclose(result.to_numpy()[:3, :3], wanted, rtol=1e-10) and np.isnan(result.to_numpy()[3]).all()
    whole = data[["x", "k"]]
    found = compute_linear_correlation(pa.Table.from_pandas(whole)).to_pandas()
    assert np.allclose(found, np.corrcoef(whole.to_numpy().T), rtol=1e-12)


def test_correlations_without_meaning_are_missing() -> None:
    """Constant, infinite, all missing, too few common rows; without a warning."""
    table = pa.table(
        {
            "x": [1.0, 2.0, 4.0],
            "constant": [3, 3, 3],
            "infinite": [1.0, INF, 2.0],
            "missing": [NAN, NAN, NAN],
            "one": [NAN, 5.0, NAN],
            "same": [1e300, 2e300, 4e300],
            "offset": [1e9 + 1, 1e9 + 2, 1e9 + 4],
        }
    )
    result = compute_linear_correlation(table).to_pydict()
    assert result["x"] == pytest.approx([1, NAN, NAN, NAN, NAN, 1, 1], nan_ok=True)
    for name in ("constant", "infinite", "missing", "one"):
        assert np.isnan(result[name]).all()


@pytest.mark.parametrize("rows", [0, 1])
def test_correlations_of_hardly_any_rows(rows: int) -> None:
    """All missing, in a matrix of the right size."""
    result = compute_linear_correlation(pa.table({"x": [1.0], "y": [2]}).slice(0, rows))
    assert result.num_rows == 2 and np.isnan(result.to_pandas().to_numpy()).all()


def test_very_wide_correlations_are_refused(refused: Callable[..., Any]) -> None:
    """The matrix would be larger than any data."""
    table = pa.table({str(place): [1] for place in range(5001)})
    assert refused(compute_linear_correlation, table)[0] == "too-many-columns"


ELEMENTARY: dict[str, Callable[[Any], float]] = {
    "Deviation squared": lambda x: np.sum((x - x.mean()) ** 2),
    "Geometric mean": stats.gmean,
    "Harmonic mean": stats.hmean,
    "Interquartile range": stats.iqr,
    "K-th central moment": lambda x: stats.moment(x, 4),
    "K-th moment": lambda x: np.mean(x**4),
    "Maximum": np.max,
    "Mean": np.mean,
    "Mean deviation": lambda x: np.mean(np.abs(x - x.mean())),
    "Median": np.median,
    "Median deviation": stats.median_abs_deviation,
    "Minimum": np.min,
    "Mode": lambda x: stats.mode(x).mode,
    "Population standard deviation": np.std,
    "Population variance": np.var,
    "Product": np.prod,
    "Range": np.ptp,
    "Sample kurtosis": lambda x: stats.kurtosis(x, bias=False),
    "Sample skewness": lambda x: stats.skew(x, bias=False),
    "Sample standard deviation": lambda x: np.std(x, ddof=1),
    "Sample variance": lambda x: np.var(x, ddof=1),
    "Sum": np.sum,
}


@pytest.mark.parametrize("method", METHODS)
def test_each_measure_is_that_of_scipy(method: str) -> None:
    """One row, a column for each column (facts 3); missing values don't count."""
    values = np.random.default_rng(3).lognormal(size=31).round(1) + 0.1
    table = pa.table({"x": np.append(values, NAN), "s": ["a"] * 32})
    result = compute_elementary_statistics(table, method=method, order=4)
    assert result.to_pydict() == {f"{method}(x)": [pytest.approx(ELEMENTARY[method](values), rel=1e-10)]}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("values", [[], [NAN], [-1.0], [0.0, 1.0], [INF, -INF]])
def test_each_measure_of_hardly_anything(method: str, values: list[float]) -> None:
    """A number or missing, never a warning."""
    table = pa.table({"x": pa.array(values, pa.float64())})
    assert compute_elementary_statistics(table, method=method).num_rows == 1


def test_elementary_statistics_need_numbers(refused: Callable[..., Any]) -> None:
    """Columns that are none are named."""
    table = pa.table({"s": ["a"]})
    assert refused(compute_elementary_statistics, table)[0] == "no-columns"
    assert refused(compute_elementary_statistics, table, column_set=["s"])[0] == "wrong-column-type"
    assert refused(compute_elementary_statistics, table, column_set=["t"])[0] == "missing-column"


ALTERNATIVES = {"Two-tail": "two-sided", "One-tail GT": "greater", "One-tail LT": "less"}


@pytest.mark.parametrize("hypothesis", ALTERNATIVES)
@pytest.mark.parametrize("test_type", ["Single sample", "Paired", "Unpaired", "Welch"])
def test_p_is_that_of_scipy(test_type: str, hypothesis: str) -> None:
    """Student's tests and Welch's, with missing values left out."""
    random = np.random.default_rng(4)
    a, b = random.normal(0.3, 1, 30), random.normal(0, 2, 30)
    a[3] = NAN
    how: dict[str, Any] = {"alternative": ALTERNATIVES[hypothesis], "nan_policy": "omit"}
    given: dict[str, Any] = {
        "hypothesis_type": hypothesis,
        "target_columns": ["a", "b"],
        "null_hypothesized_mu1": 0.1,
    }
    if test_type == "Single sample":
        given |= {"target_columns": ["a"], "null_hypothesized_mu": 0.2}
        wanted = stats.ttest_1samp(a, 0.2, **how).pvalue
    elif test_type == "Paired":
        wanted = stats.ttest_1samp(a - b, 0.1, **how).pvalue
    else:
        wanted = stats.ttest_ind(a, b + 0.1, equal_var=test_type == "Unpaired", **how).pvalue
        given["assume_equal_variances"] = test_type == "Unpaired"
        test_type = "Unpaired"
    p, reject = t_test(pa.table({"a": a, "b": b}), test_type=test_type, alpha=0.9, **given)
    assert p.to_pydict() == {"P": [pytest.approx(wanted, rel=1e-10)]}
    assert reject.to_pydict() == {"Reject H0": [bool(wanted < 0.1)]}


def test_a_sample_without_variance() -> None:
    """Surely another mean: P is 0; exactly the supposed one: nothing can be said."""
    table = pa.table({"x": [1, 1, 1]})
    p, reject = t_test(table, target_columns=["x"])
    assert (p["P"].to_pylist(), reject["Reject H0"].to_pylist()) == ([0.0], [True])
    p, reject = t_test(table, target_columns=["x"], null_hypothesized_mu=1.0)
    assert np.isnan(p["P"].to_pylist()[0]) and reject["Reject H0"].to_pylist() == [False]


@pytest.mark.parametrize(
    ("values", "given", "code"),
    [
        ({"x": [1.0, NAN]}, {"target_columns": ["x"]}, "no-rows"),
        ({"x": [1.0, INF]}, {"target_columns": ["x"]}, "value-does-not-fit"),
        ({"x": [1.0, 2.0]}, {"target_columns": ["x"], "test_type": "Paired"}, "no-columns"),
        ({"x": [1.0], "y": [2.0]}, {"target_columns": ["x", "y"]}, "too-many-columns"),
        ({"x": [1.0]}, {}, "no-columns"),
        ({"x": [1.0]}, {"target_columns": ["z"]}, "missing-column"),
        ({"x": ["a"]}, {"target_columns": ["x"]}, "wrong-column-type"),
    ],
)
def test_what_can_not_be_tested_is_told(
    refused: Callable[..., Any], values: dict[str, Any], given: dict[str, Any], code: str
) -> None:
    """With the column and what is wanted (R-4.4)."""
    told = refused(t_test, pa.table(values), **given)
    assert told[0] == code and told[1] and told[2]
