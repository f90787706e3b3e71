"""Ctrl-C and SIGTERM: the first one ends the command cleanly, the second one ends it at once."""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType
from typing import Any

from studiolo.cli.exit_codes import CANCELLED
from studiolo.scheduler.progress import Progress, RunEnded, RunStarted

SHOW_CURSOR = b"\x1b[?25h\n"


class Interrupts:
    """Handles the signals while its block lasts.

    Before a run begins a signal raises KeyboardInterrupt. While it goes on `Workspace.run` takes the first
    signal itself, cancels, and gives the second one back to us: then nothing is waited for any more. The jail
    dies with this process, and the run counts as interrupted.
    """

    def __init__(self) -> None:
        self._is_running = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def note(self, event: Progress) -> None:
        """Learn from a run's events whether it takes signals itself."""
        if isinstance(event, RunStarted):
            self._is_running = True
        elif isinstance(event, RunEnded):
            self._is_running = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._is_running:
            raise KeyboardInterrupt
        if os.isatty(1):
            os.write(1, SHOW_CURSOR)
        os._exit(CANCELLED)
