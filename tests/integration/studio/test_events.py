"""R-1.9, UX 18, 41: pages are told what happens, whoever does it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from studiolo import Workspace
from studiolo.studio.events import QUEUE_LIMIT, EventHub
from tests.integration.studio.conftest import FILE
from tests.integration.studio.served import Client, Listener, put, serving


def test_an_edit_in_another_program_reaches_the_page(
    client: Client, folder: Path, listener: Listener
) -> None:
    """UX 18: file, script and positions, however an editor saves: in place or by renaming."""
    revisions = {client.get("/experiments/churn")["revision"]}

    def told() -> None:
        data = listener.wait("document", lambda data: data["revision"] not in revisions)
        assert data["name"] == "churn"
        assert client.get("/experiments/churn")["revision"] == data["revision"]
        revisions.add(data["revision"])

    (folder / "experiment.yaml").write_text(FILE.replace("count: 5", "count: 6"))
    told()
    (folder / "scripts" / "new.py").write_text("x = 1\n")
    (folder / "scripts" / "new.py").rename(folder / "scripts" / "step.py")
    told()
    (folder / "layout.json").write_text('{"nodes": {"step": {"x": 1, "y": 2}}}')
    told()
    (folder / "experiment.yaml").write_text("nodes: [")
    told()
    assert client.get("/experiments/churn")["is_readable"] is False


def test_two_pages_see_each_others_changes_once(client: Client, listener: Listener) -> None:
    """UX 18: two tabs on one experiment stay the same."""
    other = Listener(client.port, "churn")
    listener.forget()
    saved = client.change("churn", put("title", before="Churn", value="New"))
    for page in (listener, other):
        page.wait("document", lambda data: data["revision"] == saved["revision"])
    client.change("churn", put("title", before="New", value="Newer"))
    listener.wait("document", lambda data: data["revision"] != saved["revision"])
    assert [name for name, _ in listener.events].count("document") == 2
    other.close()


def test_experiments_that_come_and_go_are_told(
    client: Client, workspace: Workspace, listener: Listener
) -> None:
    """UX 3: the list follows the folder."""
    listener.wait("hello")
    folder = workspace.path / "experiments" / "late"
    threading.Event().wait(1.5)  # the list was looked at once
    folder.mkdir()
    (folder / "experiment.yaml").write_text("nodes: {}\n")
    listener.wait("experiments")


def test_a_page_that_does_not_keep_up_is_told_to_fetch_everything() -> None:
    """R-12.2: what waits for a page is bounded."""

    async def talk() -> list[str]:
        hub = EventHub("1")
        page = hub.listen("churn")
        for number in range(QUEUE_LIMIT + 10):
            hub.publish("status", {"number": number}, "churn")
        hub.publish("status", {}, "another")
        await asyncio.sleep(0.1)
        names = []
        while (event := await page.next(0.05)) is not None:
            names.append(event.name)
        page.close()
        return names

    names = asyncio.run(talk())
    assert names[0] == "hello"
    assert len(names) < 20


def test_streams_end_at_once_when_the_server_stops(workspace: Workspace, folder: Path) -> None:
    """R-12.3: a page that listens does not keep the server from stopping."""
    with serving(workspace) as (studio, client):
        pages = [Listener(client.port, "churn"), Listener(client.port)]
        studio.events.close()
        assert all(page.is_ended.wait(2) for page in pages)


def test_a_page_that_leaves_is_forgotten(workspace: Workspace, folder: Path) -> None:
    """R-12.2: closed tabs cost nothing."""
    with serving(workspace) as (studio, client):
        page = Listener(client.port, "churn")
        assert studio.events.experiments() == {"churn": 1}
        page.close()
        for _ in range(100):
            if not studio.events.has_pages():
                return
            threading.Event().wait(0.1)
        raise AssertionError("the page is still there")
