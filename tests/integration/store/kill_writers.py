"""Kills writers of a store at random moments and prints what that left: run by test_crashes.py."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from studiolo.store.blobs import BlobStore

ROUNDS = 60


def write_for_ever(root: Path, seed: int) -> None:
    numbers = random.Random(seed)
    blobs = BlobStore(root)
    contents = []
    for _ in range(6):
        descriptor = os.memfd_create("content", os.MFD_ALLOW_SEALING)
        os.write(descriptor, numbers.randbytes(numbers.choice([100, 100_000, 2_000_000])))
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK)
        contents.append((descriptor, os.fstat(descriptor).st_size))
    while True:
        for descriptor, size in contents:
            blobs.put_descriptor(descriptor, size, durable=numbers.random() < 0.5)
        blobs.flush()
        for path in root.glob("*/*"):
            path.unlink(missing_ok=True)


def main() -> None:
    root = Path(sys.argv[1])
    blobs = BlobStore(root)
    numbers = random.Random(2024)
    seen = {"kept": 0, "left": 0, "damaged": [], "after_sweep": []}
    for seed in range(ROUNDS):
        child = os.fork()
        if child == 0:
            write_for_ever(root, seed)
        time.sleep(numbers.uniform(0.002, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for blob in blobs.blobs():
            seen["kept"] += 1
            if not blobs.verify(blob.digest):
                seen["damaged"].append(blob.digest)
        seen["left"] += blobs.sweep()
        if blobs.temporary.is_dir():
            seen["after_sweep"] += [path.name for path in blobs.temporary.iterdir()]
    print(json.dumps(seen))


main()
