"""A job at work, seen from the host: streams its log, seals and checks its result, learns of its end.

The result can be used before the job's processes have gone: once the kernel has sealed a memfd nobody can
change it any more. Files of the working directory are read only when nothing of the job is left.

A job whose pool ends before the job has begun is given to the next pool. The kernel says which case it is: the
job's socket ends with ECONNRESET when nobody has read the message that starts it, and plainly when somebody has.
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
from studiolo.worker.denials import better_error
from studiolo.worker.endings import error_of_end, outgrown, output_too_large, peak_memory
from studiolo.worker.jobs import Job, JobEnd, JobResult, Picture, SealedOutput
from studiolo.worker.log import BoundedLog
from studiolo.worker.pictures import collect_pictures
from studiolo.worker.report import bad_result, error_of, read_report
from studiolo.worker.sending import Ends
from studiolo.worker.whereabouts import Place, peak, place, read_trace
from studiolo_child import descriptors, syscalls

PIECE = 1 << 16
ALL_SEALS: int = syscalls.ALL_SEALS
GRACE_SECONDS = 10.0  # beyond the wall limit, for a pool that no longer answers
LOOK_SECONDS = 0.25  # between looks at the size of what a job writes
LONGEST_WAIT_SECONDS = 10.0  # so soon a cancel from another thread is seen
MOST_QUESTIONS = 10_000
MOST_STRAYS = 1000  # messages that no child of ours sends; then the job is ended
MOST_ATTEMPTS = 4  # so often a job is sent to a pool that ends before the job has begun
REACTION_SECONDS = 10.0  # a pool that has not done by then what it was asked for may be frozen
ANSWER_SECONDS = 20.0  # by then a pool that is only busy has answered
LAST_WORDS_SECONDS = 5.0  # from the pool's end until the kernel has closed the job's socket
WEAKER = (
    "It ran in a jail with the badge {}, as studiolo.toml allows; `studiolo doctor` says what is missing."
)
LEAVE_SECONDS = 2.0  # between a job's last message and its end; memory is given back in between


class RunningJob:
    """One job given to a pool. `result()` first, then `end()`; then `close()`.

    Args:
        job: what was asked for.
        send: sends an attempt at the job to the pool and gives our ends of it.
        on_log: called with each piece of the log as it arrives.
    """

    def __init__(
        self, job: Job, send: Callable[[], Ends], on_log: Callable[[bytes], None] | None = None
    ) -> None:
        self._job = job
        self._send = send
        self._kept = BoundedLog(job.limits.log_kb << 10, on_log)
        self._attempts = self._questions = self._strays = 0
        self._is_cancelled = False
        self._is_done = False
        self._work: int | None = None
        self._leave_at: float | None = None
        self._pictures: tuple[str, ...] = ()
        self._begin()

    def _begin(self) -> None:
        """Send the job to a pool, for the first time or once more."""
        self._ends = ends = self._send()
        self._attempts += 1
        self._poller = select.poll()
        for number in (ends.connection.fileno(), ends.log, ends.status):
            os.set_blocking(number, False)
            self._poller.register(number, select.POLLIN)
        if ends.questions is not None:
            ends.questions.setblocking(False)
            self._poller.register(ends.questions.fileno(), select.POLLIN)
        self._is_gone = False
        self._has_begun: bool | None = None  # known when the job's socket has ended
        self._end_facts: dict[str, Any] = {}
        now = time.monotonic()
        self._given_up_at = now + self._job.limits.wall_seconds + GRACE_SECONDS
        self._suspect_at: float | None = now + REACTION_SECONDS
        self._answer: int | None = None
        self._refusal: WorkerError | None = None
        if self._is_cancelled:  # between two attempts
            ends.kill("cancelled")

    def cancel(self) -> None:
        """Ask for the job's end; `result()` then gives an error `cancelled`. Safe from any thread."""
        self._is_cancelled = True
        self._suspect_at = time.monotonic() + REACTION_SECONDS
        self._ends.kill("cancelled")

    def result(self) -> JobResult:
        """Wait until the result can be used or the job has failed.

        Raises:
            WorkerError: as `Pool.submit`, when the pool was lost and can't be started again.
        """
        self._wait_for_result()
        while not self._is_done and self._may_be_sent_again():
            self._give_back()
            self._begin()
            self._wait_for_result()
        if self._refusal is not None:
            return JobResult({}, {}, self._refusal)
        if not self._is_done:
            self._drain_log()
            place = self._place()
            return JobResult({}, {}, self._explained(error_of_end(self._end_facts, self._job.limits, place)))
        try:
            result = self._usable_result()
        except StudioloError as error:  # without its frames, which hold what the job wrote
            return JobResult({}, {}, error.with_traceback(None))
        return JobResult(result.report, result.outputs, self._explained(result.error))

    def _wait_for_result(self) -> None:
        written = {**self._ends.outputs, "report": self._ends.report}
        while not self._is_done and not self._is_gone:
            self._poll(LOOK_SECONDS)
            if self._refusal is None and (error := outgrown(written, self._job.limits)):
                self._refusal = error
                self._ends.kill("output-too-large")

    def _may_be_sent_again(self) -> bool:
        """Say whether the job never began, for certain, and nobody has cancelled it."""
        if self._is_cancelled or self._attempts >= MOST_ATTEMPTS or self._end_facts.get("ended_by"):
            return False
        last = time.monotonic() + LAST_WORDS_SECONDS
        while self._has_begun is None and (wait := last - time.monotonic()) > 0:
            waiter = select.poll()
            waiter.register(self._ends.connection.fileno(), select.POLLIN)
            waiter.poll(wait * 1000)
            self._read_message()
        return self._has_begun is False

    def _explained(self, error: StudioloError | None) -> StudioloError | None:
        """Name the grant that was missing, where the job asked its gate for more than it has."""
        gate = self._ends.gate
        if error is None or gate is None:
            return error
        return better_error(error, gate.denied, self._job.grants.network)

    def end(self) -> JobEnd:
        """Wait until nothing of the job is left; give its usage, pictures and log."""
        while not self._is_gone:
            self._poll()
        self._drain_log()
        pictures: tuple[Picture, ...] = ()
        warnings: tuple[str, ...] = ()
        if self._work is not None and self._pictures:
            pictures, warnings = collect_pictures(self._work, self._pictures)
        facts = self._end_facts
        usage: dict[str, float] = {
            name: float(facts[name]) for name in ("wall_seconds", "cpu_seconds") if name in facts
        }
        if "peak_memory_bytes" in facts:
            usage["peak_memory_bytes"] = float(peak_memory(facts, peak(read_trace(self._ends.trace))))
        if self._ends.badge != "full":
            warnings = (*warnings, WEAKER.format(self._ends.badge))
        return JobEnd(usage, pictures, bytes(self._kept), warnings)

    def close(self) -> None:
        """Give back every descriptor that was not handed out with the result; end a job that still works."""
        if not self._is_gone:
            self._ends.kill("cancelled")
        self._give_back()

    def _give_back(self) -> None:
        self._ends.close()
        for number in (self._work, self._answer):
            if number is not None:
                os.close(number)
        self._work = self._answer = None

    def _poll(self, most_seconds: float = LONGEST_WAIT_SECONDS) -> None:
        wait = self._given_up_at - time.monotonic()
        if wait <= 0:
            self._give_up()
            return
        if self._suspect_at is not None:
            wait = min(wait, max(0.0, self._suspect_at - time.monotonic()))
            if wait == 0:
                self._suspect()
                return
        if self._leave_at is not None:
            wait = min(wait, max(0.0, self._leave_at - time.monotonic()))
            if wait == 0:
                self._leave_at = None
                self._suspect_at = time.monotonic() + REACTION_SECONDS
                self._ends.kill("done")  # it says that it is done, and stays: nothing more of it counts
        for number, _ in self._poller.poll(min(wait, most_seconds) * 1000):
            if number == self._ends.log:
                self._read_log()
            elif number == self._ends.status:
                self._read_end()
            elif number == self._answer:
                self._suspect_at = None  # it is only busy
                self._forget(number)
                os.close(number)
                self._answer = None
            elif self._ends.questions is not None and number == self._ends.questions.fileno():
                self._answer_question(self._ends.questions)
            else:
                self._read_message()

    def _answer_question(self, questions: socket.socket) -> None:
        try:
            message, received = descriptors.receive(questions)
        except BlockingIOError:
            return
        descriptors.close_all(received)
        if message is None or self._job.answer is None:
            self._forget(questions.fileno())
            return
        self._questions += 1
        if self._questions > MOST_QUESTIONS:
            self._forget(questions.fileno())
            return
        answer = self._job.answer(message)
        with suppress(OSError, ValueError):  # it has gone, does not read, or the reply is too long
            descriptors.send(questions, answer.reply, answer.descriptors)
        descriptors.close_all(answer.descriptors)

    def _suspect(self) -> None:
        """Ask a pool that does not react whether it lives; one that does not say so is ended."""
        is_idle = self._is_done or self._is_cancelled or self._ends.is_unread()
        if not is_idle:
            self._suspect_at = None  # the job works, as it should
        elif self._answer is None:
            self._answer = self._ends.ask()
            self._poller.register(self._answer, select.POLLIN)
            self._suspect_at = time.monotonic() + ANSWER_SECONDS
        else:
            self._give_up()

    def _give_up(self) -> None:
        self._ends.kill("frozen")
        self._is_gone = True
        self._end_facts = {"lost": "the pool no longer answers"}

    def _place(self) -> Place | None:
        """Give where the job was when it was killed, as far as it said so."""
        return place(read_trace(self._ends.trace), self._job.document)

    def _read_log(self) -> bool:
        try:
            data = os.read(self._ends.log, PIECE)
        except BlockingIOError:
            return False
        if data:
            self._kept.add(data)
        else:
            self._forget(self._ends.log)
        return bool(data)

    def _drain_log(self) -> None:
        with suppress(OSError):
            while self._read_log():
                pass

    def _read_message(self) -> bool:
        """Read one message of the job, if there is one; say whether there was."""
        connection = self._ends.connection
        try:
            if not connection.recv(1, socket.MSG_PEEK):
                return self._on_last_message(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        except BlockingIOError:
            return False
        except ConnectionResetError as error:
            return self._on_last_message(error.errno or 0)
        message, received = descriptors.receive(connection)
        if message is None:
            return False
        if message.get("done") == 1 and not self._is_done:
            self._is_done = True
            self._leave_at = time.monotonic() + LEAVE_SECONDS
            if len(received) == 1:
                self._work, received = received[0], []
        else:  # our child says nothing else; reading it costs the host more than the job
            self._strays += 1
            if self._strays > MOST_STRAYS and self._refusal is None:
                self._refusal = bad_result("it sent the host more messages than any job does")
                self._ends.kill("bad-result")
                self._forget(connection.fileno())
        descriptors.close_all(received)
        return True

    def _on_last_message(self, error: int) -> bool:
        """The job's socket is closed everywhere; the kernel says whether its first message was still unread."""
        if self._has_begun is None:
            self._has_begun = error != errno.ECONNRESET
        self._forget(self._ends.connection.fileno())
        return False

    def _read_end(self) -> None:
        data = os.read(self._ends.status, PIECE)
        self._forget(self._ends.status)
        self._is_gone = True
        self._end_facts = json.loads(data) if data else {"lost": "the pool ended"}
        if not data:
            self._ends.kill("lost")
        self._read_last_messages()

    def _read_last_messages(self) -> None:
        with suppress(OSError):
            while not self._is_done and self._read_message():
                pass

    def _forget(self, number: int) -> None:
        with suppress(KeyError):
            self._poller.unregister(number)

    def _usable_result(self) -> JobResult:
        self._seal(self._ends.report)
        report = read_report(self._ends.report)
        self._pictures = report["pictures"]
        if report["status"] == "error":
            error = error_of(report["error"] or {}, self._job.document.get("node"), self._job.limits)
            return JobResult(report, {}, error)
        outputs: dict[str, SealedOutput] = {}
        for name, type_ in self._job.outputs:
            if report["outputs"].get(name):
                outputs[name] = self._sealed_output(name, type_)
        for name in outputs:
            del self._ends.outputs[name]
        return JobResult(report, outputs)

    def _sealed_output(self, name: str, type_: str) -> SealedOutput:
        descriptor = self._ends.outputs[name]
        self._seal(descriptor)
        size = os.fstat(descriptor).st_size
        allowed = self._job.limits.output_mb << 20
        if size == 0:
            raise bad_result(f"it says that it wrote {name}, but {name} is empty")
        if size > allowed:
            raise output_too_large(name, size, self._job.limits)
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
