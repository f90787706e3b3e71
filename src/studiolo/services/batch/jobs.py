"""The batch jobs of a workspace as its servers and its command line see them: made, started, asked about, ended."""

from __future__ import annotations

import hmac
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain.batch import NOT_STARTED, QUEUED, BatchJob
from studiolo.domain.service import Service, ServiceVersion
from studiolo.errors import UserError
from studiolo.services.batch.tables import frame_in_store, kept_frame
from studiolo.services.batch.wish import BatchForm, read_wish
from studiolo.services.bodies.cell_forms import typed_cells
from studiolo.services.bodies.classic import row_lists
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.services.bodies.frame_reading import read_columns

if TYPE_CHECKING:
    from studiolo.workspace import Workspace

MOST_WAITING = 1000
"""Jobs of a service that may wait to be begun."""


class BatchJobs:
    """The batch jobs of one workspace. Safe for several threads and processes.

    Args:
        workspace: opened.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._metadata = workspace.metadata

    def create(
        self, service: Service, version: ServiceVersion, body: bytes, form: BatchForm, *, starts: bool = False
    ) -> BatchJob:
        """Make a job from the body of a request.

        Args:
            service: whose.
            version: that will run.
            body: JSON.
            form: of the body.
            starts: it is started as well.

        Raises:
            ServiceProblem: whatever is wrong with the body; `service-busy`: too many jobs wait.
        """
        wish = read_wish(body, version, self._workspace.settings.grants.network, form)
        if self._metadata.waiting_batch_jobs(service.name) >= MOST_WAITING:
            said = f"{MOST_WAITING:,} jobs of the service wait to be begun."
            raise ServiceProblem("service-busy", said, "Make it later.", retry_after_seconds=60)
        document = {
            "places": wish.places,
            "frames": {name: kept_frame(self._workspace, frame) for name, frame in wish.frames.items()},
            "outputs": wish.outputs,
            "parameters": wish.parameters,
        }
        state = QUEUED if starts else NOT_STARTED
        job = BatchJob(uuid.uuid4().hex, service.name, version.number, state, document, time.time())
        self._metadata.add_batch_job(job)
        return job

    def start(self, service: Service, id: str) -> None:
        """Let a job be run that was made.

        Raises:
            ServiceProblem: `job-unknown`, `job-not-startable`.
        """
        job = self.get(service, id)
        if not self._metadata.queue_batch_job(job.id):
            state = self.get(service, id).state
            raise ServiceProblem(
                "job-not-startable", f"The job is {state}; only one that is NotStarted can be started."
            )

    def get(self, service: Service, id: str) -> BatchJob:
        """Give a job of a service.

        Raises:
            ServiceProblem: `job-unknown`.
        """
        job = self._metadata.batch_job(id.lower())
        if job is None or job.service != service.name:
            raise ServiceProblem("job-unknown", f'The service has no job "{id[:60]}".')
        return job

    def list(self, service: Service, limit: int = 50) -> Sequence[BatchJob]:
        """Give the jobs of a service, newest first."""
        return self._metadata.batch_jobs(service.name, limit)

    def log(self, job: BatchJob) -> bytes:
        """Give the log of a job so far."""
        return self._metadata.batch_job_log(job.id)

    def end(self, service: Service, id: str) -> None:
        """Cancel a job that has not ended, and forget one that has, with what it left here.

        Raises:
            ServiceProblem: `job-unknown`.
        """
        job = self.get(service, id)
        if job.has_ended:
            self._metadata.remove_batch_job(job.id)
        else:
            self._metadata.cancel_batch_job(job.id, time.time())

    def output_file(self, job: BatchJob, file: str, token: str) -> Path:
        """Give the path of an output that stays here; `token` is the unguessable part of its address.

        Raises:
            ServiceProblem: `address-unknown`: there is no such file, or the token is another one.
        """
        for result in job.results.values():
            expected = str(result.get("token", ""))
            is_open = hmac.compare_digest(expected.encode(), token.encode("utf-8", "replace"))
            if expected and result["file"] == file and is_open:
                return self._workspace.blobs.path(result["digest"])
        raise ServiceProblem("address-unknown", "There is nothing at this address, or it was removed.")

    def table(self, result: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give an output that stays here as columns and rows; None when it is too long for that, or elsewhere."""
        if "frame" not in result:
            return None
        try:
            frame = frame_in_store(self._workspace, result["frame"])
        except UserError:
            return None
        rows, columns = read_columns(frame)
        cells = [typed_cells(column) for column in columns]
        return {"columns": [column.name for column in columns], "data": row_lists(rows, cells)}
