"""The properties panel: every kind of field, in the browser and in the experiment's file (UX 38, 44-52)."""

from __future__ import annotations

import re
import time
from itertools import count
from typing import Any

import pytest
import yaml
from tests.acceptance.studio.studio_process import StudioProcess

numbers = count(1)
FIELDS = """\
name: Fields
nodes:
  table: {module: enter-data-manually, parameters: {data: "id,age,city\\n1,30,Bern\\n2,41,Basel\\n"}}
  read:
    module: import-data
    parameters: {path: data/measures.csv}
  clean:
    module: execute-python-script
    script: scripts/clean.py
    inputs: {dataset1: table}
  save:
    module: export-data
    parameters: {path: data/fields.csv}
    inputs: {dataset: table}
  query:
    module: apply-sql-transformation
    parameters: {query: select * from t1}
    inputs: {table1: table}
"""
SCRIPT = """\
def azureml_main(dataframe1=None, dataframe2=None, *, count=5, label='x', exact=False):
    return dataframe1,
"""
WAIT_SECONDS = 10


def expect(target: Any) -> Any:
    """Wait until something shows, as Playwright does."""
    from playwright.sync_api import expect as wait_for

    return wait_for(target, None)


@pytest.fixture
def name() -> str:
    """Name of an experiment that no other test has."""
    return f"panel{next(numbers)}"


@pytest.fixture
def fields(studio: StudioProcess, page: Any, name: str) -> Any:
    """An experiment with a node of each kind, open on the page."""
    folder = studio.folder / "experiments" / name
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "clean.py").write_text(SCRIPT)
    (folder / "experiment.yaml").write_text(FIELDS)
    page.goto(f"{studio.address}/#/experiments/{name}")
    expect(page.get_by_role("toolbar", name="Experiment")).to_be_visible()
    return page


def choose(page: Any, node: str) -> Any:
    """Select a node; give the panel."""
    page.get_by_role("group", name=re.compile(rf" {re.escape(node)}, ")).click()
    panel = page.get_by_role("complementary", name="Properties")
    expect(panel.get_by_role("heading", name=node, exact=True)).to_be_visible()
    return panel


def comes_true(studio: StudioProcess, name: str, *path: str, value: Any) -> None:
    """Wait until the file has a value at a place; None when nothing stands there."""
    found: Any = None
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        found = yaml.safe_load((studio.folder / "experiments" / name / "experiment.yaml").read_text())
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        if found == value:
            return
        time.sleep(0.05)
    assert found == value, path


def in_node(node: str, *path: str) -> tuple[str, ...]:
    """Path below a node."""
    return ("nodes", node, *path)


def test_each_kind_of_field_writes_the_file(fields: Any, studio: StudioProcess, name: str) -> None:
    """R-1.9, UX 47: text, checkbox, drop-down, code, path; a value is written on Enter and on leaving the field."""
    panel = choose(fields, "read")
    panel.get_by_label("Delimiter", exact=True).fill(";")
    panel.get_by_label("Delimiter", exact=True).press("Enter")
    comes_true(studio, name, *in_node("read", "parameters", "delimiter"), value=";")
    panel.get_by_label("Has header row", exact=True).uncheck()
    comes_true(studio, name, *in_node("read", "parameters", "header"), value=False)
    panel.get_by_label("Format", exact=True).select_option("tsv")
    comes_true(studio, name, *in_node("read", "parameters", "format"), value="tsv")

    panel.get_by_role("button", name="Choose File").click()
    files = fields.get_by_role("dialog").get_by_role("list", name="Files")
    files.get_by_role("button", name="data").click()
    files.get_by_role("button", name=re.compile("pima-indians-diabetes.csv")).click()
    comes_true(studio, name, *in_node("read", "parameters", "path"), value="data/pima-indians-diabetes.csv")

    panel = choose(fields, "query")
    panel.get_by_role("textbox", name=re.compile("SQL query script")).click()
    for key in ("Control+a", "Delete"):
        fields.keyboard.press(key)
    fields.keyboard.type("select id from t1")
    panel.get_by_label("Dialect", exact=True).focus()
    comes_true(studio, name, *in_node("query", "parameters", "query"), value="select id from t1")


def test_a_reset_takes_the_value_from_the_file_and_undo_brings_it_back(
    fields: Any, studio: StudioProcess, name: str
) -> None:
    """UX 30, 47: the default stands in the empty field."""
    panel = choose(fields, "save")
    encoding = panel.get_by_label("Encoding", exact=True)
    assert encoding.get_attribute("placeholder") == "utf-8"
    encoding.fill("latin-1")
    encoding.press("Enter")
    comes_true(studio, name, *in_node("save", "parameters", "encoding"), value="latin-1")
    panel.get_by_role("button", name="Actions on Encoding").click()
    fields.get_by_role("menuitem", name="Reset to utf-8").click()
    comes_true(studio, name, *in_node("save", "parameters", "encoding"), value=None)
    fields.get_by_role("button", name=re.compile("^Undo")).click()
    comes_true(studio, name, *in_node("save", "parameters", "encoding"), value="latin-1")
    expect(encoding).to_have_value("latin-1")


