"""What becomes of batch jobs when servers end, and of what they leave (R-9.3)."""

from __future__ import annotations

import shutil
import time
import uuid
from pathlib import Path

from studiolo import Workspace
from studiolo.domain.batch import FAILED, FINISHED, QUEUED, RUNNING, BatchJob
from studiolo.store.retention import collect
from studiolo.workspace.locks import LifeLock
from tests.integration.services.batch.conftest import Desk
from tests.integration.services.batch.test_jobs import TABLE, finished
from tests.integration.services.batch.tools import Client, Serving, wait_for


def new_job(workspace: Workspace, state: str) -> str:
    """Write a job that no client asked for."""
    id = uuid.uuid4().hex
    wish = {"places": {}, "frames": {}, "outputs": {}, "parameters": {}}
    workspace.metadata.add_batch_job(BatchJob(id, "double", 1, state, wish, time.time()))
    return id


def test_a_job_that_ends_its_server_thrice_fails(desk: Desk, server: Serving) -> None:
    """Else one job could keep a server from ever staying up."""
    with Workspace(desk.path) as workspace:
        folder = workspace.places.own / "jobs"
        id = new_job(workspace, "NotStarted")
        lock = LifeLock(folder, id)
        assert lock.take()  # this process runs it, as far as others can see
        for attempt in (1, 2, 3):
            assert attempt == 1 or workspace.metadata.requeue_batch_job(id, counts=True)
            assert attempt > 1 or workspace.metadata.queue_batch_job(id)
            assert workspace.metadata.begin_batch_job(id, time.time())
        time.sleep(1)
        running = workspace.metadata.batch_job(id)
        assert running is not None and (running.state, running.attempts) == (RUNNING, 3)
        lock.release(has_ended=False)
        job = wait_for(lambda: (job := workspace.metadata.batch_job(id)) and job.has_ended and job)
        assert (job.state, job.wish) == (FAILED, {})
        assert job.error == "The server process that ran the job ended 3 times while it did."


def test_a_claim_is_one_processes(desk: Desk) -> None:
    """Two server processes never run the same job at once."""
    with Workspace(desk.path) as workspace:
        id = new_job(workspace, "NotStarted")
        lock = LifeLock(desk.path / ".studiolo" / "jobs", id)
        (desk.path / ".studiolo" / "jobs").mkdir(exist_ok=True)
        assert lock.take()
        assert not LifeLock(desk.path / ".studiolo" / "jobs", id).take()
        workspace.metadata.queue_batch_job(id)
        assert workspace.metadata.begin_batch_job(id, 1.0)
        assert not workspace.metadata.begin_batch_job(id, 2.0)
        workspace.metadata.end_batch_job(id, FINISHED, 3.0)
        assert not workspace.metadata.end_batch_job(id, FAILED, 4.0)
        lock.release(has_ended=True)


def test_a_job_goes_on_after_the_server_was_stopped(desk: Desk, tmp_path: Path) -> None:
    """R-9.3: it survives a restart; an attempt that a stop has cut off does not count."""
    folder = tmp_path / "work"
    shutil.copytree(desk.path, folder, symlinks=True)
    with Workspace(folder) as workspace:
        first = Serving(folder)
        try:
            own = Client(f"{first.address}/api/services/double", desk.key)
            wish = {"inputs": {"input1": TABLE}, "parameters": {"pause": 4}}
            id = own("POST", "/jobs", wish)[1]["id"]
            wait_for(lambda: own("GET", f"/jobs/{id}")[1]["progress"]["step"] == "node double")
        finally:
            first.close()
        job = workspace.metadata.batch_job(id)
        assert job is not None and (job.state, job.attempts) == (QUEUED, 0)
        second = Serving(folder)
        try:
            job = wait_for(lambda: (job := workspace.metadata.batch_job(id)) and job.has_ended and job)
        finally:
            second.close()
        assert (job.state, job.attempts) == (FINISHED, 1)


def test_outputs_stay_until_the_job_is_deleted(desk: Desk, own: Client) -> None:
    """Retention takes what was deleted, and nothing else."""
    told = finished(own, {"inputs": {"input1": TABLE}})
    address = told["outputs"]["output1"]["address"]
    with Workspace(desk.path) as workspace:
        collect(workspace.metadata, workspace.blobs, last_runs=1, now=time.time() + 1e6)
        assert Client("", None).raw("GET", address)[0] == 200
        digest = workspace.metadata.batch_job(told["id"]).results["output1"]["digest"]  # type: ignore[union-attr]
        assert own("DELETE", f"/jobs/{told['id']}")[0] == 204
        assert Client("", None).raw("GET", address)[0] == 404
        for job in workspace.metadata.batch_jobs("double", 1000):  # others may have left the same table
            workspace.metadata.remove_batch_job(job.id)
        collect(workspace.metadata, workspace.blobs, last_runs=1, now=time.time() + 1e6)
        assert not workspace.blobs.has(digest)


def test_the_database_holds_no_secret_of_an_ended_job(desk: Desk, client: Client) -> None:
    """They are overwritten, not only unlinked; the log of the database is gone when all have closed it."""
    place = {"Address": "s3://nothing/x.csv", "AccessKeyId": "A", "SecretAccessKey": "q9-unforgettable-9q"}
    result = client.run({"Input": {**place, "Endpoint": "http://127.0.0.1:9"}})[1]
    assert result["StatusCode"] == "Failed"
    assert b"q9-unforgettable-9q" not in (desk.path / ".studiolo" / "studiolo.db").read_bytes()
