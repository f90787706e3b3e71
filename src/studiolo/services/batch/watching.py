"""Notes how far a batch job is, and its log: what its nodes printed, and what went wrong."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from studiolo.domain.batch import Progress
from studiolo.errors import ScriptError, StudioloError, WorkerError
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.services.bodies.failures import explanation
from studiolo.worker.log import BoundedLog

if TYPE_CHECKING:
    from studiolo.metadata import Metadata

LOG_BYTES = 1 << 20
_HIDDEN = "…"


class Watch:
    """Notes the stages of one job in its row.

    Args:
        metadata: where.
        id: of the job.
        total: number of its stages.
    """

    def __init__(self, metadata: Metadata, id: str, total: int) -> None:
        self._metadata, self._id, self._total = metadata, id, total
        self._done = -1
        self._log = BoundedLog(LOG_BYTES)

    @property
    def log(self) -> bytes:
        """The log so far."""
        return bytes(self._log)

    def begin(self, text: str, more: str = "") -> None:
        """Note that the next stage begins."""
        self._done += 1
        self.say(f"{text}{more}")
        self._metadata.note_batch_job(self._id, Progress(text, self._done, self._total), self.log)

    def say(self, text: str) -> None:
        """Add a line of our own to the log."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        self._log.add(f"[{moment} UTC] {text}\n".encode("utf-8", "replace"))

    def on_node(self, name: str) -> None:
        """Note that a node begins."""
        self.begin(f"node {name}")

    def on_log(self, name: str, log: bytes) -> None:
        """Add what a node printed."""
        if log:
            self._log.add(log if log.endswith(b"\n") else log + b"\n")


def told_error(error: StudioloError | ServiceProblem, secrets: Iterable[str]) -> str:
    """Give what a client is told of a failed job: the same as of a failed request, without secrets."""
    if isinstance(error, ServiceProblem):
        text = f"{error.summary} {error.hint}".rstrip()
    elif error.where.node is not None and isinstance(error, ScriptError | WorkerError):
        text = explanation(error)
    else:
        text = f"{error.summary} {error.hint}".rstrip()
    return without(text, secrets)


def without(text: str, secrets: Iterable[str]) -> str:
    """Give a text in which secrets are hidden.

    >>> without("asked /x?sig=a%2Bb", ["sig=a%2Bb"])
    'asked /x?…'
    """
    for secret in sorted({one for one in secrets if len(one) >= 4}, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text
