"""Makes the tables that benchmarks read, in a process of its own: `python -m benchmarks.data KIND ROWS FILE`.

The file's ending says the format: `.frame`, `.parquet` or `.arrow`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd


def small_table(rows: int) -> pd.DataFrame:
    """An integer, a floating and a text column."""
    return pd.DataFrame(
        {"a": np.arange(rows), "b": np.full(rows, 1.5), "s": [f"x{number}" for number in range(rows)]}
    )


def mixed_table(rows: int) -> pd.DataFrame:
    """Ten columns: four integer, four floating, one of times, one of texts, a million of them different."""
    random = np.random.default_rng(1)
    columns: dict[str, object] = {f"i{number}": random.integers(0, 10**6, rows) for number in range(4)}
    columns |= {f"f{number}": random.standard_normal(rows) for number in range(4)}
    columns["time"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 10**8, rows), "s")
    columns["text"] = [f"customer {number}" for number in random.permutation(rows)]
    return pd.DataFrame(columns)


def numeric_table(rows: int) -> pd.DataFrame:
    """Sixteen floating columns: 128 bytes a row."""
    random = np.random.default_rng(2)
    return pd.DataFrame({f"f{number}": random.random(rows) for number in range(16)})


def text_table(rows: int) -> pd.DataFrame:
    """One column of texts, all different, some beyond ASCII."""
    return pd.DataFrame(
        {"s": [f"name {number}" if number % 10 else f"größe {number}" for number in range(rows)]}
    )


KINDS = {"small": small_table, "texts": text_table, "mixed": mixed_table, "numeric": numeric_table}


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table in the format that the file's ending names."""
    if path.suffix == ".parquet":
        table.to_parquet(path)
    elif path.suffix == ".arrow":
        table.to_feather(path, compression="uncompressed")
    else:
        from studiolo_child.frames.pandas_out import write_frame

        with path.open("wb") as file:
            write_frame(file, table)


if __name__ == "__main__":
    made = KINDS[sys.argv[1]](int(sys.argv[2]))
    for name in sys.argv[3:]:
        write_table(made, Path(name))
