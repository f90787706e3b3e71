"""What a script sends on its job's own socket costs the host and other jobs nothing."""

from __future__ import annotations

import os
import threading
import time
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
FIND = """
import array, json, os, socket, time
for number in range(3, 64):
    try: target = os.readlink('/proc/self/fd/%d' % number)
    except OSError: continue
    if target.startswith('socket:'): job = socket.socket(fileno=os.dup(number))
    if 'report' in target: report = number
nulls = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0] * 200))]
"""


def test_descriptors_in_an_empty_packet_are_closed(run: Run) -> None:
    """facts/sandbox-attacks.md 67: an empty packet reads like the end of the socket; 200 descriptors came with it."""
    run(body("pass"))
    before = len(os.listdir("/proc/self/fd"))
    run(body(FIND + "job.sendmsg([b''], nulls)"))
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_job_that_says_it_is_done_and_stays_is_ended(run: Run) -> None:
    """R-3.4: a node whose result is used can't be cancelled any more, so its job must not hold the run."""
    code = FIND + "os.write(report, json.dumps({'status': 'ok', 'outputs': {}}).encode())\n"
    outcome = run(body(code + "job.send(b'{\"done\": 1}')\ntime.sleep(60)"))
    assert outcome.code is None
    assert outcome.end.usage["wall_seconds"] < 20


def test_descriptors_that_a_job_keeps_on_their_way_stop_nobody_else(pool: Pool) -> None:
    """The kernel counts them per user, and the pool has the job's user: without a lower limit it could fork no more."""
    code = (
        FIND
        + """
kept = []
try:
    while True:
        kept += socket.socketpair()
        try:
            while True: kept[-1].sendmsg([b'x'], nulls, socket.MSG_DONTWAIT)
        except BlockingIOError: pass
except OSError as error: print(error.strerror, flush=True)
time.sleep(20)
"""
    )
    started: list[bytes] = []
    hoarder = pool.submit(script_job(body(code)), started.append)
    waiting = threading.Thread(target=hoarder.result)
    waiting.start()
    deadline = time.monotonic() + 20
    while not started and time.monotonic() < deadline:
        time.sleep(0.01)
    codes = [run_job(pool, script_job(body("pass"))).code for _ in range(4)]
    hoarder.cancel()
    waiting.join()
    hoarder.end(), hoarder.close()
    assert codes == [None] * 4


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
