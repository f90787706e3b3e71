"""A full disk is told with its figures and does no harm."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*OWN_MOUNTS, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs unshare and user namespaces to mount a small disk")
def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Disk full: a clear error, then recovery (R-12)."""
    program = Path(__file__).with_name("fill_disk.py")
    done = subprocess.run(
        [*OWN_MOUNTS, sys.executable, program, tmp_path], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    full = "The disk of the workspace is full"
    assert json.loads(done.stdout) == {
        "said": [
            ["workspace-disk-full", 5_000_000, full],
            ["workspace-disk-full", 5_000_000, full],
            ["workspace-disk-full", 5_000_000, full],
            ["workspace-disk-full", None, full],
            "nothing",
        ],
        "temporary": [],
        "blobs": 2,
        "kept": True,
        "out": "old",
        "rows": 1,
    }
