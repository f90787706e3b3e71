"""The state machine: every shape of graph with every behaviour at every position."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from studiolo.errors import InternalError
from studiolo.scheduler import events
from studiolo.scheduler.instructions import CancelJob, EndNode, FinishRun, Persist, Prepare, StartJob
from studiolo.scheduler.plan import Plan, PlannedNode
from studiolo.scheduler.state import Phase, RunMachine


def test_every_node_of_a_good_run_finishes(shape, simulate):
    """R-3.1: a run without faults computes everything."""
    run = simulate(shape)
    assert run.ended == dict.fromkeys(shape, "finished")
    assert run.state == "finished"


def test_a_failure_skips_exactly_what_depends_on_it(shape_and_node, simulate, downstream):
    """R-3.4: a failed node stops only its dependants, and each of them says because of whom."""
    graph, failing = shape_and_node
    run = simulate(graph, {failing: "fails"})
    behind = downstream(graph, failing)
    expected = {name: "skipped" if name in behind else "finished" for name in graph} | {failing: "failed"}
    assert run.ended == expected
    assert {name: run.because[name] for name in behind} == dict.fromkeys(behind, failing)
    assert run.state == "failed"


def test_a_node_that_cannot_be_prepared_fails_like_its_job(shape_and_node, simulate, downstream):
    """A missing file found while preparing must not stop other branches either."""
    graph, failing = shape_and_node
    run = simulate(graph, {failing: "fails while prepared"})
    behind = downstream(graph, failing)
    expected = {name: "skipped" if name in behind else "finished" for name in graph} | {failing: "failed"}
    assert run.ended == expected


@pytest.mark.parametrize("behaviour, state", [("cache hit", "reused"), ("host answers", "finished")])
def test_a_node_without_a_job_feeds_the_next(shape_and_node, simulate, behaviour, state):
    """R-3.3: reuse at any position leaves the rest of the run as it is, and starts no job."""
    graph, name = shape_and_node
    run = simulate(graph, {name: behaviour})
    assert run.ended == dict.fromkeys(graph, "finished") | {name: state}
    assert StartJob(name) not in run.given
    assert run.state == "finished"


def test_an_unchanged_run_starts_nothing(shape, simulate):
    """R-7.2: a re-run of unchanged nodes is look-ups only."""
    run = simulate(shape, dict.fromkeys(shape, "cache hit"))
    assert run.ended == dict.fromkeys(shape, "reused")
    assert not [one for one in run.given if isinstance(one, StartJob | Persist)]


def test_a_cancelled_run_ends_wherever_it_was(shape, simulate):
    """R-3.4: cancel at each step ends every node once, kills running jobs, and the run is cancelled."""
    steps = simulate(shape).handled
    for step in range(steps):
        run = simulate(shape, cancel_at=step)
        assert run.state == "cancelled"
        assert set(run.ended.values()) <= {"finished", "cancelled"}
        assert set(run.ended) == set(shape)


def test_cancel_keeps_what_is_being_stored():
    """R-12.3: a result whose job ended is not thrown away by a cancel; one still running is killed."""
    machine = RunMachine(Plan((PlannedNode("a"), PlannedNode("b"), PlannedNode("c", ("a", "b"))), slots=2))
    machine.handle(events.Submitted())
    machine.handle(events.CacheMiss("a"))
    machine.handle(events.CacheMiss("b"))
    machine.handle(events.JobFinished("a"))
    assert machine.handle(events.Cancelled()) == [CancelJob("b"), EndNode("c", "cancelled")]
    assert machine.handle(events.Cancelled()) == []
    assert machine.handle(events.Persisted("a")) == [EndNode("a", "finished")]
    assert machine.handle(events.JobCancelled("b")) == [EndNode("b", "cancelled"), FinishRun("cancelled")]


@pytest.mark.parametrize(
    "end", [events.JobFinished, events.JobFailed, events.WorkerLost, events.JobCancelled]
)
def test_a_job_that_ends_while_it_is_cancelled_is_cancelled(end):
    """The kill and the job's own end race; the author sees one outcome whichever wins."""
    machine = RunMachine(Plan((PlannedNode("a"),)))
    machine.handle(events.Submitted())
    machine.handle(events.CacheMiss("a"))
    assert machine.handle(events.Cancelled()) == [CancelJob("a")]
    assert machine.handle(events.JobStarted("a")) == []
    assert machine.handle(end("a")) == [EndNode("a", "cancelled"), FinishRun("cancelled")]


