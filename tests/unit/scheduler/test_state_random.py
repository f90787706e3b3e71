"""The state machine on random graphs, random behaviours and random order of events."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

BEHAVIOURS = (
    "ok",
    "ok",
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


@st.composite
def runs(draw: st.DrawFn) -> dict[str, object]:
    size = draw(st.integers(1, 14))
    graph = {
        f"n{i}": tuple(f"n{j}" for j in sorted(draw(st.sets(st.integers(0, i - 1), max_size=3)) if i else ()))
        for i in range(size)
    }
    done: set[str] = set()
    for name, before in graph.items():
        if done.issuperset(before) and draw(st.integers(0, 5)) == 0:
            done.add(name)
    return {
        "graph": graph,
        "behaviours": {name: draw(st.sampled_from(BEHAVIOURS)) for name in graph},
        "memory": {name: draw(st.sampled_from((0, 10, 100, 600, 2_000))) for name in graph},
        "slots": draw(st.integers(1, 5)),
        "unsafe": tuple(name for name in graph if draw(st.booleans())),
        "cancel_at": draw(st.none() | st.integers(0, 60)),
        "seed": draw(st.integers(0, 2**16)),
        "done": frozenset(done),
    }


@settings(max_examples=400, deadline=None, database=None)
@given(runs())
def test_whatever_happens_a_run_keeps_its_promises(simulate, downstream, case):
    """R-3.4: each node ends once, none starts before its inputs, slots and memory hold, and the run ends.

    The simulation itself checks these while it runs; here follow the promises about the outcome.
    """
    graph = case.pop("graph")
    behaviours = case.pop("behaviours")
    run = simulate(graph, behaviours, **case)
    failed = {name for name, state in run.ended.items() if state == "failed"}
    stopped = set().union(*(downstream(graph, name) for name in failed)) if failed else set()
    for name, state in run.ended.items():
        if state == "skipped":
            assert name in stopped
            assert run.because[name] in failed
        if state == "cancelled":
            assert run.state == "cancelled" or run.because[name] in failed
        if name in stopped:
            assert state in ("skipped", "failed", "cancelled", "finished", "reused")
        elif run.state != "cancelled":
            assert state in ("finished", "reused", "failed")
    if run.state != "cancelled":
        assert run.state == ("failed" if failed else "finished")
