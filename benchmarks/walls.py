"""Benchmark `walls`: what each wall of the jail costs a job, alone and by leaving it out."""

from __future__ import annotations

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.places import HERE, scratch_folder
from benchmarks.pool_jobs import TimedPool, script_job
from benchmarks.samples import Samples, round_robin
from studiolo.worker import starting

GAP_SECONDS = 0.03
IN_A_ROW = 10
TRIVIAL = "def azureml_main(dataframe1=None, dataframe2=None):\n    pass\n"
TELLING = """
def azureml_main(dataframe1=None, dataframe2=None):
    from studiolo_child import walls_child
    print(walls_child.measured())
"""
WITHOUT = {
    "the network namespace": ("network",),
    "the job's user namespace": ("user", "capabilities"),
    "Landlock": ("Landlock",),
    "seccomp": ("seccomp",),
    "resource limits": ("limits",),
    "the cell (all other namespaces, mounts)": ("cell",),
    "any wall: a plain fork": ("cell", "user", "capabilities", "Landlock", "seccomp", "limits"),
}
PLACES = {"pool": "once a pool", "cell": "cell", "worker": "worker"}
LEAST_MICROSECONDS = 5  # what takes less is not told alone


def measure(options: Options) -> list[Figure]:
    """Time each step in many jobs; then jobs of pools that lack a wall, in turns with the real one."""
    with scratch_folder("walls") as folder, ExitStack() as pools:
        full = pools.enter_context(_pool(folder / "full", None))
        timed = pools.enter_context(_pool(folder / "timed", ()))
        weaker = {
            name: pools.enter_context(_pool(folder / f"without-{number}", left_out))
            for number, (name, left_out) in enumerate(WITHOUT.items())
        }
        steps = _steps(timed, options.rounds(300))
        job = script_job(TRIVIAL, ())
        contestants: dict[str, Callable[[], float]] = {}
        for name, one in {"all": full, **weaker}.items():
            contestants[f"alone, {name}"] = partial(_spaced, one, job)
            contestants[f"row, {name}"] = partial(one.run_many, job, IN_A_ROW)
        samples = round_robin(contestants, options.rounds(200), warm_up=1 if options.quick else 5)
    figures = [Figure("walls", what, "µs", values) for what, values in steps.items()]
    for key, what in (("alone", "last process gone, all walls"), ("row", f"a job of {IN_A_ROW} in a row")):
        for name in weaker:
            beside = samples[f"{key}, {name}"]
            figures.append(Figure("walls", what, "ms", samples[f"{key}, all"], f"without {name}", beside))
    return figures


def _spaced(pool: TimedPool, job: object) -> float:
    time.sleep(GAP_SECONDS)
    return pool.run(job).gone  # type: ignore[arg-type]


def _pool(folder: Path, left_out: tuple[str, ...] | None) -> TimedPool:
    """Start a pool; with `left_out` from a copy of studiolo_child that times its walls and lacks these."""
    folder.mkdir()
    real = starting.CHILD
    if left_out is not None:
        copy = folder / "studiolo_child"
        shutil.copytree(real, copy, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(HERE / "walls_child.py", copy)
        with (copy / "zygote.py").open("a") as file:
            file.write(f"\n\nfrom . import walls_child\n\nwalls_child.install({left_out!r})\n")
        starting.CHILD = copy
    try:
        pool = TimedPool(folder)
        pool.pool.facts()
    finally:
        starting.CHILD = real
    return pool


def _steps(pool: TimedPool, count: int) -> dict[str, Samples]:
    """Give the microseconds of each step, in the order in which they happen."""
    found: dict[str, Samples] = defaultdict(Samples)
    job = script_job(TELLING, ())
    for number in range(count):
        time.sleep(GAP_SECONDS)
        running = pool.pool.submit(job)
        error, log = running.result().error, running.end().log
        running.close()
        if error is not None:
            raise error
        told = json.loads(log)
        for place, steps in told.items():
            if place == "pool" and number:  # the zygote did it once
                continue
            for what, microseconds in steps:
                found[f"{PLACES[place]}: {what}"].values.append(microseconds)
    return {what: values for what, values in found.items() if values.median >= LEAST_MICROSECONDS}
