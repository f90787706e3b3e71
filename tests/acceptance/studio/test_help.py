"""Help pages in the browser, and modules of one's own whose file is edited while the studio is open (R-4.6)."""

from __future__ import annotations

import re
from typing import Any

from tests.acceptance.studio.studio_process import StudioProcess

OWN = '''from studiolo.sdk import Choice, DatasetPort, Integer, module


@module(
    name="Make Rows",
    category="My modules",
    outputs=[DatasetPort("rows")],
    parameters=[Integer("count", label="Number of rows", default=3, help="How many rows to make.")],
)
def make_rows(*, count):
    """Make rows.

    They are numbered.
    """
    import pandas

    return pandas.DataFrame({"row": range(count)})
'''


def expect(target: Any) -> Any:
    """Wait until something shows, as Playwright does."""
    from playwright.sync_api import expect as wait_for

    return wait_for(target, None)


def open_experiment(studio: StudioProcess, page: Any, name: str, nodes: str) -> Any:
    """Write an experiment and open it; give the panel."""
    folder = studio.folder / "experiments" / name
    folder.mkdir(parents=True)
    (folder / "experiment.yaml").write_text(f"name: {name}\nnodes:\n{nodes}")
    page.goto(f"{studio.address}/#/experiments/{name}")
    expect(page.get_by_role("toolbar", name="Experiment")).to_be_visible()
    return page.get_by_role("complementary", name="Properties")


def choose(page: Any, node: str) -> None:
    """Select a node."""
    page.get_by_role("group", name=re.compile(rf" {re.escape(node)}, ")).click()


def test_more_help_opens_the_page_and_its_example(studio: StudioProcess, page: Any) -> None:
    """Ports, parameters and an example; one click makes an experiment of it that runs."""
    panel = open_experiment(studio, page, "helped", "  query: {module: apply-sql-transformation}\n")
    choose(page, "query")
    panel.get_by_role("button", name="More help").click()
    help = page.get_by_role("dialog", name="Apply SQL Transformation")
    expect(help.get_by_text("apply-sql-transformation", exact=True)).to_be_visible()
    expect(help.get_by_role("row", name=re.compile("^SQL query script"))).to_contain_text("Text in SQL")
    expect(help.get_by_role("row", name=re.compile("^t2"))).to_contain_text("dataset, optional")
    help.get_by_role("button", name="Copy the example").click()
    assert "module: apply-sql-transformation" in page.evaluate("navigator.clipboard.readText()")
    help.get_by_role("button", name="Open as a new experiment").click()
    expect(page.get_by_role("heading", name="Example of Apply SQL Transformation").first).to_be_visible()
    expect(help).to_be_hidden()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("group", name=re.compile(r" by_region, .*finished"))).to_be_visible()


def test_fields_and_palette_follow_the_file_of_an_own_module(studio: StudioProcess, page: Any) -> None:
    """R-4.6: parameters become fields; editing the file changes them, breaking it is told with its line."""
    file = studio.folder / "modules" / "making.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(OWN)
    panel = open_experiment(studio, page, "own", "  rows: {module: make-rows}\n")
    expect(page.get_by_role("treeitem", name="Make Rows")).to_be_visible()
    choose(page, "rows")
    expect(panel.get_by_label("Number of rows", exact=True)).to_have_attribute("placeholder", "3")
    panel.get_by_role("button", name="More help").click()
    help = page.get_by_role("dialog", name="Make Rows")
    expect(help).to_contain_text("from modules/making.py")
    expect(help).to_contain_text("They are numbered.")
    page.keyboard.press("Escape")

    choices = 'Choice("kind", ("plain", "fancy"), label="Kind of row", help="Which."), Integer('
    file.write_text(
        OWN.replace("parameters=[Integer(", f"parameters=[{choices}").replace(
            "(*, count)", "(*, count, kind='plain')"
        )
    )
    expect(panel.get_by_label("Kind of row", exact=True)).to_be_visible()

    file.write_text(OWN.replace("def make_rows(", "def make_rows(:"))
    expect(page.get_by_text("modules/making.py:10", exact=True)).to_be_visible()
    file.write_text(OWN)
    expect(page.get_by_role("treeitem", name="Make Rows")).to_be_visible()
    expect(panel.get_by_label("Kind of row", exact=True)).to_be_hidden()
