"""What can happen to a run, as the dispatcher tells the state machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Submitted:
    """The run begins; the first event, once."""


@dataclass(frozen=True)
class CacheHit:
    """The node's fingerprint has an earlier result, all of it in the store."""

    node: str


@dataclass(frozen=True)
class CacheMiss:
    """The node is prepared and needs a job."""

    node: str


@dataclass(frozen=True)
class HostAnswered:
    """The host itself gave the node's outputs without a job (runner `host`); all of them are in the store."""

    node: str


@dataclass(frozen=True)
class JobStarted:
    """The author's code of the node's job began to run."""

    node: str


@dataclass(frozen=True)
class JobFinished:
    """The node's job ended well; its outputs are sealed and can feed others, but are not yet in the store."""

    node: str


@dataclass(frozen=True)
class Persisted:
    """The node's outputs and its row are in the store."""

    node: str


@dataclass(frozen=True)
class JobFailed:
    """The node failed: while it was prepared, in its job, or while its outputs were put into the store."""

    node: str


@dataclass(frozen=True)
class WorkerLost:
    """The node's worker vanished and no fault of the node is known.

    Before JobFinished the job may be repeated; after it, while the outputs are put into the store, the node
    has failed.
    """

    node: str


@dataclass(frozen=True)
class JobCancelled:
    """The node's job is gone with all its processes, as `CancelJob` asked; unasked it counts as a failure."""

    node: str


@dataclass(frozen=True)
class Cancelled:
    """Somebody asked to cancel the run; a second time changes nothing."""


NodeEvent: TypeAlias = (
    CacheHit
    | CacheMiss
    | HostAnswered
    | JobStarted
    | JobFinished
    | Persisted
    | JobFailed
    | WorkerLost
    | JobCancelled
)
Event: TypeAlias = Submitted | Cancelled | NodeEvent
