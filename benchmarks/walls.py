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
from benchmarks.pool_jobs import JobTimes, TimedPool, script_job
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
ALL = "all walls"
PLACES = {"pool": "once a pool", "cell": "cell", "worker": "worker"}
LEAST_MICROSECONDS = 5  # what takes less is not told alone


def measure(options: Options) -> list[Figure]:
    """Time each step in many jobs; then jobs of pools that lack a wall, in turns with one that has all."""
    with scratch_folder("walls") as folder, ExitStack() as pools:
        every = {
            name: pools.enter_context(_pool(folder / str(number), left_out))
            for number, (name, left_out) in enumerate({ALL: (), **WITHOUT}.items())
        }
        steps = _steps(every[ALL], options.rounds(300))
        rounds = options.rounds(100)
        usable, gone, row = _jobs(every, rounds, warm_up=1 if options.quick else 5)
    figures = [Figure("walls", what, "µs", values) for what, values in steps.items()]
    plain = list(WITHOUT)[-1]
    figures.append(Figure("walls", "result usable", "ms", usable[ALL], f"without {plain}", usable[plain]))
    for what, samples in (("last process gone", gone), (f"a job of {IN_A_ROW} in a row", row)):
        for name in WITHOUT:
            figures.append(Figure("walls", what, "ms", samples[ALL], f"without {name}", samples[name]))
    return figures


def _jobs(pools: dict[str, TimedPool], rounds: int, warm_up: int) -> tuple[dict[str, Samples], ...]:
    """Give the milliseconds until a result can be used, until all is gone, and of a job of many in a row."""
    job = script_job(TRIVIAL, ())
    times: dict[str, list[JobTimes]] = defaultdict(list)

    def alone(name: str) -> float:
        time.sleep(GAP_SECONDS)
        times[name].append(pools[name].run(job))
        return times[name][-1].gone

    contestants: dict[str, Callable[[], float]] = {}
    for name, pool in pools.items():
        contestants[name] = partial(alone, name)
        contestants[f"row {name}"] = partial(pool.run_many, job, IN_A_ROW)
    samples = round_robin(contestants, rounds, warm_up)
    usable = {name: Samples([one.usable for one in times[name][-rounds:]]) for name in pools}
    return usable, samples, {name: samples[f"row {name}"] for name in pools}


def _pool(folder: Path, left_out: tuple[str, ...]) -> TimedPool:
    """Start a pool from a copy of studiolo_child that times its walls and lacks those of `left_out`."""
    real, copy = starting.CHILD, folder / "studiolo_child"
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
