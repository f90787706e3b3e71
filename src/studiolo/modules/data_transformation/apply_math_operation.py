"""Apply Math Operation: a function of numeric columns, and of a number or other columns with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.choosing import numeric
from studiolo.modules.columns.kinds import numbers_of
from studiolo.modules.columns.naming import numbered
from studiolo.modules.columns.replacing import extended, replaced
from studiolo.modules.data_transformation.math_functions.basic import BASIC, COMPARE, OPERATIONS
from studiolo.modules.data_transformation.math_functions.function import Function, Numbers
from studiolo.modules.data_transformation.math_functions.rounding import ROUNDING
from studiolo.modules.data_transformation.math_functions.special_functions import SPECIAL
from studiolo.modules.data_transformation.math_functions.trigonometric import TRIGONOMETRIC
from studiolo.sdk import Choice, Columns, DatasetPort, ModuleError, Number, module

CATEGORIES: dict[str, Mapping[str, Function]] = {
    "Basic": BASIC,
    "Compare": COMPARE,
    "Operations": OPERATIONS,
    "Rounding": ROUNDING,
    "Special": SPECIAL,
    "Trigonometric": TRIGONOMETRIC,
}
CONSTANT, COLUMNS = "Constant", "ColumnSet"
BLOCK = 65_536  # rows at a time, so that what a function computes on its way stays in the processor's cache
APPEND, IN_PLACE, RESULT_ONLY = "Append", "Inplace", "ResultOnly"


def _group(category: str, prefix: str, label: str, type_label: str = "Second argument type") -> list[Any]:
    """Declare function, type of the second argument, its columns and its constant, for one category."""
    functions = CATEGORIES[category]
    binary = tuple(name for name, function in functions.items() if function.has_second)
    every = len(binary) == len(functions)
    return [
        Choice(
            f"{prefix}_function",
            tuple(functions),
            label=label,
            help="What to compute of each value; the help page says how.",
            when=("category", category),
            aliases=(f"{prefix}_func",),
        ),
        Choice(
            f"{prefix}_argument_type",
            (CONSTANT, COLUMNS),
            label=type_label,
            help="Constant: the same number for all rows. ColumnSet: the values of columns, row by row.",
            when=("category", category) if every else (f"{prefix}_function", binary),
            aliases=(f"{prefix}_arg_type",),
        ),
        Columns(
            f"{prefix}_argument_columns",
            label="Second argument",
            help="One numeric column for all, or one for each of the column set, in order; none means all numeric.",
            when=(f"{prefix}_argument_type", COLUMNS),
            aliases=(f"{prefix}_column_selector",),
        ),
        Number(
            f"{prefix}_constant",
            default=0,
            label="Second argument",
            help="The number that each value is taken together with.",
            when=(f"{prefix}_argument_type", CONSTANT),
            aliases=(f"{prefix}_constant",),
        ),
    ]


@module(
    id="apply-math-operation",
    name="Apply Math Operation",
    category="Data Transformation / Manipulation",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Input", "Dataset"))],
    outputs=[
        DatasetPort("results_dataset", label="Results dataset", aliases=("Result_dataset", "Results dataset"))
    ],
    parameters=[
        Choice(
            "category",
            tuple(CATEGORIES),
            label="Category",
            help="Which kind of function to choose from.",
            aliases=("category",),
        ),
        *_group("Basic", "basic", "Basic math function"),
        *_group("Compare", "compare", "Comparison function", "Value to compare type"),
        *_group("Operations", "operations", "Arithmetic operation"),
        *_group("Rounding", "rounding", "Rounding operation", "Precision type"),
        *_group("Special", "special", "Special function"),
        _group("Trigonometric", "trigonometric", "Trigonometric function")[0],
        Columns(
            "column_set",
            label="Column set",
            help="The numeric columns to compute with; none chosen means all of them.",
            aliases=("column_selector", "Column set"),
        ),
        Choice(
            "output_mode",
            (APPEND, IN_PLACE, RESULT_ONLY),
            label="Output mode",
            help="Append new columns named after the function, replace the columns, or give the new ones alone.",
            aliases=("output_mode",),
        ),
    ],
    preload=(
        "pyarrow",
        "pyarrow.compute",
        "numpy",
        "scipy.special",
        "studiolo.modules.data_transformation.math_functions.basic",
    ),
    aliases=("6bd12c13-d9c3-4522-94d3-4aa44513af57", "Math Operation"),
)
def apply_math_operation(
    dataset: pa.Table,
    *,
    category: str = "Basic",
    column_set: list[str] | None = None,
    output_mode: str = APPEND,
    **given: Any,
) -> pa.Table:
    r"""Compute a function of numeric columns.

    New columns are named `Abs(age)`, `Add(age_$2)` with a constant and `Add(age_bonus)` with a column; a name that is
    taken gets `(2)`. Comparisons give Boolean columns, everything else Double. A missing value gives a missing
    result; what has no real result (Ln of -1, 0/0) is missing too, 1/0 is infinite with its sign.

    *Column set* is the first argument. The second is a constant, one column for all, or as many columns as the set
    has, taken in order.

    - *Basic*: Atan2(y_x); Exp2(t_x) is x·2^t; Log(x_base); NthRoot(x_n), of a negative x where n is odd; Pow(x_y);
      Eps is the gap to the next Double; SqrtPi is √(π·x); factorials of whole numbers are exact, from 171 infinite.
    - *Rounding*: the second argument of Ceiling, Floor, RoundDigits (half away from zero), RoundUp (away from zero),
      RoundDown and Truncate (towards zero) is the number of decimal digits, negative before the point. Mod has the
      sign of the second argument, Remainder that of the first; Quotient is cut to a whole number. ToMultiple goes to
      the nearest multiple; ToEven and ToOdd to the nearest such number; CeilingPower2 is the ceiling squared.
    - *Special*: Beta(a_b); GammaRegularizedP and Q (a_x) and their inverses (a_p); Polygamma(x_order); elliptic
      integrals are complete, of the parameter m; ExponentialIntegralEin is Ei.
    - *Trigonometric*: in radians, or degrees where the name says so. Sinc is sin(πx)/(πx); Arg is 0 or π; Cis, Conj,
      RealPart and ImaginaryPart are those of a real number, Cis its real part.

    The designer gave +inf for x/0 whatever the sign, nothing for Sqrt(0) and for every power of a negative number,
    and ignored the order of Polygamma: these faults are not copied.

    Example:
        sales:
          module: enter-data-manually
          parameters: {data: "price,amount\n2.5,4\n1.2,10\n"}
        revenue:
          module: apply-math-operation
          parameters:
            category: Operations
            operations_function: Multiply
            operations_argument_type: ColumnSet
            operations_argument_columns: [amount]
            column_set: [price]
          inputs: {dataset: sales}
    """
    prefix = category.lower()
    functions = CATEGORIES[category]
    name = str(given.get(f"{prefix}_function") or next(iter(functions)))
    function = functions[name]
    columns = numeric(dataset, column_set, "column_set")
    if not columns:
        raise ModuleError(
            "The dataset has no numeric column to compute with.",
            "Make columns Integer or Double with Edit Metadata.",
            code="no-columns",
            parameter="column_set",
        )
    seconds = _seconds(dataset, columns, prefix, given) if function.has_second else [None] * len(columns)
    results = []
    for column, second in zip(columns, seconds, strict=True):
        other = numbers_of(dataset.column(second)) if isinstance(second, str) else second
        title = f"{name}({column})" if second is None else f"{name}({column}_{_shown(second)})"
        results.append((column, title, _computed(function, numbers_of(dataset.column(column)), other)))
    if output_mode == IN_PLACE:
        return replaced(dataset, {column: array for column, _, array in results})
    taken = set(dataset.column_names) if output_mode == APPEND else set()
    new: dict[str, pa.Array] = {}
    for _, title, array in results:
        free = numbered(title, taken, "{name}({number})")
        new[free] = array
        taken.add(free)
    return extended(dataset, new) if output_mode == APPEND else pa.table(new)


def _seconds(dataset: pa.Table, columns: list[str], prefix: str, given: Mapping[str, Any]) -> list[Any]:
    """Give for each column its second argument: the constant, or the name of a column."""
    if (given.get(f"{prefix}_argument_type") or CONSTANT) == CONSTANT:
        return [float(given.get(f"{prefix}_constant") or 0)] * len(columns)
    parameter = f"{prefix}_argument_columns"
    others = numeric(dataset, given.get(parameter), parameter)
    if len(others) == 1:
        return others * len(columns)
    if len(others) != len(columns):
        raise ModuleError(
            f"{len(columns)} columns are chosen as first argument and {len(others)} as second.",
            "Choose one column as second argument, or as many as the column set has.",
            code="bad-parameter",
            parameter=parameter,
        )
    return list(others)


def _shown(second: Any) -> str:
    if isinstance(second, str):
        return second
    return f"${int(second)}" if abs(second) < 1e15 and second == int(second) else f"${second!r}"


def _computed(function: Function, values: Numbers, other: Any) -> pa.Array:
    result = np.empty(len(values), bool if function.is_truth else np.float64)
    with np.errstate(all="ignore"):
        for start in range(0, len(values), BLOCK):
            part = slice(start, start + BLOCK)
            second = () if other is None else (other[part] if isinstance(other, np.ndarray) else other,)
            result[part] = function.compute(values[part], *second)
    if not function.is_truth:
        return pa.array(result)
    missing = np.isnan(values) | np.isnan(other)
    return pa.array(result, mask=missing if missing.any() else None)
