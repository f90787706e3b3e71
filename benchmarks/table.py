"""Benchmark `table`: a large table through one script, beside a fresh Python that reads and writes Parquet."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.direct_calls import DirectCalls
from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.places import HERE, plain_environment, run_command, scratch_folder
from benchmarks.pool_jobs import TimedPool, make_table, script_job
from benchmarks.samples import round_robin

ROWS = 1_000_000
SCRIPT = """
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["c"] = dataframe1["i0"] * 2
    return dataframe1
"""


def measure(options: Options) -> list[Figure]:
    """Time a job until usable and until stored, a fresh Python, and the direct call that both are compared to."""
    rows = 20_000 if options.quick else ROWS
    with scratch_folder("table") as folder, DirectCalls() as direct, TimedPool(folder) as pool:
        frame, parquet, script = folder / "table.frame", folder / "table.parquet", folder / "script.py"
        make_table("mixed", rows, frame, parquet)
        script.write_text(SCRIPT)
        job = script_job(SCRIPT, (pool.put(frame),))

        def stored() -> float:
            milliseconds = pool.run(job, is_stored=True).stored
            _empty(pool, keep=job.inputs[0].blob)
            return milliseconds

        command = [sys.executable, str(HERE / "fresh_python.py"), str(script), str(folder / "out.parquet")]
        contestants = {
            "direct": lambda: direct.call(SCRIPT, frame),
            "usable": lambda: pool.run(job).usable,
            "stored": stored,
            "fresh": lambda: run_command([*command, str(parquet)], plain_environment(folder))[0] * 1000,
        }
        samples = round_robin(contestants, options.rounds(7), label="table")
    usable, stored_, fresh = (
        samples[name].minus(samples["direct"]) for name in ("usable", "stored", "fresh")
    )
    beside = "fresh Python, Parquet"
    return [
        Figure("table", "overhead until usable", "ms", usable, beside, fresh, goal_factor=10),
        Figure("table", "overhead until stored on disk", "ms", stored_, beside, fresh),
    ]


def _empty(pool: TimedPool, keep: str | None) -> None:
    """Take results out of the store: it writes nothing for content that is there already."""
    for path in pool.blobs.root.glob("??/*"):
        if str(path.relative_to(pool.blobs.root)) != keep:
            Path(path).unlink()
