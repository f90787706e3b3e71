"""Makes runs and node runs beside other processes: run by test_connection.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from studiolo.domain.dataset import Content
from studiolo.domain.run import NodeRun
from studiolo.metadata import Metadata


def main() -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    # The first of these to come makes the tables.
    metadata = Metadata(Path(sys.argv[1]))
    numbers, versions = [], []
    for index in range(25):
        number = metadata.create_run("churn", {"index": index}, 1.0)
        metadata.put_node_runs([NodeRun(number, f"node {n}", "finished", fingerprint="f") for n in range(5)])
        metadata.finish_run(number, "finished", 2.0)
        content = Content("dataset", f"{number:064x}", 1)
        versions.append(metadata.add_dataset("shared", content, 1, 1, "x", 1.0).version)
        if metadata.find_reusable("f") is None:
            raise SystemExit("what was just written is not there")
        numbers.append(number)
    metadata.close()
    print(json.dumps([numbers, versions]))


main()
