"""Group Data into Bins: turns numbers into the number of the range that they fall into."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.choosing import numeric
from studiolo.modules.columns.kinds import missing_in, numbers_of, one_chunk
from studiolo.modules.transformations.bins import (
    APPEND,
    IN_PLACE,
    INDEX,
    PERCENT,
    PQUANTILE,
    RESULT_ONLY,
    Bins,
    equal_edges,
    quantile_edges,
)
from studiolo.modules.transformations.entropy_splits import entropy_edges
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
from studiolo.sdk.roles import LABEL, columns_with_role

QUANTILES, EQUAL, CUSTOM, ENTROPY, STEPS = (
    "Quantiles",
    "Equal Width",
    "Custom Edges",
    "Entropy MDL",
    "Equal Width With Custom Start and Stop",
)
MOST_BINS = 100_000
MOST_CELLS = 5_000_000


@module(
    id="group-data-into-bins",
    name="Group Data into Bins",
    category="Data Transformation / Scale and Reduce",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[
        DatasetPort("quantized_dataset", label="Quantized dataset", aliases=("Quantized dataset",)),
        ObjectPort(
            "binning_transformation",
            holds="transformation",
            label="Binning transformation",
            aliases=("Binning transformation", "Binning function"),
        ),
    ],
    parameters=[
        Choice(
            "binning_mode",
            (QUANTILES, EQUAL, CUSTOM, ENTROPY, STEPS),
            label="Binning mode",
            help="How the edges between the bins are found.",
            aliases=("Binning mode",),
        ),
        Columns(
            "columns_to_bin",
            label="Columns to bin",
            help="Numeric columns; none chosen means all of them.",
            aliases=("Columns to bin",),
        ),
        Choice(
            "output_mode",
            (APPEND, IN_PLACE, RESULT_ONLY),
            label="Output mode",
            help="Append new columns named <column>_quantized, replace the columns, or give the new ones alone.",
            aliases=("Output mode",),
        ),
        Boolean(
            "tag_columns_as_categorical",
            default=True,
            label="Tag columns as categorical",
            help="Make the new columns Categorical, so that learners take bins as kinds and not as amounts.",
            aliases=("Tag columns as categorical",),
        ),
        Integer(
            "number_of_bins",
            default=10,
            minimum=1,
            maximum=MOST_BINS,
            label="Number of bins",
            help="How many bins to make; Entropy MDL makes at most so many.",
            when=("binning_mode", (QUANTILES, EQUAL, ENTROPY)),
            aliases=("Number of bins",),
        ),
        Choice(
            "quantile_normalization",
            (PERCENT, PQUANTILE, INDEX),
            label="Quantile normalization",
            help="What stands for a bin: its place between 0 and 100, its place between 0 and 1, or its number from 1.",
            when=("binning_mode", QUANTILES),
            aliases=("Quantile normalization",),
        ),
        Number(
            "first_edge_position",
            default=0.0,
            label="First edge position",
            help="The first edge; the bin below it takes all smaller values.",
            when=("binning_mode", STEPS),
            aliases=("First edge position",),
        ),
        Number(
            "bin_width",
            default=0.5,
            label="Bin width",
            help="Distance from edge to edge, greater than 0.",
            when=("binning_mode", STEPS),
            aliases=("Bin width",),
        ),
        Number(
            "last_edge_position",
            default=1.0,
            label="Last edge position",
            help="No edge lies above it.",
            when=("binning_mode", STEPS),
            aliases=("Last edge position",),
        ),
        Text(
            "comma_separated_list_of_bin_edges",
            label="Comma-separated list of bin edges",
            help="Ascending numbers, such as 0, 18, 65; each is the lower boundary of a bin.",
            when=("binning_mode", CUSTOM),
            aliases=("Comma-separated list of bin edges",),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy", "studiolo.modules.transformations.bins"),
    aliases=(
        "08550dd9-c5d3-4538-8188-96a9024ed92d",
        "61dd433a-ee80-4ac3-87f0-b54708644d93",
        "Quantize Data",
        "Quantize",
    ),
)
def group_data_into_bins(
    dataset: pa.Table,
    *,
    binning_mode: str = QUANTILES,
    columns_to_bin: list[str] | None = None,
    output_mode: str = APPEND,
    tag_columns_as_categorical: bool = True,
    number_of_bins: int = 10,
    quantile_normalization: str = PERCENT,
    first_edge_position: float = 0.0,
    bin_width: float = 0.5,
    last_edge_position: float = 1.0,
    comma_separated_list_of_bin_edges: str = "",
) -> tuple[pa.Table, Bins]:
    r"""Put the numbers of columns into bins.

    - *Quantiles*: bins with about equally many rows.
    - *Equal Width*: bins of the same width from the least to the greatest value.
    - *Custom Edges*: the edges that are typed in.
    - *Equal Width With Custom Start and Stop*: edges at first, first + width … up to last.
    - *Entropy MDL*: the edges that separate the classes of the label column best. The dataset needs a column
      marked as label (Edit Metadata).

    An edge is the lower boundary of the bin after it. Below the first edge and from the last one on there is a bin
    too, so that n edges make n + 1 bins; there, infinities and values that the edges were not made from find their
    place. Bins are numbered from 1, and that number is the result; in the mode Quantiles it is by default the place
    in percent, 100 · number / (bins + 1). Missing stays missing. Many equal values can make fewer bins than asked
    for. New columns are named `<column>_quantized`, or `<column>_quantized_2` where that is taken.

    The binning transformation bins another dataset by the same edges (Apply Transformation). The designer's found
    new edges there, a fault that is not copied; and it had neither Entropy MDL nor custom start and stop.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age\n15\n30\n41\n\n70\n"}
        groups:
          module: group-data-into-bins
          parameters: {binning_mode: Custom Edges, comma_separated_list_of_bin_edges: "18, 65"}
          inputs: {dataset: customers}
    """
    names = numeric(dataset, columns_to_bin, "columns_to_bin")
    if not names:
        raise ModuleError(
            "The dataset has no numeric column to bin.",
            "Make columns Integer or Double with Edit Metadata.",
            code="no-columns",
            parameter="columns_to_bin",
        )
    numbers = {name: numbers_of(dataset.column(name)) for name in names}
    if binning_mode == QUANTILES:
        edges = {name: quantile_edges(values, number_of_bins) for name, values in numbers.items()}
    elif binning_mode == EQUAL:
        edges = {name: equal_edges(values, number_of_bins) for name, values in numbers.items()}
    elif binning_mode == ENTROPY:
        edges = _entropy_edges(dataset, numbers, number_of_bins)
    else:
        given = (
            _typed_edges(comma_separated_list_of_bin_edges)
            if binning_mode == CUSTOM
            else _steps(float(first_edge_position), float(bin_width), float(last_edge_position))
        )
        edges = dict.fromkeys(names, given)
    bins = Bins(
        title="Group Data into Bins",
        edges=edges,
        output=output_mode,
        is_categorical=tag_columns_as_categorical,
        normalization=quantile_normalization if binning_mode == QUANTILES else INDEX,
        mode=binning_mode,
    )
    return bins.apply(dataset), bins


def _typed_edges(text: str) -> Any:
    parameter = "comma_separated_list_of_bin_edges"
    edges = []
    for part in text.replace(";", ",").split(","):
        if part.strip():
            try:
                edges.append(float(part))
            except ValueError:
                raise _refused(f'The bin edge "{part.strip()[:40]}" is not a number.', parameter) from None
    if not edges:
        raise _refused("No bin edge is given.", parameter)
    if not np.all(np.isfinite(edges)) or any(b <= a for a, b in pairwise(edges)):
        raise _refused("The bin edges are not finite and ascending.", parameter)
    return np.asarray(edges, np.float64)


def _steps(first: float, width: float, last: float) -> Any:
    for value, parameter in ((first, "first_edge_position"), (last, "last_edge_position")):
        if not np.isfinite(value):
            raise _refused(f"The edge position {value:g} is no finite number.", parameter, "Give a number.")
    if not width > 0:
        raise _refused(f"The bin width is {width:g}.", "bin_width", "Give a width greater than 0.")
    if last < first:
        raise _refused(
            f"The last edge, {last:g}, lies below the first, {first:g}.",
            "last_edge_position",
            "Give a last edge above the first.",
        )
    count = np.floor((last - first) / width * (1 + 1e-12)) + 1
    if count >= MOST_BINS:
        raise _refused(
            f"A bin width of {width:g} makes more than {MOST_BINS:,} bins.", "bin_width", "Widen it."
        )
    return np.unique(first + width * np.arange(int(count)))  # a small width may be lost beside a large edge


def _refused(
    summary: str, parameter: str, hint: str = "Give numbers in ascending order, such as 0, 18, 65."
) -> ModuleError:
    return ModuleError(summary, hint, code="bad-parameter", parameter=parameter)


def _entropy_edges(dataset: pa.Table, numbers: dict[str, Any], most: int) -> dict[str, Any]:
    labels = columns_with_role(dataset, LABEL)
    if len(labels) != 1:
        raise ModuleError(
            f"Entropy MDL needs one label column; the dataset has {len(labels)}.",
            "Mark the column to predict as label with Edit Metadata.",
            code="not-labeled",
            port="dataset",
        )
    label = one_chunk(dataset.column(labels[0]))
    encoded = label if pa.types.is_dictionary(label.type) else pc.dictionary_encode(label)
    classes = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    known = ~missing_in(label).to_numpy(zero_copy_only=False)
    edges = {}
    for name, values in numbers.items():
        if name == labels[0]:
            continue
        usable = known & np.isfinite(values)
        if len(encoded.dictionary) * min(int(usable.sum()), 2**40) > MOST_CELLS:
            distinct = len(np.unique(values[usable]))
            if distinct * len(encoded.dictionary) > MOST_CELLS:
                raise ModuleError(
                    f'The label "{labels[0][:80]}" has {len(encoded.dictionary):,} classes, too many for Entropy MDL.',
                    "Bin the label first, or choose the mode Quantiles.",
                    code="too-many-cells",
                    parameter="binning_mode",
                )
        edges[name] = entropy_edges(values[usable], classes[usable], most)
    return edges
