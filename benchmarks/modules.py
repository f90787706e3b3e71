"""Benchmark `modules`: the functions of the first tier's modules on a million rows, beside the plain library calls.

The function is called as in a job, without the jail, whose cost `table` and `memory` show. Memory is what the
memory of a fresh process grew by at most during the call.
"""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.csv

from benchmarks.figures import Figure
from benchmarks.module_cases import Call, Case, in_r, learning, make_table, reading, transformations
from benchmarks.options import Options
from benchmarks.places import HERE
from benchmarks.samples import Samples, round_robin

ROWS = 1_000_000


def measure(options: Options) -> list[Figure]:
    """Time each module and the plain call in turns, then the memory that each takes."""
    rows = ROWS // 50 if options.quick else ROWS
    return [figure for case in _cases(rows) for figure in _figures(case, rows, options)]


def _figures(case: Case, rows: int, options: Options) -> list[Figure]:
    taken = round_robin(
        {"module": lambda: _milliseconds(case.module), "plain": lambda: _milliseconds(case.plain)},
        options.rounds(3),
        label=case.name,
    )
    memory = {side: Samples([_grown(case.name, side, rows)]) for side in ("module", "plain")}
    return [
        Figure("modules", case.name, "ms", taken["module"], case.beside, taken["plain"]),
        Figure("modules", f"{case.name}: memory", "MB", memory["module"], case.beside, memory["plain"]),
    ]


def _milliseconds(call: Call) -> float:
    begin = time.perf_counter()
    call()
    return (time.perf_counter() - begin) * 1000


def _grown(case: str, side: str, rows: int) -> float:
    """Give by how many MB the memory of a fresh process grew at most during a call; at least 1."""
    command = [sys.executable, "-m", "benchmarks.modules", case, side, str(rows)]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=True)
    return max(float(done.stdout.splitlines()[-1]), 1.0)


def _cases(rows: int) -> list[Case]:
    table = make_table(rows)
    text = io.BytesIO()
    pyarrow.csv.write_csv(table, text)
    return [*reading(text.getvalue()), *transformations(table), *in_r(table), *learning(table)]


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1000 for line in lines if line.startswith(f"{name}:"))


def main() -> None:
    """Print by how many MB one call, named by case and side, lets the process grow."""
    case, side, rows = sys.argv[1:]
    chosen = next(one for one in _cases(int(rows)) if one.name == case)
    call = chosen.module if side == "module" else chosen.plain
    call_once = _cases(100)  # so that libraries are loaded before
    next(one for one in call_once if one.name == case).module()
    next(one for one in call_once if one.name == case).plain()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _status("VmRSS")
    call()
    print(_status("VmHWM") - before)


if __name__ == "__main__":
    main()
