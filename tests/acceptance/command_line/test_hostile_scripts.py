"""Scripts that do what scripts should not: each a clear error at its node, and the next run works."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = "def azureml_main(dataframe1=None, dataframe2=None):\n"
TABLE = "    import pandas as pd\n    return pd.DataFrame({'a': [1, 2]})\n"
SCRIPTS = {
    "returns_nonsense": HEAD + "    return object()\n",
    "returns_too_many": HEAD + "    return None, None, 3\n",
    "exits": "import sys\n" + HEAD + "    sys.exit(3)\n",
    "os_exits": "import os\n" + HEAD + "    os._exit(0)\n",
    "raises": HEAD + "    return {}['price']\n",
    "recurses": "def deeper():\n    return deeper()\n\n\n" + HEAD + "    return deeper()\n",
    "crashes": "import ctypes\n" + HEAD + "    ctypes.string_at(0)\n",
    "allocates": HEAD + "    kept = []\n    while True:\n        kept.append(bytearray(1 << 24))\n",
    "forks": "import os\n" + HEAD + "    while True:\n        os.fork()\n",
    "loops": HEAD + "    while True:\n        pass\n",
    "sleeps": "import time\n" + HEAD + "    time.sleep(1000)\n",
    "fills_the_disk": HEAD + "    with open('big', 'wb') as file:\n"
    "        while True:\n            file.write(bytes(1 << 20))\n",
    "calls_out": "import socket\n" + HEAD + "    socket.create_connection(('192.0.2.1', 80), timeout=5)\n",
    "prints_a_lot": HEAD + "    line = 'x' * 99 + '\\n'\n    print('first')\n    for _ in range(2000):\n"
    "        print(line * 1000, end='')\n    print('last')\n" + TABLE,
    "deletes_files": "import os, shutil\n" + HEAD + "    for name in ('..', os.getcwd(), '/tmp', '/home'):\n"
    "        shutil.rmtree(name, ignore_errors=True)\n" + TABLE,
    "replaces_stdout": "import io, sys\n"
    + HEAD
    + "    print('before')\n    sys.stdout = sys.stderr = io.StringIO()\n"
    "    print('into nothing')\n" + TABLE,
    "good": HEAD + TABLE,
}
LIMITS = {
    "allocates": "{memory_mb: 256}",
    "forks": "{processes: 16, wall_seconds: 20}",
    "loops": "{cpu_seconds: 1}",
    "sleeps": "{wall_seconds: 1}",
    "fills_the_disk": "{disk_mb: 16}",
}


@pytest.fixture(scope="module")
def hostile(new_workspace, node_text):
    """A workspace whose one experiment has a node for each script; `result` is what its run printed."""
    shell = new_workspace("hostile")
    nodes = "".join(
        node_text(name, f"limits: {LIMITS[name]}") if name in LIMITS else node_text(name) for name in SCRIPTS
    )
    shell.experiment("hostile", nodes, {f"{name}.py": text for name, text in SCRIPTS.items()})
    shell.result = shell("run", "hostile", "--json")
    return shell


@pytest.fixture(scope="module")
def nodes(hostile) -> dict[str, Any]:
    """The nodes of that run."""
    found: dict[str, Any] = hostile.result.document["nodes"]
    return found


FAILURES = {
    "returns_nonsense": ("bad-return", 1),
    "returns_too_many": ("bad-return", 1),
    "exits": ("script-exited", 3),
    "os_exits": ("exited", None),
    "raises": ("script-raised", 2),
    "recurses": ("script-raised", 2),
    "crashes": ("killed", 3),
    "allocates": ("out-of-memory", 4),
    "forks": ("too-many-processes", 4),
    "loops": ("cpu-limit", (2, 3)),
    "sleeps": ("wall-limit", 3),
    "fills_the_disk": ("disk-full", (2, 4)),  # the block's end writes what is left in the buffer
    "calls_out": ("script-raised", 3),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_fault_is_told_at_its_node_with_its_code(nodes, name: str) -> None:
    """Issue 2, Bad input: a clear error at the right place."""
    code, line = FAILURES[name]
    error = nodes[name]["error"]
    assert nodes[name]["state"] == "failed"
    assert error["code"] == code
    assert error["where"]["node"] == name
    if line is not None:
        assert error["where"]["file"] == f"experiments/hostile/scripts/{name}.py"
        assert error["where"]["line"] in (line if isinstance(line, tuple) else (line,))


@pytest.mark.parametrize("name", sorted(set(FAILURES) - {"raises", "recurses"}))
def test_each_fault_comes_with_a_hint(nodes, name: str) -> None:
    """What to do next (CONVENTIONS, Errors); of a plain exception nobody knows better than its own text."""
    assert nodes[name]["error"]["hint"].endswith((".", "`")), nodes[name]["error"]


def test_a_run_with_failed_nodes_exits_with_1(hostile) -> None:
    """The exit codes are promised in docs/command-line.md."""
    assert (hostile.result.code, hostile.result.document["state"]) == (1, "failed")


@pytest.mark.parametrize("name", ["prints_a_lot", "deletes_files", "replaces_stdout", "good"])
def test_what_only_hurts_itself_finishes(nodes, name: str) -> None:
    """R-1.10: the working directory is all a script can spoil, and its output is bounded."""
    assert (nodes[name]["state"], nodes[name]["error"]) == ("finished", None)
    assert nodes[name]["outputs"]["result_dataset"]["rows"] == 2


def test_a_log_of_200_megabytes_keeps_its_beginning_and_its_end(hostile) -> None:
    """R-1.8: bounded, the middle cut, and it says so."""
    done = hostile("logs", "hostile:prints_a_lot")
    lines = done.out.splitlines()
    assert (lines[0], lines[-1]) == ("first", "last")
    assert sum("bytes of output cut here" in line for line in lines) == 1
    assert len(done.out) < 1_100_000


def test_what_was_printed_before_stdout_was_replaced_is_kept(hostile) -> None:
    """Replacing sys.stdout is the script's own affair."""
    assert hostile("logs", "hostile", "replaces_stdout").out == "before\n"


def test_the_next_run_works_and_reuses_what_was_good(hostile) -> None:
    """No fault may leave anything behind: not in the store, not in the pool."""
    done = hostile("run", "hostile", "--only", "good", "--json")
    assert (done.code, done.document["nodes"]["good"]["state"]) == (0, "reused")
    done = hostile("run", "hostile", "--only", "good", "--force", "--json")
    assert (done.code, done.document["nodes"]["good"]["state"]) == (0, "finished")


def test_people_get_the_faults_in_words(hostile) -> None:
    """At most ten failures are told whole, the rest by the command that shows them."""
    lines = hostile.result.the_error()
    assert [line for line in lines if line.startswith("✗")] == [f"✗ {name}" for name in list(FAILURES)[:10]]
    assert lines[-1] == "3 more nodes failed: studiolo show hostile"
    page = hostile("show", "hostile:sleeps").out
    assert "  [wall-limit] node sleeps, experiments/hostile/scripts/sleeps.py:3" in page.splitlines()
