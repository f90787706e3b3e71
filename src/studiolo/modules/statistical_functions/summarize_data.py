"""Summarize Data: a row of measures for each column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import is_numeric, missing_count, numbers_of, one_chunk
from studiolo.modules.statistical_functions.measures import Sample
from studiolo.sdk import DatasetPort, module

SHARES = {"P0.5": 0.005, "P1": 0.01, "P5": 0.05, "P95": 0.95, "P99": 0.99, "P99.5": 0.995}
NAMES = (
    "Min",
    "Max",
    "Mean",
    "Mean Deviation",
    "1st quantile",
    "Median",
    "3rd quantile",
    "Mode",
    "Range",
    "Sample Variance",
    "Sample Standard Deviation",
    "Sample Skewness",
    "Sample Kurtosis",
    *SHARES,
)


@module(
    id="summarize-data",
    name="Summarize Data",
    category="Statistical Functions",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Input", "Dataset"))],
    outputs=[
        DatasetPort("results_dataset", label="Results dataset", aliases=("Result_dataset", "Results dataset"))
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy"),
    aliases=("2c57074f-674f-45de-ad85-d84e4726f04e", "Descriptive Statistics"),
)
def summarize_data(dataset: pa.Table) -> pa.Table:
    r"""Describe each column by a row of measures.

    The columns of the result are Feature (the name of the column), Count (all rows), Unique Value Count (different
    values, missing aside), Missing Value Count, Min, Max, Mean, Mean Deviation (mean distance from the mean),
    1st quantile, Median, 3rd quantile, Mode (the least of the most frequent values), Range, Sample Variance, Sample
    Standard Deviation, Sample Skewness and Sample Kurtosis (corrected for bias), and the percentiles P0.5, P1, P5,
    P95, P99 and P99.5 (linear between two values).

    From Min on they are for Integer and Double columns; for others they are missing. So is a measure that is not
    defined: the variance of one value, the skewness of equal ones. Missing values don't count; infinite ones do and
    can make a mean infinite or missing.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,city\n30,Rome\n,Oslo\n41,Rome\n"}
        summary:
          module: summarize-data
          inputs: {dataset: customers}
    """
    with np.errstate(all="ignore"):  # what overflows is infinite or missing in the report
        rows = [_described(dataset.column(name)) for name in dataset.column_names]
    counts = ("Count", "Unique Value Count", "Missing Value Count")
    columns: dict[str, Any] = {"Feature": pa.array(dataset.column_names, pa.string())}
    columns |= {name: pa.array([row[name] for row in rows], pa.int64()) for name in counts}
    nan = float("nan")
    columns |= {name: pa.array([row.get(name, nan) for row in rows], pa.float64()) for name in NAMES}
    return pa.table(columns)


def _described(column: pa.ChunkedArray) -> dict[str, Any]:
    if not is_numeric(column.type):
        return {
            "Count": len(column),
            "Unique Value Count": _distinct_count(one_chunk(column)),
            "Missing Value Count": missing_count(column),
        }
    sample = Sample(numbers_of(column))
    mode = sample.mode()  # first, since it sorts the values, which the quantiles then use
    is_exact = pa.types.is_floating(column.type)
    return {
        "Count": len(column),
        "Unique Value Count": len(sample.distinct()[0]) if is_exact else pc.count_distinct(column).as_py(),
        "Missing Value Count": sample.missing,
        "Min": sample.least(),
        "Max": sample.greatest(),
        "Mean": sample.mean,
        "Mean Deviation": sample.mean_deviation(),
        "1st quantile": sample.quantile(0.25),
        "Median": sample.quantile(0.5),
        "3rd quantile": sample.quantile(0.75),
        "Mode": mode,
        "Range": sample.extent(),
        "Sample Variance": sample.variance(),
        "Sample Standard Deviation": sample.standard_deviation(),
        "Sample Skewness": sample.skewness(),
        "Sample Kurtosis": sample.kurtosis(),
        **{name: sample.quantile(share) for name, share in SHARES.items()},
    }


def _distinct_count(column: pa.Array) -> int:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary.take(pc.unique(column.indices.drop_null()))
    return len(pc.unique(column.drop_null()))
