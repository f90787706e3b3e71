"""The chain in Kedro: one process, a sequential runner; datasets in memory, or as Parquet.

Modes: `parquet` keeps each dataset as a file, `log` leaves the log on that Kedro writes to the terminal.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner
from measuring import first, main, step


def run(nodes: int, folder: Path, mode: str) -> float:
    """Run the pipeline once."""
    names = [f"table{number}" for number in range(nodes)]
    parts = [node(first, None, names[0], name="first")]
    parts += [node(step, before, after, name=after) for before, after in pairwise(names)]
    if mode == "parquet":
        from kedro_datasets.pandas import ParquetDataset

        datasets = {name: ParquetDataset(filepath=str(folder / f"{name}.parquet")) for name in names}
    else:
        datasets = {name: MemoryDataset() for name in names}
    catalog = DataCatalog(datasets)
    SequentialRunner().run(pipeline(parts), catalog)
    return catalog.load(names[-1])["b"].iloc[0]


if __name__ == "__main__":
    main(run)
