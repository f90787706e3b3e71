"""Runs queued batch jobs in a server process, one at a time, in a thread of its own with an event loop of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import TYPE_CHECKING

from studiolo.domain.batch import CANCELLED, FAILED, FINISHED, MOST_ATTEMPTS, QUEUED, RUNNING, BatchJob
from studiolo.errors import StudioloError
from studiolo.services.batch.attempt import Attempt, job_secrets
from studiolo.services.batch.stopping import Stop
from studiolo.services.batch.watching import told_error
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.store.failures import storing
from studiolo.workspace.locks import LifeLock

if TYPE_CHECKING:
    from studiolo.workspace import Workspace

LOOK_SECONDS = 0.3
"""Between looks at the database: so soon a job begins, and so soon a cancelled one is told."""

log = logging.getLogger("studiolo.server")


class BatchRunner:
    """Runs the workspace's queued jobs until it is closed.

    Args:
        workspace: opened by this process.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._metadata = workspace, workspace.metadata
        self._folder = workspace.places.own / "jobs"
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="batch-jobs", daemon=True)

    def start(self) -> None:
        """Begin to look for jobs."""
        with storing(self._folder.parent):
            self._folder.mkdir(mode=0o700, exist_ok=True)
        self._thread.start()

    def close(self) -> None:
        """End; a job that runs is left to the next process, and its attempt does not count."""
        self._is_closing.set()
        self._thread.join(30)

    def _work(self) -> None:
        while not self._is_closing.is_set():
            try:
                self._revive()
                claimed = self._claim()
                if claimed is not None:
                    asyncio.run(self._run(*claimed))
                    continue
            except Exception:  # a database that is locked or gone for a moment ends no server
                log.exception("Batch jobs could not be looked at; trying again.")
            self._is_closing.wait(LOOK_SECONDS)

    def _revive(self) -> None:
        """Queue jobs again whose process has died, as long as they have attempts left."""
        for id in self._metadata.batch_job_ids(RUNNING):
            lock = LifeLock(self._folder, id)
            if not lock.take():
                continue
            has_ended = False
            try:
                job = self._metadata.batch_job(id)
                if job is None or job.state != RUNNING:
                    continue
                if job.is_cancel_requested:
                    has_ended = self._metadata.end_batch_job(id, CANCELLED, time.time())
                elif job.attempts >= MOST_ATTEMPTS:
                    told = f"The server process that ran the job ended {job.attempts} times while it did."
                    has_ended = self._metadata.end_batch_job(id, FAILED, time.time(), error=told)
                    log.error("Batch job %s of %s: %s", id, job.service, told)
                else:
                    self._metadata.requeue_batch_job(id, counts=True)
                    log.warning("Batch job %s of %s is begun again: its process ended.", id, job.service)
            finally:
                lock.release(has_ended=has_ended)

    def _claim(self) -> tuple[BatchJob, LifeLock] | None:
        for id in self._metadata.batch_job_ids(QUEUED):
            lock = LifeLock(self._folder, id)
            if not lock.take():
                continue
            if self._metadata.begin_batch_job(id, time.time()):
                job = self._metadata.batch_job(id)
                if job is not None:
                    return job, lock
            lock.release(has_ended=False)
        return None

    async def _run(self, job: BatchJob, lock: LifeLock) -> None:
        log.info("Batch job %s of %s, version %d, begins.", job.id, job.service, job.version)
        stop = Stop()
        attempt = Attempt(self._workspace, job, stop)
        has_ended = False
        try:
            task = asyncio.ensure_future(self._ended(attempt, job))
            while not (await asyncio.wait([task], timeout=LOOK_SECONDS))[0]:
                is_cancelled = self._metadata.is_batch_job_cancelled(job.id)
                if is_cancelled or self._is_closing.is_set():
                    if is_cancelled:  # told at once, whatever takes its time to end
                        attempt.watch.say("cancelled")
                        self._end(attempt, job, CANCELLED)
                    stop.set()
                    task.cancel()
                    await asyncio.wait([task])
                    if not is_cancelled:
                        self._metadata.requeue_batch_job(job.id, counts=False)
            now = self._metadata.batch_job(job.id)
            has_ended = now is None or now.has_ended
        finally:
            stop.set()
            lock.release(has_ended=has_ended)

    async def _ended(self, attempt: Attempt, job: BatchJob) -> None:
        """Do a job and write how it ended; raises only when it is cancelled."""
        try:
            results = await attempt.run()
        except (StudioloError, ServiceProblem) as error:
            if error.code == "cancelled" and attempt.stop.event.is_set():
                raise asyncio.CancelledError from None
            told = told_error(error, job_secrets(job))
            attempt.watch.say(told)
            self._end(attempt, job, FAILED, error=told)
        except Exception:
            log.exception("Batch job %s of %s failed.", job.id, job.service)
            told = f"The server failed; its log has more under the job's id {job.id}."
            self._end(attempt, job, FAILED, error=told)
        else:
            attempt.watch.say("finished")
            self._end(attempt, job, FINISHED, results=results)

    def _end(
        self,
        attempt: Attempt,
        job: BatchJob,
        state: str,
        *,
        error: str = "",
        results: dict[str, object] | None = None,
    ) -> None:
        self._metadata.end_batch_job(
            job.id, state, time.time(), error=error, results=results, log=attempt.watch.log
        )
        log.info("Batch job %s of %s: %s.", job.id, job.service, state)
