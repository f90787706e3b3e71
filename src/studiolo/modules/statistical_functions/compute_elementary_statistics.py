"""Compute Elementary Statistics: one measure of each of several columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.choosing import numeric
from studiolo.modules.columns.kinds import numbers_of
from studiolo.modules.columns.naming import numbered
from studiolo.modules.statistical_functions.measures import Sample
from studiolo.sdk import Choice, Columns, DatasetPort, Integer, ModuleError, module


def _geometric(sample: Sample) -> float:
    if not sample.count or sample.least() < 0:
        return float("nan")
    return float(np.exp(np.log(sample.values).mean()))


def _harmonic(sample: Sample) -> float:
    if not sample.count or sample.least() < 0:
        return float("nan")
    return float(sample.count / np.sum(1 / sample.values))


MOMENTS = ("K-th central moment", "K-th moment")
METHODS: dict[str, Callable[[Sample, int], float]] = {
    "Deviation squared": lambda sample, order: sample.squares(),
    "Geometric mean": lambda sample, order: _geometric(sample),
    "Harmonic mean": lambda sample, order: _harmonic(sample),
    "Interquartile range": lambda sample, order: sample.quantile(0.75) - sample.quantile(0.25),
    "K-th central moment": lambda sample, order: sample.moment(order, is_central=True),
    "K-th moment": lambda sample, order: sample.moment(order, is_central=False),
    "Maximum": lambda sample, order: sample.greatest(),
    "Mean": lambda sample, order: sample.mean,
    "Mean deviation": lambda sample, order: sample.mean_deviation(),
    "Median": lambda sample, order: sample.quantile(0.5),
    "Median deviation": lambda sample, order: sample.median_deviation(),
    "Minimum": lambda sample, order: sample.least(),
    "Mode": lambda sample, order: sample.mode(),
    "Population standard deviation": lambda sample, order: sample.standard_deviation(0),
    "Population variance": lambda sample, order: sample.variance(0),
    "Product": lambda sample, order: float(np.prod(sample.values)) if sample.count else float("nan"),
    "Range": lambda sample, order: sample.extent(),
    "Sample kurtosis": lambda sample, order: sample.kurtosis(),
    "Sample skewness": lambda sample, order: sample.skewness(),
    "Sample standard deviation": lambda sample, order: sample.standard_deviation(),
    "Sample variance": lambda sample, order: sample.variance(),
    "Sum": lambda sample, order: float(np.sum(sample.values)) if sample.count else float("nan"),
}


@module(
    id="compute-elementary-statistics",
    name="Compute Elementary Statistics",
    category="Statistical Functions",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    parameters=[
        Choice(
            "method",
            tuple(METHODS),
            default="Mean",
            label="Method",
            help="Which measure to compute of each column.",
            aliases=("Method",),
        ),
        Columns(
            "column_set",
            label="Column set",
            help="Numeric columns; none chosen means all of them.",
            aliases=("Column set",),
        ),
        Integer(
            "order",
            default=3,
            minimum=1,
            maximum=1000,
            label="Order",
            help="Order k of the moment.",
            when=("method", MOMENTS),
            aliases=("Order",),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy"),
    aliases=("3086b8d4-c895-45ba-8aa9-34f0c944d4d3", "Elementary Statistics"),
)
def compute_elementary_statistics(
    dataset: pa.Table, *, method: str = "Mean", column_set: list[str] | None = None, order: int = 3
) -> pa.Table:
    r"""Compute one measure of numeric columns.

    The result is one row with a Double column `Mean(age)` for each column. Missing values don't count. A measure
    that is not defined is missing: of no values, the sample variance of one value, the geometric and harmonic mean
    with a negative value. Deviation squared is the sum of the squared distances from the mean; median deviation the
    median distance from the median; sample skewness and kurtosis are corrected for bias.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,income\n30,2000\n41,2600\n25,\n"}
        spread:
          module: compute-elementary-statistics
          parameters: {method: Sample standard deviation}
          inputs: {dataset: customers}
    """
    names = numeric(dataset, column_set, "column_set")
    if not names:
        raise ModuleError(
            "The dataset has no numeric column.",
            "Make columns Integer or Double with Edit Metadata.",
            code="no-columns",
            parameter="column_set",
        )
    measure = METHODS[method]
    result: dict[str, pa.Array] = {}
    with np.errstate(all="ignore"):
        for name in names:
            value = measure(Sample(numbers_of(dataset.column(name))), order)
            result[numbered(f"{method}({name})", result)] = pa.array([value], pa.float64())
    return pa.table(result)