def test_answers_that_come_too_late_do_nothing():
    """A look-up may return after the node was cancelled; it must not revive it."""
    machine = RunMachine(Plan((PlannedNode("a"), PlannedNode("b", ("a",)))))
    machine.handle(events.Submitted())
    assert machine.handle(events.Cancelled())[-1] == FinishRun("cancelled")
    for late in (events.CacheMiss("a"), events.CacheHit("a"), events.JobFinished("a"), events.Persisted("b")):
        assert machine.handle(late) == []
    assert machine.is_over


def test_a_cancel_before_the_start_is_a_cancelled_run():
    """Ctrl-C may come before the first event."""
    machine = RunMachine(Plan((PlannedNode("a"),)))
    assert machine.handle(events.Cancelled()) == [EndNode("a", "cancelled"), FinishRun("cancelled")]
    assert machine.handle(events.Submitted()) == []


def test_a_sealed_result_feeds_the_next_before_it_is_stored():
    """R-7.2: a chain does not wait for the disk, but a node counts as finished only when it is stored."""
    machine = RunMachine(Plan((PlannedNode("a"), PlannedNode("b", ("a",)))))
    assert machine.handle(events.Submitted()) == [Prepare("a")]
    assert machine.handle(events.CacheMiss("a")) == [StartJob("a")]
    assert machine.handle(events.JobFinished("a")) == [Persist("a"), Prepare("b")]
    assert machine.phases == {"a": Phase.PERSISTING, "b": Phase.PREPARING}
    assert machine.handle(events.CacheMiss("b")) == [StartJob("b")]
    assert machine.handle(events.JobFinished("b")) == [Persist("b")]
    assert machine.handle(events.Persisted("b")) == [EndNode("b", "finished")]
    assert machine.handle(events.Persisted("a")) == [EndNode("a", "finished"), FinishRun("finished")]


def test_a_result_that_cannot_be_stored_stops_what_was_built_on_it(shape_and_node, simulate, downstream):
    """Disk full: the node fails, nodes behind it that are not finished end, other branches go on."""
    graph, failing = shape_and_node
    run = simulate(graph, {failing: "fails to persist"})
    behind = downstream(graph, failing)
    assert run.ended[failing] == "failed"
    assert {run.ended[name] for name in graph if name not in behind and name != failing} <= {"finished"}
    assert {run.ended[name] for name in behind} <= {"skipped", "cancelled", "finished"}
    assert run.state == "failed"


@pytest.mark.parametrize("end", [events.JobFailed, events.WorkerLost, events.JobCancelled])
def test_a_job_that_goes_wrong_after_its_result_fails_the_node(end):
    """A result that was sealed but whose job did not end well is not stored, and is not tried again."""
    machine = RunMachine(Plan((PlannedNode("a"), PlannedNode("b", ("a",)))))
    for event in (events.Submitted(), events.CacheMiss("a"), events.JobFinished("a")):
        machine.handle(event)
    expected = [EndNode("a", "failed"), EndNode("b", "skipped", "a"), FinishRun("failed")]
    assert machine.handle(end("a")) == expected


def test_a_job_that_was_cancelled_by_nobody_here_has_failed():
    """Whatever ends a job, the run goes on without it."""
    machine = RunMachine(Plan((PlannedNode("a"),)))
    machine.handle(events.Submitted())
    machine.handle(events.CacheMiss("a"))
    assert machine.handle(events.JobCancelled("a")) == [EndNode("a", "failed"), FinishRun("failed")]


def test_a_failed_store_cancels_running_dependants_and_keeps_finished_ones():
    """A child that is stored is a valid result; one that runs would be thrown away, so it is killed."""
    nodes = (
        PlannedNode("a"),
        PlannedNode("b", ("a",)),
        PlannedNode("c", ("a",)),
        PlannedNode("d", ("b", "c")),
    )
    machine = RunMachine(Plan(nodes, slots=2))
    for event in (events.Submitted(), events.CacheMiss("a"), events.JobFinished("a")):
        machine.handle(event)
    for event in (
        events.CacheMiss("b"),
        events.CacheMiss("c"),
        events.JobFinished("b"),
        events.Persisted("b"),
    ):
        machine.handle(event)
    assert machine.handle(events.JobFailed("a")) == [
        EndNode("a", "failed"),
        CancelJob("c"),
        EndNode("d", "skipped", "a"),
    ]
    assert machine.handle(events.JobCancelled("c")) == [EndNode("c", "cancelled", "a"), FinishRun("failed")]


