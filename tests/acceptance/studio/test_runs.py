"""Running from the page: parts, cancel, errors, history, locked snapshots, comparison (UX 5, 37-43, 70-74)."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
from tests.acceptance.studio.studio_process import StudioProcess

numbers = count(1)
CHAIN = """\
name: Chain
nodes:
  table: {module: enter-data-manually, parameters: {data: "a,b\\n1,2\\n3,4\\n"}}
  first:
    module: execute-python-script
    script: scripts/first.py
    inputs: {dataset1: table}
  second:
    module: execute-python-script
    script: scripts/second.py
    inputs: {dataset1: first.result_dataset}
"""
PASS_ON = """\
def azureml_main(dataframe1=None, dataframe2=None):
    print('rows', len(dataframe1))
    return dataframe1,
"""
AGAIN = PASS_ON.replace("rows", "again")
BROKEN = """\
def azureml_main(dataframe1=None, dataframe2=None):
    x = 1
    return dataframe1['missing'],
"""
ENDLESS = """\
import time

def azureml_main(dataframe1=None, dataframe2=None):
    print('begun', flush=True)
    time.sleep(600)
"""
LONG = 40_000
"""Milliseconds that a run may take beside others."""


def expect(target: Any) -> Any:
    """Wait until something shows, as Playwright does."""
    from playwright.sync_api import expect as wait_for

    return wait_for(target, None)


@pytest.fixture
def name() -> str:
    """Name of an experiment that no other test has."""
    return f"runs{next(numbers)}"


def write(studio: StudioProcess, name: str, first: str = PASS_ON, second: str = AGAIN) -> None:
    """Write an experiment of three nodes in a row."""
    folder = studio.folder / "experiments" / name
    (folder / "scripts").mkdir(parents=True, exist_ok=True)
    (folder / "scripts" / "first.py").write_text(first)
    (folder / "scripts" / "second.py").write_text(second)
    (folder / "experiment.yaml").write_text(chain(name))


def chain(name: str) -> str:
    """The file, with data that no other experiment has: else results would be reused from there."""
    return CHAIN.replace("3,4", f"3,{name.removeprefix('runs')}00")


def shown(page: Any, studio: StudioProcess, name: str) -> Any:
    """Open an experiment and wait for its bar."""
    page.goto(f"{studio.address}/#/experiments/{name}")
    expect(page.get_by_role("toolbar", name="Experiment")).to_be_visible()
    return page


def node(page: Any, name: str, state: str) -> Any:
    """The box of a node in a state."""
    return page.get_by_role("group", name=re.compile(rf" {re.escape(name)}, {state}"))


def run(page: Any, how: str = "") -> None:
    """Press Run, or one of the other ways."""
    if not how:
        page.get_by_role("button", name="Run", exact=True).click()
        return
    page.get_by_role("button", name="More ways to run").click()
    page.get_by_role("menuitem", name=how).click()


def has_ended(page: Any, state: str) -> None:
    """Wait until the bar says how the run ended."""
    expect(page.get_by_role("status").filter(has_text=f"{state}, ")).to_be_visible(timeout=LONG)


def panel(page: Any) -> Any:
    """The properties."""
    return page.get_by_role("complementary", name="Properties")


def test_run_part_of_it_and_look_at_the_history(page: Any, studio: StudioProcess, name: str) -> None:
    """R-3.1, UX 5, 37, 41, 70, 74: states on the canvas as it runs; the history survives a reload."""
    write(studio, name)
    shown(page, studio, name)
    node(page, "first", "not run").click()
    run(page, "Run to here")
    expect(node(page, "first", "finished")).to_be_visible(timeout=LONG)
    expect(node(page, "second", "not run")).to_be_visible()
    expect(panel(page).get_by_text("first run", exact=True)).to_be_visible()
    expect(panel(page).get_by_text("2 × 2")).to_be_visible()

    run(page, "Run from here")
    expect(node(page, "second", "finished")).to_be_visible(timeout=LONG)
    page.keyboard.press("Control+Enter")
    expect(node(page, "table", "reused")).to_be_visible(timeout=LONG)
    expect(panel(page).get_by_text(re.compile("reused from run"))).to_be_visible()
    run(page, "Run selected")
    has_ended(page, "finished")

    page.reload()
    page.get_by_role("button", name="Run history").click()
    expect(page.get_by_role("checkbox", name=re.compile("^Compare run"))).to_have_count(4)


def test_an_error_stands_at_its_node_and_leads_to_its_line(
    page: Any, studio: StudioProcess, name: str
) -> None:
    """R-1.9, UX 39: the author's own trace, the line in the editor, the log."""
    write(studio, name, second=BROKEN)
    shown(page, studio, name)
    run(page)
    expect(node(page, "second", "failed")).to_be_visible(timeout=LONG)
    node(page, "second", "failed").click()
    expect(panel(page).get_by_role("alert").filter(has_text="missing").first).to_be_visible()
    expect(panel(page).get_by_text(re.compile(r"second\.py.*line 3|line 3"))).not_to_have_count(0)
    panel(page).get_by_role("button", name="View log").click()
    drawer = page.get_by_role("region", name="Log and times")
    expect(drawer.get_by_role("log", name="Log of second")).to_be_visible()
    drawer.get_by_label("Node").select_option("first")
    expect(drawer.get_by_text("rows 2")).to_be_visible()
    drawer.get_by_role("tab", name="Times").click()
    expect(drawer.get_by_role("listitem", name=re.compile("^second: .*critical path"))).to_be_visible()
    drawer.get_by_role("button", name="Close the log").click()
    panel(page).get_by_role("button", name="Show line 3").click()
    expect(page.get_by_role("dialog").first).to_be_visible()


