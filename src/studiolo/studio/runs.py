"""Starts runs for pages: each in a thread of its own, told to pages by a ticket until it has a number."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from studiolo.environments.progress import BuildProgress
from studiolo.errors import InternalError, StudioloError, UserError
from studiolo.scheduler.leaving import Leash
from studiolo.scheduler.progress import EnvironmentProgress, Listener, Progress, RunStarted
from studiolo.studio.events import EventHub
from studiolo.workspace import Workspace
from studiolo.workspace.locks import LifeLock


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to run; see `Workspace.run`."""

    to: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    force: bool | tuple[str, ...] = False


@dataclass
class _Started:
    """A run that this process has begun."""

    ticket: str
    experiment: str
    starting: str | None = "checking"
    number: int | None = None
    leash: Leash = field(default_factory=Leash)


class Runs:
    """The runs that this process does.

    Args:
        workspace: to run in.
        events: where pages are told.
    """

    def __init__(self, workspace: Workspace, events: EventHub) -> None:
        self._workspace = workspace
        self._events = events
        self._news: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._going: dict[str, _Started] = {}
        self._is_closed = False

    def on_news(self, told: Callable[[], None]) -> None:
        """Call `told` whenever something has happened in a run."""
        self._news = told

    def start(self, experiment: str, wanted: Wanted) -> str:
        """Begin a run and give its ticket, which events `starting`, `run` and `refused` name.

        Raises:
            UserError: `already-running`.
        """
        started = self._registered(experiment)
        thread = threading.Thread(
            target=self._run, args=(started, wanted), name=f"studiolo-run-{experiment}", daemon=True
        )
        thread.start()
        return started.ticket

    @contextmanager
    def hold(self, experiment: str) -> Iterator[tuple[Listener, Leash]]:
        """Let other work run an experiment in this thread, as publishing does: for pages it is a run like any other.

        Gives the listener and the leash that the work hands to `Workspace.run`.

        Raises:
            UserError: `already-running`.
        """
        started = self._registered(experiment)
        self._tell_starting(started)
        try:
            yield lambda progress: self._listen(started, progress), started.leash
        finally:
            with self._lock:
                self._going.pop(experiment, None)
            started.starting = None
            self._tell_starting(started)
            self._news()

    def starting(self, experiment: str) -> str | None:
        """Say in a few words what is being done before a run has its number; None when nothing is."""
        with self._lock:
            going = self._going.get(experiment)
            return going.starting if going is not None else None

    def going(self) -> list[str]:
        """Give the names of the experiments that this process runs."""
        with self._lock:
            return sorted(self._going)

    def close(self) -> None:
        """Leave all runs as they are, as if this process had been killed: the next run continues them."""
        with self._lock:
            self._is_closed = True
            going = list(self._going.values())
        for started in going:
            started.leash.leave()

    def _registered(self, experiment: str) -> _Started:
        """Note that this process runs an experiment, if nobody does."""
        number = self._number_elsewhere(experiment)
        started = _Started(secrets.token_hex(8), experiment)
        with self._lock:
            going = self._going.get(experiment)
            if going is not None or number is not None:
                raise _already_running(experiment, number if going is None else going.number)
            if self._is_closed:
                raise UserError("already-running", "The server is being stopped.", "Start it again.")
            self._going[experiment] = started
        return started

    def _number_elsewhere(self, experiment: str) -> int | None:
        """Give the number of a run of another process that is alive."""
        for run in self._workspace.metadata.running_runs(experiment):
            lock = LifeLock(self._workspace.places.runs, run.number)
            if not lock.take():
                return run.number
            lock.release(has_ended=False)
        return None

    def _run(self, started: _Started, wanted: Wanted) -> None:
        problem: StudioloError | None = None
        self._tell_starting(started)
        try:
            self._workspace.run(
                started.experiment,
                to=wanted.to,
                from_=wanted.start,
                only=wanted.only,
                force=wanted.force,
                listener=lambda progress: self._listen(started, progress),
                leash=started.leash,
            )
        except StudioloError as error:
            problem = error
        except Exception as error:
            problem = InternalError("internal", f"The run ended by a fault of studiolo: {error!r}")
        finally:
            with self._lock:
                self._going.pop(started.experiment, None)
        if problem is not None and not self._is_closed:
            data = {
                "ticket": started.ticket,
                "experiment": started.experiment,
                "error": problem.to_json(),
            }
            self._events.publish("refused", data, started.experiment)
        self._news()

    def _listen(self, started: _Started, progress: Progress) -> None:
        if isinstance(progress, RunStarted):
            started.number, started.starting = progress.number, None
            self._tell_starting(started)
        elif isinstance(progress, EnvironmentProgress):
            started.starting = f"{', '.join(progress.nodes)}: {_step_text(progress.step)}"
            self._tell_starting(started)
        self._news()

    def _tell_starting(self, started: _Started) -> None:
        data: dict[str, Any] = {
            "ticket": started.ticket,
            "experiment": started.experiment,
            "text": started.starting,
            "run": started.number,
        }
        self._events.publish("starting", data, started.experiment)


def _step_text(step: BuildProgress) -> str:
    share = f" {round(step.fraction * 100)} %" if step.fraction is not None else ""
    return f"{step.name} {step.detail}".strip() + share


def _already_running(experiment: str, number: int | None) -> UserError:
    which = "" if number is None else f" as run {number}"
    return UserError(
        "already-running",
        f"{experiment} is running already{which}.",
        "Wait until it has ended, or cancel it.",
        number=number,
    )
