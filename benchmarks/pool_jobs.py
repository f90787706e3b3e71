"""Jobs given straight to a warm pool, timed until the result can be used and until the child has gone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.places import ROOT
from studiolo.environments import Environment, environment
from studiolo.store.blobs import BlobStore
from studiolo.worker.jobs import Job, JobInput, blob_input
from studiolo.worker.pool import Pool
from studiolo.worker.running import RunningJob
from studiolo.worker.settings import PoolSettings


@dataclass(frozen=True)
class JobTimes:
    """Milliseconds after submission.

    Attributes:
        usable: the result was sealed and checked.
        stored: its output was also in the store, on disk; the same as `usable` when not asked for.
        gone: the last process of the job had ended.
    """

    usable: float
    stored: float
    gone: float


class TimedPool:
    """A warm pool with a store of its own in `folder`, of the environment `chosen` or of `current`."""

    def __init__(self, folder: Path, chosen: Environment | None = None) -> None:
        self.blobs = BlobStore(folder / "blobs")
        self.blobs.root.mkdir(parents=True)
        chosen = chosen or environment("current", folder / "cache")
        settings = PoolSettings(
            chosen.python, chosen.read_only, self.blobs.root, folder / "cache", flags=chosen.flags
        )
        self.pool = Pool(settings)
        self._ends = ThreadPoolExecutor(8)

    def __enter__(self) -> TimedPool:
        self.pool.facts()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.shutdown()
        self.pool.close()

    def put(self, path: Path, name: str = "dataset1") -> JobInput:
        """Put the frame of a file into the store and give it as an input."""
        digest, size = self.blobs.put_file(path)
        return blob_input(name, "dataset", size, self.blobs.relative(digest))

    def run(self, job: Job, is_stored: bool = False) -> JobTimes:
        """Run one job to its very end."""
        began = time.perf_counter()
        running = self.pool.submit(job)
        try:
            outputs = _outputs(running)
            usable = time.perf_counter()
            for descriptor, size in outputs if is_stored else ():
                self.blobs.put_descriptor(descriptor, size)
            stored = time.perf_counter()
            running.end()
            gone = time.perf_counter()
        finally:
            running.close()
        for descriptor, _ in outputs:
            os.close(descriptor)
        return JobTimes((usable - began) * 1000, (stored - began) * 1000, (gone - began) * 1000)

    def sizes(self, job: Job) -> dict[str, int]:
        """Run one job and give the bytes of each output that it wrote."""
        running = self.pool.submit(job)
        try:
            result = running.result()
            if result.error is not None:
                raise result.error
            for sealed in result.outputs.values():
                os.close(sealed.descriptor)
            running.end()
        finally:
            running.close()
        return {name: sealed.size for name, sealed in result.outputs.items()}

    def run_many(self, job: Job, count: int) -> float:
        """Run jobs, each submitted as soon as the result before it can be used; give milliseconds a job.

        As in a chain of nodes: the ends of the earlier jobs are waited for in other threads.
        """
        ends: list[Future[None]] = []
        began = time.perf_counter()
        for _ in range(count):
            running = self.pool.submit(job)
            for descriptor, _size in _outputs(running):
                os.close(descriptor)
            ends.append(self._ends.submit(_finish, running))
        milliseconds = (time.perf_counter() - began) * 1000 / count
        for end in ends:
            end.result()
        return milliseconds


def script_job(text: str, inputs: tuple[JobInput, ...]) -> Job:
    """Give a job as the scheduler builds it for Execute Python Script."""
    document = {
        "kind": "script",
        "node": "node",
        "script": {"text": text, "file": "scripts/node.py"},
        "dialect": "designer",
        "integers_with_missing": "float",
        "strict": False,
        "ports": {"inputs": ["dataset1", "dataset2"]},
        "parameters": {},
    }
    outputs = (("result_dataset", "dataset"), ("result_dataset2", "dataset"))
    return Job(document, inputs=inputs, outputs=outputs)


def make_table(kind: str, rows: int, *paths: Path) -> None:
    """Write a table of `benchmarks.data` to files, in another process."""
    command = [sys.executable, "-m", "benchmarks.data", kind, str(rows), *map(str, paths)]
    subprocess.run(command, cwd=ROOT, check=True)


def _outputs(running: RunningJob) -> list[tuple[int, int]]:
    result = running.result()
    if result.error is not None:
        raise result.error
    return [(sealed.descriptor, sealed.size) for sealed in result.outputs.values()]


def _finish(running: RunningJob) -> None:
    running.end()
    running.close()
