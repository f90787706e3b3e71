"""A process killed at any moment leaves no half-written content."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_a_writer_killed_at_any_moment_leaves_only_whole_content(tmp_path: Path) -> None:
    """After kill -9 at any moment: nothing half-written visible (R-12.3, R-3.4)."""
    program = Path(__file__).with_name("kill_writers.py")
    done = subprocess.run(
        [sys.executable, program, tmp_path / "state" / "blobs"], capture_output=True, timeout=120
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    seen = json.loads(done.stdout)
    # Some writers died in the middle of writing and some after: else this would show nothing.
    assert (seen["left"] > 0, seen["kept"] > 0) == (True, True)
    assert (seen["damaged"], seen["after_sweep"]) == ([], [])
