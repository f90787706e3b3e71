"""What goes wrong around an open page: a killed server, hostile names, a full disk (issue 6, bad input)."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from tests.acceptance.studio.canvas_page import (
    comment,
    escaped,
    expect,
    is_saved,
    new_name,
    node,
    shown,
    write_chain,
    written,
)
from tests.acceptance.studio.conftest import StartStudio
from tests.acceptance.studio.studio_process import StudioProcess

MARKUP = "<img src=x onerror=document['title']='ran'>"
NAMES = (
    MARKUP,
    "__proto__",
    "constructor",
    "100%",
    "a%2Fb",
    "a/b",
    "toString",
    "\u05d0\u05d1\u05d2 right to left",
)
SLOW = """\
import time


def azureml_main(dataframe1=None, dataframe2=None):
    print("begun", flush=True)
    time.sleep(600)
"""
COLUMNS = """\
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    names = {names!r}
    return pd.DataFrame({{name: [name, "</script><script>document.title='ran'</script>"] for name in names}}),
"""
GONE = "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_ABORTED"


def test_a_killed_server_loses_neither_edits_nor_runs(browser, start_studio: StartStudio) -> None:
    """SIGKILL under a page with a run that goes on: edits made meanwhile reach the files, states are told (9)."""
    from tests.acceptance.studio.watched_page import Faults, close_context, open_context

    first = start_studio("diabetes")
    write_chain(first, "kept")
    (first.folder / "experiments" / "kept" / "scripts" / "first.py").write_text(SLOW)
    faults = Faults(first.address)
    faults.expect(GONE)
    context = open_context(browser)
    page = context.new_page()
    faults.watch(page)
    page.goto(first.link)
    shown(page, first, "kept")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("group", name=re.compile(" first, running"))).to_be_visible()
    first.process.send_signal(signal.SIGKILL)
    first.process.wait(20)
    comment(page, "second", "typed while nobody listened")
    expect(page.get_by_text(re.compile("Not saved yet"))).to_be_visible()
    start_studio(first.folder, "--port", str(first.tcp_port))
    is_saved(page)
    assert written(first, "kept")["nodes"]["second"]["comment"] == "typed while nobody listened"
    expect(page.get_by_role("status").filter(has_text="interrupted, ")).to_be_visible()
    assert page.get_by_role("group", name=re.compile(" first, running")).count() == 0
    close_context(context, None)
    assert faults.unexpected() == []


def test_a_full_disk_keeps_what_was_typed_until_there_is_room(
    page: Any, studio: StudioProcess, faults: Any
) -> None:
    """An edit that the server cannot take now is told once, stays on the page, and is saved later."""
    name = new_name()
    write_chain(studio, name)
    shown(page, studio, name)
    faults.expect("Failed to load resource")
    error = {
        "error": {"kind": "user", "code": "workspace-disk-full", "summary": "The disk is full.", "hint": ""}
    }
    page.route("**/changes", lambda route: route.fulfill(status=507, json=error))
    comment(page, "first", "worth keeping")
    expect(page.get_by_text("The disk is full.")).to_be_visible()
    expect(page.get_by_text(re.compile("Not saved yet"))).to_be_visible()
    expect(node(page, "first").get_by_text("worth keeping")).to_be_visible()
    page.unroute("**/changes")
    is_saved(page)
    assert written(studio, name)["nodes"]["first"]["comment"] == "worth keeping"


@pytest.fixture(scope="module")
def hostile(studio: StudioProcess, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An experiment and datasets whose names are meant to do harm; it has run."""
    folder = studio.folder / "experiments" / "hostile"
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "columns.py").write_text(COLUMNS.format(names=NAMES))
    nodes: dict[str, Any] = {
        name: {"module": "execute-python-script", "script": "scripts/columns.py", "comment": MARKUP}
        for name in NAMES
    }
    nodes["constructor"]["inputs"] = {"dataset1": "__proto__"}
    (folder / "experiment.yaml").write_text(yaml.safe_dump({"name": MARKUP, "nodes": nodes}, sort_keys=False))
    studio.command("run", "hostile")
    table = tmp_path_factory.mktemp("data") / "table.csv"
    table.write_text(f"__proto__,{MARKUP},constructor\n1,{MARKUP},2\n")
    for name in NAMES:
        studio.command("dataset", "add", name, str(table))
    return "hostile"


def test_hostile_names_of_nodes_and_columns_are_only_text(
    page: Any, studio: StudioProcess, hostile: str, tmp_path: Path
) -> None:
    """On the canvas, in properties, Visualize, the history and a locked run (R-12.1)."""
    shown(page, studio, hostile)
    for name in NAMES:
        box = node(page, name)
        expect(box).to_be_visible()
        expect(
            page.get_by_role("group", name=re.compile(rf" {escaped(name)}, (finished|reused)"))
        ).to_be_visible()
        box.press("Enter")
        expect(page.get_by_role("complementary", name="Properties")).to_contain_text(name)
        page.get_by_role("button", name="Visualize result_dataset", exact=True).click()
        dialog = page.get_by_role("dialog", name=re.compile(f"› {escaped(name)} ›"))
        expect(dialog.get_by_role("columnheader", name=re.compile("__proto__"))).to_be_visible()
        expect(dialog.get_by_role("gridcell").first).to_have_text(MARKUP)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    number = studio.call("GET", f"/api/runs?experiment={hostile}").document[0]["number"]
    page.goto(f"{studio.address}/#/experiments/{hostile}/runs/{number}")
    expect(node(page, "__proto__")).to_be_visible()
    page.goto(f"{studio.address}/#/experiments/{hostile}/compare/{number}/{number}")
    expect(page.get_by_text("constructor").first).to_be_visible()
    assert page.title() != "ran"


def test_hostile_names_of_datasets_open_by_their_links(
    page: Any, studio: StudioProcess, hostile: str
) -> None:
    """A name may hold `%`, `/` and markup: the list, its link and the address all lead to the dataset."""
    for name in NAMES:
        page.goto(f"{studio.address}/#/datasets")
        page.get_by_role("main").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(page.get_by_role("gridcell").nth(1)).to_have_text(MARKUP)
        page.goto(f"{studio.address}/#/datasets/{quote(name, safe='')}")
        page.reload()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    assert page.title() != "ran"
