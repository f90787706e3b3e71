"""Copies inputs into sealed memory files, for jails that can't be given a file of the store itself.

Without a read-only mount a job could change the mode of a store's file through its open descriptor
(`fchmod` works on a descriptor that may only read); a sealed memfd can't be changed at all.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from studiolo.worker.jobs import Job, JobInput
from studiolo_child import syscalls

PIECE = 64 << 20


def with_copies(job: Job, store: Path, lent: ExitStack) -> Job:
    """Give `job` with a sealed memfd for every blob; `lent` closes them."""

    def copied(item: JobInput) -> JobInput:
        if item.blob is None:
            return item
        descriptor = sealed_copy(store / item.blob)
        lent.callback(os.close, descriptor)
        return replace(item, blob=None, descriptor=descriptor)

    inputs = tuple(copied(item) for item in job.inputs)
    return replace(job, inputs=inputs, files=tuple(copied(item) for item in job.files))


def sealed_copy(path: Path) -> int:
    """Give a sealed memfd with the bytes of a file."""
    with path.open("rb") as source:
        descriptor: int = syscalls.memfd("input")
        try:
            rest = os.fstat(source.fileno()).st_size
            while rest > 0:
                sent = os.sendfile(descriptor, source.fileno(), None, min(rest, PIECE))
                if sent == 0:
                    break
                rest -= sent
            fcntl.fcntl(descriptor, syscalls.F_ADD_SEALS, syscalls.ALL_SEALS)
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor
