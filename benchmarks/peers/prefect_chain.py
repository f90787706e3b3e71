"""The chain in Prefect: a flow of tasks in one process, tables in memory; states go to its server beside it."""

from __future__ import annotations

from pathlib import Path

import prefect
from measuring import first, main, step

first_task = prefect.task(first, name="first")
step_task = prefect.task(step, name="step")


@prefect.flow(name="chain")
def chain(nodes: int):
    """Call the tasks one after the other."""
    table = first_task()
    for _ in range(nodes - 1):
        table = step_task(table)
    return table


def run(nodes: int, folder: Path, mode: str) -> float:
    """Run the flow once."""
    return chain(nodes)["b"].iloc[0]


if __name__ == "__main__":
    main(run)
