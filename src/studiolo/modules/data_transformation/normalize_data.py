"""Normalize Data: brings numeric columns to a common scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyarrow as pa

from studiolo.modules.columns.choosing import numeric
from studiolo.modules.columns.replacing import replaced
from studiolo.modules.transformations.normalization import Normalization, finite, fit
from studiolo.sdk import Boolean, Choice, Columns, DatasetPort, ModuleError, ObjectPort, module

METHODS = ("ZScore", "MinMax", "Logistic", "LogNormal", "Tanh")


@module(
    id="normalize-data",
    name="Normalize Data",
    category="Data Transformation / Scale and Reduce",
    inputs=[DatasetPort("dataset", aliases=("Dataset",))],
    outputs=[
        DatasetPort("transformed_dataset", label="Transformed dataset", aliases=("Transformed dataset",)),
        ObjectPort(
            "transformation_function",
            holds="transformation",
            label="Transformation function",
            aliases=("Transformation function",),
        ),
    ],
    parameters=[
        Choice(
            "transformation_method",
            METHODS,
            label="Transformation method",
            help="The formula: ZScore (x - mean) / σ, MinMax 0 to 1, or Logistic, LogNormal, Tanh.",
            aliases=("Transformation method",),
        ),
        Columns(
            "columns_to_transform",
            label="Columns to transform",
            help="Numeric columns; all of them when none is chosen.",
            aliases=("Columns to transform", "columns"),
        ),
        Boolean(
            "use_0_for_constant_columns",
            default=True,
            label="Use 0 for constant columns",
            help="A column with one value only becomes 0; otherwise its values become missing.",
            when=("transformation_method", ("ZScore", "MinMax", "LogNormal")),
            aliases=("Use 0 for constant columns when checked",),
        ),
    ],
    preload=("numpy", "pyarrow", "pyarrow.compute", "studiolo.modules.transformations.normalization"),
    aliases=("986df333-6748-4b85-923d-871df70d6aaf",),
)
def normalize_data(
    dataset: pa.Table,
    *,
    transformation_method: str = "ZScore",
    columns_to_transform: Sequence[str] = (),
    use_0_for_constant_columns: bool = True,
) -> tuple[pa.Table, Normalization]:
    r"""Bring numeric columns to a common scale.

    ZScore gives (x - mean) / σ with the standard deviation of the population. MinMax gives (x - min) /
    (max - min). Logistic gives 1 / (1 + exp(-x)) and Tanh the hyperbolic tangent; both need no fit. LogNormal
    fits the mean and standard deviation of the logarithms of the positive values and gives the probability of
    a smaller value, 0 for x ≤ 0.

    The columns are changed in place and become Double. Missing values stay missing and infinite ones become
    missing; neither counts in the fit. A column without any value is left alone. A column whose standard
    deviation is below 1e-9 (with MinMax: whose range is 0) is constant. Boolean columns are no numbers here.

    The second output repeats the same formula with the same fitted values on another dataset: connect it to
    Apply Transformation.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,income\n30,1000\n50,5000\n40,\n"}
        normalized:
          module: normalize-data
          parameters: {transformation_method: ZScore, columns_to_transform: [age, income]}
          inputs: {dataset: customers}
    """
    function = Normalization("Normalize Data", transformation_method, use_0_for_constant_columns)
    changed = {}
    for name in numeric(dataset, columns_to_transform, "columns_to_transform"):
        values = finite(dataset, name)
        fitted = fit(transformation_method, values)
        if fitted is not None:
            _check(name, fitted)
            function.fitted[name] = fitted
            changed[name] = function.scaled(values, name)
    return replaced(dataset, changed), function


def _check(name: str, fitted: tuple[float, float]) -> None:
    if not math.isfinite(fitted[0]) or not math.isfinite(fitted[1]):
        raise ModuleError(
            f'The values of the column "{name[:80]}" are too far apart to be normalized.',
            "Bring its largest values down first, with Clip Values for example.",
            code="value-does-not-fit",
            parameter="columns_to_transform",
        )
