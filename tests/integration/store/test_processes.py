"""Several processes use one store at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from studiolo.store.blobs import BlobStore

PROCESSES = 4


def test_processes_that_put_the_same_and_other_content_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Two runs in two terminals share a workspace."""
    root = tmp_path / "state" / "blobs"
    program = Path(__file__).with_name("put_beside_others.py")
    writers = [
        subprocess.Popen(
            [sys.executable, program, root, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    outcomes = []
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    for writer in writers:
        _, told = writer.communicate(timeout=60)
        outcomes.append((writer.returncode, told))
    blobs = BlobStore(root)
    found = list(blobs.blobs())
    assert outcomes == [(0, b"")] * PROCESSES
    assert len(found) == 40 + 20 * PROCESSES
    assert [blob.digest for blob in found if not blobs.verify(blob.digest)] == []
    assert list(blobs.temporary.iterdir()) == []