def test_a_field_shows_only_in_its_mode(fields: Any, studio: StudioProcess, name: str) -> None:
    """UX 48: what was typed for another mode is kept."""
    panel = choose(fields, "save")
    expect(panel.get_by_label("Write header row", exact=True)).to_be_visible()
    panel.get_by_label("Write header row", exact=True).uncheck()
    panel.get_by_label("Format", exact=True).select_option("parquet")
    expect(panel.get_by_label("Write header row", exact=True)).to_have_count(0)
    panel.get_by_label("Format", exact=True).select_option("csv")
    expect(panel.get_by_label("Write header row", exact=True)).not_to_be_checked()
    comes_true(studio, name, *in_node("save", "parameters", "header"), value=False)


def test_a_wrong_value_stays_and_says_what_is_wrong(fields: Any, studio: StudioProcess, name: str) -> None:
    """UX 38, R-3.2: marked at the node and at the field; never lost, not by looking at another node either."""
    panel = choose(fields, "read")
    panel.get_by_label("File", exact=True).fill("data/measurs.csv")
    panel.get_by_label("File", exact=True).press("Enter")
    expect(panel.get_by_text(re.compile("does not exist.*measures.csv")).first).to_be_visible()
    node = fields.get_by_role("group", name=re.compile(" read, "))
    expect(node.get_by_role("img", name="needs attention")).to_be_visible()
    choose(fields, "save")
    panel = choose(fields, "read")
    expect(panel.get_by_label("File", exact=True)).to_have_value("data/measurs.csv")

    panel.get_by_role("button", name=re.compile("^Limits")).click()
    memory = panel.get_by_label("Memory, MiB", exact=True)
    memory.fill("1")
    memory.press("Enter")
    expect(panel.get_by_text("Allowed: 16 to 16777216.")).to_be_visible()
    memory.fill("2048")
    memory.press("Enter")
    comes_true(studio, name, *in_node("read", "limits"), value={"memory_mb": 2048})


def test_columns_are_selected_by_name(fields: Any, studio: StudioProcess, name: str) -> None:
    """UX 50: two lists, by pointer and by keyboard; the columns are those of the last run."""
    panel = choose(fields, "table")
    run_to_here(fields)
    expect(panel.get_by_role("img", name=re.compile("finished|reused")).first).to_be_visible(timeout=20_000)
    panel = choose(fields, "save")
    panel.get_by_role("button", name="Select columns: Columns").click()
    dialog = fields.get_by_role("dialog")
    available = dialog.get_by_role("listbox", name="Available columns")
    expect(available.get_by_role("option")).to_have_count(3)
    available.get_by_role("option", name="city").click()
    dialog.get_by_role("button", name="Add selected").click()
    available.focus()
    available.press("Home")
    available.press("ArrowUp")
    available.press("Enter")
    selected = dialog.get_by_role("listbox", name="Selected columns")
    expect(selected.get_by_role("option")).to_have_count(2)
    dialog.get_by_role("button", name="Apply").click()
    comes_true(studio, name, *in_node("save", "parameters", "columns"), value=["city", "id"])
    expect(panel.get_by_text("city, id")).to_be_visible()


def test_columns_are_selected_with_rules(fields: Any, studio: StudioProcess, name: str) -> None:
    """UX 50: begin with all or none, include and exclude; the run uses them."""
    panel = choose(fields, "save")
    panel.get_by_role("button", name="Select columns: Columns").click()
    dialog = fields.get_by_role("dialog")
    dialog.get_by_role("tab", name="With rules").click()
    dialog.get_by_label("Begin with").select_option("none")
    dialog.get_by_role("button", name="Add rule").click()
    dialog.get_by_label("Rule 1: by").select_option("kinds")
    dialog.get_by_role("button", name="Add rule").click()
    dialog.get_by_label("Rule 2: include or exclude").select_option("exclude")
    dialog.get_by_label("Rule 2: add a column name").fill("id")
    dialog.get_by_label("Rule 2: add a column name").press("Enter")
    dialog.get_by_role("button", name="Apply").click()
    rules = [{"include": {"types": ["Numeric"]}}, {"exclude": {"names": ["id"]}}]
    comes_true(
        studio, name, *in_node("save", "parameters", "columns"), value={"begin": "none", "rules": rules}
    )
    run_to_here(fields)
    expect(panel.get_by_role("img", name="finished").first).to_be_visible(timeout=20_000)
    assert (studio.folder / "data" / "fields.csv").read_text().splitlines()[0] == "age"


