"""Helpers: scripts that answer requests in real processes of the real pool."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas

from studiolo.domain.limits import Limits
from studiolo.environments import Environment, current_environment
from studiolo.worker.jobs import Job, JobInput
from studiolo.worker.pools import Pools
from studiolo.worker.serving import Called, Part, ServingChild, serving_job
from studiolo_child.frames.pandas_in import read_frame
from studiolo_child.frames.pandas_out import write_frame

OUTPUTS = (("result_dataset", "dataset"), ("result_dataset2", "dataset"))


def frame_of(table: Mapping[str, Sequence[Any]] | pandas.DataFrame) -> bytes:
    """Give the frame of a table."""
    target = io.BytesIO()
    write_frame(target, pandas.DataFrame(table))
    return target.getvalue()


def table_of(frame: bytes | memoryview) -> dict[str, list[Any]]:
    """Give column to values of a frame."""
    return read_frame(bytearray(frame)).to_dict("list")


def script_job(
    text: str, parameters: Mapping[str, Any] | None = None, inputs: Sequence[JobInput] = ()
) -> Job:
    """Give the job of a node with that script."""
    document = {
        "kind": "script",
        "node": "score",
        "environment": "current",
        "dialect": "designer",
        "strict": False,
        "ports": {"inputs": ["dataset1", "dataset2"]},
        "script": {"text": text, "file": "scripts/score.py"},
        "parameters": dict(parameters or {}),
        "integers_with_missing": "float",
    }
    return Job(document, inputs=tuple(inputs), outputs=OUTPUTS)


class Served:
    """A process that answers requests, driven by the test's own event loop."""

    def __init__(
        self,
        pools: Pools,
        job: Job,
        state: str = "fresh",
        limits: Limits | None = None,
        environment: Environment | None = None,
        preload: Sequence[str] = (),
    ) -> None:
        self.changed = asyncio.Event()
        pool = pools.get(environment or current_environment())
        limits = limits or Limits()
        job = replace(job, limits=limits)
        job = serving_job(job, state, preload)
        self.child = ServingChild(pool, job, limits, lambda child: self.changed.set())

    async def until(self, condition: Callable[[ServingChild], bool]) -> ServingChild:
        """Wait until the process is as wanted."""
        async with asyncio.timeout(60):
            while not condition(self.child):
                self.changed.clear()
                await self.changed.wait()
        return self.child

    async def call(
        self,
        table: Mapping[str, Sequence[Any]] | pandas.DataFrame | None = None,
        timeout: float = 60.0,
        **parameters: Any,
    ) -> Called:
        """Wait until it is ready, and send it a table."""
        child = await self.until(lambda child: child.is_ready or child.has_ended)
        if child.has_ended:
            assert child.error is not None
            raise child.error
        parts = [] if table is None else [Part("dataset1", "dataset", frame_of(table))]
        return await child.call(parts, parameters, timeout)

    async def __aenter__(self) -> Served:
        self.child.attach()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.child.close()


def make_pools(folder: Path) -> Pools:
    """Give pools with a store below a folder."""
    return Pools(folder / "blobs", folder / "cache")


def descendants(pid: int) -> list[int]:
    """Give the ids of all processes below one."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found
