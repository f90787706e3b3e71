"""A pool that loses a process, or a listener that raises, costs the jobs at work and nothing after them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studiolo.worker.pool import Pool

from .conftest import SMALL, body, make_settings, run_job, script_job

WAITING = body("import time\nprint('begun', flush=True)\ntime.sleep(60)")


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with Pool(make_settings(tmp_path_factory.mktemp("mortal"))) as started:
        yield started


def children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def below(pid: int) -> list[int]:
    found = children(pid)
    return found + [deeper for child in found for deeper in below(child)]


@pytest.mark.parametrize("who", ["launcher", "zygote", "nursery"])
def test_the_job_after_a_death_in_the_pool_runs(mortal: Pool, who: str) -> None:
    """R-3.4: a lost job is tried once more, at once; that must meet a new pool, not the dying one."""
    mortal.facts()
    has_begun = threading.Event()
    running = mortal.submit(script_job(WAITING), lambda text: has_begun.set())
    waiting = threading.Thread(target=running.result)
    waiting.start()
    assert has_begun.wait(30)
    launcher = mortal.process_ids()[0]
    zygote = children(launcher)[0]
    victim = {"launcher": launcher, "zygote": zygote, "nursery": children(zygote)[0]}[who]
    os.kill(victim, signal.SIGKILL)
    if who == "nursery":  # its cells, and the jobs in them, end with it
        time.sleep(0.2)
    codes = [outcome.code for outcome in [run_job(mortal, script_job(body("pass"))) for _ in range(2)]]
    waiting.join()
    error = running.result().error
    running.end(), running.close()
    assert error is not None and error.code in ("worker-lost", "killed")
    assert codes[-1] is None and codes[0] in (None, "worker-lost")


def test_threads_that_find_a_dead_pool_start_one_new_one(mortal: Pool) -> None:
    """Two submitters met a dead pool: the second one closed what the first had just started, with its job."""
    mortal.facts()
    os.kill(children(mortal.process_ids()[0])[0], signal.SIGKILL)
    time.sleep(0.2)
    codes: list[str | None] = []

    def submit() -> None:
        codes.append(run_job(mortal, script_job(body("import time\ntime.sleep(0.3)"))).code)

    threads = [threading.Thread(target=submit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [None] * 6


def test_a_job_that_nobody_waits_for_any_more_is_ended(mortal: Pool) -> None:
    """R-6.1: when the host's side breaks off, as by a listener that raises, the job dies with it."""
    run_job(mortal, script_job(body("pass")))
    before = len(os.listdir("/proc/self/fd"))

    def listen(text: bytes) -> None:
        raise BrokenPipeError

    job = script_job(body("print('up')\nimport time\ntime.sleep(60)"))
    with pytest.raises(BrokenPipeError):
        run_job(mortal, job, listen)
    deadline = time.monotonic() + 10
    ready = mortal.settings.prefork
    most = 2 + 2 * ready + 1  # zygote, nursery; a cell and a worker each; a spare cell
    while len(below(mortal.process_ids()[0])) > most and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(below(mortal.process_ids()[0])) <= most
    assert len(os.listdir("/proc/self/fd")) == before


def test_cpu_time_of_a_killed_jobs_children_is_told(mortal: Pool) -> None:
    """R-3.5: the kernel tells of children only when they were waited for; the error must not say `0 s`."""
    code = "import os, time\nfor _ in range(2):\n    if os.fork() == 0:\n        while True: pass\ntime.sleep(60)"
    outcome = run_job(mortal, script_job(body(code), limits=replace(SMALL, cpu_seconds=1)))
    assert outcome.code == "cpu-limit"
    assert outcome.end.usage["cpu_seconds"] >= 1


def test_a_cell_that_cannot_be_built_ends_one_job_only(mortal: Pool) -> None:
    """A box too small for itself fails its own job; other jobs and the zygote go on."""
    other = mortal.submit(script_job(body("import time\ntime.sleep(1)")))
    launcher = mortal.process_ids()
    outcome = run_job(mortal, script_job(body("pass"), limits=replace(SMALL, files=1)))
    result = other.result()
    for sealed in result.outputs.values():
        os.close(sealed.descriptor)
    other.end(), other.close()
    assert (outcome.code, result.error, mortal.process_ids()) == ("worker-lost", None, launcher)
