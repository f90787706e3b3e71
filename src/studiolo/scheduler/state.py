"""The state machine of one run (R-3.4): events in, instructions out; no clock, process or file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

from studiolo.errors import InternalError
from studiolo.scheduler import events
from studiolo.scheduler.instructions import (
    CancelJob,
    EndNode,
    FinishRun,
    Instruction,
    Persist,
    Prepare,
    StartJob,
)
from studiolo.scheduler.plan import Plan, PlannedNode
from studiolo.scheduler.ready import ReadyNodes

ATTEMPTS = 2


class Phase(Enum):
    """Where a node is on its way; the last five are final and named as in `domain.run.NODE_STATES`."""

    WAITING = "waiting"
    PREPARING = "preparing"
    READY = "ready"
    RUNNING = "running"
    CANCELLING = "cancelling"
    PERSISTING = "persisting"
    FINISHED = "finished"
    REUSED = "reused"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Nothing more happens to the node."""
        return self in _FINAL


_FINAL = frozenset((Phase.FINISHED, Phase.REUSED, Phase.FAILED, Phase.SKIPPED, Phase.CANCELLED))


class RunMachine:
    """Decides what a run does next.

    A node is prepared when all nodes before it have sealed outputs or are reused. It counts as finished when
    its outputs are in the store, and the run ends when that holds for all. Of the nodes that are ready those
    with the longest way to the end start first, as slots and memory allow. A failure ends what depends on it
    and nothing else. All work together is in the order of the number of connections.

    Events that come too late, because the node was cancelled or skipped meanwhile, are taken and do nothing.
    """

    def __init__(self, plan: Plan) -> None:
        self._ready = ReadyNodes(remaining_chain(plan), plan.memory_mb)
        self._nodes: dict[str, PlannedNode] = {node.name: node for node in plan.nodes}
        self._slots = max(1, plan.slots)
        self._phase = {name: Phase.FINISHED if name in plan.done else Phase.WAITING for name in self._nodes}
        self._users: dict[str, list[str]] = {name: [] for name in self._nodes}
        for node in plan.nodes:
            for source in node.upstream:
                self._users[source].append(node.name)
        self._missing = {node.name: len(node.upstream) for node in plan.nodes}
        self._done = plan.done
        self._attempts = dict.fromkeys(self._nodes, 0)
        self._begun: set[str] = set()
        self._running = 0
        self._open = sum(not phase.is_final for phase in self._phase.values())
        self._because: dict[str, str] = {}
        self._was_submitted = False
        self._is_cancelled = False
        self._has_failed = False
        self._is_over = False

    @property
    def phases(self) -> Mapping[str, Phase]:
        """Node to phase, as they are now."""
        return self._phase

    @property
    def is_over(self) -> bool:
        """FinishRun was given."""
        return self._is_over

    def handle(self, event: events.Event) -> list[Instruction]:
        """Take one event and give what to do now, in order.

        Raises:
            InternalError: the event names no node of the run or cannot happen in the node's phase.
        """
        out: list[Instruction] = []
        if isinstance(event, events.Submitted):
            self._submit(out)
        elif isinstance(event, events.Cancelled):
            self._cancel(out)
        else:
            self._node_event(event, out)
        out.extend(self._starts())
        if self._was_submitted and self._open == 0 and not self._is_over:
            self._is_over = True
            out.append(FinishRun(self._run_state()))
        return out

    def _submit(self, out: list[Instruction]) -> None:
        if self._is_cancelled:
            return
        if self._was_submitted:
            raise InternalError("internal", "The run was submitted twice.")
        self._was_submitted = True
        first = [
            name
            for name, missing in self._missing.items()
            if missing == 0 and self._phase[name] is Phase.WAITING
        ]
        for name in self._done:
            first += self._feed(name)
        self._prepare(first, out)

    def _node_event(self, event: events.NodeEvent, out: list[Instruction]) -> None:
        phase = self._phase.get(event.node)
        if phase is None:
            raise InternalError("internal", f'The run has no node "{event.node}".')
        step = _STEPS.get((phase, type(event)))
        if step is not None:
            step(self, event.node, out)
        elif phase not in _FINAL and phase is not Phase.CANCELLING:
            what = type(event).__name__
            raise InternalError("internal", f"{what} of node {event.node}, which is {phase.value}.")

    def _missed(self, name: str, out: list[Instruction]) -> None:
        self._phase[name] = Phase.READY
        self._ready.add(self._nodes[name])

    def _hit(self, name: str, out: list[Instruction]) -> None:
        self._end(name, Phase.REUSED, out)
        self._prepare(self._feed(name), out)

    def _answered(self, name: str, out: list[Instruction]) -> None:
        self._end(name, Phase.FINISHED, out)
        self._prepare(self._feed(name), out)

    def _started(self, name: str, out: list[Instruction]) -> None:
        self._begun.add(name)

    def _job_finished(self, name: str, out: list[Instruction]) -> None:
        self._free(name)
        self._phase[name] = Phase.PERSISTING
        out.append(Persist(name))
        self._prepare(self._feed(name), out)

    def _persisted(self, name: str, out: list[Instruction]) -> None:
        self._end(name, Phase.FINISHED, out)

    def _failed(self, name: str, out: list[Instruction]) -> None:
        if self._phase[name] is Phase.RUNNING:
            self._free(name)
        self._has_failed = True
        self._end(name, Phase.FAILED, out)
        self._stop_dependants(name, out)

    def _lost(self, name: str, out: list[Instruction]) -> None:
        may_repeat = name not in self._begun or self._nodes[name].is_safe
        if self._attempts[name] >= ATTEMPTS or not may_repeat:
            self._failed(name, out)
            return
        self._free(name)
        self._missed(name, out)

    def _job_gone(self, name: str, out: list[Instruction]) -> None:
        self._free(name)
        self._end(name, Phase.CANCELLED, out)

    def _cancel(self, out: list[Instruction]) -> None:
        if self._is_cancelled or self._is_over:
            return
        self._is_cancelled = True
        for name, phase in list(self._phase.items()):
            if phase in (Phase.WAITING, Phase.PREPARING, Phase.READY):
                self._end(name, Phase.CANCELLED, out)
            elif phase is Phase.RUNNING:
                self._phase[name] = Phase.CANCELLING
                out.append(CancelJob(name))
        self._ready.clear()
        self._was_submitted = True

    def _stop_dependants(self, failed: str, out: list[Instruction]) -> None:
        """End everything behind a failed node that is not finished; each node is visited once in a run."""
        stack = [failed]
        while stack:
            for name in self._users[stack.pop()]:
                if name in self._because:
                    continue
                self._because[name] = failed
                stack.append(name)
                phase = self._phase[name]
                if phase is Phase.READY:
                    self._ready.remove(name)
                if phase in (Phase.WAITING, Phase.PREPARING, Phase.READY):
                    self._end(name, Phase.SKIPPED, out)
                elif phase is Phase.RUNNING:
                    self._phase[name] = Phase.CANCELLING
                    out.append(CancelJob(name))

    def _feed(self, name: str) -> list[str]:
        """Note that the node's outputs can be used; give the nodes that wait for nothing more."""
        fed = []
        for user in self._users[name]:
            self._missing[user] -= 1
            if self._missing[user] == 0 and self._phase[user] is Phase.WAITING:
                fed.append(user)
        return fed

    def _prepare(self, names: list[str], out: list[Instruction]) -> None:
        for name in sorted(names, key=self._ready.rank):
            self._phase[name] = Phase.PREPARING
            out.append(Prepare(name))

    def _starts(self) -> Iterator[StartJob]:
        while self._running < self._slots:
            node = self._ready.take()
            if node is None:
                return
            self._running += 1
            self._phase[node.name] = Phase.RUNNING
            self._attempts[node.name] += 1
            yield StartJob(node.name, self._attempts[node.name])

    def _free(self, name: str) -> None:
        self._running -= 1
        self._ready.give_back(self._nodes[name])

    def _end(self, name: str, phase: Phase, out: list[Instruction]) -> None:
        self._phase[name] = phase
        self._open -= 1
        because = self._because.get(name) if phase in (Phase.SKIPPED, Phase.CANCELLED) else None
        out.append(EndNode(name, phase.value, because))

    def _run_state(self) -> str:
        if self._is_cancelled:
            return "cancelled"
        return "failed" if self._has_failed else "finished"


