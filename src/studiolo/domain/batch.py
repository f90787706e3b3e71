"""Batch jobs as nouns: one run of a published version over tables that lie somewhere, asked for by a client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NOT_STARTED, QUEUED, RUNNING = "NotStarted", "Queued", "Running"
FAILED, CANCELLED, FINISHED = "Failed", "Cancelled", "Finished"
ENDED = (FAILED, CANCELLED, FINISHED)
WAITING = (NOT_STARTED, QUEUED)
MOST_ATTEMPTS = 3
"""How often a job is begun whose server process dies while it runs."""


@dataclass(frozen=True)
class Progress:
    """How far a batch job is.

    Attributes:
        text: what it does, such as `reading input1`.
        done: stages that are behind it.
        total: all stages; 0 before it began.
    """

    text: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class BatchJob:
    """A batch job as its row says.

    Attributes:
        id: 32 lower-case hexadecimal digits.
        service: name of the service.
        version: number of the version that runs; that which answered when the job was made.
        state: one of the six above.
        wish: what the client asked for, see `services.batch.wish`; holds secrets until the job has ended, and is
            empty from then on.
        created: seconds since the epoch, UTC.
        started: when it was begun first, None before.
        ended: None before.
        progress: how far it is.
        error: why it failed, for its client; empty otherwise.
        results: output to where it lies and what it is.
        is_cancel_requested: somebody wants its end.
        attempts: how often it was begun.
    """

    id: str
    service: str
    version: int
    state: str = NOT_STARTED
    wish: Mapping[str, Any] = field(default_factory=dict, repr=False)
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    progress: Progress = Progress()
    error: str = ""
    results: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_cancel_requested: bool = False
    attempts: int = 0

    @property
    def has_ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in ENDED
