"""Fills a small disk of its own and prints what is said: run by test_full_disk.py in its own mounts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from studiolo.connectors import write_target
from studiolo.domain.run import NodeRun
from studiolo.errors import StudioloError
from studiolo.metadata import Metadata
from studiolo.store.blobs import BlobStore


def main() -> None:
    root = Path(sys.argv[1])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", root], check=True)
    blobs = BlobStore(root / ".studiolo" / "blobs")
    kept, _ = blobs.put_bytes(b"small")
    metadata = Metadata(root / ".studiolo" / "studiolo.db", busy_seconds=0.1)
    number = metadata.create_run("churn", {}, 1.0)
    (root / "out.csv").write_text("old")
    large = os.memfd_create("large")
    os.truncate(large, 5_000_000)
    said = []

    def attempt(action) -> None:
        try:
            action()
            said.append("nothing")
        except StudioloError as error:
            said.append([error.code, error.details.get("needed_bytes"), error.summary.split(":")[0]])

    def group() -> None:
        blobs.put_bytes(b"a", durable=False)
        blobs.put_descriptor(large, 5_000_000, durable=False)

    attempt(lambda: blobs.put_descriptor(large, 5_000_000))
    attempt(group)
    attempt(lambda: write_target("out.csv", large, 5_000_000, root))
    filler = root / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass
    attempt(lambda: metadata.put_node_runs([NodeRun(number, "a", "finished", reason="x" * 400_000)]))
    filler.unlink()
    attempt(lambda: metadata.put_node_runs([NodeRun(number, "a", "finished")]))
    blobs.flush()
    print(
        json.dumps(
            {
                "said": said,
                "temporary": [path.name for path in blobs.temporary.iterdir()],
                "blobs": sum(1 for _ in blobs.blobs()),
                "kept": blobs.verify(kept),
                "out": (root / "out.csv").read_text(),
                "rows": len(metadata.node_runs(number)),
            }
        )
    )


main()
