"""The measuring side of direct calls; a process of its own, as studiolo's host never loads pandas."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.places import ROOT


class DirectCalls:
    """Times calls of a script's function in a warm Python of the same environment."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.direct_server"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, script: str, frame: Path) -> float:
        """Give the milliseconds of one call of the script on a frame's table."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"frame": str(frame), "script": script}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the process for direct calls has ended")
        return float(answer)

    def __enter__(self) -> DirectCalls:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
