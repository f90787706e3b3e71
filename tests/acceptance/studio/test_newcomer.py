"""A newcomer builds an experiment by hand, from an empty canvas to a published service (SPEC 8, R-1.8, R-9.1)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.acceptance.studio.studio_process import StudioProcess

DATA = Path(__file__).parents[3] / "examples" / "diabetes" / "data"
WRONG = """\
import matplotlib.pyplot as plt


def azureml_main(dataframe1=None, dataframe2=None):
    known = dataframe1.dropna()
    groups = known.groupby("diabetes")["glucose"].mean().reset_index()
    plt.figure()
    plt.hist(knwon["glucose"])
    plt.savefig("glucose.png")
    print("patients:", len(known))
    return groups
"""
RIGHT = WRONG.replace("knwon", "known")
PATIENT = dict.fromkeys(
    ["patient", "pregnant", "pressure", "triceps", "insulin", "mass", "pedigree", "age"], 1
)
LONG_MS = 60_000


@pytest.fixture(scope="module")
def studio(
    start_studio: Callable[..., StudioProcess], tmp_path_factory: pytest.TempPathFactory
) -> StudioProcess:
    """A studio on a workspace that has the data files and nothing else."""
    folder = tmp_path_factory.mktemp("newcomer") / "work"
    shutil.copytree(DATA, folder / "data")
    (folder / "studiolo.toml").write_text('name = "Newcomer"\n')
    return start_studio(folder)


def node(page: Page, name: str) -> Locator:
    """The box of a node."""
    return page.get_by_role("group", name=re.compile(rf" {re.escape(name)}, "))


def port(page: Page, name: str) -> Locator:
    """A port, such as `script, input 1`."""
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)} "))


def middle(target: Locator) -> tuple[float, float]:
    """Middle of something on the screen."""
    box = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, source: Locator, target: tuple[float, float]) -> None:
    """Draw with the pointer, as a hand does it."""
    x, y = middle(source)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 12)
    page.mouse.move(*target, steps=8)
    page.mouse.up()


def type_script(page: Page, text: str) -> None:
    """Paste a text in place of the whole script."""
    page.get_by_role("textbox", name="Script of script").click()
    page.keyboard.press("Control+a")
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def build(page: Page) -> None:
    """Drag two modules to the empty canvas, name the file, connect."""
    page.get_by_role("button", name="New experiment").click()
    dialog = page.get_by_role("dialog", name="New experiment")
    dialog.get_by_role("textbox", name="Name").fill("glucose")
    dialog.get_by_role("radio", name="an empty canvas").check()
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Drag items here")).to_be_visible()
    drag(page, page.get_by_role("treeitem", name=re.compile("^Import Data")), (640.0, 260.0))
    expect(node(page, "import data")).to_be_visible()
    drag(page, page.get_by_role("treeitem", name=re.compile("^Execute Python Script")), (640.0, 440.0))
    expect(node(page, "script")).to_be_visible()

    node(page, "import data").click()
    page.get_by_role("textbox", name="File", exact=True).fill("data/pima-indians-diabetes.csv")
    page.keyboard.press("Enter")
    drag(page, port(page, "import data, output 1"), middle(port(page, "script, input 1")))
    expect(
        page.get_by_label("Connection from import data result_dataset to script dataset1")
    ).to_be_attached()


def write_script(page: Page) -> None:
    """Type a script with a slip, run, see the error at its line, mend it, and see text and picture."""
    node(page, "script").dblclick()
    editor = page.get_by_role("dialog", name="script")
    expect(editor.get_by_role("textbox", name="Script of script")).to_contain_text(
        "def azureml_main", timeout=LONG_MS
    )
    type_script(page, WRONG)
    page.keyboard.press("Shift+Enter")
    editor.get_by_role("tab", name="Problems").click()
    problems = editor.get_by_role("tabpanel", name="Problems")
    expect(problems.get_by_text(re.compile("knwon")).first).to_be_visible(timeout=LONG_MS)
    line = editor.locator(".cm-line", has_text="plt.hist")
    expect(line.locator(".cm-lintRange-error")).to_have_text("knwon")
    type_script(page, RIGHT)
    expect(editor.locator(".cm-lintRange-error")).to_have_count(0)
    page.keyboard.press("Shift+Enter")
    editor.get_by_role("tab", name="Output").click()
    output = editor.get_by_role("tabpanel", name="Output")
    expect(output.get_by_text("patients: 392")).to_be_visible(timeout=LONG_MS)
    expect(output.get_by_role("img", name="glucose.png")).to_be_visible(timeout=LONG_MS)
    editor.get_by_role("button", name="Close the editor").click()
    expect(editor).to_be_hidden()


def look(page: Page) -> None:
    """Run the whole, then look at picture and table where they came out."""
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("group", name=re.compile(" script, (finished|reused)"))).to_be_visible(
        timeout=LONG_MS
    )
    expect(node(page, "script").get_by_text("2 × 2")).to_be_visible()
    port(page, "script, output 3").click(button="right")
    page.get_by_role("menuitem", name="Visualize").click()
    shown = page.get_by_role("dialog")
    picture = shown.get_by_role("img", name="glucose.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    shown.get_by_role("button", name="Close").first.click()
    port(page, "script, output 1").click(button="right")
    page.get_by_role("menuitem", name="Visualize").click()
    grid = page.get_by_role("dialog").get_by_role("grid")
    expect(grid.get_by_role("gridcell", name="neg")).to_be_visible()
    expect(grid.get_by_role("gridcell", name=re.compile("^111.4"))).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").first.click()


def publish(page: Page) -> str:
    """Set up and publish a service; give the key that is shown."""
    page.get_by_role("button", name="Set up web service").click()
    dialog = page.get_by_role("dialog", name="Set up a web service")
    dialog.get_by_role("button", name="Use this proposal").click()
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_role("combobox", name="Name of the service").or_(
        dialog.get_by_role("textbox", name="Name of the service")
    ).fill("glucose")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    done = page.get_by_role("dialog", name="glucose is published")
    expect(done).to_be_visible(timeout=LONG_MS)
    return done.get_by_role("textbox", name="primary key").input_value()


def test_a_newcomer_builds_the_example_by_hand_and_publishes_it(page: Page, studio: StudioProcess) -> None:
    """Drag, connect, type, run, fix the error at its line, look at the picture and the table, publish, ask."""
    build(page)
    write_script(page)
    look(page)
    key = publish(page)
    rows = [
        {**PATIENT, "diabetes": diabetes, "glucose": glucose}
        for diabetes, glucose in (("pos", 100), ("pos", 120), ("neg", 80))
    ]
    answer = studio.call(
        "POST", "/api/services/glucose", {"inputs": {"input1": rows}}, {"Authorization": f"Bearer {key}"}
    )
    assert answer.status == 200, answer.body
    expected = [{"diabetes": "neg", "glucose": 80.0}, {"diabetes": "pos", "glucose": 110.0}]
    assert answer.document["outputs"]["output1"] == expected
    written = (studio.folder / "experiments" / "glucose" / "scripts" / "script.py").read_text()
    assert written == RIGHT
