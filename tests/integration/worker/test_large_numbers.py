"""Numbers at their ends: as many inputs as a job can have, limits larger than the kernel can hold."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from studiolo.errors import WorkerError
from studiolo.store.blobs import BlobStore
from studiolo.worker.jobs import JobInput, path_in_store
from studiolo.worker.pool import Pool
from studiolo.worker.sending import INPUT_LIMIT

from .conftest import SMALL, Outcome, body, run_job, script_job

Run = Callable[..., Outcome]


def test_as_many_inputs_as_fit_work_and_more_are_refused(pool: Pool, blobs: BlobStore) -> None:
    """The kernel takes 253 descriptors in a message; one too many must not cost the pool, or wait for ever."""
    digest, size = blobs.put_bytes(b"some text")
    inputs = tuple(
        JobInput(f"f{n}", "file", size, blob=path_in_store(digest)) for n in range(INPUT_LIMIT + 1)
    )
    assert run_job(pool, script_job(body("pass"), inputs[: INPUT_LIMIT - 2])).code is None
    before = len(os.listdir("/proc/self/fd"))
    launcher = pool.process_ids()
    with pytest.raises(WorkerError, match="are possible"):
        pool.submit(script_job(body("pass"), inputs))
    assert (len(os.listdir("/proc/self/fd")), pool.process_ids()) == (before, launcher)


def test_limits_beyond_all_measure_are_limits(run: Run) -> None:
    """A number that the kernel can't hold meant: the worker could not begin, or the host could not wait."""
    huge = replace(SMALL, memory_mb=1 << 50, output_mb=1 << 50, cpu_seconds=1 << 60, wall_seconds=1 << 40)
    assert run(body("pass"), limits=huge).code is None