def test_a_script_node_has_its_keywords_as_fields(fields: Any, studio: StudioProcess, name: str) -> None:
    """UX 46, R-1.4: keyword parameters with a default become fields by its type."""
    panel = choose(fields, "clean")
    expect(panel.get_by_text("def azureml_main").first).to_be_visible()
    number = panel.get_by_label("count", exact=True)
    assert number.get_attribute("placeholder") == "5"
    number.fill("7")
    number.press("Enter")
    comes_true(studio, name, *in_node("clean", "parameters", "count"), value=7)
    panel.get_by_label("exact", exact=True).check()
    comes_true(studio, name, *in_node("clean", "parameters", "exact"), value=True)
    panel.get_by_label("Dialect", exact=True).select_option("classic")
    comes_true(studio, name, *in_node("clean", "dialect"), value="classic")
    panel.get_by_label("strict: a lossy conversion fails the node", exact=True).check()
    comes_true(studio, name, *in_node("clean", "strict"), value=True)


def test_outputs_requirements_and_grants_are_edited(fields: Any, studio: StudioProcess, name: str) -> None:
    """R-1.6, R-5.3: and a grant that the workspace does not allow says what to write where."""
    panel = choose(fields, "clean")
    panel.get_by_role("button", name=re.compile("^Further outputs")).click()
    panel.get_by_label("Name of a further output", exact=True).fill("model")
    panel.get_by_label("Type of the further output", exact=True).select_option("object")
    panel.get_by_role("button", name="Add", exact=True).click()
    comes_true(studio, name, *in_node("clean", "outputs"), value={"model": "object"})

    panel.get_by_role("textbox", name="Add to Requirements").fill("textblob")
    panel.get_by_role("textbox", name="Add to Requirements").press("Enter")
    comes_true(studio, name, *in_node("clean", "requirements"), value=["textblob"])

    panel.get_by_role("button", name=re.compile("^Grants")).click()
    panel.get_by_label("named hosts", exact=True).check()
    panel.get_by_role("textbox", name="Add to Hosts").fill("prices.example.com:443")
    panel.get_by_role("textbox", name="Add to Hosts").press("Enter")
    comes_true(studio, name, *in_node("clean", "grants", "network"), value=["prices.example.com:443"])
    expect(panel.get_by_text('network = ["prices.example.com:443"]').last).to_be_visible()


def test_a_parameter_is_offered_to_the_web_service(fields: Any, studio: StudioProcess, name: str) -> None:
    """UX 49: from the field's menu, marked with an icon; name and default can be edited."""
    panel = choose(fields, "clean")
    panel.get_by_role("button", name="Actions on count").click()
    fields.get_by_role("menuitem", name="Set as web service parameter").click()
    expect(panel.get_by_role("img", name="Web service parameter count")).to_be_visible()
    comes_true(studio, name, "web_service", "parameters", value={"count": "clean.count"})
    service = panel.get_by_role("group", name="Web service parameter")
    service.get_by_label("Name", exact=True).fill("how many")
    service.get_by_label("Name", exact=True).press("Enter")
    comes_true(studio, name, "web_service", "parameters", value={"how many": "clean.count"})
    service.get_by_label("Default", exact=True).fill("9")
    service.get_by_label("Default", exact=True).press("Enter")
    comes_true(
        studio,
        name,
        *("web_service", "parameters", "how many"),
        value={"target": "clean.count", "default": 9},
    )


def test_several_nodes_are_counted_and_deleted_together(
    fields: Any, studio: StudioProcess, name: str
) -> None:
    """UX 29: what can be done with all of them; one undo brings them back."""
    choose(fields, "read")
    fields.keyboard.press("Control+a")
    panel = fields.get_by_role("complementary", name="Properties")
    expect(panel.get_by_role("heading", name="5 nodes selected")).to_be_visible()
    panel.get_by_role("button", name="Delete").click()
    comes_true(studio, name, "nodes", value=None)
    fields.get_by_role("button", name=re.compile("^Undo")).click()
    expect(fields.get_by_role("group", name=re.compile(" save, "))).to_be_visible()


def test_name_comment_and_title_are_edited_and_help_is_there(
    fields: Any, studio: StudioProcess, name: str
) -> None:
    """UX 20, 45, 51: a rename follows to the connections."""
    panel = choose(fields, "table")
    expect(panel.get_by_text("Enter Data Manually").last).to_be_visible()
    panel.get_by_role("button", name="Name and comment").click()
    panel.get_by_label("Comment", exact=True).fill("by hand")
    panel.get_by_label("Comment", exact=True).blur()
    comes_true(studio, name, *in_node("table", "comment"), value="by hand")
    panel.get_by_label("Name", exact=True).fill("people")
    panel.get_by_label("Name", exact=True).press("Enter")
    comes_true(studio, name, *in_node("people", "comment"), value="by hand")
    panel.get_by_role("tab", name="Experiment").click()
    panel.get_by_label("Title", exact=True).fill("All fields")
    panel.get_by_label("Title", exact=True).press("Enter")
    comes_true(studio, name, "name", value="All fields")


def run_to_here(page: Any) -> None:
    """Run the selected node and all before it."""
    page.get_by_role("button", name="More ways to run").click()
    page.get_by_role("menuitem", name="Run to here").click()
