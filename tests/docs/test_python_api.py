"""docs/python-api.md says what happens: its program is run as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def test_the_program_of_the_page_runs_and_prints_what_it_says(root: Path, tmp_path: Path) -> None:
    """R-3.6: experiments written in Python, saved as the same files, read back with pandas."""
    page = (root / "docs" / "python-api.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "0  apple   14.0" in done.stdout
    assert "reused from run 1" in done.stdout
    assert (tmp_path / "totals.csv").read_text() == "fruit,kilos\napple,14.0\n"
    assert (tmp_path / "shop" / "experiments" / "totals" / "scripts" / "clean.py").is_file()
