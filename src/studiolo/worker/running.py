"""A job at work, seen from the host: streams its log, seals and checks its result, learns of its end.

The result can be used before the job's processes have gone: once the kernel has sealed a memfd nobody can
change it any more. Files of the working directory are read only when nothing of the job is left.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from studiolo.errors import InternalError, StudioloError, WorkerError
from studiolo.store.codec import check_frame
from studiolo.worker.endings import error_of_end
from studiolo.worker.jobs import Job, JobEnd, JobResult, Picture, SealedOutput
from studiolo.worker.log import BoundedLog
from studiolo.worker.pictures import collect_pictures
from studiolo.worker.report import bad_result, error_of, read_report
from studiolo_child import descriptors, syscalls

PIECE = 1 << 16
ALL_SEALS: int = syscalls.ALL_SEALS
GRACE_SECONDS = 10.0  # beyond the wall limit, for a pool that no longer answers
LONGEST_WAIT_SECONDS = 86400.0  # poll(2) takes no more than 24 days
LEAVE_SECONDS = 2.0  # between a job's last message and its end; memory is given back in between


class RunningJob:
    """One job given to a pool. `result()` first, then `end()`; then `close()`.

    Args:
        job: what was asked for.
        connection: our end of the job's socket.
        log: our end of the log pipe.
        status: our end of the pipe on which the zygote tells the job's end.
        report: memfd for the report.
        outputs: memfds for the outputs, by name.
        kill: asks the pool to end the job.
        on_log: called with each piece of the log as it arrives.
    """

    def __init__(
        self,
        job: Job,
        connection: socket.socket,
        log: int,
        status: int,
        report: int,
        outputs: dict[str, int],
        kill: Callable[[str], None],
        on_log: Callable[[bytes], None] | None = None,
    ) -> None:
        self._job = job
        self._connection = connection
        self._log = log
        self._status = status
        self._report = report
        self._outputs = outputs
        self._kill = kill
        self._kept = BoundedLog(job.limits.log_kb << 10, on_log)
        self._poller = select.poll()
        for number in (connection.fileno(), log, status):
            os.set_blocking(number, False)
            self._poller.register(number, select.POLLIN)
        self._is_done = False
        self._is_gone = False
        self._work: int | None = None
        self._end_facts: dict[str, Any] = {}
        self._given_up_at = time.monotonic() + job.limits.wall_seconds + GRACE_SECONDS
        self._leave_at: float | None = None
        self._pictures: tuple[str, ...] = ()

    def cancel(self) -> None:
        """Ask for the job's end; `result()` then gives an error `cancelled`. Safe from any thread."""
        self._kill("cancelled")

    def result(self) -> JobResult:
        """Wait until the result can be used or the job has failed."""
        while not self._is_done and not self._is_gone:
            self._poll()
        if not self._is_done:
            self._drain_log()
            return JobResult({}, {}, error_of_end(self._end_facts, self._job.limits))
        try:
            return self._usable_result()
        except StudioloError as error:
            return JobResult({}, {}, error)

    def end(self) -> JobEnd:
        """Wait until nothing of the job is left; give its usage, pictures and log."""
        while not self._is_gone:
            self._poll()
        self._drain_log()
        pictures: tuple[Picture, ...] = ()
        warnings: tuple[str, ...] = ()
        if self._work is not None and self._pictures:
            pictures, warnings = collect_pictures(self._work, self._pictures)
        usage: dict[str, float] = {
            name: float(self._end_facts[name])
            for name in ("wall_seconds", "cpu_seconds", "peak_memory_bytes")
            if name in self._end_facts
        }
        return JobEnd(usage, pictures, bytes(self._kept), warnings)

    def close(self) -> None:
        """Give back every descriptor that was not handed out with the result; end a job that still works."""
        if not self._is_gone:
            self._kill("cancelled")
        self._connection.close()
        descriptors.close_all(
            [self._log, self._status, self._report, *self._outputs.values()]
            + ([self._work] if self._work is not None else [])
        )
        self._outputs = {}

    def _poll(self) -> None:
        wait = self._given_up_at - time.monotonic()
        if wait <= 0:
            self._kill("frozen")
            self._is_gone = True
            self._end_facts = {"lost": "the pool no longer answers"}
            return
        if self._leave_at is not None:
            wait = min(wait, max(0.0, self._leave_at - time.monotonic()))
            if wait == 0:
                self._leave_at = None
                self._kill("done")  # it says that it is done, and stays: nothing more of it counts
        for number, _ in self._poller.poll(min(wait, LONGEST_WAIT_SECONDS) * 1000):
            if number == self._log:
                self._read_log()
            elif number == self._status:
                self._read_end()
            else:
                self._read_message()

    def _read_log(self) -> bool:
        try:
            data = os.read(self._log, PIECE)
        except BlockingIOError:
            return False
        if data:
            self._kept.add(data)
        else:
            self._forget(self._log)
        return bool(data)

    def _drain_log(self) -> None:
        with suppress(OSError):
            while self._read_log():
                pass

    def _read_message(self) -> None:
        try:
            message, received = descriptors.receive(self._connection)
        except BlockingIOError:
            return
        if message is None:
            self._forget(self._connection.fileno())
            return
        if message.get("done") == 1 and not self._is_done:
            self._is_done = True
            self._leave_at = time.monotonic() + LEAVE_SECONDS
            if len(received) == 1:
                self._work, received = received[0], []
        descriptors.close_all(received)

    def _read_end(self) -> None:
        data = os.read(self._status, PIECE)
        self._forget(self._status)
        self._is_gone = True
        self._end_facts = json.loads(data) if data else {"lost": "the pool ended"}
        if not data:
            self._kill("lost")
        self._read_last_message()

    def _read_last_message(self) -> None:
        with suppress(KeyError, OSError):
            while not self._is_done:
                before = self._is_done
                self._read_message()
                if self._is_done == before:
                    return

    def _forget(self, number: int) -> None:
        with suppress(KeyError):
            self._poller.unregister(number)

    def _usable_result(self) -> JobResult:
        self._seal(self._report)
        report = read_report(self._report)
        self._pictures = report["pictures"]
        if report["status"] == "error":
            error = error_of(report["error"] or {}, self._job.document.get("node"))
            return JobResult(report, {}, error)
        outputs: dict[str, SealedOutput] = {}
        for name, type_ in self._job.outputs:
            if report["outputs"].get(name):
                outputs[name] = self._sealed_output(name, type_)
        for name in outputs:
            del self._outputs[name]
        return JobResult(report, outputs)

    def _sealed_output(self, name: str, type_: str) -> SealedOutput:
        descriptor = self._outputs[name]
        self._seal(descriptor)
        size = os.fstat(descriptor).st_size
        allowed = self._job.limits.output_mb << 20
        if size == 0:
            raise bad_result(f"it says that it wrote {name}, but {name} is empty")
        if size > allowed:
            raise WorkerError(
                "output-too-large",
                f"The output {name} has {size} bytes; {allowed} are allowed.",
                "Return fewer rows or columns, or raise `limits: {output_mb: …}` of the node.",
                used=size,
                allowed=allowed,
            )
        schema = check_frame(descriptor, size) if type_ == "dataset" else None
        return SealedOutput(name, type_, descriptor, size, schema)

    def _seal(self, descriptor: int) -> None:
        """Freeze a memfd. While a writable mapping is left the kernel refuses: then wait for the job's end."""
        try:
            fcntl.fcntl(descriptor, syscalls.F_ADD_SEALS, ALL_SEALS)
        except OSError as error:
            if error.errno not in (errno.EBUSY, errno.EPERM):
                raise InternalError("internal", f"A result can't be sealed: {error}") from error
            while not self._is_gone:
                self._poll()
            try:
                fcntl.fcntl(descriptor, syscalls.F_ADD_SEALS, ALL_SEALS)
            except OSError:
                if not _is_sealed(descriptor):
                    raise bad_result("it kept its output open for writing") from None


def _is_sealed(descriptor: int) -> bool:
    seals: int = fcntl.fcntl(descriptor, syscalls.F_ADD_SEALS + 1)
    return seals & ALL_SEALS == ALL_SEALS
