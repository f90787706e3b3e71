"""SMOTE: adds made-up rows of the rarest class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.choosing import one
from studiolo.modules.columns.kinds import missing_in, one_chunk
from studiolo.modules.sampling.synthetic import Rows, synthetic_rows
from studiolo.modules.seeds import seed
from studiolo.sdk import Columns, DatasetPort, Integer, ModuleError, module

MOST_CELLS = 250_000_000


@module(
    id="smote",
    name="SMOTE",
    category="Data Transformation / Manipulation",
    inputs=[DatasetPort("samples", aliases=("Samples",))],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Table", "Results dataset"))],
    parameters=[
        Columns(
            "label_column",
            required=True,
            label="Label column",
            help="The column with the classes.",
            aliases=("Label column",),
        ),
        Integer(
            "smote_percentage",
            default=100,
            minimum=0,
            label="SMOTE percentage",
            help="How many rows to add, in hundredths of the rows of the rarest class; 100 doubles them.",
            aliases=("SMOTE percentage",),
        ),
        Integer(
            "number_of_nearest_neighbors",
            default=1,
            minimum=1,
            label="Number of nearest neighbors",
            help="Among how many near rows the partner of a new row is drawn.",
            aliases=("Number of nearest neighbors",),
        ),
        seed(
            "random_seed",
            help="Equal seeds give equal rows; 0 is a seed like any other.",
            aliases=("Random seed",),
        ),
    ],
    passes_through=True,
    preload=("numpy", "pyarrow", "pyarrow.compute", "studiolo.modules.sampling.synthetic"),
    aliases=("9f3fe1c4-520e-49ac-a152-2e104169912a",),
)
def smote(
    samples: pa.Table,
    *,
    label_column: Sequence[str] = (),
    smote_percentage: int = 100,
    number_of_nearest_neighbors: int = 1,
    random_seed: int = 0,
) -> pa.Table:
    r"""Add made-up rows of the rarest class, each between a row and one of its nearest neighbours.

    Of the class with the fewest rows (of several, the first in order) there are `int((100 + percentage) / 100 *
    rows)` rows afterwards; all rows of the dataset stay, the new ones follow. The label column comes first, as
    in the designer.

    Integer and Double columns get a value between the row's and its neighbour's, rounded in Integer columns;
    other columns take the one's or the other's. Neighbours are the nearest by the numeric columns as they are:
    normalize the data first where their scales differ. A missing value counts as the mean of the class in the
    distance; a new value between a missing one and another is the other. At most all other rows of the class
    are neighbours.

    In a published service the rows go through unchanged.

    N. V. Chawla and others, SMOTE: Synthetic Minority Over-sampling Technique, 2002.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,churned\n30,0\n41,1\n25,0\n58,1\n33,0\n47,0\n"}
        more:
          module: smote
          parameters: {label_column: [churned], smote_percentage: 100}
          inputs: {samples: customers}
    """
    label = one(samples, label_column, "label_column", "samples")
    ordered = samples.select([label, *(name for name in samples.column_names if name != label)])
    rows = _rarest(ordered.column(label), label)
    count = (100 + smote_percentage) * len(rows) // 100 - len(rows)
    if not count:
        return ordered
    if count * ordered.num_columns > MOST_CELLS:
        raise ModuleError(
            f"A percentage of {smote_percentage} makes {count:,} new rows, which are too many.",
            f"At most {MOST_CELLS:,} new cells are possible; choose a smaller percentage.",
            code="too-many-cells",
            parameter="smote_percentage",
        )
    if len(rows) < 2:
        raise ModuleError(
            f'The rarest class of the label column "{label[:80]}" has one row only, which has no neighbour.',
            "Give it two rows at least, or set the percentage to 0.",
            code="no-rows",
            parameter="label_column",
        )
    neighbours = min(number_of_nearest_neighbors, len(rows) - 1)
    return synthetic_rows(ordered, rows, count, neighbours=neighbours, seed=random_seed)


def _rarest(column: pa.ChunkedArray, label: str) -> Rows:
    """Give the rows of the class that has the fewest; rows without a class don't count."""
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    present = np.flatnonzero(~missing_in(array).to_numpy(zero_copy_only=False))
    found = array.take(pa.array(present)).dictionary_encode()
    if len(found.dictionary) < 2:
        raise ModuleError(
            f'The label column "{label[:80]}" has {len(found.dictionary)} classes; SMOTE needs two at least.',
            "Choose the column with the classes, and data in which there are rows of several.",
            code="no-rows",
            parameter="label_column",
        )
    codes = found.indices.to_numpy()
    sizes = np.bincount(codes)
    fewest = np.flatnonzero(sizes == sizes.min())
    first = fewest[pc.sort_indices(found.dictionary.take(pa.array(fewest)))[0].as_py()]
    rare: Rows = present[codes == first]
    return rare
