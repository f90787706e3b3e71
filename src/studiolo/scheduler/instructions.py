"""What the state machine asks the dispatcher to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Prepare:
    """Work out the node's fingerprint and look it up; all its inputs have content.

    Answer with CacheHit, CacheMiss, HostAnswered or JobFailed.
    """

    node: str


@dataclass(frozen=True)
class StartJob:
    """Give the node's job to a worker; the node holds a slot until its job ends.

    Answer with JobStarted when the author's code begins (optional), then with JobFinished, JobFailed or
    WorkerLost.

    Attributes:
        node: its name.
        attempt: 1, or 2 after a lost worker.
    """

    node: str
    attempt: int = 1


@dataclass(frozen=True)
class Persist:
    """Put the node's sealed outputs and its row into the store. Answer with Persisted or JobFailed."""

    node: str


@dataclass(frozen=True)
class CancelJob:
    """Kill the node's job. Answer with JobCancelled; any other end of the job counts the same."""

    node: str


@dataclass(frozen=True)
class EndNode:
    """The node reached its final state.

    Attributes:
        node: its name.
        state: `finished`, `reused`, `failed`, `skipped` or `cancelled`.
        because: the failed node that a skipped node, or one cancelled by a failure, depends on; else None.
    """

    node: str
    state: str
    because: str | None = None


@dataclass(frozen=True)
class FinishRun:
    """Every node is in a final state; the last instruction, once.

    Attributes:
        state: `cancelled` when the run was told to cancel, else `failed` when a node failed, else `finished`.
    """

    state: str


Instruction: TypeAlias = Prepare | StartJob | Persist | CancelJob | EndNode | FinishRun
