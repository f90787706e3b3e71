"""Feature Hashing: texts as a fixed number of numeric columns, by the hashes of their words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.replacing import extended
from studiolo.modules.text_analytics.tokens import Tokens, text_columns, tokens_of
from studiolo.sdk import Columns, DatasetPort, Integer, ModuleError, module

MOST_COLUMNS = 65_536
MOST_CELLS = 250_000_000
MIX = np.uint64(27_942_141)  # Vowpal Wabbit's constant for the hash of neighbouring words


@module(
    id="feature-hashing",
    name="Feature Hashing",
    category="Text Analytics",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[
        DatasetPort("transformed_dataset", label="Transformed dataset", aliases=("Transformed dataset",))
    ],
    parameters=[
        Columns(
            "target_column",
            label="Target column",
            help="Columns of texts; none chosen means all String columns.",
            aliases=("Target column", "Target columns"),
        ),
        Integer(
            "hashing_bitsize",
            default=10,
            minimum=1,
            maximum=31,
            label="Hashing bitsize",
            help="Number of bits b: each text becomes 2 to the power of b columns, at most 65,536.",
            aliases=("Hashing bitsize",),
        ),
        Integer(
            "n_grams",
            default=2,
            minimum=0,
            maximum=10,
            label="N-grams",
            help="How many words in a row are taken together at most; 0 and 1 mean single words.",
            aliases=("N-grams",),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy", "sklearn.utils.murmurhash"),
    aliases=("c9a82660-2d9c-411d-8122-4d9e0b3ce92a",),
)
def feature_hashing(
    dataset: pa.Table,
    *,
    target_column: list[str] | None = None,
    hashing_bitsize: int = 10,
    n_grams: int = 2,
) -> pa.Table:
    r"""Turn texts into numeric columns by hashing their words.

    Each text column gets 2^b Double columns `<column>_HashingFeature.0` and so on (`_HashingFeature2.0` where such a
    name is taken); the text column stays. A word counts in the column that its hash, and that of two and more words
    in a row, falls into: murmur hash 3 with seed 0, neighbours combined as Vowpal Wabbit does. Then each row is
    divided by its length (L2 norm). No vocabulary is kept, so that new texts get the same columns. Small and capital
    letters differ; Preprocess Text makes them the same.

    A missing or empty text gives zeros (the designer dropped its row). Which word falls into which column differs
    from both retired products. A result of more than 250 million cells is refused.

    Example:
        reviews:
          module: enter-data-manually
          parameters: {data: "text,stars\nvery good book,5\nnot good,2\n"}
        hashed:
          module: feature-hashing
          parameters: {target_column: [text], hashing_bitsize: 4}
          inputs: {dataset: reviews}
    """
    names = text_columns(dataset, target_column, "target_column")
    width = 2**hashing_bitsize
    if width * len(names) > MOST_COLUMNS:
        raise ModuleError(
            f"{hashing_bitsize} bits make {width * len(names):,} new columns of {len(names)} of text.",
            f"At most {MOST_COLUMNS:,} are possible; choose fewer bits or columns.",
            code="too-many-columns",
            parameter="hashing_bitsize",
        )
    if width * len(names) * dataset.num_rows > MOST_CELLS:
        raise ModuleError(
            f"{dataset.num_rows:,} rows and {width * len(names):,} new columns are too many cells.",
            f"At most {MOST_CELLS:,} are possible; choose fewer bits.",
            code="too-many-cells",
            parameter="hashing_bitsize",
        )
    taken = set(dataset.column_names)
    columns: dict[str, pa.Array] = {}
    for name in names:
        hashed = _hashed(tokens_of(dataset.column(name)), width, max(n_grams, 1))
        new = _free(name, width, taken)
        taken.update(new)
        columns |= {one: pa.array(column) for one, column in zip(new, hashed, strict=True)}
    return extended(dataset, columns)


def _hashed(tokens: Tokens, width: int, longest: int) -> Any:
    """Give a float32 array of shape (width, rows)."""
    from sklearn.utils.murmurhash import murmurhash3_32  # here: declaring a module costs no import

    words = np.fromiter(
        (murmurhash3_32(word, 0, positive=True) for word in tokens.words), np.uint64, len(tokens.words)
    )
    own = words[tokens.codes]
    hashes = own
    result = np.zeros((width, tokens.count), np.float32)
    for length in range(1, longest + 1):
        rows = tokens.rows[: len(hashes)]
        if length > 1:
            hashes = hashes[: len(own) - length + 1] * MIX + own[length - 1 :]  # wraps around at 64 bits
            rows = tokens.rows[: len(hashes)]
            inside = rows == tokens.rows[length - 1 :]
        else:
            inside = np.ones(len(rows), bool)
        buckets = (hashes[inside] & np.uint64(width - 1)).astype(np.int64)
        places, counts = np.unique(buckets * tokens.count + rows[inside], return_counts=True)
        result.ravel()[places] += counts.astype(np.float32)
        if not len(rows):
            break
    lengths = np.sqrt(np.einsum("ij,ij->j", result, result))
    result /= np.where(lengths > 0, lengths, 1)
    return result


def _free(name: str, width: int, taken: set[str]) -> list[str]:
    number = 1
    while True:
        stem = f"{name}_HashingFeature{number if number > 1 else ''}"
        names = [f"{stem}.{place}" for place in range(width)]
        if taken.isdisjoint(names):
            return names
        number += 1
