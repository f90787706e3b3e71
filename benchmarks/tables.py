"""Measures looking at a long table in the studio: pages, sorting, filtering, statistics (R-7.4).

Run it with `python benchmarks/tables.py [ROWS]`, ten million by default; needs about 4 GB of memory and 1 GB of disk.
"first" is the first time, "again" the same once more: orders are kept in memory, figures in the workspace. Figures are
single measurements in milliseconds; memory is what the process holds beside the mapped file.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from studiolo import Workspace
from studiolo.studio.filters import Filter
from studiolo.studio.orders import Sort
from studiolo.studio.tables import Tables

CITIES = ["Berlin", "Paris", "Rome", "London", "Madrid", "Wien", None]


def make_table(rows: int) -> pa.Table:
    """Make a table of eight columns of different kinds."""

    def chance(seed: int, most: int) -> pa.Array:
        return pc.cast(pc.multiply(pc.random(rows, initializer=seed), most), pa.int64(), safe=False)

    number = pc.random(rows, initializer=1)
    cities = pa.array(CITIES)
    return pa.table(
        {
            "id": pa.array(range(rows)),
            "number": pc.if_else(pc.less(number, 0.1), None, number),
            "count": chance(2, 1000),
            "city": cities.take(chance(3, 7)),
            "category": cities.slice(0, 6).dictionary_encode().take(chance(4, 6)),
            "word": pc.cast(chance(5, 10**9), pa.string()),
            "moment": chance(6, 10**9).cast(pa.timestamp("s")),
            "truth": pc.less(number, 0.3),
        }
    )


def show(name: str, action: Callable[[], Any]) -> None:
    """Print one line: how long an action takes at first and again."""
    times = []
    for _ in range(2):
        begin = time.perf_counter()
        action()
        times.append((time.perf_counter() - begin) * 1000)
    status = Path("/proc/self/status").read_text()
    held = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
    print(f"{name:32} {times[0]:10.1f} {times[1]:10.1f} {held >> 10:8d}")


def main() -> None:
    """Print all figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder, Workspace.create(Path(folder) / "work") as workspace:
        table = make_table(rows)
        digest = workspace.datasets.add("table", table).content.digest
        names = table.column_names
        del table
        pa.default_memory_pool().release_unused()
        tables = Tables(workspace)
        print(f"{rows:,} rows".ljust(32), "first ms".rjust(10), "again ms".rjust(10), "MiB".rjust(8))
        show("head", lambda: tables.schema(digest))
        show("first page", lambda: tables.page(digest))
        show("page in the middle", lambda: tables.page(digest, offset=rows // 2))
        for column, name in enumerate(names):
            show(f"sort by {name}", lambda column=column: tables.page(digest, sort=Sort(column)))
        for column, op, value in [(1, "less", "0.5"), (3, "equals", "Rome"), (5, "contains", "777")]:
            wish = [Filter(column, op, value)]
            show(f"filter {names[column]}", lambda wish=wish: tables.page(digest, filters=wish))
        for column, name in enumerate(names):
            show(f"statistics of {name}", lambda column=column: tables.figures(digest, column))
        for x, y in [(1, 2), (3, 1), (3, 4)]:
            show(f"{names[x]} with {names[y]}", lambda x=x, y=y: tables.comparison(digest, x, y))


if __name__ == "__main__":
    main()
