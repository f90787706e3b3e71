"""Turns a job into what crosses to the jail: its document, the descriptors it will hold, and the host's own ends."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import termios
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from studiolo.errors import WorkerError
from studiolo.worker.jobs import Job, JobInput
from studiolo_child import descriptors, syscalls

if TYPE_CHECKING:
    from studiolo.worker.network.gate import Gate

INPUT_LIMIT: int = descriptors.DESCRIPTOR_LIMIT - 8  # descriptors of one message, less our own


@dataclass
class Ends:
    """The host's ends of one attempt at a job.

    Attributes:
        connection: the job's socket; one message lies in it, and nothing else is ever sent on it.
        log: pipe of its output.
        trace: pipe on which it says where it is when it is killed.
        status: pipe on which the zygote tells its end.
        report: memfd for the report.
        outputs: memfds for the outputs, by name.
        gate: its only way to a network, if it has one.
        questions: socket on which it asks the host, if it may.
        requests: socket on which it is sent requests, if it serves.
        conversation: stream of bytes in both directions, if it converses.
        kill: asks the pool to end it; takes the reason.
        ask: gives a descriptor that becomes readable when the zygote has read its messages up to now.
        badge: of the jail it runs in.
    """

    connection: socket.socket
    log: int
    trace: int
    status: int
    report: int
    outputs: dict[str, int]
    gate: Gate | None = None
    questions: socket.socket | None = None
    requests: socket.socket | None = None
    conversation: socket.socket | None = None
    kill: Callable[[str], None] = lambda why: None
    ask: Callable[[], int] = lambda: -1
    badge: str = "full"

    def is_unread(self) -> bool:
        """Say whether the message that starts the job still waits for its reader: then it has not begun."""
        (waiting,) = struct.unpack("i", fcntl.ioctl(self.connection, termios.TIOCOUTQ, bytes(4)))
        return bool(waiting)

    def close(self) -> None:
        """Close what is still here; once more does nothing."""
        if self.gate is not None:
            self.gate.close()
        for held in (self.questions, self.requests, self.conversation):
            if held is not None:
                held.close()
        self.connection.close()
        numbers = [self.log, self.trace, self.status, self.report, *self.outputs.values()]
        self.log = self.trace = self.status = self.report = -1
        self.outputs = {}
        descriptors.close_all([number for number in numbers if number >= 0])


@dataclass
class Sendable:
    """An attempt ready to be sent: our ends, the message for the zygote, and the descriptors that go with it."""

    ends: Ends
    message: dict[str, Any]
    passed: list[int]


def make_sendable(
    job: Job, folders: tuple[tuple[str, Path], ...], is_bare: bool, lent: ExitStack
) -> Sendable:
    """Lay down everything for one attempt at `job`.

    Args:
        job: what to do.
        folders: see `PoolSettings.folders`.
        is_bare: the pool has no read-only mount to open blobs on: the job gets copies.
        lent: closes, when it is closed, what the other side has got by then.

    Raises:
        WorkerError: `too-many-inputs`, or `grant-needs-full-jail`.
    """
    _refuse_too_many(job)
    _refuse_grants(job, is_bare)
    grants = _grants(job, folders)
    size = sum(item.size for item in (*job.inputs, *job.files))
    with ExitStack() as kept:

        def held(descriptor: int, stack: ExitStack = kept) -> int:
            stack.callback(os.close, descriptor)
            return descriptor

        def pipe() -> tuple[int, int]:
            ours, theirs = os.pipe2(os.O_CLOEXEC)
            return held(ours), held(theirs, lent)

        outputs = {name: held(syscalls.memfd(name)) for name, _ in job.outputs}
        report = held(syscalls.memfd("report"))
        document, blobs, lendable = _resolve(job)
        passed = [held(_own_opening(descriptor), lent) for descriptor in lendable] + list(outputs.values())
        text = held(written_memfd("job", json.dumps(document).encode()), lent)
        ours, theirs = _socket_pair(kept, lent)
        log, log_theirs = pipe()
        trace, trace_theirs = pipe()
        os.set_blocking(trace, False)
        status, status_theirs = pipe()
        start: dict[str, Any] = {"limits": job.limits.to_json(), "input_bytes": size}
        ends = Ends(ours, log, trace, status, report, outputs)
        sent = [text, report, log_theirs, trace_theirs, *passed]
        if job.serves or job.answer is not None:
            channel, asked = _socket_pair(kept, lent)
            sent.append(asked.fileno())
            ends.requests, ends.questions = (channel, None) if job.serves else (None, channel)
        if job.converses:
            ends.conversation, spoken = _socket_pair(kept, lent, socket.SOCK_STREAM)
            sent.append(spoken.fileno())
        told = {"may_ask": ends.questions is not None, "serves": job.serves, "converses": job.converses}
        descriptors.send(ours, {**start, **told}, sent)
        crossing = [theirs.fileno(), status_theirs]
        if job.grants.network:
            ends.gate, gate_theirs = _gate(job, kept, lent)
            crossing.append(gate_theirs)
        message = {
            "op": "run",
            "wall_seconds": job.limits.wall_seconds,
            "serves": job.serves or job.converses,
            "blobs": blobs,
            "grants": grants,
            **start,
        }
        kept.pop_all()
    return Sendable(ends, message, crossing)


def _gate(job: Job, kept: ExitStack, lent: ExitStack) -> tuple[Gate, int]:
    """Give the gate of a job with a network, and the descriptor that crosses."""
    from studiolo.worker.network.gate import Gate  # few jobs have a network

    ours, theirs = _socket_pair(kept, lent)
    gate = Gate(ours, job.grants.network)
    kept.callback(gate.close)
    return gate, theirs.fileno()


def written_memfd(name: str, data: bytes) -> int:
    """Give a memfd that holds `data`."""
    descriptor: int = syscalls.memfd(name)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(data)
    return descriptor


def _socket_pair(
    kept: ExitStack, lent: ExitStack, kind: int = socket.SOCK_SEQPACKET
) -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
    kept.callback(ours.close)
    lent.callback(theirs.close)
    return ours, theirs


def _refuse_too_many(job: Job) -> None:
    count = len(job.inputs) + len(job.files) + len(job.outputs)
    if count > INPUT_LIMIT:
        raise WorkerError(
            "too-many-inputs",
            f"The job has {count} inputs, files and outputs; {INPUT_LIMIT} are possible.",
            "Join some of the inputs in nodes before it.",
        )


def _refuse_grants(job: Job, is_bare: bool) -> None:
    if is_bare and (job.grants.network or job.grants.read):
        raise WorkerError(
            "grant-needs-full-jail",
            f"The grant `{'network' if job.grants.network else 'read'}` needs namespaces, "
            "which this machine does not give; it can't be limited without them.",
            "Run `studiolo doctor`: it says what would make the jail full.",
        )


def _grants(job: Job, folders: tuple[tuple[str, Path], ...]) -> dict[str, Any] | None:
    """Give the grants as the zygote takes them, or None."""
    if not job.grants.network and not job.grants.read:
        return None
    network = None
    if job.grants.network:
        network = {"ports": list(job.grants.ports), "any": job.grants.has_any_port}
    return {"network": network, "reads": [_read(folder, folders) for folder in job.grants.read]}


def _read(folder: str, folders: tuple[tuple[str, Path], ...]) -> list[Any]:
    wanted = PurePosixPath(folder)
    for number, (name, _) in enumerate(folders):
        if wanted.is_relative_to(name) and ".." not in wanted.parts:
            return [number, str(wanted.relative_to(name)), str(wanted)]
    raise WorkerError(
        "grant-not-allowed",
        f'The job may not read "{folder}": the workspace does not allow it, or there is no such folder.',
        f'To allow it, write in studiolo.toml under [grants]: read = ["{folder}"]',
    )


def _own_opening(descriptor: int) -> int:
    """Open a sealed memfd anew, read-only: with one opening for all, jobs could move each other's place in it."""
    path = f"/proc/self/fd/{descriptor}"
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:  # another job that holds it has changed its mode
        os.fchmod(descriptor, 0o400)
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _resolve(job: Job) -> tuple[dict[str, Any], list[str], list[int]]:
    """Number the descriptors a child will hold: blobs first, then inputs that this process passes, then outputs."""
    items: list[JobInput] = [*job.inputs, *job.files]
    blobs = [item.blob for item in items if item.blob is not None]
    passed = [item.descriptor for item in items if item.descriptor is not None]
    blob_numbers = iter(range(len(blobs)))
    passed_numbers = iter(range(len(blobs), len(blobs) + len(passed)))
    numbers = [next(blob_numbers) if item.blob is not None else next(passed_numbers) for item in items]
    document = dict(job.document)
    count = len(job.inputs)
    document["inputs"] = [
        {"name": item.name, "type": item.type, "fd": number}
        for item, number in zip(job.inputs, numbers[:count], strict=True)
    ]
    parameters = dict(document.get("parameters", {}))
    for item, number in zip(job.files, numbers[count:], strict=True):
        parameters[item.name] = {"file": {"name": parameters[item.name], "fd": number, "size": item.size}}
    document["parameters"] = parameters
    first = len(items)
    document["outputs"] = [
        {"name": name, "type": type_, "fd": first + index} for index, (name, type_) in enumerate(job.outputs)
    ]
    document["disk_bytes"] = job.limits.disk_mb << 20
    document["network"] = list(job.grants.network)
    if job.grants.network or "pip" in (document.get("script") or {}).get("text", ""):
        from studiolo.environments.index_for_scripts import settings_for_pip  # few scripts install packages

        document["pip"] = settings_for_pip(has_network=bool(job.grants.network))
    return document, blobs, passed