def test_a_long_run_is_cancelled_once(page: Any, studio: StudioProcess, name: str) -> None:
    """UX 72, R-5.1: its log is live, Cancel asks nothing, what had finished is kept."""
    write(studio, name, second=ENDLESS)
    shown(page, studio, name)
    page.get_by_role("button", name="Log", exact=True).click()
    run(page)
    expect(page.get_by_role("log", name="Log of second").get_by_text("begun")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("status", name="Running, 2 of 3 nodes")).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    has_ended(page, "cancelled")
    expect(node(page, "second", "cancelled")).to_be_visible()
    expect(node(page, "first", "finished")).to_be_visible()


def test_a_run_that_cannot_begin_says_every_reason(page: Any, studio: StudioProcess, name: str) -> None:
    """R-3.2, UX 38: all problems at once; one leads to its field."""
    write(studio, name)
    shown(page, studio, name)
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Python script").click()
    file = studio.folder / "experiments" / name / "experiment.yaml"
    expect(page.get_by_role("group", name=re.compile(" script, "))).to_be_visible()
    text = chain(name) + "  bad: {module: import-data, parameters: {path: data/no.csv}}\n"
    file.write_text(text + "  worse: {module: import-data, parameters: {format: nonsense}}\n")
    expect(page.get_by_role("group", name=re.compile(" worse, "))).to_be_visible()
    run(page)
    refused = page.get_by_role("region", name="The run was refused")
    expect(refused.get_by_role("alert")).to_have_count(2)
    refused.get_by_role("button", name="node bad, parameter path").click()
    expect(panel(page).get_by_role("heading", name="bad", exact=True)).to_be_visible()
    expect(panel(page).get_by_label("File", exact=True)).to_be_focused()
    refused.get_by_role("button", name="Close").click()
    expect(refused).to_have_count(0)


def test_a_run_is_locked_and_two_are_compared(page: Any, studio: StudioProcess, name: str) -> None:
    """UX 18, 71, 73: the snapshot stays as it was; a copy branches from it; what differs is shown side by side."""
    write(studio, name)
    shown(page, studio, name)
    run(page)
    has_ended(page, "finished")
    write(studio, name, first=PASS_ON.replace("return dataframe1,", "return dataframe1.head(1),"))
    expect(page.get_by_role("img", name="changed since it ran").first).to_be_visible()
    run(page)
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_have_count(0, timeout=LONG)
    has_ended(page, "finished")

    page.get_by_role("button", name="Run history").click()
    boxes = page.get_by_role("checkbox", name=re.compile("^Compare run"))
    expect(boxes).to_have_count(2)
    page.get_by_role("link", name=re.compile("^finished Run")).last.click()
    expect(page.get_by_text("locked", exact=True)).to_be_visible()
    page.get_by_role("group", name=re.compile(" first, finished")).click()
    locked = panel(page)
    expect(locked.get_by_text("return dataframe1,")).to_be_visible()
    expect(locked.get_by_label("Dialect", exact=True)).to_be_disabled()
    expect(locked.get_by_role("button", name="Edit script")).to_have_count(0)

    page.get_by_role("button", name=re.compile("^Next run")).click()
    page.get_by_role("button", name="Compare with prior").click()
    nodes = page.get_by_role("navigation", name="Nodes")
    nodes.get_by_role("button", name=re.compile("^first")).click()
    expect(page.get_by_text("return dataframe1.head(1),").first).to_be_visible()
    outputs = page.get_by_role("region", name="Outputs")
    expect(outputs.get_by_text("different content").first).to_be_visible()
    expect(outputs.get_by_text("2 × 2").first).to_be_visible()
    expect(outputs.get_by_text("1 × 2").first).to_be_visible()
    address = page.url
    page.goto(f"{studio.address}/#/runs")
    page.goto(address)
    expect(
        page.get_by_role("navigation", name="Nodes").get_by_role("button", name=re.compile("^first"))
    ).to_be_visible()


def test_a_locked_run_becomes_an_experiment(page: Any, studio: StudioProcess, name: str) -> None:
    """UX 71: with the scripts as they were in the run."""
    write(studio, name)
    shown(page, studio, name)
    run(page)
    has_ended(page, "finished")
    write(studio, name, first="# later\n" + PASS_ON)
    page.get_by_role("link", name=re.compile(r"^Run \d+$")).click()
    page.get_by_role("button", name="Save as experiment …").click()
    page.get_by_label("Name").fill(f"{name} again")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("toolbar", name="Experiment")).to_be_visible()
    assert (studio.folder / "experiments" / f"{name} again" / "scripts" / "first.py").read_text() == PASS_ON


def test_all_runs_are_listed_and_filtered(page: Any, studio: StudioProcess, name: str) -> None:
    """UX 70, 74: also those that the command line began."""
    write(studio, name)
    studio.command("run", name)
    page.goto(f"{studio.address}/#/runs")
    page.get_by_role("searchbox", name="Search by experiment").fill(name)
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_label("State").select_option("failed")
    expect(page.get_by_role("row")).to_have_count(1)
    page.get_by_label("State").select_option("finished")
    page.get_by_role("link", name=re.compile(r"^Run \d+$")).click()
    expect(page.get_by_text("locked", exact=True)).to_be_visible()
