"""`studiolo services jobs`: who runs a server sees its batch jobs, their logs, and can end one (R-9.3)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.integration.services.batch.conftest import Desk
from tests.integration.services.batch.test_jobs import TABLE, ended_own, finished
from tests.integration.services.batch.tools import Client, wait_for


def studiolo(desk: Desk, *words: str) -> tuple[int, str]:
    """Run the command line in the workspace; give exit code and output."""
    program = str(Path(sys.executable).parent / "studiolo")
    done = subprocess.run([program, *words], cwd=desk.path, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_jobs_are_listed_shown_and_cancelled(desk: Desk, own: Client) -> None:
    """The list, one job's log, its end."""
    id = finished(own, {"inputs": {"input1": TABLE}})["id"]
    code, text = studiolo(desk, "services", "jobs", "double", id[:12])
    assert code == 0 and id in text and "Finished" in text
    assert "got 2 rows\n" in studiolo(desk, "services", "jobs", "double", id, "--log")[1]
    running = own("POST", "/jobs", {"inputs": {"input1": TABLE}, "parameters": {"pause": 600}})[1]["id"]
    wait_for(lambda: own("GET", f"/jobs/{running}")[1]["progress"]["step"] == "node double")
    assert studiolo(desk, "services", "jobs", "double", running, "--cancel")[0] == 0
    assert wait_for(lambda: ended_own(own, running))["state"] == "cancelled"
    code, text = studiolo(desk, "services", "jobs", "double", "--json")
    listed = json.loads(text)["jobs"]
    assert (listed[0]["id"], listed[0]["state"]) == (running, "cancelled")


def test_a_job_that_is_not_there_is_an_error(desk: Desk) -> None:
    """With what to do next."""
    code, text = studiolo(desk, "services", "jobs", "double", "zzz")
    assert code == 2 and "[unknown-job]" in text
    assert studiolo(desk, "services", "jobs", "double", "--log")[0] == 2
