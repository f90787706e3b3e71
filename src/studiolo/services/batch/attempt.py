"""Runs one batch job: reads its tables, lets the published version answer them, writes what it gives."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from studiolo.domain.batch import BatchJob
from studiolo.errors import UserError, WorkerError
from studiolo.services.batch.places import fetch_place, send_place
from studiolo.services.batch.references import Reference, ending_of, secrets_of, shown
from studiolo.services.batch.stopping import Stop
from studiolo.services.batch.tables import frame_in_store, kept_frame, output_names, read_file, write_file
from studiolo.services.batch.watching import Watch
from studiolo.services.registry import Services
from studiolo.services.runtime import Runtime

if TYPE_CHECKING:
    from studiolo.domain.service import ServiceVersion
    from studiolo.workspace import Workspace

TIMEOUT_SECONDS = 24 * 3600.0
OWN_ENDING = ".csv"
INLINE_BYTES = 4 << 20
"""Longest frame of an output that stays here which the answer of our own form holds as a table."""


def job_secrets(job: BatchJob) -> Iterator[str]:
    """Give the texts of a job that stand in no log, error or answer."""
    for places in (job.wish.get("places", {}), job.wish.get("outputs", {})):
        for reference in places.values():
            yield from secrets_of(reference)


async def _started(runtime: Runtime) -> None:
    """Load a version; when cancelled, wait for the processes that are being started, which nobody could end else."""
    starting = asyncio.ensure_future(runtime.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.gather(starting, return_exceptions=True)
        raise


class Attempt:
    """One attempt at a batch job.

    Args:
        workspace: opened by this process.
        job: as its row says.
        stop: ends the threads and jailed jobs that work for it.
    """

    def __init__(self, workspace: Workspace, job: BatchJob, stop: Stop) -> None:
        self._workspace, self._job, self.stop = workspace, job, stop
        self._network = workspace.settings.grants.network
        self.watch = Watch(workspace.metadata, job.id, 0)

    async def run(self) -> dict[str, Any]:
        """Do it, and give where each output lies and what it is.

        Raises:
            StudioloError: what a node, a file or an address did wrong.
            ServiceProblem: a table does not fit its input.
        """
        service = await asyncio.to_thread(Services(self._workspace).get, self._job.service)
        if service.retired is not None:
            raise UserError("retired-service", f"The service {service.name} is retired.")
        version = await asyncio.to_thread(
            Services(self._workspace).version, self._job.service, self._job.version
        )
        total = len(version.inputs) + 1 + len(version.nodes) + len(version.outputs)
        self.watch = Watch(self._workspace.metadata, self._job.id, total)
        frames = {name: await self._read(name, version) for name in version.inputs}
        self.watch.begin("loading the service")
        runtime = Runtime(version, self._workspace, children=1)
        try:
            await _started(runtime)
            for warning in runtime.warnings:
                self.watch.say(f"Warning: {warning}")
            parameters = self._job.wish.get("parameters", {})
            reply = await runtime.invoke(frames, parameters, TIMEOUT_SECONDS, self.watch)
        finally:
            await runtime.close(0.0)
        frames.clear()
        names = output_names(list(version.outputs))
        return {name: await self._write(name, names[name], reply.outputs[name]) for name in version.outputs}

    async def _read(self, name: str, version: ServiceVersion) -> bytes | memoryview:
        wish = self._job.wish
        if name in wish["frames"]:
            self.watch.begin(f"reading {name}", ", which came with the request")
            return await asyncio.to_thread(frame_in_store, self._workspace, wish["frames"][name])
        reference: Reference = wish["places"][name]
        self.watch.begin(f"reading {name}", f" from {shown(reference)}")
        fetched = await asyncio.to_thread(
            fetch_place, reference, self._workspace.blobs, self._network, self.stop.event
        )
        port = version.inputs[name]
        frame, rows = await asyncio.to_thread(read_file, self._workspace, fetched, port, self.stop)
        self.watch.say(f"read {rows:,} rows")
        return frame

    async def _write(self, name: str, file: str, frame: bytes | memoryview) -> dict[str, Any]:
        reference = self._job.wish["outputs"].get(name)
        where = f" to {shown(reference)}" if reference is not None else ""
        self.watch.begin(f"writing {name}", where)
        found = await asyncio.to_thread(self._written, file, reference, frame)
        self.watch.say(f"wrote {found['rows']:,} rows")
        return found

    def _written(self, file: str, reference: Reference | None, frame: bytes | memoryview) -> dict[str, Any]:
        if self.stop.event.is_set():
            raise WorkerError("cancelled", "The job was cancelled.")
        ending = OWN_ENDING if reference is None else ending_of(reference)
        with write_file(self._workspace, frame, ending, self.stop, file) as written:
            shape = {"rows": written.rows, "columns": written.columns, "size": written.size}
            if reference is not None:
                sent = send_place(reference, written.descriptor, written.size, self._network, self.stop.event)
                return {**sent, **shape}
            digest = self._workspace.blobs.put_descriptor(written.descriptor, written.size)
        found = {"file": f"{file}{ending}", "digest": digest, "token": secrets.token_urlsafe(32), **shape}
        if len(frame) <= INLINE_BYTES:
            found["frame"] = kept_frame(self._workspace, frame)
        return found
