"""Clean Missing Data: fills missing values, or removes rows or columns that have some."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from studiolo.modules.columns.choosing import present
from studiolo.modules.columns.kinds import is_numeric, kind_of, missing_count
from studiolo.modules.transformations.cleaning import Cleaning
from studiolo.modules.transformations.imputation import ChainedEquations, ProbabilisticPca
from studiolo.modules.transformations.substitutes import custom_value, statistic
from studiolo.sdk import (
    Boolean,
    Choice,
    Columns,
    DatasetPort,
    Integer,
    ModuleError,
    Number,
    ObjectPort,
    Text,
    module,
)

CUSTOM, ROW, COLUMN = "Custom substitution value", "Remove entire row", "Remove entire column"
STATISTICS = ("Replace with mean", "Replace with median", "Replace with mode")
MICE, PCA = "Replace using MICE", "Replace using Probabilistic PCA"
MODES = (MICE, CUSTOM, *STATISTICS, ROW, COLUMN, PCA)
NUMERIC_ONLY = ("Replace with mean", "Replace with median", MICE, PCA)
PARAMETER = "columns_to_be_cleaned"


@module(
    id="clean-missing-data",
    name="Clean Missing Data",
    category="Data Transformation / Manipulation",
    inputs=[DatasetPort("dataset", aliases=("Dataset",))],
    outputs=[
        DatasetPort("cleaned_dataset", label="Cleaned dataset", aliases=("Cleaned dataset",)),
        ObjectPort(
            "cleaning_transformation",
            holds="transformation",
            label="Cleaning transformation",
            aliases=("Cleaning transformation",),
        ),
    ],
    parameters=[
        Columns(
            PARAMETER,
            label="Columns to be cleaned",
            help="The columns to clean; all of them when none is chosen.",
            aliases=("Columns to be cleaned", "columns"),
        ),
        Number(
            "minimum_missing_value_ratio",
            default=0.0,
            minimum=0,
            maximum=1,
            label="Minimum missing value ratio",
            help="Clean only columns in which at least this share of the rows is missing.",
            aliases=("Minimum missing value ratio",),
        ),
        Number(
            "maximum_missing_value_ratio",
            default=1.0,
            minimum=0,
            maximum=1,
            label="Maximum missing value ratio",
            help="Clean only columns in which at most this share of the rows is missing.",
            aliases=("Maximum missing value ratio",),
        ),
        Choice(
            "cleaning_mode",
            MODES,
            default=CUSTOM,
            label="Cleaning mode",
            help="What happens with missing values.",
            aliases=("Cleaning mode",),
        ),
        Text(
            "replacement_value",
            default="0",
            label="Replacement value",
            help="What every missing value becomes; it must fit the type of each column.",
            when=("cleaning_mode", (CUSTOM,)),
            aliases=("Replacement value",),
        ),
        Choice(
            "cols_with_all_missing_values",
            ("Propagate", "Remove"),
            default="Remove",
            label="Cols with all missing values",
            help="Whether columns without any value stay as they are or are removed.",
            when=("cleaning_mode", (MICE, *STATISTICS, PCA)),
            aliases=("Cols with all missing values",),
        ),
        Boolean(
            "generate_missing_value_indicator_column",
            label="Generate missing value indicator column",
            help="Add a Boolean column NAME_IsMissing for each column that is filled.",
            when=("cleaning_mode", (MICE, PCA, *STATISTICS, CUSTOM)),
            aliases=("Generate missing value indicator column",),
        ),
        Integer(
            "number_of_iterations",
            default=5,
            minimum=1,
            maximum=10,
            label="Number of iterations",
            help="Rounds in which MICE predicts each column from the others.",
            when=("cleaning_mode", (MICE,)),
            aliases=("Number of Iterations",),
        ),
        Integer(
            "number_of_iterations_for_pca_prediction",
            default=10,
            minimum=1,
            maximum=50,
            label="Number of iterations for PCA prediction",
            help="Steps of expectation maximisation that fit the principal components.",
            when=("cleaning_mode", (PCA,)),
            aliases=("Number of Iterations for PCA Prediction",),
        ),
    ],
    preload=("numpy", "pyarrow", "pyarrow.compute", "studiolo.modules.transformations.cleaning"),
    aliases=("d2c5ca2f-7323-41a3-9b7e-da917c99f0c4",),
)
def clean_missing_data(
    dataset: pa.Table,
    *,
    columns_to_be_cleaned: Sequence[str] = (),
    minimum_missing_value_ratio: float = 0.0,
    maximum_missing_value_ratio: float = 1.0,
    cleaning_mode: str = CUSTOM,
    replacement_value: str = "0",
    cols_with_all_missing_values: str = "Remove",
    generate_missing_value_indicator_column: bool = False,
    number_of_iterations: int = 5,
    number_of_iterations_for_pca_prediction: int = 10,
) -> tuple[pa.Table, Cleaning]:
    r"""Fill missing values, or remove the rows or columns that have some.

    Only chosen columns count whose share of missing values lies between the two ratios, both included. A column
    without missing values is left alone and gets no indicator. NaN is missing; an infinite value is not.

    Custom substitution value converts the text to the type of each column; `0.5` makes an Integer column
    Double. Mean, median, MICE and Probabilistic PCA fill Integer and Double columns, and these become Double;
    other columns with gaps are an error. Mode takes the most frequent value: of several, their mean in numeric
    columns and the first in order elsewhere. A column without any value is removed or, with Propagate, left as
    it is.

    MICE predicts each column from all chosen numeric columns by Bayesian ridge regression, round by round,
    without drawing at random. Probabilistic PCA fits half as many components as there are numeric columns. The
    designer had neither; results differ from those of the classic product in their decimals. Classic rounded
    the mean of Integer columns; the designer, followed here, did not.

    The second output, connected to Apply Transformation, fills other data with the same fitted values; also
    gaps in chosen columns that had none here, except by MICE and Probabilistic PCA, which fill only columns
    that had some. Rows are removed by the gaps of the data at hand. Indicator columns are made there too; the
    classic product left them out.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,city\n30,Rome\n,Oslo\n50,\n"}
        clean:
          module: clean-missing-data
          parameters: {columns_to_be_cleaned: [age], cleaning_mode: Replace with mean}
          inputs: {dataset: customers}
    """
    if minimum_missing_value_ratio > maximum_missing_value_ratio:
        raise ModuleError(
            f"The minimum missing value ratio, {minimum_missing_value_ratio}, is greater than the maximum.",
            "Set a minimum that is at most the maximum.",
            code="bad-parameter",
            parameter="minimum_missing_value_ratio",
        )
    chosen = list(dict.fromkeys(columns_to_be_cleaned)) or list(dataset.column_names)
    present(dataset, chosen, PARAMETER)
    counts = {name: missing_count(dataset.column(name)) for name in chosen}
    rows = max(dataset.num_rows, 1)
    lowest, highest = minimum_missing_value_ratio, maximum_missing_value_ratio
    counts = {name: count for name, count in counts.items() if lowest <= count / rows <= highest}
    gaps = [name for name, count in counts.items() if count]
    result = Cleaning("Clean Missing Data", cleaning_mode)
    if cleaning_mode == ROW:
        result.rows_by = list(counts)
    elif cleaning_mode == COLUMN:
        result.removed = gaps
    elif cleaning_mode == CUSTOM:
        result.replacements = _custom_values(dataset, counts, replacement_value)
    else:
        empty = [name for name in gaps if counts[name] == dataset.num_rows]
        gaps = [name for name in gaps if name not in empty]
        result.removed = empty if cols_with_all_missing_values == "Remove" else []
        counts = {name: count for name, count in counts.items() if name not in empty}
    if cleaning_mode in NUMERIC_ONLY:
        _require_numeric(dataset, gaps, cleaning_mode)
    if cleaning_mode in STATISTICS:
        _fit_statistics(result, dataset, list(counts), gaps)
    if generate_missing_value_indicator_column and cleaning_mode not in (ROW, COLUMN):
        result.indicators = gaps
    filled = None
    if cleaning_mode in (MICE, PCA) and gaps:
        result.imputed, result.predictors = gaps, _predictors(dataset, chosen)
        if cleaning_mode == MICE:
            result.imputer = ChainedEquations(number_of_iterations)
        else:
            result.imputer = ProbabilisticPca(number_of_iterations_for_pca_prediction)
        filled = result.imputer.fit(result.matrix_of(dataset))
    return result.cleaned(dataset, filled), result


def _predictors(dataset: pa.Table, chosen: list[str]) -> list[str]:
    """Give the chosen numeric columns that have a value."""
    numbers = [name for name in chosen if is_numeric(dataset.schema.field(name).type)]
    return [name for name in numbers if missing_count(dataset.column(name)) < dataset.num_rows]


def _custom_values(dataset: pa.Table, counts: dict[str, int], text: str) -> dict[str, pa.Scalar]:
    """Give the value for each column; one without missing values may be of a type that the text doesn't fit."""
    values = {}
    for name, missing in counts.items():
        try:
            values[name] = custom_value(dataset.column(name), text, name, "replacement_value")
        except ModuleError:
            if missing:
                raise
    return values


def _fit_statistics(result: Cleaning, dataset: pa.Table, names: list[str], gaps: list[str]) -> None:
    """Fit a value for each column; columns without missing values get one for other data, where one can be had."""
    for name in names:
        column = dataset.column(name)
        if name not in gaps and result.mode in NUMERIC_ONLY and not is_numeric(column.type):
            continue
        if not dataset.num_rows:
            continue
        try:
            result.replacements[name] = statistic(column, result.mode, name, PARAMETER)
        except ModuleError:
            if name in gaps:
                raise
    result.always = [name for name in gaps if name in result.replacements]


def _require_numeric(dataset: pa.Table, gaps: list[str], mode: str) -> None:
    for name in gaps:
        data_type = dataset.schema.field(name).type
        if not is_numeric(data_type):
            raise ModuleError(
                f'"{mode}" needs numbers; the column "{name[:80]}" is {kind_of(data_type)} and has missing values.',
                "Leave it out of the choice, or clean it in a second node, with Replace with mode for example.",
                code="wrong-column-type",
                parameter=PARAMETER,
            )
