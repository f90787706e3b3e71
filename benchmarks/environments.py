"""Benchmark `environments`: a trivial script in each ready-made environment, and a million texts in and out.

The environments are built first where they are not yet. Further ones, by the path of their interpreters, are taken
from the variable STUDIOLO_BENCH_PYTHONS, with `:` between.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack

from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.places import scratch_folder
from benchmarks.pool_jobs import JobTimes, TimedPool, make_table, script_job
from benchmarks.samples import Samples, round_robin
from studiolo.environments import Environment
from studiolo.environments.adopting import interpreter_at
from studiolo.environments.current import described
from studiolo.environments.registry import Environments

NAMES = ("current", "designer-py36", "classic-py27", "classic-py35")
GAP_SECONDS = 0.03
TRIVIAL = """
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["c"] = dataframe1["a"] * 2
    return dataframe1
"""
# Each text is changed, so that none of the input's bytes can be given back as they are.
TEXTS = """
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["s"] = dataframe1["s"].str.upper()
    return dataframe1
"""


def measure(options: Options) -> list[Figure]:
    """Time the trivial script in all environments in turns; then the texts, and how many bytes they take."""
    with scratch_folder("environments") as folder, ExitStack() as opened:
        small, texts = folder / "small.frame", folder / "texts.frame"
        make_table("small", 1000, small)
        make_table("texts", 10_000 if options.quick else 1_000_000, texts)
        pools: dict[str, TimedPool] = {}
        for number, one in enumerate(_chosen()):
            pools[_label(one)] = opened.enter_context(TimedPool(folder / f"pool{number}", one))
        times: dict[str, list[JobTimes]] = {name: [] for name in pools}
        trivial = {name: script_job(TRIVIAL, (pool.put(small),)) for name, pool in pools.items()}

        def spaced(name: str) -> float:
            time.sleep(GAP_SECONDS)
            times[name].append(pools[name].run(trivial[name]))
            return times[name][-1].usable

        rounds = options.rounds(40)
        warm = round_robin({name: lambda name=name: spaced(name) for name in pools}, rounds, warm_up=2)
        large = {name: script_job(TEXTS, (pool.put(texts),)) for name, pool in pools.items()}
        through = round_robin(
            {name: lambda name=name: pools[name].run(large[name]).usable for name in pools}, options.rounds(5)
        )
        sizes = {name: pools[name].sizes(large[name])["result_dataset"] for name in pools}
        given = texts.stat().st_size
    figures = []
    for name in pools:
        gone = Samples([one.gone for one in times[name][-rounds:]])
        figures += [
            Figure("environments", f"{name}: trivial script, result usable", "ms", warm[name]),
            Figure("environments", f"{name}: the same, child gone", "ms", gone),
            Figure("environments", f"{name}: 1e6 texts, result usable", "ms", through[name]),
            Figure(
                "environments",
                f"{name}: 1e6 texts, bytes out",
                "MB",
                Samples([sizes[name] / 1e6]),
                "bytes in",
                Samples([given / 1e6]),
            ),
        ]
    return figures


def _chosen() -> list[Environment]:
    found = [Environments().get(name) for name in NAMES]
    paths = [path for path in os.environ.get("STUDIOLO_BENCH_PYTHONS", "").split(os.pathsep) if path]
    return found + [described("", interpreter_at(path), "Name another one.") for path in paths]


def _label(one: Environment) -> str:
    version = one.version.rpartition(".")[0]
    return f"{one.name} ({version})" if one.name else f"Python {version}"
