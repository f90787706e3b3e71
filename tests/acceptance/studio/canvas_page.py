"""The canvas on a page: its boxes, ports and lines by their names, and the files behind it."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import yaml
from tests.acceptance.studio.studio_process import StudioProcess

numbers = count(1)
CHAIN = """\
# who made this, and why
name: Chain
nodes:
  # the table
  table: {module: enter-data-manually, parameters: {data: "a,b\\n1,2\\n"}}
  first:
    module: execute-python-script
    script: scripts/first.py
    inputs: {dataset1: table.dataset}
  second:
    module: execute-python-script
    script: scripts/second.py
"""
PASS_ON = "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1,\n"


def expect(target: Any) -> Any:
    """Wait until something shows, as Playwright does."""
    from playwright.sync_api import expect as wait_for

    return wait_for(target, None)


def new_name() -> str:
    """Give a name that no other test's experiment has."""
    return f"canvas{next(numbers)}"


def write_chain(studio: StudioProcess, name: str) -> None:
    """Write the files of such an experiment, as an editor would."""
    folder = studio.folder / "experiments" / name
    (folder / "scripts").mkdir(parents=True)
    for script in ("first", "second"):
        (folder / "scripts" / f"{script}.py").write_text(PASS_ON)
    (folder / "experiment.yaml").write_text(CHAIN)


def shown(page: Any, studio: StudioProcess, name: str) -> Any:
    """Open an experiment and wait for its canvas."""
    page.goto(f"{studio.address}/#/experiments/{name}")
    expect(page.get_by_role("toolbar", name="Canvas tools")).to_be_visible()
    return page


def node(page: Any, name: str) -> Any:
    """The box of a node."""
    return page.get_by_role("group", name=re.compile(rf" {escaped(name)}, "))


def escaped(name: str) -> str:
    """A name in a pattern for the browser, which has its patterns between slashes."""
    return re.escape(name).replace("/", r"\/")


def port(page: Any, name: str) -> Any:
    """A port, such as `first, output 1`."""
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)} "))


def edge(page: Any, source: str, target: str) -> Any:
    """The line between two ports, such as `table dataset` and `first dataset1`."""
    return page.get_by_label(f"Connection from {source} to {target}")


def written(studio: StudioProcess, name: str) -> dict[str, Any]:
    """What the experiment's file says."""
    text = (studio.folder / "experiments" / name / "experiment.yaml").read_text()
    return yaml.safe_load(text) or {}


def is_saved(page: Any) -> None:
    """Wait until the page says that all is in the files."""
    bar = page.get_by_role("toolbar", name="Experiment", exact=True)
    expect(bar.get_by_role("status", name=re.compile("^Saved"))).to_be_visible()


def middle(target: Any) -> tuple[float, float]:
    """Middle of something on the screen."""
    box = target.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Any, source: Any, target: tuple[float, float]) -> None:
    """Draw with the pointer, as a hand does it."""
    page.mouse.move(*middle(source))
    page.mouse.down()
    page.mouse.move(*(a + 12 for a in middle(source)))
    page.mouse.move(*target, steps=6)
    page.mouse.up()


def comment(page: Any, name: str, text: str) -> None:
    """Comment on a script node."""
    node(page, name).dblclick(modifiers=["Shift"])
    page.get_by_role("textbox", name=f"Comment on {name}").fill(text)
    page.keyboard.press("Enter")
