"""Rows of node runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studiolo.domain.dataset import Content
from studiolo.domain.run import NODE_STATES, Asked, NodeRun
from studiolo.errors import InternalError, UserError
from studiolo.metadata import Metadata

FULL = NodeRun(
    run=1,
    node="clean",
    state="failed",
    reason="ran because input 1 changed",
    fingerprint="f" * 64,
    parts={"script": "a" * 64, "input dataset1": "b" * 64},
    outputs={
        "result_dataset": Content("dataset", "c" * 64, 100),
        "python_device": Content("device", "d" * 64, 5),
    },
    shapes={"result_dataset": (768, 9)},
    receipts={"out:result_dataset": [{"code": "index-dropped", "text": "…", "column": None, "lossy": False}]},
    error=UserError("missing-column", 'There is no column "x".', "Pick another.").to_json(),
    warnings=("one", "two"),
    usage={"wall_seconds": 0.25, "peak_memory_bytes": 1e9},
    metrics={"loss": [0.5, 0.25], "table": {"x": [1, "NaN"]}},
    tags={"kind": "trial"},
    keywords={"factor": 2.0, "words": ["a"]},
    asked=(Asked("dataset", "people", None, "dataset abc"), Asked("dataset", "people", 3, "")),
    reused_run=7,
    started=1.5,
    ended=2.5,
)
TEXT = st.text(alphabet=st.characters(), max_size=20)
TIMES = st.none() | st.floats(0, 2e9)
NODE_RUNS = st.builds(
    NodeRun,
    run=st.just(1),
    node=st.just("clean"),
    state=st.sampled_from(NODE_STATES),
    reason=st.text(max_size=20),
    fingerprint=st.none() | st.text("0123456789abcdef", max_size=64),
    parts=st.dictionaries(TEXT, TEXT, max_size=3),
    shapes=st.dictionaries(TEXT, st.tuples(st.integers(0, 2**62), st.integers(0, 10**6)), max_size=3),
    receipts=st.dictionaries(TEXT, st.lists(st.dictionaries(TEXT, TEXT, max_size=2), max_size=2), max_size=2),
    error=st.none() | st.dictionaries(TEXT, TEXT, max_size=3),
    warnings=st.lists(TEXT, max_size=3).map(tuple),
    usage=st.dictionaries(TEXT, st.floats(allow_nan=False), max_size=3),
    metrics=st.dictionaries(TEXT, st.lists(st.floats(allow_nan=False) | TEXT, max_size=3), max_size=3),
    tags=st.dictionaries(TEXT, TEXT, max_size=3),
    keywords=st.dictionaries(TEXT, st.none() | st.integers() | TEXT, max_size=3),
    asked=st.lists(st.builds(Asked, TEXT, TEXT, st.none() | st.integers(1, 9), TEXT), max_size=2).map(tuple),
    reused_run=st.none() | st.integers(1, 10**9),
    started=TIMES,
    ended=TIMES,
)


def finished(run: int, node: str, fingerprint: str | None, **facts: object) -> NodeRun:
    return NodeRun(run, node, "finished", fingerprint=fingerprint, **facts)  # type: ignore[arg-type]


@pytest.fixture
def runs(metadata: Metadata) -> Metadata:
    """A database with the runs 1 to 4: churn, sales, churn, churn."""
    for experiment in ("churn", "sales", "churn", "churn"):
        metadata.create_run(experiment, {}, 1.0)
    return metadata


def test_a_node_run_comes_back_as_it_was_put(runs: Metadata) -> None:
    """Everything a run shows later is in its row: reason, shapes, receipts, error (R-3.5)."""
    runs.put_node_runs([FULL])
    assert runs.node_run(1, "clean") == FULL
    assert runs.node_run(1, "other") is None
    assert runs.node_runs(1) == [FULL]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(node_run=NODE_RUNS)
def test_any_text_of_a_script_fits_a_row(runs: Metadata, node_run: NodeRun) -> None:
    """Warnings and errors carry whatever characters a script has printed (R-12.2)."""
    runs.put_node_runs([node_run])
    assert runs.node_run(1, "clean") == node_run


def test_a_lone_surrogate_in_a_reason_becomes_its_escape(runs: Metadata) -> None:
    """A file name that is not UTF-8 must not stop a run from being recorded."""
    runs.put_node_runs([replace(FULL, reason="file \udc80 changed")])
    found = runs.node_run(1, "clean")
    assert found is not None
    assert found.reason == "file \\udc80 changed"


def test_putting_again_replaces_and_keeps_the_order(runs: Metadata) -> None:
    """A node waits, runs, finishes: one row, shown in the order of the experiment."""
    runs.put_node_runs([NodeRun(1, "b", "waiting"), NodeRun(1, "a", "waiting")])
    runs.put_node_runs([NodeRun(1, "a", "running"), NodeRun(1, "c", "waiting")])
    runs.put_node_runs([NodeRun(1, "b", "finished")])
    runs.put_node_runs([])
    assert [(node.node, node.state) for node in runs.node_runs(1)] == [
        ("b", "finished"),
        ("a", "running"),
        ("c", "waiting"),
    ]


def test_either_all_rows_are_written_or_none(runs: Metadata) -> None:
    """A half-written group would tell a story that never happened (R-12.3)."""
    with pytest.raises(InternalError) as caught:
        runs.put_node_runs([NodeRun(1, "a", "finished"), NodeRun(99, "a", "finished")])
    assert (caught.value.code, runs.node_runs(1)) == ("metadata-refused", [])


def test_a_state_must_be_a_known_one(runs: Metadata) -> None:
    """A misspelt state would never be found again."""
    with pytest.raises(ValueError, match="cannot be 'done'"):
        runs.put_node_runs([NodeRun(1, "a", "done")])


def test_the_newest_finished_or_reused_result_is_reusable(runs: Metadata) -> None:
    """Reuse by fingerprint, whatever the experiment or the node's name (R-3.3)."""
    rows = [
        finished(1, "clean", "f"),
        NodeRun(2, "tidy", "reused", fingerprint="f", reused_run=1),
        NodeRun(3, "clean", "failed", fingerprint="f"),
        NodeRun(4, "clean", "running", fingerprint="f"),
        finished(4, "other", "g"),
    ]
    runs.put_node_runs(rows)
    assert runs.find_reusable("f") == rows[1]
    assert runs.find_reusable("h") is None


def test_the_last_node_run_tells_what_has_changed_since(runs: Metadata) -> None:
    """Why did this run? (R-3.3): compare with the newest run before that knew its fingerprint."""
    rows = [
        finished(1, "clean", "one"),
        finished(2, "clean", "other experiment"),
        NodeRun(3, "clean", "failed", fingerprint="three"),
        NodeRun(4, "clean", "skipped"),
    ]
    runs.put_node_runs(rows)
    assert runs.last_node_run("churn", "clean") == rows[2]
    assert runs.last_node_run("churn", "clean", before=3) == rows[0]
    assert runs.last_node_run("churn", "clean", before=1) is None
    assert runs.last_node_run("churn", "new") is None