def test_a_lost_worker_costs_one_more_attempt(shape_and_node, simulate):
    """R-12.3: a worker that vanished is no fault of the node."""
    graph, name = shape_and_node
    run = simulate(graph, {name: "worker lost"})
    assert run.ended == dict.fromkeys(graph, "finished")
    assert [one for one in run.given if isinstance(one, StartJob) and one.node == name] == [
        StartJob(name, 1),
        StartJob(name, 2),
    ]


def test_a_worker_lost_twice_fails_the_node(shape_and_node, simulate, downstream):
    """A node that takes its worker down each time must not do so for ever."""
    graph, name = shape_and_node
    run = simulate(graph, {name: "worker lost twice"})
    assert run.ended[name] == "failed"
    assert all(run.ended[one] == "skipped" for one in downstream(graph, name))


@pytest.mark.parametrize(
    "behaviour, unsafe, state",
    [
        ("worker lost", ("a",), "finished"),
        ("worker lost after it began", ("a",), "failed"),
        ("worker lost after it began", (), "finished"),
    ],
)
def test_a_node_that_must_not_run_twice_is_repeated_only_if_it_had_not_begun(
    simulate, behaviour, unsafe, state
):
    """A script that wrote to a database once must not write twice."""
    assert simulate({"a": ()}, {"a": behaviour}, unsafe=unsafe).ended == {"a": state}


def test_branches_run_at_once_up_to_the_slots(simulate):
    """R-3.4: parallel branches."""
    graph = {"a": (), **{f"w{n}": ("a",) for n in range(8)}}
    assert [simulate(graph, slots=slots).most_running for slots in (1, 2, 5, 20)] == [1, 2, 5, 8]


def test_the_memory_that_jobs_declare_bounds_them_too(simulate):
    """ARCHITECTURE: branches run in parallel up to the cores and the memory that the jobs declare."""
    graph = {f"w{n}": () for n in range(6)}
    run = simulate(graph, slots=6, memory=dict.fromkeys(graph, 400), budget=1_000)
    assert run.most_running == 2
    assert run.ended == dict.fromkeys(graph, "finished")


def test_a_node_larger_than_the_budget_runs_alone(simulate):
    """A limit above the machine's memory must not make a run impossible."""
    graph = {"small": (), "large": (), "other": ()}
    run = simulate(graph, slots=3, memory={"large": 5_000}, budget=1_000)
    assert run.ended == dict.fromkeys(graph, "finished")
    assert run.most_running == 2


def test_the_longest_chain_starts_first():
    """The critical path decides when a run ends, so its nodes go first; ties go by the file's order."""
    graph = {"y": (), "x": (), "z1": (), "z2": ("z1",), "z3": ("z2",)}
    machine = RunMachine(Plan(tuple(PlannedNode(name, before) for name, before in graph.items()), slots=1))
    assert machine.handle(events.Submitted()) == [Prepare("z1"), Prepare("y"), Prepare("x")]
    assert machine.handle(events.CacheMiss("x")) == [StartJob("x")]
    assert machine.handle(events.CacheMiss("y")) == []
    assert machine.handle(events.CacheMiss("z1")) == []
    assert machine.handle(events.JobFinished("x")) == [Persist("x"), StartJob("z1")]


def test_the_longest_chain_starts_first_whatever_memory_it_declares():
    """Nodes of different sizes are ranked among each other."""
    nodes = (PlannedNode("first", (), 9), PlannedNode("short", (), 7), PlannedNode("long", (), 5))
    machine = RunMachine(Plan((*nodes, PlannedNode("after", ("long",), 3)), slots=1))
    machine.handle(events.Submitted())
    assert machine.handle(events.CacheMiss("first")) == [StartJob("first")]
    assert machine.handle(events.CacheMiss("long")) == []
    assert machine.handle(events.CacheMiss("short")) == []
    assert machine.handle(events.JobFinished("first")) == [Persist("first"), StartJob("long")]


def test_a_ready_node_that_was_skipped_never_starts():
    """Its input could not be stored while it waited for a slot."""
    nodes = (PlannedNode("a"), PlannedNode("b", ("a",)), PlannedNode("other"))
    machine = RunMachine(Plan(nodes, slots=1))
    for event in (events.Submitted(), events.CacheMiss("a"), events.CacheMiss("other")):
        machine.handle(event)
    assert machine.handle(events.JobFinished("a")) == [Persist("a"), Prepare("b"), StartJob("other")]
    assert machine.handle(events.CacheMiss("b")) == []
    assert machine.handle(events.JobFailed("a")) == [EndNode("a", "failed"), EndNode("b", "skipped", "a")]
    assert machine.handle(events.JobFinished("other")) == [Persist("other")]


