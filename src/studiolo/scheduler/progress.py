"""What a watcher of a run is told while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studiolo.domain.run import NodeRun
from studiolo.environments.progress import BuildProgress


@dataclass(frozen=True)
class EnvironmentProgress:
    """Before a run has its number: packages of these nodes are being chosen or installed."""

    nodes: tuple[str, ...]
    step: BuildProgress


@dataclass(frozen=True)
class RunStarted:
    """A run has its number and its nodes; `continued` says how many were finished before an interruption."""

    number: int
    experiment: str
    nodes: tuple[str, ...]
    continued: int | None = None


@dataclass(frozen=True)
class NodeStarted:
    """A node's job was given to a worker; `reason` says why it runs."""

    node: str
    reason: str


@dataclass(frozen=True)
class NodeLogged:
    """A node's job printed something."""

    node: str
    text: bytes


@dataclass(frozen=True)
class NodeEnded:
    """A node is in its final state, and that is in the database."""

    node_run: NodeRun


@dataclass(frozen=True)
class RunEnded:
    """The run is over; `state` is one of `domain.run.RUN_STATES`."""

    number: int
    state: str
    seconds: float


Progress = EnvironmentProgress | RunStarted | NodeStarted | NodeLogged | NodeEnded | RunEnded
Listener = Callable[[Progress], None]
