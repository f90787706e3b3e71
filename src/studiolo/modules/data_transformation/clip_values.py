"""Clip Values: replaces values above or below limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from studiolo.modules.columns.choosing import numeric
from studiolo.modules.columns.naming import numbered
from studiolo.modules.columns.replacing import extended, replaced
from studiolo.modules.transformations.clipping import (
    CONSTANT,
    MEAN,
    MEDIAN,
    MISSING,
    PERCENTILE,
    THRESHOLD,
    Limit,
    clipped,
)
from studiolo.sdk import Boolean, Choice, Columns, DatasetPort, ModuleError, Number, module

PEAKS, SUBPEAKS, BOTH = "ClipPeaks", "ClipSubPeaks", "ClipPeaksAndSubpeaks"
SUBSTITUTES = (THRESHOLD, MEAN, MEDIAN, MISSING)


def _threshold(name: str, label: str, mode: str, *aliases: str) -> Any:
    return Choice(
        name,
        (CONSTANT, PERCENTILE),
        label=label,
        help="Whether the limit is a number or a percentile of the column.",
        when=("set_of_thresholds", (mode,)),
        aliases=aliases,
    )


def _constant(name: str, label: str, default: float, parent: str, *aliases: str) -> Any:
    return Number(
        name,
        default=default,
        label=label,
        help="The limit; values beyond it are replaced.",
        when=(parent, (CONSTANT,)),
        aliases=aliases,
    )


def _percentile(name: str, label: str, default: float, parent: str, *aliases: str) -> Any:
    return Number(
        name,
        default=default,
        minimum=0,
        maximum=100,
        label=label,
        help="Percentile of the column's values that is the limit.",
        when=(parent, (PERCENTILE,)),
        aliases=aliases,
    )


def _substitute(name: str, label: str, mode: str, *aliases: str) -> Any:
    return Choice(
        name,
        SUBSTITUTES,
        label=label,
        help="What values beyond the limit become.",
        when=("set_of_thresholds", (mode,)),
        aliases=aliases,
    )


UPPER, LOWER = "Constant value for upper threshold", "Constant value for lower threshold"
UPPER_PERCENTILE, LOWER_PERCENTILE = (
    "Percentile value for upper threshold",
    "Percentile value for lower threshold",
)


@module(
    id="clip-values",
    name="Clip Values",
    category="Data Transformation / Scale and Reduce",
    inputs=[DatasetPort("dataset", aliases=("Input", "Dataset"))],
    outputs=[
        DatasetPort("results_dataset", label="Results dataset", aliases=("Result_dataset", "Results dataset"))
    ],
    parameters=[
        Choice(
            "set_of_thresholds",
            (PEAKS, SUBPEAKS, BOTH),
            label="Set of thresholds",
            help="Clip values above a limit, below a limit, or both.",
            aliases=("clipmode", "Set of thresholds"),
        ),
        _threshold("upper_threshold", "Upper threshold", PEAKS, "upperThreshold", "Upper threshold"),
        _constant(
            "constant_value_for_upper_threshold",
            UPPER,
            99,
            "upper_threshold",
            "constantUpperThreshold",
            UPPER,
        ),
        _percentile(
            "percentile_value_for_upper_threshold",
            UPPER_PERCENTILE,
            99,
            "upper_threshold",
            "percentileUpperThreshold",
            "Percentile number for upper threshold",
        ),
        _substitute(
            "substitute_value_for_peaks",
            "Substitute value for peaks",
            PEAKS,
            "modeUpperSubstitute",
            "Substitute value for peaks",
        ),
        _threshold("lower_threshold", "Lower threshold", SUBPEAKS, "lowerThreshold", "Lower threshold"),
        _constant(
            "constant_value_for_lower_threshold", LOWER, 1, "lower_threshold", "constantLowerThreshold", LOWER
        ),
        _percentile(
            "percentile_value_for_lower_threshold",
            LOWER_PERCENTILE,
            1,
            "lower_threshold",
            "percentileLowerThreshold",
            "Percentile number for lower threshold",
        ),
        _substitute(
            "substitute_value_for_subpeaks",
            "Substitute value for subpeaks",
            SUBPEAKS,
            "modeowerSubstitute",
            "Substitute value for subpeaks",
        ),
        _threshold("threshold", "Threshold", BOTH, "lowerUpperThreshold", "Threshold"),
        _constant(
            "constant_value_of_upper_threshold",
            UPPER,
            99,
            "threshold",
            "constantUThreshold",
            "Constant value of upper threshold",
        ),
        _percentile(
            "percentile_value_of_upper_threshold",
            UPPER_PERCENTILE,
            99,
            "threshold",
            "percentileUThreshold",
            "Percentile number of upper threshold",
        ),
        _constant(
            "constant_value_of_lower_threshold",
            LOWER,
            1,
            "threshold",
            "constantLThreshold",
            "Constant value of lower threshold",
        ),
        _percentile(
            "percentile_value_of_lower_threshold",
            LOWER_PERCENTILE,
            1,
            "threshold",
            "percentileLThreshold",
            "Percentile number of lower threshold",
        ),
        _substitute(
            "upper_substitute_value",
            "Substitute value for peaks",
            BOTH,
            "modeUSubstitute",
            "Upper substitute value",
        ),
        _substitute(
            "lower_substitute_value",
            "Substitute value for subpeaks",
            BOTH,
            "modeLSubstitute",
            "Lower substitute value",
        ),
        Columns(
            "list_of_columns",
            label="List of columns",
            help="Numeric columns; all of them when none is chosen.",
            aliases=("column_selector", "List of columns", "columns"),
        ),
        Boolean(
            "overwrite_flag",
            default=True,
            label="Overwrite flag",
            help="Change the columns in place; otherwise add NAME_clipped_value.",
            aliases=("inplace_flag", "Overwrite flag"),
        ),
        Boolean(
            "add_indicator_columns",
            label="Add indicator columns",
            help="Add a Boolean column NAME_clipped that says where a value was replaced.",
            aliases=("indicator_flag", "Add indicator columns"),
        ),
    ],
    preload=("numpy", "pyarrow", "pyarrow.compute", "studiolo.modules.transformations.clipping"),
    aliases=("cdc62e1d-b64f-424c-ac09-bb050918a668",),
)
def clip_values(
    dataset: pa.Table,
    *,
    set_of_thresholds: str = PEAKS,
    upper_threshold: str = CONSTANT,
    constant_value_for_upper_threshold: float = 99,
    percentile_value_for_upper_threshold: float = 99,
    substitute_value_for_peaks: str = THRESHOLD,
    lower_threshold: str = CONSTANT,
    constant_value_for_lower_threshold: float = 1,
    percentile_value_for_lower_threshold: float = 1,
    substitute_value_for_subpeaks: str = THRESHOLD,
    threshold: str = CONSTANT,
    constant_value_of_upper_threshold: float = 99,
    percentile_value_of_upper_threshold: float = 99,
    constant_value_of_lower_threshold: float = 1,
    percentile_value_of_lower_threshold: float = 1,
    upper_substitute_value: str = THRESHOLD,
    lower_substitute_value: str = THRESHOLD,
    list_of_columns: Sequence[str] = (),
    overwrite_flag: bool = True,
    add_indicator_columns: bool = False,
) -> pa.Table:
    r"""Replace numbers above or below a limit.

    The limit is a number, or a percentile of each column. What lies beyond it becomes the limit, the mean or
    median of the column, or missing. Percentile, mean and median are those of the column before clipping,
    without missing and infinite values; a value equal to the limit stays. Missing values stay missing; infinite
    values lie beyond any limit.

    An Integer column stays Integer where what is put in is whole, and becomes Double otherwise.

    The designer put the upper limit in for values below the lower one, a fault that is not repeated. The
    classic product's limits were -1 and 1 unless set.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age\n30\n41\n250\n-3\n"}
        clipped:
          module: clip-values
          parameters:
            set_of_thresholds: ClipPeaksAndSubpeaks
            constant_value_of_upper_threshold: 120
            constant_value_of_lower_threshold: 0
            lower_substitute_value: Missing
            add_indicator_columns: true
          inputs: {dataset: customers}
    """
    is_constant = threshold == CONSTANT
    if set_of_thresholds == PEAKS:
        upper = constant_value_for_upper_threshold
        upper = upper if upper_threshold == CONSTANT else percentile_value_for_upper_threshold
        limits = [Limit(True, upper_threshold, upper, substitute_value_for_peaks)]
    elif set_of_thresholds == SUBPEAKS:
        lower = constant_value_for_lower_threshold
        lower = lower if lower_threshold == CONSTANT else percentile_value_for_lower_threshold
        limits = [Limit(False, lower_threshold, lower, substitute_value_for_subpeaks)]
    else:
        upper = constant_value_of_upper_threshold if is_constant else percentile_value_of_upper_threshold
        lower = constant_value_of_lower_threshold if is_constant else percentile_value_of_lower_threshold
        _check_order(lower, upper, "constant" if is_constant else "percentile")
        limits = [
            Limit(True, threshold, upper, upper_substitute_value),
            Limit(False, threshold, lower, lower_substitute_value),
        ]
    return _clipped(
        dataset,
        numeric(dataset, list_of_columns, "list_of_columns"),
        limits,
        in_place=overwrite_flag,
        with_indicators=add_indicator_columns,
    )


def _check_order(lower: float, upper: float, what: str) -> None:
    if lower > upper:
        raise ModuleError(
            f"The lower threshold, {lower:g}, is greater than the upper one, {upper:g}.",
            "Set a lower threshold that is at most the upper one.",
            code="bad-parameter",
            parameter=f"{what}_value_of_lower_threshold",
        )


def _clipped(
    dataset: pa.Table, names: list[str], limits: list[Limit], *, in_place: bool, with_indicators: bool
) -> pa.Table:
    changed, added = {}, {}
    for name in names:
        values, is_clipped = clipped(dataset.column(name), limits)
        if in_place:
            changed[name] = values
        else:
            added[f"{name}_clipped_value"] = values
        if with_indicators:
            added[f"{name}_clipped"] = is_clipped
    taken = set(dataset.column_names)
    new: dict[str, pa.Array] = {}
    for name, array in added.items():
        free = numbered(name, taken)
        taken.add(free)
        new[free] = array
    return extended(replaced(dataset, changed), new)
