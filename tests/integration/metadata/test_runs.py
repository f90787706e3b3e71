"""Rows of runs."""

from __future__ import annotations

import pytest

from studiolo.domain.run import NodeRun, Run
from studiolo.errors import UserError
from studiolo.metadata import Metadata


def test_a_run_comes_back_with_its_exact_snapshot(metadata: Metadata) -> None:
    """The history holds the exact experiment of each run (R-3.5)."""
    snapshot = {"nodes": {"clean": {"script": "print('€ \udc80 \x00')", "size": 1.5, "none": None}}}
    number = metadata.create_run("churn", snapshot, 12.25)
    assert metadata.run(number) == Run(1, "churn", "running", 12.25, None, snapshot)
    metadata.finish_run(number, "failed", 13.5)
    assert metadata.run(number) == Run(1, "churn", "failed", 12.25, 13.5, snapshot)
    assert metadata.run(99) is None


def test_runs_are_listed_newest_first_without_snapshots(metadata: Metadata) -> None:
    """A list of runs must not load every script ever run."""
    for experiment in ("churn", "sales", "churn"):
        metadata.create_run(experiment, {"nodes": {}}, 1.0)
    assert metadata.runs() == [
        Run(3, "churn", "running", 1.0),
        Run(2, "sales", "running", 1.0),
        Run(1, "churn", "running", 1.0),
    ]
    assert [run.number for run in metadata.runs("churn")] == [3, 1]
    assert [run.number for run in metadata.runs(limit=2)] == [3, 2]
    assert metadata.runs("nothing") == []


def test_the_latest_run_can_be_asked_by_state(metadata: Metadata) -> None:
    """A run is continued from the last one that was interrupted (R-3.4)."""
    for state in ("finished", "failed"):
        metadata.finish_run(metadata.create_run("churn", {"state": state}, 1.0), state, 2.0)
    latest = metadata.latest_run("churn")
    finished = metadata.latest_run("churn", states=["finished", "cancelled"])
    assert latest == Run(2, "churn", "failed", 1.0, 2.0, {"state": "failed"})
    assert finished == Run(1, "churn", "finished", 1.0, 2.0, {"state": "finished"})
    assert metadata.latest_run("churn", states=[]) is None
    assert metadata.latest_run("sales") is None


def test_cancelling_reaches_a_running_run_only(metadata: Metadata) -> None:
    """Another process asks; the host of the run looks (R-3.4)."""
    first, second = metadata.create_run("churn", {}, 1.0), metadata.create_run("churn", {}, 1.0)
    metadata.finish_run(second, "finished", 2.0)
    assert metadata.cancel_requested(first) is False
    assert metadata.request_cancel(first) is True
    assert metadata.request_cancel(second) is False
    assert (metadata.cancel_requested(first), metadata.cancel_requested(second)) == (True, False)
    assert metadata.cancel_requested(99) is False


@pytest.mark.parametrize("call", ["request_cancel", "pin_run"])
def test_an_unknown_run_is_told_with_the_known_numbers(metadata: Metadata, call: str) -> None:
    """A mistyped number is the user's to mend (CONVENTIONS, Errors)."""
    hints = []
    for _ in range(3):
        with pytest.raises(UserError) as caught:
            getattr(metadata, call)(99)
        hints.append((caught.value.code, caught.value.summary, caught.value.hint))
        metadata.create_run("churn", {}, 1.0)
    assert hints == [
        ("unknown-run", "There is no run 99.", "Nothing has been run in this workspace yet."),
        ("unknown-run", "There is no run 99.", "The only run is 1."),
        ("unknown-run", "There is no run 99.", "Runs go from 1 to 2."),
    ]


def test_an_interrupted_run_can_be_taken_up_by_one(metadata: Metadata) -> None:
    """A killed host's run continues where it was; two that try do not both continue it (R-3.4)."""
    number = metadata.create_run("churn", {}, 1.0)
    metadata.put_node_runs([NodeRun(number, "a", "finished"), NodeRun(number, "b", "running")])
    assert metadata.mark_interrupted(number, 5.0) is True
    assert metadata.mark_interrupted(number) is False
    assert metadata.run(number) == Run(number, "churn", "interrupted", 1.0, 5.0)
    assert [(node.node, node.state) for node in metadata.node_runs(number)] == [
        ("a", "finished"),
        ("b", "waiting"),
    ]
    assert (metadata.running_runs("churn"), metadata.running_runs()) == ([], [])
    assert [metadata.resume_run(number), metadata.resume_run(number)] == [True, False]
    assert metadata.running_runs("churn") == [Run(number, "churn", "running", 1.0)]


def test_a_run_ends_only_in_a_known_state(metadata: Metadata) -> None:
    """A misspelt state would hide the run from every later question."""
    number = metadata.create_run("churn", {}, 1.0)
    for state in ("running", "done"):
        with pytest.raises(ValueError, match="a run cannot end as"):
            metadata.finish_run(number, state, 2.0)


def test_pins_are_kept(metadata: Metadata) -> None:
    """Retention asks for them."""
    number = metadata.create_run("churn", {}, 1.0)
    metadata.pin_run(number)
    assert metadata.pinned_runs() == {number}
    metadata.pin_run(number, False)
    assert metadata.pinned_runs() == set()


def test_states_of_nodes_are_counted_per_run(metadata: Metadata) -> None:
    """A list of runs shows how many nodes failed without loading them."""
    first, second = metadata.create_run("churn", {}, 1.0), metadata.create_run("churn", {}, 1.0)
    metadata.put_node_runs(
        [NodeRun(first, "a", "finished"), NodeRun(first, "b", "finished"), NodeRun(first, "c", "failed")]
    )
    assert metadata.node_state_counts([first, second]) == {first: {"finished": 2, "failed": 1}, second: {}}
    assert metadata.node_state_counts([]) == {}
