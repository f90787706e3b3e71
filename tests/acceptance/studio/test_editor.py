"""The script editor as people use it: completion, faults at their place, running, edits of others (R-1.9, UX 52-54)."""

from __future__ import annotations

import re
import zipfile
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.studio.studio_process import StudioProcess

numbers = count(1)
EXPERIMENT = """\
name: Words
nodes:
  table: {module: enter-data-manually, parameters: {data: "age,blood pressure\\n30,120\\n40,130\\n"}}
  clean:
    module: execute-python-script
    script: scripts/clean.py
    bundle: code/mine.zip
    inputs: {dataset1: table.dataset}
"""
SCRIPT = """\
import mine


def azureml_main(dataframe1=None, dataframe2=None):
    print("rows:", len(dataframe1), mine.NAME)
    return dataframe1,
"""
HOSTILE = '''NAME = "bundle"


def greet(name):
    """Say <img src=x onerror="document.title='taken'"> <script>document.title='taken'</script> hello."""
'''


def expect(target: Any) -> Any:
    """Wait until something shows, as Playwright does."""
    from playwright.sync_api import expect as wait_for

    return wait_for(target, None)


class Opened:
    """An experiment whose script is open in the editor.

    Attributes:
        page: of the browser.
        file: of the script.
        dialog: the editor.
        text: where one types.
    """

    def __init__(self, page: Any, studio: StudioProcess) -> None:
        self.page = page
        name = f"editor{next(numbers)}"
        folder = studio.folder / "experiments" / name
        (folder / "scripts").mkdir(parents=True)
        (studio.folder / "code").mkdir(exist_ok=True)
        with zipfile.ZipFile(studio.folder / "code" / "mine.zip", "w") as archive:
            archive.writestr("mine.py", HOSTILE)
        self.file: Path = folder / "scripts" / "clean.py"
        self.file.write_text(SCRIPT)
        (folder / "experiment.yaml").write_text(EXPERIMENT)
        page.goto(f"{studio.address}/#/experiments/{name}")
        self.node = page.get_by_role("group", name=re.compile(r" clean, "))
        self.node.dblclick()
        self.dialog = page.get_by_role("dialog", name="clean")
        self.text = self.dialog.get_by_role("textbox", name="Script of clean")
        expect(self.text).to_be_focused()

    def until_ready(self) -> None:
        """Wait for the language server."""
        expect(self.dialog.get_by_text("current, Python")).to_be_visible(timeout=60_000)

    def type_line(self, text: str) -> None:
        """Type a new line before the last one."""
        self.text.locator(".cm-line", has_text="len(dataframe1)").click()
        self.page.keyboard.press("End")
        self.page.keyboard.press("Enter")  # indents
        self.page.keyboard.type(text, delay=15)

    def offered(self, name: str) -> Any:
        """An item of the list of completions."""
        return self.page.get_by_role("option", name=name)

    def run(self) -> None:
        """Run the node by its keys."""
        self.text.click()
        self.page.keyboard.press("Shift+Enter")

    def pane(self, name: str) -> Any:
        """Show one of the panes beside the script."""
        self.dialog.get_by_role("tab", name=re.compile(f"^{name}")).click()
        return self.dialog.get_by_role("tabpanel", name=re.compile(f"^{name}"))


@pytest.fixture
def opened(page: Any, studio: StudioProcess) -> Opened:
    """A fresh experiment with its script open."""
    return Opened(page, studio)


def test_columns_of_the_input_are_completed_and_checked(opened: Opened) -> None:
    """R-1.9 (2): names of upstream columns are offered, unknown ones are underlined, the nearest is one click away."""
    inputs = opened.pane("Inputs")
    inputs.get_by_role("button", name="Run table").click()
    expect(inputs.get_by_role("columnheader", name=re.compile("^blood pressure"))).to_be_visible()
    opened.type_line('x = dataframe1["')
    expect(opened.offered("age")).to_be_visible()
    opened.offered("blood pressure").click()
    expect(opened.text).to_contain_text('x = dataframe1["blood pressure"]')
    opened.page.keyboard.press("End")
    opened.page.keyboard.type('\nx = dataframe1["agee"]')
    problems = opened.pane("Problems")
    expect(problems.get_by_role("button", name=re.compile('no column "agee"'))).to_be_visible()
    opened.dialog.locator(".cm-lintRange-warning", has_text="agee").hover()
    opened.page.get_by_role("button", name="Change to age").click()
    expect(opened.text).to_contain_text('dataframe1["age"]')
    expect(problems.get_by_role("button", name=re.compile("no column"))).to_have_count(0)


