"""Writes the steps in which an environment is built, in lines that stay: each new one, and a package now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from studiolo.cli.plain_text import clean_line
from studiolo.cli.screen import Screen

if TYPE_CHECKING:
    from studiolo.environments.progress import BuildProgress

SECONDS_BETWEEN_LINES = 2.0


class BuildLines:
    """Is told each step of locking and building.

    Args:
        screen: where to.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._last = ("", "")
        self._time = 0.0

    def __call__(self, step: BuildProgress, whose: str = "") -> None:
        """Write a step unless the same one was just told.

        Args:
            step: what is going on.
            whose: stands before it.
        """
        now = time.monotonic()
        if (step.name, whose) == self._last and now - self._time < SECONDS_BETWEEN_LINES:
            return
        self._last, self._time = (step.name, whose), now
        self._screen.line(f"{whose}{step_text(step)}", "dim")


def step_text(step: BuildProgress) -> str:
    """Give a step in words, with the share that is done where that is known."""
    share = f"{round(step.fraction * 100):3d} %  " if step.fraction is not None else ""
    return f"{share}{step.name} {clean_line(step.detail)}".rstrip()
