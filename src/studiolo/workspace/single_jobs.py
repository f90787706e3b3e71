"""Runs one module outside any experiment: to read a file into a dataset, or to write one in a format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studiolo.connectors import FetchedFile
from studiolo.domain.experiment import Node
from studiolo.domain.limits import Limits
from studiolo.environments.current import NAME as CURRENT
from studiolo.scheduler.building import Ingredients, build_job
from studiolo.worker.jobs import JobInput, JobResult, blob_input, path_in_store

if TYPE_CHECKING:
    from studiolo.worker.running import RunningJob
    from studiolo.workspace.workspace import Workspace


@contextmanager
def module_result(
    workspace: Workspace,
    module: str,
    parameters: Mapping[str, Any],
    inputs: tuple[JobInput, ...] = (),
    files: Mapping[str, FetchedFile] | None = None,
    on_running: Callable[[RunningJob], None] | None = None,
    memory_for: int = 0,
) -> Iterator[JobResult]:
    """Run a module once in the jail and give its result; its outputs are closed at the end of the block.

    Args:
        workspace: whose workers and store serve.
        module: id.
        parameters: given values, by name.
        inputs: connected inputs.
        files: bytes of `path` and `address` parameters.
        on_running: gets the running job, which it may cancel from another thread.
        memory_for: bytes of a file to read or write; a large one gets more memory than a node has by default.

    Raises:
        StudioloError: the job failed.
    """
    declaration = workspace.registry.get(module)
    limits = limits_for(memory_for, workspace.memory_mb)
    node = Node(name=module, module=declaration.id, parameters=parameters, limits=limits)
    handed = tuple(
        blob_input(name, "file", fetched.size, path_in_store(fetched.digest))
        for name, fetched in (files or {}).items()
    )
    job = build_job(Ingredients(node, declaration, inputs, handed))
    running = workspace.pools.get(workspace.environment(CURRENT), declaration.preload).submit(job)
    result = None
    try:
        if on_running is not None:
            on_running(running)
        result = running.result()
        running.end()
        if result.error is not None:
            result.error.where = replace(result.error.where, node=None, parameter=None, port=None)
            raise result.error
        yield result
    finally:
        if result is not None:
            for sealed in result.outputs.values():
                os.close(sealed.descriptor)
        running.close()


def limits_for(size: int, most_memory_mb: int) -> Limits:
    """Give the limits of a job that turns a file into a table or a table into a file.

    A table in memory takes up to six times what its file does (texts of JSON lines and Excel most), and what a job
    writes counts too. No more is given than the machine's jobs may have together.

    >>> limits_for(10**9, 16_000).memory_mb, limits_for(10**6, 16_000).memory_mb, limits_for(10**10, 16_000).memory_mb
    (7766, 4096, 16000)
    """
    standard = Limits()
    memory_mb = max(standard.memory_mb, min(2048 + 6 * (size >> 20), most_memory_mb))
    return replace(standard, memory_mb=memory_mb, output_mb=max(standard.output_mb, memory_mb))