def remaining_chain(plan: Plan) -> dict[str, tuple[int, int]]:
    """Give each node its rank: minus the longest chain from it to an end, then its place in the plan.

    Raises:
        InternalError: the plan has a cycle or uses a node that it does not hold.
    """
    upstream = {node.name: node.upstream for node in plan.nodes}
    users = dict.fromkeys(upstream, 0)
    for sources in upstream.values():
        for source in sources:
            if source not in users:
                raise InternalError("internal", f'The plan uses the node "{source}", which it does not hold.')
            users[source] += 1
    length = dict.fromkeys(upstream, 1)
    order = [name for name, count in users.items() if count == 0]
    for name in order:
        for source in upstream[name]:
            length[source] = max(length[source], length[name] + 1)
            users[source] -= 1
            if users[source] == 0:
                order.append(source)
    if len(order) < len(upstream):
        raise InternalError("internal", "The plan has a cycle.")
    return {name: (-length[name], place) for place, name in enumerate(upstream)}


_Step = Callable[[RunMachine, str, list[Any]], None]
_STEPS: dict[tuple[Phase, type[Any]], _Step] = {
    (Phase.PREPARING, events.CacheHit): RunMachine._hit,
    (Phase.PREPARING, events.CacheMiss): RunMachine._missed,
    (Phase.PREPARING, events.HostAnswered): RunMachine._answered,
    (Phase.PREPARING, events.JobFailed): RunMachine._failed,
    (Phase.RUNNING, events.JobStarted): RunMachine._started,
    (Phase.RUNNING, events.JobFinished): RunMachine._job_finished,
    (Phase.RUNNING, events.JobFailed): RunMachine._failed,
    (Phase.RUNNING, events.WorkerLost): RunMachine._lost,
    (Phase.RUNNING, events.JobCancelled): RunMachine._failed,
    (Phase.CANCELLING, events.JobCancelled): RunMachine._job_gone,
    (Phase.CANCELLING, events.JobFinished): RunMachine._job_gone,
    (Phase.CANCELLING, events.JobFailed): RunMachine._job_gone,
    (Phase.CANCELLING, events.WorkerLost): RunMachine._job_gone,
    (Phase.PERSISTING, events.Persisted): RunMachine._persisted,
    (Phase.PERSISTING, events.JobFailed): RunMachine._failed,
    (Phase.PERSISTING, events.WorkerLost): RunMachine._failed,
    (Phase.PERSISTING, events.JobCancelled): RunMachine._failed,
}
