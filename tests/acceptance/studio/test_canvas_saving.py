"""What the canvas saves, and that nobody's edit is lost: undo, other editors, two pages, no server (UX 18, 30)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.acceptance.studio.canvas_page import (
    comment,
    edge,
    expect,
    is_saved,
    new_name,
    node,
    shown,
    write_chain,
    written,
)
from tests.acceptance.studio.studio_process import StudioProcess


@pytest.fixture
def name() -> str:
    """Name of an experiment that no other test has."""
    return new_name()


@pytest.fixture
def chain(studio: StudioProcess, page: Any, name: str) -> Any:
    """An experiment of three nodes of which two are connected, open on the page."""
    write_chain(studio, name)
    return shown(page, studio, name)


def test_everything_is_undone_and_redone_and_the_files_comments_stay(
    chain: Any, studio: StudioProcess, name: str
) -> None:
    """[30]: deleting, undone, leaves the file with the same content; comments of other parts are kept (SPEC 3)."""
    before = written(studio, name)
    node(chain, "first").press("Enter")
    chain.keyboard.press("Delete")
    expect(node(chain, "first")).to_have_count(0)
    expect(edge(chain, "table dataset", "first dataset1")).to_have_count(0)
    is_saved(chain)
    assert set(written(studio, name)["nodes"]) == {"table", "second"}
    chain.keyboard.press("Control+z")
    expect(edge(chain, "table dataset", "first dataset1")).to_be_attached()
    is_saved(chain)
    assert written(studio, name) == before
    chain.keyboard.press("Control+y")
    expect(node(chain, "first")).to_have_count(0)
    is_saved(chain)
    text = (studio.folder / "experiments" / name / "experiment.yaml").read_text()
    assert "# who made this, and why" in text
    assert "# the table" in text


def test_what_another_editor_writes_appears_by_itself(chain: Any, studio: StudioProcess, name: str) -> None:
    """[18] and SPEC 8: the page's own edits stay, selection and undo too."""
    node(chain, "second").press("Enter")
    chain.keyboard.press("ArrowRight")
    is_saved(chain)
    file = studio.folder / "experiments" / name / "experiment.yaml"
    file.write_text(file.read_text() + "  third: {module: enter-data-manually}\n")
    expect(node(chain, "third")).to_be_visible(timeout=3000)
    expect(chain.get_by_role("region", name="Canvas").locator(".is-selected")).to_have_count(1)
    chain.keyboard.press("Control+z")
    expect(node(chain, "third")).to_be_visible()


def test_a_file_with_faults_is_shown_read_only_with_its_lines(
    chain: Any, studio: StudioProcess, name: str
) -> None:
    """Somebody types in the file: nothing of theirs is overwritten, and editing goes on when it is good."""
    file = studio.folder / "experiments" / name / "experiment.yaml"
    good = file.read_text()
    file.write_text(good + "  broken: [\n")
    expect(chain.get_by_text("cannot be read in full")).to_be_visible()
    expect(chain.get_by_text(re.compile(r"experiment\.yaml:\d+")).first).to_be_visible()
    expect(chain.get_by_text("Read only until its file is good again")).to_be_visible()
    file.write_text(good)
    expect(chain.get_by_text("cannot be read in full")).to_have_count(0)
    node(chain, "second").press("Enter")
    chain.keyboard.press("Delete")
    expect(node(chain, "second")).to_have_count(0)


def test_two_pages_show_one_experiment(chain: Any, studio: StudioProcess, name: str) -> None:
    """SPEC 8: what one changes the other shows; both edits of different places stay."""
    other = chain.context.new_page()
    shown(other, studio, name)
    node(chain, "second").press("Enter")
    chain.keyboard.press("Delete")
    expect(node(other, "second")).to_have_count(0)
    node(other, "first").dblclick(modifiers=["Shift"])
    other.get_by_role("textbox", name="Comment on first").fill("from the other page")
    other.keyboard.press("Enter")
    expect(node(chain, "first").get_by_text("from the other page")).to_be_visible()
    other.close()


def test_edits_of_one_place_in_two_pages_are_both_shown_and_one_is_chosen(
    chain: Any, studio: StudioProcess, name: str, faults: Any
) -> None:
    """Nobody's edit is lost: the page that comes second asks, with both values."""
    faults.expect("Failed to load resource")
    other = chain.context.new_page()
    faults.watch(other)
    shown(other, studio, name)
    other.route("**/changes", lambda route: route.abort())
    comment(other, "first", "mine")
    expect(other.get_by_text(re.compile("Not saved yet"))).to_be_visible()
    comment(chain, "first", "theirs")
    dialog = other.get_by_role("dialog", name="Changed here and elsewhere")
    expect(dialog.get_by_text("mine", exact=True)).to_be_visible()
    expect(dialog.get_by_text("theirs", exact=True)).to_be_visible()
    other.unroute("**/changes")
    dialog.get_by_role("button", name="Keep mine").click()
    expect(node(chain, "first").get_by_text("mine")).to_be_visible()
    other.close()


def test_edits_made_while_the_server_is_away_are_saved_later(
    chain: Any, studio: StudioProcess, name: str, faults: Any
) -> None:
    """Also when the page is closed meanwhile: they are kept in the browser."""
    faults.expect("Failed to load resource")
    chain.route("**/changes", lambda route: route.abort())
    comment(chain, "first", "typed while away")
    expect(chain.get_by_text(re.compile("Not saved yet"))).to_be_visible()
    chain.reload()
    expect(node(chain, "first").get_by_text("typed while away")).to_be_visible()
    chain.unroute("**/changes")
    is_saved(chain)
    assert written(studio, name)["nodes"]["first"]["comment"] == "typed while away"
