"""What a pool is given to do, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studiolo.domain.dataset import Schema
from studiolo.domain.limits import Grants, Limits
from studiolo.errors import StudioloError


@dataclass(frozen=True)
class JobInput:
    """The bytes of one input: a blob of the store, or a sealed memfd that this process holds open.

    Attributes:
        name: port or parameter it belongs to.
        type: `dataset`, `zip`, `file` or `object`.
        size: length in bytes.
        blob: name of the blob below the store's folder, `ab/cdef…`; None with a descriptor.
        descriptor: a sealed memfd; None with a blob.
    """

    name: str
    type: str
    size: int
    blob: str | None = None
    descriptor: int | None = None


@dataclass(frozen=True)
class Answer:
    """What the host says to a question of a job.

    Attributes:
        reply: JSON-ready, at most 60 KiB.
        descriptors: sealed memfds that go with it; closed when they are sent.
    """

    reply: Mapping[str, Any]
    descriptors: tuple[int, ...] = ()


@dataclass(frozen=True)
class Job:
    """One attempt given to a worker.

    Attributes:
        document: what the child is to do (see `studiolo_child.job`), without descriptors.
        inputs: connected inputs in the order of the declaration.
        files: bytes of `path` and `address` parameters, by parameter; `document["parameters"]` names them.
        outputs: names and types of the outputs to write, in order.
        limits: bounds of the job.
        grants: what it may reach; nothing by default.
        answer: answers the questions that a script asks by `azureml.core`; without it the job can't ask. Called in
            the thread that waits for the result, with what a hostile job sent; must not raise.
        serves: it answers the requests of a web service until it is ended, see `studiolo_child.serving`.
        converses: it exchanges bytes with the host until it is ended, see `studiolo_child.language`.
    """

    document: Mapping[str, Any]
    inputs: tuple[JobInput, ...] = ()
    files: tuple[JobInput, ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    limits: Limits = field(default_factory=Limits)
    grants: Grants = field(default_factory=Grants)
    answer: Callable[[Mapping[str, Any]], Answer] | None = None
    serves: bool = False
    converses: bool = False


@dataclass
class SealedOutput:
    """Bytes that a job wrote and that nobody can change any more.

    Attributes:
        name: output port.
        type: type of the port.
        descriptor: the sealed memfd; the owner closes it.
        size: length in bytes.
        schema: rows and columns, checked, when it is a dataset.
    """

    name: str
    type: str
    descriptor: int
    size: int
    schema: Schema | None = None


@dataclass(frozen=True)
class Picture:
    """A picture that a script left: its name in the working directory, media type and bytes."""

    name: str
    media_type: str
    data: bytes


@dataclass
class JobResult:
    """What is known when a job's result can be used; the job itself may still be ending.

    Attributes:
        report: what the child said, read as hostile input (see report.py).
        outputs: by port name; outputs the script left empty are absent.
        error: why it failed, or None.
    """

    report: Mapping[str, Any]
    outputs: dict[str, SealedOutput]
    error: StudioloError | None = None


@dataclass(frozen=True)
class JobEnd:
    """What is known when the last process of a job has gone.

    Attributes:
        usage: `wall_seconds`, `cpu_seconds` and `peak_memory_bytes`.
        pictures: in order of creation.
        log: the whole kept log.
        warnings: pictures left out, and why.
    """

    usage: Mapping[str, float]
    pictures: tuple[Picture, ...]
    log: bytes
    warnings: tuple[str, ...] = ()


def blob_input(name: str, type: str, size: int, blob: str) -> JobInput:
    """Give an input that lies in the store."""
    return JobInput(name, type, size, blob=blob)


def path_in_store(digest: str) -> str:
    """Give the name of a blob below the store's folder."""
    return str(Path(digest[:2]) / digest[2:])
