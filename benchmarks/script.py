"""Benchmark `script`: a trivial script in a warm jail over a direct call of its function."""

from __future__ import annotations

import time

from benchmarks.direct_calls import DirectCalls
from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.places import scratch_folder
from benchmarks.pool_jobs import JobTimes, TimedPool, make_table, script_job
from benchmarks.samples import Samples, round_robin

GAP_SECONDS = 0.03
IN_A_ROW = 10
SCRIPT = """
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["c"] = dataframe1["a"] * 2
    return dataframe1
"""


def measure(options: Options) -> list[Figure]:
    """Time jobs with pauses between them and jobs in a row, each round beside a direct call."""
    with scratch_folder("script") as folder, DirectCalls() as direct, TimedPool(folder) as pool:
        frame = folder / "small.frame"
        make_table("small", 1000, frame)
        job = script_job(SCRIPT, (pool.put(frame),))
        times: list[JobTimes] = []

        def spaced() -> float:
            time.sleep(GAP_SECONDS)
            times.append(pool.run(job))
            return times[-1].usable

        contestants = {
            "direct": lambda: direct.call(SCRIPT, frame),
            "spaced": spaced,
            "row": lambda: pool.run_many(job, IN_A_ROW),
        }
        rounds = options.rounds(60)
        samples = round_robin(contestants, rounds, warm_up=1 if options.quick else 5)
    gone = Samples([one.gone for one in times[-rounds:]])
    calls = samples["direct"]
    gap = f"{GAP_SECONDS * 1000:.0f} ms after the last"
    return [
        Figure("script", f"result usable, job {gap}", "ms", samples["spaced"], "direct call", calls, 5),
        Figure("script", "the same, child gone", "ms", gone, "direct call", calls, 12),
        Figure("script", f"a job of {IN_A_ROW} in a row", "ms", samples["row"], "direct call", calls, 5),
    ]
