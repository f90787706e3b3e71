"""Tells a listener of a run's progress; a listener that raises ends the telling, not the run."""

from __future__ import annotations

from studiolo.scheduler.progress import Listener, Progress


class Telling:
    """A listener around another one, which it calls until that raises. Safe from several threads.

    A listener is called from the threads that store results and read logs. What it raises there would take
    the thread with it, and the run would wait for ever: `| head` closing the pipe is enough.

    Args:
        listener: the one to call.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._fault: Exception | None = None

    def __call__(self, progress: Progress) -> None:
        """Tell of a step, unless the listener has raised before."""
        if self._fault is None:
            try:
                self._listener(progress)
            except Exception as fault:
                self._fault = fault

    def raise_fault(self) -> None:
        """Raise what the listener raised, if it did; the run itself is over and recorded by then."""
        if self._fault is not None:
            raise self._fault
