"""The chain in Dagster: assets materialized in one process, each kept as a pickle; the run's events in memory."""

from __future__ import annotations

from pathlib import Path

from dagster import AssetIn, AssetsDefinition, DagsterInstance, FilesystemIOManager, asset, materialize
from measuring import first, main, step


def further(number: int) -> AssetsDefinition:
    """Give the asset that makes one step from the asset before it."""

    @asset(name=f"table{number}", ins={"before": AssetIn(f"table{number - 1}")})
    def made(before):
        return step(before)

    return made


@asset(name="table0")
def beginning():
    """Make the table."""
    return first()


def run(nodes: int, folder: Path, mode: str) -> float:
    """Materialize all assets once."""
    assets = [beginning, *(further(number) for number in range(1, nodes))]
    result = materialize(
        assets,
        instance=DagsterInstance.ephemeral(),
        resources={"io_manager": FilesystemIOManager(base_dir=str(folder))},
    )
    return result.output_for_node(f"table{nodes - 1}")["b"].iloc[0]


if __name__ == "__main__":
    main(run)
