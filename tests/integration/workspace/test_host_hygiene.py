"""The host imports no pandas, unpickles nothing and executes no user text (ARCHITECTURE, the idea)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from studiolo import Workspace

from .conftest import chain

PROGRAM = """
import json, sys
seen = []
def watch(event, arguments):
    if event == "pickle.find_class":
        seen.append([event, str(arguments[:2])])
    elif event == "compile" and isinstance(arguments[1], str) and "scripts/" in arguments[1]:
        seen.append([event, arguments[1]])
    elif event == "exec" and "scripts/" in arguments[0].co_filename:
        seen.append([event, arguments[0].co_filename])
sys.addaudithook(watch)
from studiolo import Workspace
with Workspace(sys.argv[1]) as workspace:
    result = workspace.run("chain")
    rows = result["n2"].result_dataset.head()
    result["n2"].result_dataset.statistics()
print(json.dumps({"state": result.state, "rows": rows, "seen": seen, "pandas": "pandas" in sys.modules}))
"""


def test_a_run_needs_no_pandas_and_no_user_text_in_the_host(tmp_path: Path) -> None:
    """R-6.3, told by Python's own audit events in a fresh process."""
    with Workspace.create(tmp_path / "work") as workspace:
        chain(workspace, "chain", 3)
    printed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "work")], capture_output=True, text=True, check=True
    )
    assert json.loads(printed.stdout) == {
        "state": "finished",
        "rows": [{"x": 3}, {"x": 4}, {"x": 5}],
        "seen": [],
        "pandas": False,
    }
