"""Steps of tests that look at tables: open a port, read the grid, read what a chart shows."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from tests.acceptance.studio.studio_process import StudioProcess


def open_port(page: Page, studio: StudioProcess, screen: str, node: str, port: str) -> Locator:
    """Open Visualize on an output port as a person does: choose the node, press the button in its properties.

    Args:
        page: signed in.
        studio: that it belongs to.
        screen: name of an experiment, or `NAME/runs/N` for how it was in a run.
        node: name of the node.
        port: name of its output port.
    """
    page.goto(f"{studio.address}/#/experiments/{screen}")
    page.get_by_role("group", name=re.compile(rf"\b{node}, ")).first.click()
    page.get_by_role("button", name=f"Visualize {port}", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"{screen.partition('/')[0]} › {node} › {port}")
    expect(dialog).to_be_visible()
    return dialog


def rows(place: Page | Locator, count: int) -> list[list[str]]:
    """Give the texts of the first rows in sight, once they are there."""
    grid = place.get_by_role("grid")
    expect(grid.get_by_role("row").nth(count).get_by_role("gridcell").first).not_to_be_empty()
    return [
        grid.get_by_role("row").nth(number + 1).get_by_role("gridcell").all_text_contents()
        for number in range(count)
    ]


def row_numbers(place: Page | Locator, count: int) -> list[str]:
    """Give the numbers of the first rows in sight: their places in the whole table, from 1."""
    return place.get_by_role("rowheader").all_text_contents()[:count]


def statistics(place: Page | Locator, column: str) -> dict[str, str]:
    """Choose a column and give what the panel tells of it."""
    place.get_by_role("button", name=column, exact=True).click()
    table = place.get_by_role("table", name=f"Statistics of {column}")
    expect(table).to_be_visible()
    lines = table.get_by_role("row")
    return {
        lines.nth(at).get_by_role("rowheader").inner_text(): lines.nth(at)
        .get_by_role("cell")
        .first.inner_text()
        for at in range(lines.count())
    }


def chart_numbers(page: Page) -> list[list[str]]:
    """Give the numbers of the chart in sight, by its menu."""
    page.evaluate("navigator.clipboard.writeText('')")
    page.get_by_role("button", name="Copy chart").click()
    page.get_by_role("menuitem", name="Copy as numbers").click()
    expect(page.get_by_text("The chart's numbers are copied.").last).to_be_visible()
    text: str = page.evaluate("navigator.clipboard.readText()")
    return [line.split("\t") for line in text.split("\n")]


def save_as(page: Page, format: str, folder: Path) -> Path:
    """Download what is shown in a format; give the file."""
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile(rf"^{format}\b")).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
