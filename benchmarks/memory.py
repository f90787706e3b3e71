"""Benchmark `memory`: a script on a table of 1 GB: peak memory of everything, and time that the size adds."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.places import HERE, STUDIOLO, plain_environment, run_command, scratch_folder
from benchmarks.pool_jobs import TimedPool, make_table, script_job
from benchmarks.process_tree import peak_memory
from benchmarks.samples import round_robin
from studiolo import Experiment, Workspace

ROWS = 8_000_000  # of 128 bytes
MEANS = """
def azureml_main(dataframe1=None, dataframe2=None):
    return dataframe1.mean().to_frame("mean").reset_index()
"""
LOOK = """
import pandas as pd
def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"rows": [len(dataframe1)], "last": [dataframe1["f15"].iloc[-1]]})
"""


def measure(options: Options) -> list[Figure]:
    """Measure the whole command's memory, then the time of jobs on the large and on a tiny table."""
    rows = ROWS // 50 if options.quick else ROWS
    with scratch_folder("memory") as folder:
        frame, parquet = folder / "large.frame", folder / "large.parquet"
        arrow = folder / "large.arrow"
        make_table("numeric", rows, frame, parquet, arrow)
        figures = _memory(folder, arrow, parquet, options)
        return [*figures, _added_time(folder, frame, options)]


def _memory(folder: Path, arrow: Path, parquet: Path, options: Options) -> list[Figure]:
    place, environment = folder / "workspace", plain_environment(folder)
    with Workspace.create(place) as workspace:
        experiment = Experiment(workspace, "means")
        experiment.add("table", "dataset", parameters={"name": "large"})
        experiment.add("means", script=MEANS, dataset1="table")
        script = folder / "means.py"
        script.write_text(MEANS)
        studiolo = [STUDIOLO, "--workspace", str(place)]
        run_command([*studiolo, "dataset", "add", "large", str(arrow)], environment)
        experiment.save()
        fresh = [sys.executable, str(HERE / "fresh_python.py"), str(script), str(folder / "out.parquet")]
        contestants = {
            "run": lambda: peak_memory([*studiolo, "run", "means", "--force"], environment),
            "fresh": lambda: peak_memory([*fresh, str(parquet)], environment),
        }
        samples = round_robin(contestants, options.rounds(3), warm_up=0, label="memory")
    what = "peak of host and jail, means of 1.02 GB"
    return [
        Figure("memory", what, "MB", samples["run"], "fresh Python, Parquet", samples["fresh"], 1300),
    ]


def _added_time(folder: Path, frame: Path, options: Options) -> Figure:
    with TimedPool(folder / "pool") as pool:
        tiny_frame = folder / "tiny.frame"
        make_table("numeric", 10, tiny_frame)
        large, tiny = (script_job(LOOK, (pool.put(path),)) for path in (frame, tiny_frame))
        contestants = {"large": lambda: pool.run(large).usable, "tiny": lambda: pool.run(tiny).usable}
        samples = round_robin(contestants, options.rounds(30), warm_up=3)
    added = samples["large"].minus(samples["tiny"])
    return Figure(
        "memory", "time that 1.02 GB add to a job", "ms", added, "job on 10 rows", samples["tiny"], 10
    )
