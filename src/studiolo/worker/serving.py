"""The host's side of a process that answers the requests of a web service; used by one event loop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studiolo.domain.limits import Limits
from studiolo.errors import StudioloError, WorkerError
from studiolo.worker.endings import error_of_end
from studiolo.worker.jobs import Job
from studiolo.worker.log import BoundedLog
from studiolo.worker.pool import Pool
from studiolo.worker.replies import read_reply, receive_reply
from studiolo.worker.report import error_of, read_report
from studiolo.worker.sending import Ends, written_memfd
from studiolo.worker.whereabouts import place, read_trace
from studiolo_child import descriptors, packets

FOR_EVER_SECONDS = 10 * 365 * 86400
LAST_WORDS_SECONDS = (
    15.0  # from the end of a request's process until it is known why, or until the next may come
)
_LOG_PIECE = 1 << 16
_LOG_PIECES = 17  # a pipe holds sixteen at most; a writer that never stops must not hold the event loop


@dataclass(frozen=True)
class Part:
    """An input or output of one call: its port, its type and its bytes."""

    name: str
    type: str
    data: bytes | memoryview


@dataclass(frozen=True)
class Called:
    """What a call gave.

    Attributes:
        outputs: by port; those that were left empty are absent. Datasets are checked frames.
        report: as `worker.report.read_report` gives it.
        log: what the node printed meanwhile.
    """

    outputs: Mapping[str, memoryview]
    report: Mapping[str, Any]
    log: bytes


def serving_job(job: Job, state: str, preload: Sequence[str] = ()) -> Job:
    """Turn the job of a node into one that answers requests.

    Args:
        job: as for a run of the node, with the inputs that are the same for every request.
        state: `fresh`, `kept` or `once`, see `studiolo_child.serving`.
        preload: import names that the module wants loaded before the first request: its pool may not have them.
    """
    kind = job.document["kind"]
    document = {**job.document, "kind": "serve", "serve": kind, "state": state, "preload": list(preload)}
    limits = replace(job.limits, wall_seconds=FOR_EVER_SECONDS, cpu_seconds=FOR_EVER_SECONDS)
    return replace(job, document=document, limits=limits, answer=None, serves=True)


class ServingChild:
    """One process that answers requests, one at a time.

    Args:
        pool: where it runs; starting takes as long as a job, and blocks.
        job: of `serving_job`.
        limits: of the node, for each request.
        on_change: called in the event loop whenever it has become ready or has ended.
    """

    def __init__(
        self, pool: Pool, job: Job, limits: Limits, on_change: Callable[[ServingChild], None]
    ) -> None:
        self._job, self._limits, self._on_change = job, limits, on_change
        self._ends: Ends = pool.open(job)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._log = self._new_log()
        self._status: asyncio.Future[int] | None = None
        self._end_facts: dict[str, Any] = {}
        self._is_called = self._is_next_ready = False
        self._patience: asyncio.TimerHandle | None = None
        self.is_ready = False
        self.has_ended = False
        self.error: StudioloError | None = None
        self.served = 0

    @property
    def log(self) -> bytes:
        """What the node printed at the last call."""
        return bytes(self._log)

    def attach(self) -> None:
        """Begin to listen to it, in the running event loop."""
        self._loop = loop = asyncio.get_running_loop()
        assert self._ends.requests is not None
        for number in (
            self._ends.requests.fileno(),
            self._ends.connection.fileno(),
            self._ends.log,
            self._ends.status,
        ):
            os.set_blocking(number, False)
        loop.add_reader(self._ends.requests.fileno(), self._hear)
        loop.add_reader(self._ends.connection.fileno(), self._hear_end)
        loop.add_reader(self._ends.status, self._read_status)
        loop.add_reader(self._ends.log, self._read_log)

    async def call(
        self, inputs: Sequence[Part], parameters: Mapping[str, Any], timeout_seconds: float
    ) -> Called:
        """Let it answer one request; it must be ready.

        Raises:
            StudioloError: what the node did wrong, or why its process ended.
            TimeoutError: it took too long; its process is ended.
        """
        assert self._loop is not None
        self.is_ready, self._is_called = False, True
        self.served += 1
        self._log = self._new_log()
        self._status = self._loop.create_future()
        try:
            return await self._answer(self._send(inputs, parameters), timeout_seconds)
        finally:
            self._is_called = False
            if self._is_next_ready:
                self._become_ready()
            elif not self.has_ended:
                # One that has replied may stop itself or the process that loaded the node, for ever.
                self._patience = self._loop.call_later(LAST_WORDS_SECONDS, self.kill, "cancelled")

    async def _answer(self, ours: socket.socket, timeout_seconds: float) -> Called:
        try:
            packet, received = await self._reply(ours, timeout_seconds)
        except TimeoutError:
            self.kill("wall-limit")
            raise
        except asyncio.CancelledError:
            self.kill("cancelled")
            raise
        finally:
            ours.close()
        try:
            if not packet:
                raise await self._why_it_ended()
            report, outputs = await read_reply(packet, received, self._limits, self._job.outputs)
        finally:
            descriptors.close_all(received)
        self._read_log()
        if report["status"] == "error":
            node = self._job.document.get("node")
            raise error_of(report["error"] or {}, str(node) if node else None, self._limits)
        return Called(outputs, report, bytes(self._log))

    def kill(self, why: str) -> None:
        """End it now."""
        if not self.has_ended:
            self._ends.kill(why)

    def close(self) -> None:
        """End it, and give back everything."""
        self.kill("done")
        self._detach()
        self._ends.close()

    def _send(self, inputs: Sequence[Part], parameters: Mapping[str, Any]) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        filed = -1
        try:
            ours.setblocking(False)
            size = sum(packets.padded(len(part.data)) for part in inputs)
            head: dict[str, Any] = {
                "inputs": [{"name": part.name, "type": part.type, "size": len(part.data)} for part in inputs],
                "parameters": dict(parameters),
                "cpu_seconds": self._limits.cpu_seconds,
                "is_filed": size > packets.PACKET_BYTES // 2,
            }
            parts = [part.data for part in inputs]
            passed = [theirs.fileno()]
            if head["is_filed"]:
                filed = written_memfd("request", b"".join(packets.padded_parts(parts)))
                passed.append(filed)
                parts = []
            packet = packets.write_packet(head, parts)
            assert self._ends.requests is not None
            descriptors.send_bytes(self._ends.requests, packet, passed)
        except ValueError:
            ours.close()
            self._is_next_ready = True  # it has got nothing, and waits as before
            raise WorkerError(
                "request-too-large",
                "The parameters of the request are too long.",
                "Send less than 24 KiB of them.",
            ) from None
        except OSError as error:
            ours.close()
            self.kill("cancelled")
            raise WorkerError(
                "worker-lost", f"The request could not be given to its process: {error}."
            ) from error
        finally:
            theirs.close()
            if filed >= 0:
                os.close(filed)
        return ours

    async def _reply(self, ours: socket.socket, timeout_seconds: float) -> tuple[bytes, list[int]]:
        """Wait for the reply; empty bytes when its sender has ended.

        Raises:
            TimeoutError: neither came.
        """
        assert self._loop is not None
        arrived: asyncio.Future[bool] = self._loop.create_future()

        def end_waiting(is_there: bool) -> None:
            if not arrived.done():
                arrived.set_result(is_there)

        late = self._loop.call_later(timeout_seconds, end_waiting, False)  # wait_for would make a task
        self._loop.add_reader(ours.fileno(), end_waiting, True)
        try:
            if not await arrived:
                raise TimeoutError
        finally:
            late.cancel()
            self._loop.remove_reader(ours.fileno())
        return receive_reply(ours)

    async def _why_it_ended(self) -> StudioloError:
        """Give the error for a request whose process ended without a reply."""
        assert self._status is not None
        try:
            status = await asyncio.wait_for(asyncio.shield(self._status), LAST_WORDS_SECONDS)
        except TimeoutError:
            self.kill("cancelled")
            self._end_facts, status = {"lost": "its process does not react"}, -1
        node = str(self._job.document.get("node"))
        if status >= 0:  # the process that loaded the node lives, and says how the other one ended
            facts: dict[str, Any] = {
                "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
                "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            }
            if facts["signal"] == signal.SIGXCPU:
                facts |= {"ended_by": "cpu-limit", "cpu_seconds": self._limits.cpu_seconds}
        else:
            facts = self._end_facts
        where = place(read_trace(self._ends.trace), self._job.document)
        return error_of_end(facts, self._limits, where).at(node=node)

    def _hear(self) -> None:
        """Read what it says on the socket of its requests: that it is ready."""
        assert self._ends.requests is not None
        try:
            message, received = descriptors.receive(self._ends.requests)
        except BlockingIOError:
            return
        descriptors.close_all(received)
        if message is None:
            self._forget(self._ends.requests.fileno())
            return
        if message.get("ready") and not self.has_ended:
            status = message.get("status")
            if self._status is not None and not self._status.done():
                is_status = isinstance(status, int) and 0 <= status <= 0xFFFF
                self._status.set_result(status if is_status else 0)
            if self._is_called:  # its reply is still to be read
                self._is_next_ready = True
            elif not self.is_ready:
                self._become_ready()

    def _become_ready(self) -> None:
        """Let it have the next request; what the last one has left in its pipes is none of the next one's."""
        self._is_next_ready = False
        if self._patience is not None:
            self._patience.cancel()
        if self.has_ended:
            return
        self._read_log()
        for _ in range(_LOG_PIECES):
            if not read_trace(self._ends.trace):
                break
        self.is_ready = True
        self._on_change(self)

    def _hear_end(self) -> None:
        """Read what a job says at its end: it could not load its node, or had enough."""
        try:
            message, received = descriptors.receive(self._ends.connection)
        except BlockingIOError:
            return
        descriptors.close_all(received)
        self._forget(self._ends.connection.fileno())
        if message is None:  # a process that answers once has let go of it
            return
        if message.get("done") and self.error is None:
            self.error = self._load_error()
        self.kill("done")

    def _load_error(self) -> StudioloError | None:
        try:
            report = read_report(self._ends.report)
        except (StudioloError, OSError) as error:
            return error if isinstance(error, StudioloError) else None
        if report["status"] != "error":
            return None
        return error_of(report["error"] or {}, str(self._job.document.get("node")), self._limits)

    def _read_status(self) -> None:
        """Read why it ended: nothing of it is left."""
        try:
            data = os.read(self._ends.status, 1 << 16)
        except BlockingIOError:
            return
        try:
            facts = json.loads(data) if data else {"lost": "its pool has ended"}
        except ValueError:
            facts = {"lost": "its pool has ended"}
        self._read_log()
        self._end_facts = facts if isinstance(facts, dict) else {}
        self.has_ended, self.is_ready = True, False
        if self.error is None and not self.served:
            where = place(read_trace(self._ends.trace), self._job.document)
            self.error = error_of_end(self._end_facts, self._limits, where)
        if self._status is not None and not self._status.done():
            self._status.set_result(-1)
        self._detach()
        self._on_change(self)

    def _read_log(self) -> None:
        for _ in range(_LOG_PIECES):
            if self._ends.log < 0:
                return
            try:
                data = os.read(self._ends.log, _LOG_PIECE)
            except BlockingIOError:
                return
            if not data:
                self._forget(self._ends.log)
                return
            self._log.add(data)

    def _new_log(self) -> BoundedLog:
        return BoundedLog(self._limits.log_kb << 10)

    def _forget(self, number: int) -> None:
        if self._loop is not None and number >= 0:
            self._loop.remove_reader(number)

    def _detach(self) -> None:
        ends = self._ends
        sockets = [ends.connection, ends.requests]
        for number in [held.fileno() for held in sockets if held is not None] + [ends.log, ends.status]:
            self._forget(number)
