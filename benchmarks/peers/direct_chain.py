"""The chain as plain calls of its functions: no isolation, nothing kept."""

from __future__ import annotations

from pathlib import Path

from measuring import first, main, step


def run(nodes: int, folder: Path, mode: str) -> float:
    """Call the functions one after the other."""
    table = first()
    for _ in range(nodes - 1):
        table = step(table)
    return table["b"].iloc[0]


if __name__ == "__main__":
    main(run)
