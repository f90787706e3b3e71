"""Runs the jobs of a run on this machine, each in a thread that waits for its jailed child."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studiolo.domain.dataset import Content
from studiolo.environments import Environment
from studiolo.errors import InternalError, StudioloError, WorkerError
from studiolo.scheduler.outputs import HeldOutput
from studiolo.scheduler.persisting import NewContent
from studiolo.store.codec import empty_frame
from studiolo.store.digest import digest_bytes, digest_descriptor
from studiolo.worker.jobs import Job, JobEnd, JobResult
from studiolo.worker.pools import Pools
from studiolo_child import syscalls

if TYPE_CHECKING:
    from studiolo.worker.running import RunningJob

FINISHING_THREADS = 16  # jobs whose result is used already and whose processes are still ending


@dataclass(frozen=True)
class Attempt:
    """One job of a node on its way.

    Attributes:
        node: name of the node.
        job: what to run.
        environment: where.
        device: the port on which the node shows log and pictures, if it has one.
        on_log: called with each piece of the log.
        on_result: called when the outputs can be used, before the job's processes have gone.
        on_end: called last, with the outputs' contents, or with the error.
    """

    node: str
    job: Job
    environment: Environment
    device: str | None
    on_log: Callable[[bytes], None]
    on_result: Callable[[dict[str, HeldOutput]], None]
    on_end: Callable[[AttemptEnd], None]


@dataclass(frozen=True)
class AttemptEnd:
    """What there is to keep of an attempt.

    Attributes:
        result: the child's report and error.
        end: usage, log and pictures.
        outputs: by port, the device's among them.
        contents: what the store may lack.
    """

    result: JobResult
    end: JobEnd
    outputs: dict[str, HeldOutput]
    contents: tuple[NewContent, ...]


class LocalExecutor:
    """Hands jobs to the pools of this process.

    Args:
        pools: of this process.
        preload: libraries that the jobs of this run want loaded beforehand.
    """

    def __init__(self, pools: Pools, preload: tuple[str, ...] = ()) -> None:
        self._pools = pools
        self._preload = preload
        self._threads = ThreadPoolExecutor(FINISHING_THREADS * 2, thread_name_prefix="studiolo-job")
        self._lock = threading.Lock()
        self._running: dict[str, RunningJob | None] = {}
        self._cancelled: set[str] = set()

    def run(self, job: Job, environment: Environment) -> tuple[JobResult, JobEnd]:
        """Run a job that belongs to no node, such as a check, and wait for it."""
        running = self._pools.get(environment, self._preload).submit(job)
        try:
            return running.result(), running.end()
        finally:
            running.close()

    def start(self, attempt: Attempt) -> None:
        """Begin an attempt; everything further comes by its callbacks, from another thread."""
        with self._lock:
            self._running[attempt.node] = None
            self._cancelled.discard(attempt.node)
        self._threads.submit(self._attempt, attempt)

    def cancel(self, node: str) -> None:
        """End the job of a node, if it has one; its `on_end` comes with the error `cancelled`."""
        with self._lock:
            self._cancelled.add(node)
            running = self._running.get(node)
        if running is not None:
            running.cancel()

    def close(self) -> None:
        """Wait for the ends of all attempts."""
        self._threads.shutdown(wait=True)

    def cancel_all(self) -> None:
        """End every job: nobody wants their results any more."""
        with self._lock:
            nodes = list(self._running)
        for node in nodes:
            self.cancel(node)

    def _attempt(self, attempt: Attempt) -> None:
        try:
            end = self._run(attempt)
        except StudioloError as error:
            end = failed_attempt(error)
        except Exception as error:  # a fault of ours must end the node, not hang the run
            end = failed_attempt(InternalError("internal", f"The job of {attempt.node} broke off: {error!r}"))
        finally:
            with self._lock:
                self._running.pop(attempt.node, None)
        attempt.on_end(end)

    def _run(self, attempt: Attempt) -> AttemptEnd:
        pool = self._pools.get(attempt.environment, self._preload)
        pool.facts()
        with self._lock:
            if attempt.node in self._cancelled:
                raise WorkerError("cancelled", f"Node {attempt.node} was cancelled before it began.")
        running = pool.submit(attempt.job, attempt.on_log)
        with self._lock:
            self._running[attempt.node] = running
            is_cancelled = attempt.node in self._cancelled
        if is_cancelled:
            running.cancel()
        try:
            result = running.result()
            outputs, contents = ({}, []) if result.error else _outputs_of(attempt.job, result)
            if result.error is None:
                attempt.on_result(dict(outputs))
            end = running.end()
            if attempt.device is not None and result.error is None:
                held, more = _device_of(end)
                outputs[attempt.device] = held
                contents += more
            return AttemptEnd(result, end, outputs, tuple(contents))
        finally:
            running.close()


def failed_attempt(error: StudioloError) -> AttemptEnd:
    """Give the end of an attempt that never got to a worker."""
    now = {"wall_seconds": 0.0}
    return AttemptEnd(JobResult({}, {}, error), JobEnd(now, (), b""), {}, ())


def _outputs_of(job: Job, result: JobResult) -> tuple[dict[str, HeldOutput], list[NewContent]]:
    """Name the outputs by their digests; a dataset port that was left empty gives an empty dataset."""
    held: dict[str, HeldOutput] = {}
    contents: list[NewContent] = []
    for name, type_ in job.outputs:
        sealed = result.outputs.get(name)
        if sealed is not None:
            digest = digest_descriptor(sealed.descriptor, sealed.size)
            shape = (sealed.schema.rows, len(sealed.schema.columns)) if sealed.schema else None
            held[name] = HeldOutput(Content(type_, digest, sealed.size), shape, sealed.descriptor)
            contents.append(NewContent(digest, sealed.size, descriptor=sealed.descriptor, port=name))
        elif type_ == "dataset":
            data = empty_frame()
            content, new = _bytes_content("dataset", data)
            held[name] = HeldOutput(content, (0, 0), _memfd_with(data))
            contents.append(NewContent(new.digest, new.size, data=data, port=name))
    return held, contents


def _device_of(end: JobEnd) -> tuple[HeldOutput, list[NewContent]]:
    """Make the content of a device: its log, and its pictures by digest."""
    contents = []
    pictures = []
    for picture in end.pictures:
        digest = digest_bytes(picture.data)
        contents.append(NewContent(digest, len(picture.data), data=picture.data))
        pictures.append(
            {
                "name": picture.name,
                "media_type": picture.media_type,
                "content": Content("file", digest, len(picture.data)).to_json(),
            }
        )
    document = {"log": end.log.decode("utf-8", "replace"), "pictures": pictures}
    data = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    content, new = _bytes_content("device", data)
    return HeldOutput(content), [*contents, new]


def _bytes_content(kind: str, data: bytes) -> tuple[Content, NewContent]:
    digest = digest_bytes(data)
    return Content(kind, digest, len(data)), NewContent(digest, len(data), data=data)


def _memfd_with(data: bytes) -> int:
    descriptor = os.memfd_create("empty", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(descriptor, data)
    fcntl.fcntl(descriptor, syscalls.F_ADD_SEALS, syscalls.ALL_SEALS)
    return descriptor
