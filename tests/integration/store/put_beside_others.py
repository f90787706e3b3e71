"""Puts contents, many of them the same as other processes put: run by test_processes.py."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from studiolo.store.blobs import BlobStore


def main() -> None:
    root, own = Path(sys.argv[1]), int(sys.argv[2])
    blobs = BlobStore(root)
    numbers = random.Random(own)
    shared = [random.Random(index).randbytes(20_000) for index in range(40)]
    contents = shared + [numbers.randbytes(5_000) for _ in range(20)]
    numbers.shuffle(contents)
    print("ready", flush=True)
    sys.stdin.readline()
    for number, content in enumerate(contents):
        digest, _ = blobs.put_bytes(content, durable=number % 3 == 0)
        if number % 10 == 9:
            blobs.flush()
            if not blobs.keep(digest, len(content)):
                raise SystemExit(f"{digest} is not there after the flush")
            blobs.sweep()
    blobs.flush()


main()
