"""The example tests of docs/local-work.md pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .conftest import fenced_blocks


def test_the_example_of_a_script_test_passes(root: Path, tmp_path: Path) -> None:
    """What the page shows is what a reader can copy."""
    blocks = fenced_blocks((root / "docs" / "local-work.md").read_text(encoding="utf-8"))
    (example,) = [block.text for block in blocks if "def test_" in block.text]
    (tmp_path / "test_example.py").write_text(example)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert "2 passed" in done.stdout, done.stdout + done.stderr