def test_a_small_node_may_pass_a_large_one_that_does_not_fit():
    """Free slots are used while a large node waits for memory."""
    nodes = (PlannedNode("a", (), 600), PlannedNode("large", (), 600), PlannedNode("small", (), 100))
    machine = RunMachine(Plan(nodes, slots=2, memory_mb=1_000))
    machine.handle(events.Submitted())
    assert machine.handle(events.CacheMiss("a")) == [StartJob("a")]
    assert machine.handle(events.CacheMiss("large")) == []
    assert machine.handle(events.CacheMiss("small")) == [StartJob("small")]
    assert machine.handle(events.JobFinished("a")) == [Persist("a"), StartJob("large")]


def test_a_continued_run_does_only_what_was_left(simulate):
    """R-3.4: resume after the host was killed; finished nodes get no instruction at all."""
    graph = {"a": (), "b": ("a",), "c": ("b",), "d": ("a",)}
    run = simulate(graph, done=frozenset({"a", "b"}))
    assert run.ended == {"c": "finished", "d": "finished"}
    assert {one.node for one in run.given if not isinstance(one, FinishRun)} == {"c", "d"}


def test_a_run_of_which_everything_is_done_ends_at_once(simulate):
    """A host killed between the last node and the run's own row."""
    run = simulate({"a": (), "b": ("a",)}, done=frozenset({"a", "b"}))
    assert (run.given, run.state) == ([FinishRun("finished")], "finished")


def test_an_empty_plan_finishes():
    """Nothing to do is no fault of the state machine."""
    assert RunMachine(Plan(())).handle(events.Submitted()) == [FinishRun("finished")]


@pytest.mark.parametrize(
    "event",
    [events.JobFinished("a"), events.Persisted("a"), events.CacheHit("nobody"), events.Submitted()],
    ids=["finished before it began", "stored before it began", "no such node", "submitted twice"],
)
def test_an_event_that_cannot_happen_is_refused(event):
    """A fault of the dispatcher must show at once and not as a run that hangs."""
    machine = RunMachine(Plan((PlannedNode("a"),)))
    machine.handle(events.Submitted())
    with pytest.raises(InternalError):
        machine.handle(event)


@pytest.mark.parametrize(
    "nodes",
    [(PlannedNode("a", ("b",)), PlannedNode("b", ("a",))), (PlannedNode("a", ("elsewhere",)),)],
    ids=["cycle", "node outside"],
)
def test_a_plan_that_can_never_end_is_refused(nodes):
    """Better an error than a run that waits for ever."""
    with pytest.raises(InternalError):
        RunMachine(Plan(nodes))


@pytest.mark.parametrize("kind", ["chain", "wide", "layers", "all fail"])
def test_the_work_grows_with_the_connections(simulate, kind):
    """A run of 2,000 nodes costs at most a little more than twice one of 1,000: counted in calls, not in time."""

    def graph(size: int) -> dict[str, tuple[str, ...]]:
        if kind == "chain":
            return {f"n{i}": (f"n{i - 1}",) if i else () for i in range(size)}
        if kind == "wide":
            return {"n0": ()} | {f"n{i}": ("n0",) for i in range(1, size)}
        return {f"n{i}": tuple(f"n{i - 10 - k}" for k in range(3) if i - 10 - k >= 0) for i in range(size)}

    def calls(size: int) -> int:
        plan = Plan(tuple(PlannedNode(name, before) for name, before in graph(size).items()), slots=4)
        behaviours = {"n0": "fails"} if kind == "all fail" else {}
        count = 0

        def count_call(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        machine = RunMachine(plan)
        waiting: list[events.Event] = [events.Submitted()]
        while waiting:
            event = waiting.pop()
            sys.setprofile(count_call)
            instructions = machine.handle(event)
            sys.setprofile(None)
            for one in instructions:
                if isinstance(one, Prepare):
                    waiting.append(events.CacheMiss(one.node))
                elif isinstance(one, StartJob):
                    failed = behaviours.get(one.node) == "fails"
                    waiting.append(events.JobFailed(one.node) if failed else events.JobFinished(one.node))
                elif isinstance(one, Persist):
                    waiting.append(events.Persisted(one.node))
        assert machine.is_over
        return count

    assert calls(2_000) < 2.3 * calls(1_000)


def test_a_plan_is_not_changed_by_its_run(simulate):
    """Frozen nouns: the same plan can be shown, stored and run again."""
    plan = Plan((PlannedNode("a"), PlannedNode("b", ("a",))))
    copy = replace(plan)
    machine = RunMachine(plan)
    machine.handle(events.Submitted())
    machine.handle(events.Cancelled())
    assert plan == copy
