"""Retention removes what nothing needs, and only that."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import pytest

from studiolo.domain.dataset import Content
from studiolo.domain.run import NodeRun
from studiolo.metadata import Metadata
from studiolo.store.blobs import BlobStore
from studiolo.store.retention import Collected, collect, unreferenced

DAY = 86_400.0


class Workspace:
    """A store and a database, with content that is older than any grace period."""

    def __init__(self, folder: Path) -> None:
        self.blobs = BlobStore(folder / "blobs")
        self.metadata = Metadata(folder / "studiolo.db")

    def put(self, text: str, kind: str = "dataset") -> Content:
        digest, size = self.blobs.put_bytes(text.encode())
        self.age(digest)
        return Content(kind, digest, size)

    def age(self, digest: str) -> None:
        old = time.time() - DAY
        os.utime(self.blobs.path(digest), (old, old))

    def run(self, experiment: str, content: Content, *, state: str = "finished", **facts: object) -> int:
        number = self.metadata.create_run(experiment, facts, 1.0)
        node = NodeRun(number, "clean", "finished", fingerprint=content.digest[:8], outputs={"out": content})
        self.metadata.put_node_runs([node])
        if state != "running":
            self.metadata.finish_run(number, state, 2.0)
        return number

    def collect(self, last_runs: int = 1) -> Collected:
        return collect(self.metadata, self.blobs, last_runs)

    def kept(self) -> set[str]:
        return {blob.digest for blob in self.blobs.blobs()}


@pytest.fixture
def workspace(tmp_path: Path):
    workspace = Workspace(tmp_path)
    yield workspace
    workspace.metadata.close()


def test_the_last_runs_of_each_experiment_keep_their_results(workspace: Workspace) -> None:
    """An experiment that runs often must not push out one that runs rarely."""
    rare = workspace.put("rare")
    workspace.run("rare", rare)
    results = [workspace.put(f"result {number}") for number in range(5)]
    for result in results:
        workspace.run("often", result)
    assert {blob.digest for blob in unreferenced(workspace.metadata, workspace.blobs, 2)} == {
        content.digest for content in results[:3]
    }
    assert workspace.collect(2) == Collected(3, 24)
    assert workspace.kept() == {rare.digest, results[3].digest, results[4].digest}


def test_registered_datasets_pinned_and_running_runs_keep_their_content(workspace: Workspace) -> None:
    """Retention never deletes what these need (ARCHITECTURE, Store)."""
    first, second = workspace.put("version 1"), workspace.put("version 2")
    workspace.metadata.add_dataset("customers", first, 1, 1, "customers.csv", 1.0)
    workspace.metadata.add_dataset("customers", second, 1, 1, "customers.csv", 1.0)
    pinned, running, newest = workspace.put("pinned"), workspace.put("running"), workspace.put("newest")
    workspace.metadata.pin_run(workspace.run("churn", pinned), True)
    workspace.run("churn", running, state="running")
    workspace.run("churn", newest)
    assert workspace.collect() == Collected(0, 0)
    workspace.metadata.remove_dataset("customers", 1)
    assert workspace.collect() == Collected(1, 9)
    assert workspace.kept() == {content.digest for content in (second, pinned, running, newest)}


def test_what_snapshots_and_fingerprints_mention_is_kept(workspace: Workspace) -> None:
    """A run can be repeated only with the files it read (R-3.5)."""
    script, table, result = workspace.put("script"), workspace.put("table"), workspace.put("result")
    number = workspace.run("churn", result, scripts={"clean": script.digest})
    node = NodeRun(
        number, "read", "finished", fingerprint="f", parts={"file data/x.csv": f"sha256 {table.digest}"}
    )
    workspace.metadata.put_node_runs([node])
    assert workspace.collect() == Collected(0, 0)


def test_pictures_of_a_kept_device_are_kept(workspace: Workspace) -> None:
    """A Python device is a document that refers to its log and pictures."""
    picture = workspace.put("a picture")
    device = workspace.put(json.dumps({"pictures": [{"digest": picture.digest}]}), "device")
    workspace.run("churn", device)
    assert workspace.collect() == Collected(0, 0)
    workspace.run("churn", workspace.put("newer"))
    assert workspace.collect() == Collected(2, picture.size + device.size)


def test_a_released_result_is_not_offered_for_reuse(workspace: Workspace) -> None:
    """Reuse must never point at content that is gone (R-3.3)."""
    old, new = workspace.put("old"), workspace.put("new")
    workspace.run("churn", old)
    workspace.run("churn", new)
    workspace.collect()
    assert workspace.metadata.find_reusable(old.digest[:8]) is None
    reusable = workspace.metadata.find_reusable(new.digest[:8])
    assert reusable is not None
    assert reusable.outputs == {"out": new}
    # The history still tells what it was.
    history = workspace.metadata.node_run(1, "clean")
    assert history is not None
    assert history.outputs == {"out": old}


def test_an_old_result_that_something_else_needs_stays_reusable(workspace: Workspace) -> None:
    """Releasing more than has to go would cost reruns."""
    content = workspace.put("the same")
    workspace.run("churn", content)
    workspace.run("churn", workspace.put("other"))
    workspace.metadata.add_dataset("kept", content, 1, 1, "x", 1.0)
    workspace.collect()
    assert workspace.metadata.find_reusable(content.digest[:8]) is not None


def test_young_content_stays_although_no_row_refers_to_it_yet(workspace: Workspace) -> None:
    """A run that is under way writes its content before its row."""
    digest, _ = workspace.blobs.put_bytes(b"just written")
    assert workspace.collect() == Collected(0, 0)
    assert workspace.kept() == {digest}


def test_content_that_a_run_decided_to_reuse_is_not_collected(workspace: Workspace) -> None:
    """Between finding a result and writing the row that refers to it a collection may run (R-12.3)."""
    old = workspace.put("old")
    workspace.run("churn", old)
    workspace.run("churn", workspace.put("new"))
    assert workspace.metadata.find_reusable(old.digest[:8]) is not None
    assert workspace.blobs.keep(old.digest)
    assert workspace.collect() == Collected(0, 0)
    workspace.run("churn", old)
    assert workspace.blobs.verify(old.digest)


def test_the_same_content_put_again_is_not_collected(workspace: Workspace) -> None:
    """Putting content that is there writes nothing, yet a row is about to refer to it."""
    content = workspace.put("again")
    workspace.blobs.put_bytes(b"again")
    assert workspace.collect() == Collected(0, 0)
    assert workspace.kept() == {content.digest}


def test_content_is_either_kept_or_collected_never_both(workspace: Workspace) -> None:
    """Otherwise a row would be written for content that goes at the same moment (R-12.3)."""
    before = time.time() - DAY / 2
    outcomes = []
    for number in range(80):
        digest = workspace.put(f"content {number}").digest
        start = threading.Barrier(2)
        kept: list[bool] = []

        def keep(digest: str = digest, start: threading.Barrier = start, kept: list[bool] = kept) -> None:
            start.wait(10)
            kept.append(workspace.blobs.keep(digest))

        thread = threading.Thread(target=keep)
        thread.start()
        start.wait(10)
        removed = workspace.blobs.remove(digest, unless_after=before)
        thread.join(10)
        outcomes.append((kept[0], removed, workspace.blobs.has(digest)))
    assert set(outcomes) <= {(True, False, True), (False, True, False)}


def test_collecting_again_does_nothing(workspace: Workspace) -> None:
    """It may be killed and repeated at any time."""
    workspace.put("nobody needs it")
    assert workspace.collect() == Collected(1, 15)
    assert workspace.collect() == Collected(0, 0)
