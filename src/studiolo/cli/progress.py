"""Tells of a run while it goes on, in lines that stay: one for each event of a node, for pipes, files and CI."""

from __future__ import annotations

import threading
from typing import Protocol

from studiolo.cli.build_lines import BuildLines
from studiolo.cli.log_lines import LogLines
from studiolo.cli.node_text import shapes_text, time_text, why_text
from studiolo.cli.plain_text import clean_line
from studiolo.cli.quantities import count_text
from studiolo.cli.screen import STATE_STYLES, Screen
from studiolo.domain.run import NodeRun
from studiolo.scheduler.progress import (
    EnvironmentProgress,
    NodeEnded,
    NodeLogged,
    NodeStarted,
    Progress,
    RunEnded,
    RunStarted,
)


class Watcher(Protocol):
    """Is told of every event of a run, from any thread, until it is closed."""

    def __call__(self, event: Progress) -> None:
        """Take an event."""

    def close(self) -> None:
        """Leave the screen as it should stay. May be called twice."""


class SilentWatcher:
    """Says nothing but which packages are being installed, which may take minutes.

    Args:
        screen: where to.
    """

    def __init__(self, screen: Screen) -> None:
        self._steps = BuildLines(screen)

    def __call__(self, event: Progress) -> None:
        """Take an event."""
        if isinstance(event, EnvironmentProgress):
            self._steps(event.step, whose_packages(event))

    def close(self) -> None:
        """Do nothing."""


class LineWatcher:
    """Writes one line an event: the state first, the node second, so that `grep` and `cut` find them.

    Args:
        screen: where to.
        has_logs: what the nodes print is written too, as `node | text`.
    """

    def __init__(self, screen: Screen, has_logs: bool) -> None:
        self._screen = screen
        self._has_logs = has_logs
        self._lock = threading.Lock()
        self._logs = LogLines()
        self._steps = BuildLines(screen)

    def __call__(self, event: Progress) -> None:
        """Write the line of an event."""
        with self._lock:
            if isinstance(event, EnvironmentProgress):
                self._steps(event.step, whose_packages(event))
            elif isinstance(event, RunStarted):
                self._screen.line(run_line(event))
            elif isinstance(event, NodeStarted):
                self._event("started", event.node, clean_line(event.reason))
            elif isinstance(event, NodeLogged):
                if self._has_logs:
                    self._write_log(event.node, self._logs.add(event.node, event.text))
            elif isinstance(event, NodeEnded):
                self._end(event.node_run)

    def close(self) -> None:
        """Do nothing: every line is written already."""

    def _end(self, node_run: NodeRun) -> None:
        self._write_log(node_run.node, self._logs.end(node_run.node))
        facts = [shapes_text(node_run.shapes), time_text(node_run)]
        if node_run.state != "finished":
            facts.append(why_text(node_run))
        self._event(node_run.state, node_run.node, "  ".join(fact for fact in facts if fact))

    def _event(self, state: str, node: str, text: str) -> None:
        word = self._screen.styled(state, STATE_STYLES.get(state, "")) + " " * (9 - len(state))
        self._screen.line(f"{word}  {clean_line(node)}  {text}".rstrip())

    def _write_log(self, node: str, lines: list[str]) -> None:
        for line in lines:
            self._screen.line(log_line(node, line))


def run_line(event: RunStarted) -> str:
    """Give the first line of a run."""
    nodes = count_text(len(event.nodes), "node")
    if event.continued is not None:
        return f"run {event.number} of {event.experiment} goes on: {event.continued} of {nodes} had finished"
    return f"run {event.number} of {event.experiment}: {nodes}"


def whose_packages(event: EnvironmentProgress) -> str:
    """Give what stands before a step of a build."""
    return f"packages of {clean_line(', '.join(event.nodes))}: "


def log_line(node: str, line: str) -> str:
    """Give a line of a node's log."""
    return f"{clean_line(node)} | {line}"


def is_of_interest(event: Progress) -> bool:
    """Say whether an event means that work is being done: a run that only reuses needs no live screen."""
    return not isinstance(event, RunStarted | RunEnded) and not (
        isinstance(event, NodeEnded) and event.node_run.state == "reused"
    )
