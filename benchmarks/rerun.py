"""Benchmark `rerun`: the 50-node chain once more with nothing changed, in process and as a whole command."""

from __future__ import annotations

import sys

from benchmarks.chain_workspace import ChainWorkspace
from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.places import plain_environment, run_command, scratch_folder
from benchmarks.samples import round_robin


def measure(options: Options) -> list[Figure]:
    """Time re-runs beside a full run of the same chain and beside the start of a bare Python."""
    with scratch_folder("rerun") as folder:
        chain = ChainWorkspace(folder / "chain")
        environment = plain_environment(folder)
        with chain.workspace:

            def full() -> float:
                chain.edit()
                return chain.run("finished") * 1000

            contestants = {
                "full": full,
                "run": lambda: chain.run("reused") * 1000,
                "command": lambda: chain.run_command() * 1000,
                "python": lambda: run_command([sys.executable, "-c", "pass"], environment)[0] * 1000,
            }
            samples = round_robin(contestants, options.rounds(15), warm_up=2)
    run, command = samples["run"], samples["command"]
    return [
        Figure("rerun", "50 nodes, in process", "ms", run, "all 50 nodes run", samples["full"], 100),
        Figure(
            "rerun", "50 nodes, the whole command", "ms", command, "python -c pass", samples["python"], 100
        ),
    ]
