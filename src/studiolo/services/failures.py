"""How a request can fail beyond what its nodes do wrong."""

from __future__ import annotations

from studiolo.errors import WorkerError


class Busy(WorkerError):
    """All processes work and too many requests wait.

    Attributes:
        retry_after_seconds: when to try again.
    """

    def __init__(self, retry_after_seconds: int = 1) -> None:
        super().__init__(
            "service-busy",
            "The service has more requests than it can answer.",
            "Send it again in a moment, or allow more processes: studiolo services configure NAME --children N",
        )
        self.retry_after_seconds = retry_after_seconds


class TimedOut(WorkerError):
    """A request took longer than the service allows."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "request-timeout",
            f"The request took longer than {seconds:g} s and was ended.",
            "Send fewer rows, or allow it more time: studiolo services configure NAME --timeout SECONDS",
        )
