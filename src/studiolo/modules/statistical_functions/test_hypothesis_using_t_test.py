"""Test Hypothesis Using t-Test: whether a mean, or the difference of two, is what was supposed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from scipy import special

from studiolo.modules.columns.choosing import numeric, required
from studiolo.modules.columns.kinds import numbers_of
from studiolo.sdk import Boolean, Choice, Columns, DatasetPort, ModuleError, Number, module

SINGLE, PAIRED, UNPAIRED = "Single sample", "Paired", "Unpaired"
TWO, GREATER, LESS = "Two-tail", "One-tail GT", "One-tail LT"


@module(
    id="test-hypothesis-using-t-test",
    name="Test Hypothesis Using t-Test",
    category="Statistical Functions",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[
        DatasetPort("p", label="P", aliases=("P",)),
        DatasetPort("reject_h0", label="Reject H0", aliases=("Reject H0",)),
    ],
    parameters=[
        Choice(
            "test_type",
            (SINGLE, PAIRED, UNPAIRED),
            label="Type of t-test",
            help="One column against a number, two columns row by row, or two columns as two samples.",
        ),
        Choice(
            "hypothesis_type",
            (TWO, GREATER, LESS),
            label="Hypothesis type",
            help="What speaks against H0: any difference, a greater mean (GT), or a smaller one (LT).",
            aliases=("Hypothesis type",),
        ),
        Number(
            "null_hypothesized_mu",
            default=0.0,
            label="Null hypothesized μ",
            help="The mean that H0 supposes.",
            when=("test_type", SINGLE),
            aliases=("Null hypothesized μ",),
        ),
        Columns(
            "target_columns",
            label="Target column(s)",
            help="One numeric column for a single sample, two for the other tests.",
            required=True,
            aliases=("Target column(s)", "Target columns"),
        ),
        Boolean(
            "assume_equal_variances",
            default=True,
            label="Assume equal variances",
            help="Student's test; otherwise Welch's.",
            when=("test_type", UNPAIRED),
            aliases=("Assume equal variances",),
        ),
        Number(
            "null_hypothesized_mu1",
            default=0.0,
            label="Null hypothesized μ1",
            help="The difference of the means (first less second) that H0 supposes.",
            when=("test_type", (PAIRED, UNPAIRED)),
            aliases=("Null hypothesized μ1",),
        ),
        Number(
            "alpha",
            default=0.95,
            minimum=0,
            maximum=1,
            label="α",
            help="Confidence: H0 is rejected when P is less than 1 - α.",
            aliases=("α",),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy", "scipy.special"),
    aliases=("d15ec08c-2af6-4437-be31-70262ec70806", "t-Test"),
)
def test_hypothesis_using_t_test(
    dataset: pa.Table,
    *,
    test_type: str = SINGLE,
    hypothesis_type: str = TWO,
    null_hypothesized_mu: float = 0.0,
    target_columns: list[str] | None = None,
    assume_equal_variances: bool = True,
    null_hypothesized_mu1: float = 0.0,
    alpha: float = 0.95,
) -> tuple[pa.Table, pa.Table]:
    r"""Test whether a mean, or the difference of two means, is what was supposed.

    The output P is one row with the Double column `P`, the output Reject H0 one with the Boolean column `Reject H0`.
    Missing values don't count, in the paired test a row with a missing value. Each sample needs two values. When no
    value differs from another, P is 0, or missing if the mean is exactly the supposed one; then H0 stays.

    H0 is rejected when P < 1 - α. Classic rejected it when P < α, with 0.95 as the default: with the usual α it
    rejected nearly everything.

    Example:
        trial:
          module: enter-data-manually
          parameters: {data: "before,after\n5.1,4.8\n6.0,5.2\n5.5,5.1\n6.2,6.0\n"}
        test:
          module: test-hypothesis-using-t-test
          parameters: {test_type: Paired, target_columns: [before, after]}
          inputs: {dataset: trial}
    """
    names = numeric(dataset, required(dataset, target_columns, "target_columns"), "target_columns")
    wanted = 1 if test_type == SINGLE else 2
    if len(names) != wanted:
        raise ModuleError(
            f"The {test_type.lower()} test compares {wanted} column{'s' * (wanted > 1)}; {len(names)} are chosen.",
            "Choose one column for a single sample, two for the other tests.",
            code="too-many-columns" if len(names) > wanted else "no-columns",
            parameter="target_columns",
        )
    samples = [numbers_of(dataset.column(name)) for name in names]
    if test_type == PAIRED:
        with np.errstate(all="ignore"):
            samples, names = [samples[0] - samples[1]], [" - ".join(names)]
    samples = [_usable(sample, name) for sample, name in zip(samples, names, strict=True)]
    supposed = null_hypothesized_mu if test_type == SINGLE else null_hypothesized_mu1
    with np.errstate(all="ignore"):
        t, freedom = _statistic(samples, supposed, assume_equal_variances)
    if hypothesis_type == TWO:
        p = 2 * special.stdtr(freedom, -abs(t))
    else:
        p = special.stdtr(freedom, -t if hypothesis_type == GREATER else t)
    return pa.table({"P": [float(p)]}), pa.table({"Reject H0": [bool(p < 1 - alpha)]})


def _usable(values: Any, name: str) -> Any:
    present = values[~np.isnan(values)]
    if len(present) < 2 or not np.isfinite(present).all():
        why = (
            "has an infinite value"
            if len(present) >= 2
            else f"has {len(present)} value{'s' * (len(present) != 1)}"
        )
        raise ModuleError(
            f'The sample "{name[:80]}" {why}; a t-test needs two or more finite ones.',
            "Choose another column, or clean it before.",
            code="no-rows" if len(present) < 2 else "value-does-not-fit",
            parameter="target_columns",
        )
    return present


def _statistic(samples: list[Any], supposed: float, is_equal: bool) -> tuple[float, float]:
    """Give t and the degrees of freedom (Student 1908, Welch 1947)."""
    sizes = [len(sample) for sample in samples]
    variances = [float(sample.var(ddof=1)) for sample in samples]
    if len(samples) == 1:
        difference = float(samples[0].mean()) - supposed
        error, freedom = variances[0] / sizes[0], sizes[0] - 1.0
    else:
        difference = float(samples[0].mean() - samples[1].mean()) - supposed
        freedom = sum(sizes) - 2.0
        if is_equal:
            pooled = sum((n - 1) * v for n, v in zip(sizes, variances, strict=True)) / freedom
            error = pooled * (1 / sizes[0] + 1 / sizes[1])
        else:
            parts = [v / n for v, n in zip(variances, sizes, strict=True)]
            error = sum(parts)
            below = sum(part * part / (n - 1) for part, n in zip(parts, sizes, strict=True))
            freedom = error * error / below if below else freedom
    return float(np.divide(difference, np.sqrt(error))), freedom
