"""The canvas as people use it, by pointer and keyboard: what they do is in the experiment's files (UX 9-36)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.acceptance.studio.canvas_page import (
    PASS_ON,
    drag,
    edge,
    expect,
    is_saved,
    middle,
    new_name,
    node,
    port,
    shown,
    write_chain,
    written,
)
from tests.acceptance.studio.studio_process import StudioProcess

SCRIPT = "Execute Python Script"


@pytest.fixture
def name() -> str:
    """Name of an experiment that no other test has."""
    return new_name()


@pytest.fixture
def blank(studio: StudioProcess, page: Any, name: str) -> Any:
    """An empty experiment, open on the page."""
    wish = {"name": name, "title": None, "start": "blank", "copy_of": None, "copy_of_run": None}
    assert studio.call("POST", "/api/experiments", wish).status == 201
    return shown(page, studio, name)


@pytest.fixture
def chain(studio: StudioProcess, page: Any, name: str) -> Any:
    """An experiment of three nodes of which two are connected, open on the page."""
    write_chain(studio, name)
    return shown(page, studio, name)


def test_nodes_are_added_and_connected_by_keyboard_alone(
    blank: Any, studio: StudioProcess, name: str
) -> None:
    """Who has no pointer builds the same graph [13, 24]; the script's file gets the module's template [54]."""
    expect(blank.get_by_text("Drag items here")).to_be_visible()
    blank.get_by_role("searchbox", name="Search experiment items").fill("no such thing")
    expect(blank.get_by_text("Nothing matches")).to_be_visible()
    blank.get_by_role("searchbox", name="Search experiment items").fill("enter data")
    blank.keyboard.press("Enter")
    blank.keyboard.press("Enter")
    expect(node(blank, "table")).to_be_visible()
    node(blank, "table").press("Escape")
    blank.get_by_role("searchbox", name="Search experiment items").fill("execute python")
    blank.keyboard.press("ArrowDown")
    blank.keyboard.press("Enter")
    expect(node(blank, "script")).to_be_visible()

    port(blank, "table, output 1").focus()
    blank.keyboard.press("Enter")
    expect(port(blank, "script, input 1")).to_be_focused()
    blank.keyboard.press("ArrowRight")
    expect(port(blank, "script, input 2")).to_be_focused()
    blank.keyboard.press("Enter")

    expect(edge(blank, "table dataset", "script dataset2")).to_be_attached()
    is_saved(blank)
    nodes = written(studio, name)["nodes"]
    assert nodes["script"]["inputs"] == {"dataset2": "table.dataset"}
    script = studio.folder / "experiments" / name / nodes["script"]["script"]
    assert "def azureml_main(" in script.read_text()


def test_adding_with_a_node_selected_connects_them(chain: Any, studio: StudioProcess, name: str) -> None:
    """The next step of a chain needs no line drawn [13]."""
    node(chain, "first").press("Enter")
    chain.get_by_role("searchbox", name="Search experiment items").fill("sql")
    chain.get_by_role("treeitem", name="Apply SQL Transformation").press("Enter")
    expect(edge(chain, "first result_dataset", "sql table1")).to_be_attached()
    is_saved(chain)
    assert written(studio, name)["nodes"]["sql"]["inputs"] == {"table1": "first.result_dataset"}


def test_a_module_is_dragged_to_the_canvas_and_a_line_drawn(
    chain: Any, studio: StudioProcess, name: str
) -> None:
    """As in the old product [13, 26]; the box stands where it was dropped, also after a reload."""
    item = chain.get_by_role("treeitem", name=SCRIPT)
    item.drag_to(chain.get_by_role("region", name="Canvas"), target_position={"x": 200, "y": 560})
    expect(node(chain, "script")).to_be_visible()
    drag(chain, port(chain, "table, output 1"), middle(port(chain, "script, input 2")))
    expect(edge(chain, "table dataset", "script dataset2")).to_be_attached()
    is_saved(chain)
    assert written(studio, name)["nodes"]["script"]["inputs"] == {"dataset2": "table.dataset"}
    at = studio.call("GET", f"/api/experiments/{name}").document["layout"]["nodes"]
    assert set(at) == {"table", "first", "second", "script"}


def test_a_module_dropped_on_a_line_goes_into_it(chain: Any, studio: StudioProcess, name: str) -> None:
    """[28]: from table to first becomes from table to the new node to first."""
    line = edge(chain, "table dataset", "first dataset1")
    canvas = chain.get_by_role("region", name="Canvas").bounding_box()
    x, y = middle(line)
    at = {"x": x - canvas["x"], "y": y - canvas["y"]}
    chain.get_by_role("treeitem", name=SCRIPT).drag_to(
        chain.get_by_role("region", name="Canvas"), target_position=at
    )
    expect(edge(chain, "script result_dataset", "first dataset1")).to_be_attached()
    is_saved(chain)
    nodes = written(studio, name)["nodes"]
    assert nodes["script"]["inputs"] == {"dataset1": "table.dataset"}
    assert nodes["first"]["inputs"] == {"dataset1": "script.result_dataset"}


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("first, output 1", "second, input 3", "takes a zip"),
        ("second, output 1", "first, input 1", "is taken by table.dataset"),
        ("first, output 3", "second, input 1", "is a device"),
    ],
)
def test_a_connection_that_cannot_be_is_refused_with_the_reason(
    chain: Any, source: str, target: str, why: str
) -> None:
    """[24, 27]: wrong types and taken inputs."""
    drag(chain, port(chain, source), middle(port(chain, target)))
    expect(chain.get_by_text(re.compile(why))).to_be_visible()
    expect(chain.get_by_label(re.compile("^Connection from"))).to_have_count(1)


def test_a_circle_is_refused(chain: Any) -> None:
    """[27], R-3.3."""
    drag(chain, port(chain, "first, output 1"), middle(port(chain, "second, input 1")))
    expect(edge(chain, "first result_dataset", "second dataset1")).to_be_attached()
    drag(chain, port(chain, "second, output 1"), middle(port(chain, "first, input 2")))
    expect(chain.get_by_text(re.compile("would be a circle"))).to_be_visible()
    expect(chain.get_by_label(re.compile("^Connection from"))).to_have_count(2)


def test_a_node_is_renamed_in_place_everywhere(chain: Any, studio: StudioProcess, name: str) -> None:
    """[59]: F2; connections follow; a name that cannot be is said at the field."""
    node(chain, "table").press("Enter")
    chain.keyboard.press("F2")
    field = chain.get_by_role("textbox", name="New name of table")
    field.fill("second")
    field.press("Enter")
    expect(chain.get_by_text("There is a node second already.")).to_be_visible()
    field.fill("Zahlen äöü")
    field.press("Enter")
    expect(node(chain, "Zahlen äöü")).to_be_focused()
    is_saved(chain)
    assert written(studio, name)["nodes"]["first"]["inputs"] == {"dataset1": "Zahlen äöü.dataset"}


def test_a_comment_stands_under_the_node_and_folds(chain: Any, studio: StudioProcess, name: str) -> None:
    """[19, 20]: double-click, for a script with Shift; the arrow folds it."""
    node(chain, "table").dblclick()
    chain.get_by_role("textbox", name="Comment on table").fill("Counted by hand in May")
    chain.keyboard.press("Enter")
    expect(node(chain, "table").get_by_text("Counted by hand in May")).to_be_visible()
    is_saved(chain)
    assert written(studio, name)["nodes"]["table"]["comment"] == "Counted by hand in May"
    chain.get_by_role("button", name="Fold the comment on table").click()
    expect(node(chain, "table").get_by_text("Counted by hand in May")).to_have_count(0)


def test_nodes_are_copied_to_another_experiment_with_their_scripts(
    chain: Any, studio: StudioProcess, name: str
) -> None:
    """[29]: also as text: what is in the clipboard can be read."""
    chain.get_by_role("region", name="Canvas").press("Control+a")
    chain.keyboard.press("Control+c")
    expect(chain.get_by_text("3 nodes copied.")).to_be_visible()
    assert '"studiolo nodes"' in chain.evaluate("navigator.clipboard.readText()")
    other = f"{name}-copy"
    wish = {"name": other, "title": None, "start": "blank", "copy_of": None, "copy_of_run": None}
    studio.call("POST", "/api/experiments", wish)
    shown(chain, studio, other)
    chain.get_by_role("region", name="Canvas").focus()
    chain.keyboard.press("Control+v")
    expect(edge(chain, "table dataset", "first dataset1")).to_be_attached()
    chain.keyboard.press("Control+d")
    expect(edge(chain, "table 2 dataset", "first 2 dataset1")).to_be_attached()
    is_saved(chain)
    nodes = written(studio, other)["nodes"]
    assert set(nodes) == {"table", "first", "second", "table 2", "first 2", "second 2"}
    texts = {
        (studio.folder / "experiments" / other / one["script"]).read_text()
        for one in nodes.values()
        if "script" in one
    }
    assert texts == {PASS_ON}
    assert len({one["script"] for one in nodes.values() if "script" in one}) == 4


def test_a_python_script_pasted_becomes_a_node(blank: Any, studio: StudioProcess, name: str) -> None:
    """[29] as text: from any editor."""
    blank.evaluate("text => navigator.clipboard.writeText(text)", PASS_ON)
    blank.get_by_role("region", name="Canvas").focus()
    blank.keyboard.press("Control+v")
    expect(node(blank, "script")).to_be_visible()
    is_saved(blank)
    file = written(studio, name)["nodes"]["script"]["script"]
    assert (studio.folder / "experiments" / name / file).read_text() == PASS_ON


def test_nodes_are_found_by_name_and_by_text_of_their_scripts(
    chain: Any, studio: StudioProcess, name: str
) -> None:
    """[32, 34]: Ctrl+F; Enter jumps there."""
    chain.get_by_role("region", name="Canvas").press("Control+f")
    field = chain.get_by_role("combobox", name="Find nodes")
    expect(chain.get_by_role("option")).to_have_count(3)
    field.fill("azureml_main")
    expect(chain.get_by_role("option")).to_have_count(2)
    field.fill("table")
    field.press("Enter")
    field.press("Escape")
    expect(node(chain, "table")).to_be_focused()


def test_web_service_boxes_are_put_beside_ports_moved_and_removed(
    chain: Any, studio: StudioProcess, name: str
) -> None:
    """[76]: blue boxes; several, named."""
    node(chain, "first").press("Enter")
    chain.get_by_role("treeitem", name="Web Service").press("ArrowRight")
    chain.get_by_role("treeitem", name="Web service output").press("Enter")
    box = chain.get_by_role("group", name="Web service output output1", exact=True)
    expect(box).to_be_visible()
    is_saved(chain)
    outputs = written(studio, name)["web_service"]["outputs"]
    assert list(outputs) == ["output1"]
    drag(chain, port(chain, "second, output 1"), middle(port(chain, "Web service output output1, input 1")))
    expect(edge(chain, "second result_dataset", "web service output output1")).to_be_attached()
    is_saved(chain)
    chain.get_by_role("group", name="Web service output output1", exact=True).dblclick(
        position={"x": 30, "y": 17}
    )
    field = chain.get_by_role("textbox", name="New name of web service output output1")
    field.fill("scores")
    field.press("Enter")
    expect(chain.get_by_role("group", name="Web service output scores", exact=True)).to_be_visible()
    is_saved(chain)
    assert written(studio, name)["web_service"]["outputs"] == {"scores": "second.result_dataset"}
    chain.keyboard.press("Delete")
    expect(chain.get_by_role("group", name="Web service output scores", exact=True)).to_have_count(0)


def test_the_title_is_changed_where_it_stands(chain: Any, studio: StudioProcess, name: str) -> None:
    """[17]."""
    chain.get_by_role("button", name="Title: Chain. Change it").click()
    chain.get_by_role("textbox", name="Title of the experiment").fill("Who leaves <b>and</b> why")
    chain.keyboard.press("Enter")
    expect(chain.get_by_role("button", name="Title: Who leaves <b>and</b> why. Change it")).to_be_visible()
    is_saved(chain)
    assert written(studio, name)["name"] == "Who leaves <b>and</b> why"


def test_menus_open_at_nodes_ports_lines_and_ground(chain: Any) -> None:
    """[56, 57]: what cannot be done yet is grey and says why."""
    port(chain, "first, output 1").click(button="right")
    item = chain.get_by_role("menuitem", name="Visualize")
    expect(item).to_be_disabled()
    expect(item).to_have_attribute("title", "Run the node first")
    chain.keyboard.press("Escape")
    node(chain, "first").click(button="right")
    expect(chain.get_by_role("menuitem", name="Run from here")).to_be_visible()
    chain.get_by_role("menuitem", name="Rename").click()
    expect(chain.get_by_role("textbox", name="New name of first")).to_be_focused()
    chain.keyboard.press("Escape")
    edge(chain, "table dataset", "first dataset1").press("Enter")
    chain.keyboard.press("Delete")
    expect(edge(chain, "table dataset", "first dataset1")).to_have_count(0)
