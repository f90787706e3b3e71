"""Follows what happens in the workspace, whoever does it, and tells the pages that listen.

Runs are followed from the database and their log files, experiments from their files, so that what the command line
or an editor does is seen as well as what pages do. While nobody listens nothing is looked at.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from studiolo.errors import StudioloError
from studiolo.studio.document_json import Json
from studiolo.studio.documents import Document, Documents
from studiolo.studio.events import EventHub
from studiolo.studio.statuses import Statuses
from studiolo.studio.tailing import LogTails
from studiolo.workspace import Workspace
from studiolo.workspace.running import bury_dead_runs

RUNNING_SECONDS = 0.15
IDLE_SECONDS = 0.25
NOBODY_SECONDS = 5.0
LEAST_SECONDS = 0.05
LISTING_SECONDS = 1.0

ENDED = ("finished", "failed", "cancelled")

log = logging.getLogger("studiolo.studio")


class Follower:
    """A thread that looks for news and publishes it.

    Args:
        workspace: to follow.
        documents: its experiments.
        statuses: of their nodes.
        events: where news goes.
        starting: says of an experiment what is done before its run has a number.
        modules_changed: looks at the files of modules and says whether they have changed.
    """

    def __init__(
        self,
        workspace: Workspace,
        documents: Documents,
        statuses: Statuses,
        events: EventHub,
        starting: Callable[[str], str | None],
        modules_changed: Callable[[], bool],
    ) -> None:
        self._workspace = workspace
        self._documents = documents
        self._statuses = statuses
        self._events = events
        self._modules_changed = modules_changed
        self._starting = starting
        self._tails = LogTails(workspace.places.runs)
        self._wake = threading.Event()
        self._is_closed = False
        self._seen: dict[str, Document | None] = {}
        self._told: dict[str, Json] = {}
        self._version: object = None
        self._runs: dict[int, Json] = {}
        self._listing: object = None
        self._listed = 0.0
        self._thread: threading.Thread | None = None
        self._announced: dict[str, tuple[str, object]] = {}
        self._lock = threading.Lock()
        events.on_listening(self.wake)

    def start(self) -> None:
        """Begin to follow."""
        self._thread = threading.Thread(target=self._work, name="studiolo-follower", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for news now. Safe from any thread."""
        self._wake.set()

    def close(self) -> None:
        """End the thread."""
        self._is_closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(5)

    def saved(self, document: Document) -> None:
        """Tell pages of a document that this process has just written."""
        self._announce(document.name, document)
        self.wake()

    def _work(self) -> None:
        while not self._is_closed:
            began = time.monotonic()
            wait = NOBODY_SECONDS
            if self._events.has_pages():
                try:
                    wait = RUNNING_SECONDS if self._look() else IDLE_SECONDS
                except Exception:  # the database is locked, a disk is gone for a moment
                    log.exception("The workspace could not be looked at; trying again.")
                    wait = 1.0
            self._wake.wait(wait)
            self._wake.clear()
            pause = began + LEAST_SECONDS - time.monotonic()
            if pause > 0 and not self._is_closed:
                time.sleep(pause)

    def _look(self) -> bool:
        """Publish what is new; say whether a run goes on."""
        watched = self._events.experiments()
        for gone in set(self._seen) - set(watched):
            self._seen.pop(gone, None)
            self._told.pop(gone, None)
            with self._lock:
                self._announced.pop(gone, None)
        changed = [name for name in watched if self._look_at_files(name)]
        version = self._workspace.metadata.version()
        is_new = version != self._version or any(run["state"] == "running" for run in self._runs.values())
        if is_new:
            self._version = version
            self._look_at_runs()
        for name in watched:
            if is_new or name in changed or name not in self._told:
                self._look_at_nodes(name)
        is_running = any(run["state"] == "running" for run in self._runs.values())
        for piece in self._tails.news():
            self._events.publish("log", piece.to_json(), piece.experiment)
        if time.monotonic() - self._listed > LISTING_SECONDS:
            self._look_at_list()
        return is_running

    def _look_at_files(self, name: str) -> bool:
        """Publish that an experiment's files have changed, whoever changed them; say whether they did."""
        before = self._seen.get(name)
        if before is not None and before.is_settled and not self._documents.has_changed(before):
            return False
        try:
            document: Document | None = self._documents.read(name)
        except StudioloError:
            document = None
        self._seen[name] = document
        return self._announce(name, document)

    def _announce(self, name: str, document: Document | None) -> bool:
        """Publish how an experiment's files are now, unless that was told already; say whether it was new."""
        state = ("", None) if document is None else (document.revision, document.registry)
        with self._lock:
            if self._announced.get(name) == state:
                return False
            self._announced[name] = state
        self._events.publish("document", {"name": name, "revision": state[0]}, name)
        return True

    def _look_at_runs(self) -> None:
        """Publish runs that began, went on or ended."""
        bury_dead_runs(self._workspace)
        metadata = self._workspace.metadata
        recent = metadata.runs(limit=20)
        counts = metadata.node_state_counts([run.number for run in recent])
        now = {run.number: self._statuses.run_json(run, counts[run.number]) for run in recent}
        if self._runs or self._listing is not None:
            for number, run in sorted(now.items()):
                if self._runs.get(number) != run:
                    self._events.publish("run", run)
        self._runs = now

    def _look_at_nodes(self, name: str) -> None:
        """Publish the nodes whose status is another one than was told before, and follow their logs."""
        document = self._seen.get(name)
        if document is None:
            return
        status = {**self._statuses.of(document), "starting": self._starting(name)}
        before = self._told.get(name)
        self._told[name] = status
        known = {} if before is None else before["nodes"]
        self._tails.follow(
            name,
            [_place(node) for node in status["nodes"].values() if node["state"] == "running"],
            [_place(node) for node in status["nodes"].values() if before and _has_ended(node, known)],
        )
        if before == status:
            return
        data = {
            "experiment": name,
            "run": status["run"],
            "nodes": {node: one for node, one in status["nodes"].items() if known.get(node) != one},
            "starting": status["starting"],
        }
        self._events.publish("status", data, name)

    def _look_at_list(self) -> None:
        """Publish that experiments came or went."""
        self._listed = time.monotonic()
        if self._modules_changed():
            self._events.publish("modules")
        listing = self._documents.names()
        if self._listing is not None and listing != self._listing:
            self._events.publish("experiments")
        self._listing = listing


def _place(node: Json) -> tuple[int, str]:
    return node["run"], node["node"]


def _has_ended(node: Json, known: Json) -> bool:
    """Tell whether a node has come to an end since it was told; its beginning may have been missed."""
    before = known.get(node["node"], {})
    return node["state"] in ENDED and (before.get("run"), before.get("state")) != (node["run"], node["state"])
