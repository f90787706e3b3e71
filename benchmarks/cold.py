"""Benchmark `cold`: `studiolo run` of the diabetes example in a fresh copy, less the time of its scripts."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.places import ROOT, STUDIOLO, plain_environment, run_command, scratch_folder
from benchmarks.samples import Samples, round_robin

EXAMPLE = ROOT / "examples" / "diabetes"
IMPORTS = "import pandas, pyarrow.parquet, duckdb, sklearn.ensemble, matplotlib.pyplot"


def measure(options: Options) -> list[Figure]:
    """Time the command beside a fresh Python that only imports what the example's nodes import."""
    scripts: list[float] = []
    with scratch_folder("cold") as folder:
        environment = plain_environment(folder)

        def example() -> float:
            wall, own = _run_copy(folder, environment)
            scripts.append(own)
            return wall

        contestants = {
            "example": example,
            "imports": lambda: run_command([sys.executable, "-c", IMPORTS], environment)[0],
        }
        rounds = options.rounds(7)
        samples = round_robin(contestants, rounds, label="cold")
    wall, imports = samples["example"], samples["imports"]
    own = Samples(scripts[-rounds:])
    beside = "fresh Python, its imports only"
    return [
        Figure("cold", "example, over its scripts' time", "s", wall.minus(own), beside, imports, 1.5),
        Figure("cold", "example, the whole command", "s", wall, beside, imports),
        Figure("cold", "example, its scripts' time", "s", own),
    ]


def _run_copy(folder: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Give the seconds of the command on a fresh copy, and of what its nodes' functions took in all."""
    copy = Path(tempfile.mkdtemp(dir=folder)) / "diabetes"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns(".studiolo"))
    command = [STUDIOLO, "--workspace", str(copy), "run", "diabetes", "--json"]
    wall, said = run_command(command, environment)
    nodes = json.loads(said)["nodes"].values()
    shutil.rmtree(copy.parent)
    return wall, sum(node["usage"]["call_ms"] for node in nodes) / 1000