def test_the_environment_and_the_bundle_are_known(opened: Opened) -> None:
    """Completion comes from the node's own libraries; what their documentation holds is shown as text."""
    opened.until_ready()
    opened.type_line("y = dataframe1.dropn")
    expect(opened.offered("dropna")).to_be_visible(timeout=60_000)
    opened.page.keyboard.press("Escape")
    opened.page.keyboard.type("\nmine.gre")
    opened.page.keyboard.press(
        "Control+Space"
    )  # asked for: what comes by itself may be overtaken by the typing
    expect(opened.offered("greet")).to_be_visible()
    expect(opened.page.locator(".editor-documentation")).to_contain_text("Say")
    opened.page.keyboard.press("Tab")
    expect(opened.text).to_contain_text("mine.greet")
    opened.page.keyboard.type("(")
    expect(opened.page.locator(".cm-lsp-signature-tooltip")).to_contain_text("def greet(name)")
    opened.text.get_by_text("greet").hover()
    expect(opened.page.locator(".cm-lsp-hover-tooltip")).to_contain_text("greet")
    assert opened.page.locator(".cm-editor img, .cm-tooltip img, .cm-tooltip script").count() == 0
    assert opened.page.title() != "taken"


def test_the_node_runs_and_an_error_is_at_its_line(opened: Opened) -> None:
    """UX 53: Shift+Enter saves and runs, with all that is missing before it; the trace leads to the line."""
    opened.run()
    output = opened.pane("Output")
    expect(output.get_by_label("Printed by clean")).to_contain_text("rows: 2 bundle", timeout=60_000)
    expect(output.get_by_role("region", name="First rows of result_dataset", exact=True)).to_contain_text(
        "130"
    )
    opened.type_line("int('no number')")
    opened.run()
    expect(output.get_by_role("alert")).to_contain_text("invalid literal for int()", timeout=60_000)
    line = opened.text.locator(".cm-errorLine")
    expect(line).to_contain_text("int('no number')")
    opened.page.keyboard.press("Control+Home")
    output.get_by_label("Stack trace").get_by_role("button", name=re.compile("line 6")).click()
    expect(opened.text.locator(".cm-activeLine")).to_contain_text("int('no number')")
    opened.page.keyboard.type(" # mended")
    expect(line).to_have_count(0)


def test_edits_of_others_appear_and_none_is_lost(opened: Opened, faults: Any) -> None:
    """An editor outside changes the file: it is taken over; where both changed it, both are kept until one chooses."""
    opened.file.write_text(SCRIPT.replace("rows:", "lines:"))
    expect(opened.text).to_contain_text("lines:")
    faults.expect("status of 409")
    opened.page.context.set_offline(True)
    faults.expect("ERR_INTERNET_DISCONNECTED|Failed to load resource|WebSocket|net::")
    opened.type_line("# mine")
    opened.file.write_text(SCRIPT.replace("rows:", "theirs:"))
    opened.page.wait_for_timeout(600)
    opened.page.context.set_offline(False)
    conflict = opened.dialog.get_by_role("alertdialog")
    expect(conflict.get_by_label("Their text")).to_contain_text("theirs:")
    expect(conflict.get_by_label("Your text, which can be edited")).to_contain_text("# mine")
    assert "theirs:" in opened.file.read_text()
    conflict.get_by_role("button", name="Keep mine").click()
    expect(opened.text).to_contain_text("# mine")
    expect(opened.dialog.get_by_text("Saved")).to_be_visible()
    assert opened.file.read_text() == SCRIPT.replace("rows:", "lines:").replace(
        "return", "# mine\n    return"
    )


def test_a_script_is_laid_out_and_the_keyboard_leaves(opened: Opened) -> None:
    """Format changes looks alone; Escape and Tab lead out of the text, Escape twice closes the editor."""
    opened.type_line("x  =  1")
    opened.dialog.get_by_role("button", name="Format").click()
    expect(opened.text).to_contain_text("x = 1")
    opened.text.click()
    opened.page.keyboard.press("Escape")
    opened.page.keyboard.press("Tab")
    expect(opened.text).not_to_be_focused()
    opened.text.click()
    opened.page.keyboard.press("Escape")
    opened.page.keyboard.press("Escape")
    expect(opened.dialog).to_be_hidden()
    assert "x = 1" in opened.file.read_text()
