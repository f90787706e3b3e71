"""A dispatcher without workers: it answers the state machine's instructions as told and checks its promises."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

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
from studiolo.scheduler.state import RunMachine

OK, HIT, HOST, BAD_PREPARE, FAIL, FAIL_STORE, LOST, LOST_TWICE, LOST_BEGUN = (
    "ok",
    "cache hit",
    "host answers",
    "fails while prepared",
    "fails",
    "fails to persist",
    "worker lost",
    "worker lost twice",
    "worker lost after it began",
)


@dataclass
class Simulation:
    """Runs a plan to its end.

    Attributes:
        plan: what runs.
        behaviours: node to what its job does; `ok` when absent.
        cancel_at: number of events after which the run is cancelled, None for never.
        order: chooses which of the answers on their way comes next.
    """

    plan: Plan
    behaviours: Mapping[str, str] = field(default_factory=dict)
    cancel_at: int | None = None
    order: Callable[[int], int] = lambda count: 0
    ended: dict[str, str] = field(default_factory=dict)
    because: dict[str, str | None] = field(default_factory=dict)
    given: list[Instruction] = field(default_factory=list)
    state: str | None = None
    most_running: int = 0
    handled: int = 0

    def run(self) -> Simulation:
        self.machine = RunMachine(self.plan)
        self.nodes = {node.name: node for node in self.plan.nodes}
        self.waiting: list[events.Event] = [events.Submitted()]
        self.sealed = set(self.plan.done)
        self.running: set[str] = set()
        self.lost: dict[str, int] = {}
        while self.waiting:
            if self.handled == self.cancel_at:
                self.take(events.Cancelled())
            self.take(self.waiting.pop(self.order(len(self.waiting))))
        assert self.state is not None, "the run never ended"
        assert self.machine.is_over
        assert set(self.ended) | self.plan.done == set(self.nodes)
        return self

    def take(self, event: events.Event) -> None:
        self.handled += 1
        if isinstance(event, events.JobFinished | events.JobFailed | events.WorkerLost | events.JobCancelled):
            self.running.discard(event.node)
        if isinstance(event, events.JobFinished | events.CacheHit | events.HostAnswered):
            self.sealed.add(event.node)
        for instruction in self.machine.handle(event):
            assert self.state is None, "an instruction after the end of the run"
            self.given.append(instruction)
            self.carry_out(instruction)

    def carry_out(self, instruction: Instruction) -> None:
        if isinstance(instruction, FinishRun):
            assert not self.running
            self.state = instruction.state
            return
        name = instruction.node
        behaviour = self.behaviours.get(name, OK)
        if isinstance(instruction, EndNode):
            assert name not in self.ended, f"{name} ended twice"
            assert name not in self.running, f"{name} ended while its job runs"
            self.ended[name] = instruction.state
            self.because[name] = instruction.because
            return
        assert name not in self.ended, f"{instruction} after its end"
        if isinstance(instruction, Prepare):
            assert self.sealed.issuperset(self.nodes[name].upstream), f"{name} was prepared before its inputs"
            self.waiting.append(self.prepared(name, behaviour))
        elif isinstance(instruction, StartJob):
            self.start(name, behaviour)
        elif isinstance(instruction, Persist):
            self.waiting.append(events.JobFailed(name) if behaviour == FAIL_STORE else events.Persisted(name))
        elif isinstance(instruction, CancelJob):
            assert name in self.running
            of_job = (events.JobFinished, events.JobFailed, events.WorkerLost, events.JobStarted)
            self.waiting = [e for e in self.waiting if not (isinstance(e, of_job) and e.node == name)]
            self.waiting.append(events.JobCancelled(name))

    def prepared(self, name: str, behaviour: str) -> events.Event:
        answers = {HIT: events.CacheHit, HOST: events.HostAnswered, BAD_PREPARE: events.JobFailed}
        return answers.get(behaviour, events.CacheMiss)(name)

    def start(self, name: str, behaviour: str) -> None:
        self.running.add(name)
        self.most_running = max(self.most_running, len(self.running))
        assert len(self.running) <= self.plan.slots, "more jobs than slots"
        memory = sum(self.nodes[one].memory_mb for one in self.running)
        assert memory <= self.plan.memory_mb or len(self.running) == 1, "more memory than the budget"
        attempt = self.lost.get(name, 0)
        if behaviour in (LOST, LOST_TWICE, LOST_BEGUN) and attempt < (2 if behaviour == LOST_TWICE else 1):
            self.lost[name] = attempt + 1
            if behaviour == LOST_BEGUN:
                self.take(events.JobStarted(name))
            self.waiting.append(events.WorkerLost(name))
            return
        self.waiting.append(events.JobFailed(name) if behaviour == FAIL else events.JobFinished(name))


@pytest.fixture(scope="session")
def simulate() -> Callable[..., Simulation]:
    """Run a graph, given as node to the nodes before it, to its end."""

    def simulate(
        graph: Mapping[str, tuple[str, ...]],
        behaviours: Mapping[str, str] | None = None,
        *,
        cancel_at: int | None = None,
        slots: int = 2,
        memory: Mapping[str, int] | None = None,
        budget: int = 1_000,
        unsafe: tuple[str, ...] = (),
        done: frozenset[str] = frozenset(),
        seed: int | None = None,
    ) -> Simulation:
        nodes = [
            PlannedNode(name, tuple(upstream), (memory or {}).get(name, 100), name not in unsafe)
            for name, upstream in graph.items()
        ]
        plan = Plan(tuple(nodes), slots, budget, done)
        order = (lambda count: 0) if seed is None else random.Random(seed).randrange
        return Simulation(plan, behaviours or {}, cancel_at, order).run()

    return simulate


SHAPES: dict[str, dict[str, tuple[str, ...]]] = {
    "single": {"a": ()},
    "chain": {"a": (), "b": ("a",), "c": ("b",), "d": ("c",)},
    "fan-out": {"a": (), "b": ("a",), "c": ("a",), "d": ("a",)},
    "fan-in": {"a": (), "b": (), "c": (), "d": ("a", "b", "c")},
    "diamond": {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")},
    "two islands": {"a": (), "b": ("a",), "x": (), "y": ("x",)},
    "wide": {"a": (), **{f"w{n}": ("a",) for n in range(8)}, "z": tuple(f"w{n}" for n in range(8))},
    "braid": {
        "a": (),
        "b": (),
        "c": ("a", "b"),
        "d": ("a", "b"),
        "e": ("c",),
        "f": ("c", "d"),
        "g": ("e", "f"),
    },
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that asks for `shape` all shapes, and `shape_and_node` each node of each."""
    if "shape_and_node" in metafunc.fixturenames:
        pairs = [(name, node) for name, graph in SHAPES.items() for node in graph]
        metafunc.parametrize(
            "shape_and_node", [(SHAPES[n], node) for n, node in pairs], ids=[f"{n}-{o}" for n, o in pairs]
        )
    elif "shape" in metafunc.fixturenames:
        metafunc.parametrize("shape", list(SHAPES.values()), ids=list(SHAPES))


@pytest.fixture(scope="session")
def downstream() -> Callable[[Mapping[str, tuple[str, ...]], str], set[str]]:
    """Give all nodes behind a node, found without the state machine."""

    def downstream(graph: Mapping[str, tuple[str, ...]], start: str) -> set[str]:
        found = {start}
        for _ in graph:
            found |= {name for name, upstream in graph.items() if found.intersection(upstream)}
        return found - {start}

    return downstream
