"""The benchmarks can be run; what they measure is asserted nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_benchmark_prints_a_row_with_ratio_and_goal() -> None:
    """`make bench` must not rot between two looks at the figures (SPEC section 7)."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "script", "--quick"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("script  ")]
    assert len(rows) == 3
    assert all("direct call" in row and "<= " in row and " x  " in row for row in rows)
