"""Publishing from the canvas and the screens of a service, by role, as a person uses them (R-9.1, R-9.4)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.acceptance.studio.studio_process import StudioProcess

LOAD_MS = 60_000
FAILING = "def azureml_main(dataframe1):\n    return dataframe1['nothing']\n"


@pytest.fixture(scope="module")
def studio(start_studio: Callable[..., StudioProcess]) -> StudioProcess:
    """A studio on a copy of the expression example, with an experiment that offers nothing yet and one that fails."""
    made = start_studio("expression")
    source = made.folder / "experiments" / "expression"
    text = (source / "experiment.yaml").read_text()
    for name, section, script in (
        ("bare", "", (source / "scripts" / "evaluate.py").read_text()),
        ("failing", text[text.index("web_service") :], FAILING),
    ):
        folder = made.folder / "experiments" / name
        (folder / "scripts").mkdir(parents=True)
        (folder / "scripts" / "evaluate.py").write_text(script)
        whole = (
            text[: text.index("web_service")].replace("name: Expressions", f"name: {name.title()}") + section
        )
        (folder / "experiment.yaml").write_text(whole)
    return made


def publish(studio: StudioProcess, name: str) -> dict[str, str]:
    """Publish the expression experiment as the page does; give the keys."""
    answer = studio.call("POST", "/api/services", {"experiment": "expression", "name": name})
    assert answer.status == 201, answer.body
    return answer.document["keys"]


def evaluate(studio: StudioProcess, service: str, key: str, text: str) -> tuple[int, Any]:
    """Ask a service over HTTP as a client does; give status and what the expression evaluates to."""
    body = {"inputs": {"input1": [{"expression": text}]}}
    answer = studio.call("POST", f"/api/services/{service}", body, {"Authorization": f"Bearer {key}"})
    found = answer.document
    return answer.status, found["outputs"]["output1"][0]["result"] if answer.status == 200 else found


def open_service(page: Page, studio: StudioProcess, name: str, tab: str = "Dashboard") -> Locator:
    """Show a tab of a service; give its panel."""
    page.goto(f"{studio.address}/#/services/{name}")
    page.get_by_role("tab", name=tab, exact=True).click()
    return page.get_by_role("tabpanel", name=tab, exact=True)


def test_an_experiment_is_published_from_the_canvas_and_answers_clients(
    page: Page, studio: StudioProcess
) -> None:
    """Set up, publish, keys once; a client gets the right answer at the address that is shown (R-9.1, R-9.4)."""
    page.goto(f"{studio.address}/#/experiments/bare")
    page.get_by_role("button", name="Set up web service").click()
    dialog = page.get_by_role("dialog", name="Set up a web service")
    proposal = dialog.get_by_role("region", name="Proposal")
    expect(proposal).to_contain_text("fills results.dataset1")
    expect(dialog.get_by_role("button", name="Next")).to_be_disabled()
    proposal.get_by_role("button", name="Use this proposal").click()
    expect(dialog.get_by_role("combobox", name="Port of output1")).to_have_value("results.result_dataset")
    dialog.get_by_role("textbox", name="Name of input input1").fill("questions")
    dialog.get_by_role("textbox", name="Name of input input1").press("Enter")
    dialog.get_by_role("button", name="Next").click()
    plan = dialog.get_by_role("region", name="What the version will contain")
    expect(plan).to_contain_text("Execute Python Script")
    dialog.get_by_role("combobox", name="Name of the service").or_(
        dialog.get_by_role("textbox", name="Name of the service")
    ).fill("asked")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    done = page.get_by_role("dialog", name="asked is published")
    expect(done.get_by_role("status")).to_contain_text(
        "Version 1 of asked is published and answers", timeout=LOAD_MS
    )
    key = done.get_by_role("textbox", name="primary key").input_value()
    body = {"inputs": {"questions": [{"expression": "6 * 7"}]}}
    answer = studio.call("POST", "/api/services/asked", body, {"Authorization": f"Bearer {key}"})
    assert (answer.status, answer.document["outputs"]["output1"][0]["result"]) == (200, "42")
    assert "questions" in (studio.folder / "experiments" / "bare" / "experiment.yaml").read_text()
    done.get_by_role("button", name="Open the service").click()
    expect(page.get_by_role("heading", name="asked", level=1)).to_be_visible()
    assert key not in page.content()


def test_a_new_version_is_published_after_a_question_and_rolled_back(
    page: Page, studio: StudioProcess
) -> None:
    """Publishing again replaces what answers, and the version before stays (R-9.1)."""
    publish(studio, "again")
    script = studio.folder / "experiments" / "expression" / "scripts" / "evaluate.py"
    before = script.read_text()
    script.write_text(before + "\n# another version\n")
    page.goto(f"{studio.address}/#/experiments/expression")
    page.get_by_role("button", name="Publish …").click()
    page.get_by_role("button", name="Next").click()
    name = page.get_by_label("Name of the service")
    name.fill("again")
    page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
    question = page.get_by_role("dialog", name="Publish a new version of again?")
    expect(question).to_contain_text("roll back")
    question.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 2 of again is published")).to_be_visible(timeout=LOAD_MS)
    expect(page.get_by_text("Addresses and keys are as before")).to_be_visible()
    page.get_by_role("button", name="Open the service").click()
    page.get_by_role("tab", name="Versions").click()
    first = page.get_by_role("row").filter(has=page.get_by_role("button", name="Roll back version 1"))
    expect(first).to_contain_text("on standby")
    first.get_by_role("button", name="Contents of version 1").click()
    expect(page.get_by_role("region", name="Contents of version 1")).to_contain_text("scripts/evaluate.py")
    first.get_by_role("button", name="Roll back").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("row").filter(has_text="all requests")).to_contain_text("1")
    answer = studio.call("GET", "/api/services/again")
    assert answer.document["service"]["live"] == 1
    script.write_text(before)


def test_the_test_form_is_filled_in_and_its_request_is_in_the_log(page: Page, studio: StudioProcess) -> None:
    """One field for each column from a sample row; the answer as a table and as JSON, with its time (R-9.1)."""
    key = publish(studio, "tested")["primary"]
    assert evaluate(studio, "tested", key, "1 + 1") == (200, "2")
    panel = open_service(page, studio, "tested", "Test")
    field = panel.get_by_label("expression")
    expect(field).to_have_value("2 + 3 * 4")
    field.fill("sum(range(10))")
    panel.get_by_role("button", name="Send").click()
    expect(panel.get_by_role("table", name="output1").get_by_role("row").nth(1)).to_contain_text("45")
    expect(panel.get_by_role("region", name="Answer")).to_contain_text(
        re.compile(r"200 ?version 1 answered in \d")
    )
    panel.get_by_role("group", name="Form of the answer").get_by_role("button", name="JSON").click()
    expect(panel.get_by_role("region", name="Answer")).to_contain_text('"columns"')
    panel.get_by_role("group", name="Form of the request").get_by_role("button", name="JSON").click()
    text = panel.get_by_role("textbox", name="Request as JSON")
    expect(text).to_have_value(re.compile("sum\\(range\\(10\\)\\)"))
    text.fill('{"inputs": {"input1": [{"wrong": 1}]}}')
    panel.get_by_role("button", name="Send").click()
    expect(panel.get_by_role("region", name="Answer")).to_contain_text("400")
    page.get_by_role("tab", name="Request log").click()
    log = page.get_by_role("table", name="Requests")
    expect(log.get_by_role("row").filter(has_text="primary")).to_contain_text("200")
    expect(log.get_by_role("row").filter(has_text="test")).to_have_count(2)
    page.get_by_role("checkbox", name="Only errors").check()
    expect(log.get_by_role("row").filter(has_text="test")).to_have_count(1)


def test_a_key_is_made_anew_after_a_question_and_shown_once(page: Page, studio: StudioProcess) -> None:
    """The old key is refused over HTTP, the other one goes on, and no key can be read afterwards (R-9.4)."""
    keys = publish(studio, "keys")
    panel = open_service(page, studio, "keys")
    expect(panel.get_by_text(f"•{keys['primary'].rstrip('=')[-4:]}")).to_be_visible()
    panel.get_by_role("button", name="Make a new primary key").click()
    page.get_by_role("dialog", name="Make a new primary key?").get_by_role(
        "button", name="Make a new key"
    ).click()
    shown = page.get_by_role("dialog", name="The new key")
    made = shown.get_by_role("textbox", name="primary key").input_value()
    shown.get_by_role("button", name="I have kept it").click()
    expect(shown).to_have_count(0)
    assert made not in page.content()
    last = time.monotonic() + 30
    while evaluate(studio, "keys", keys["primary"], "1")[0] != 401:
        assert time.monotonic() < last
        time.sleep(0.05)
    assert [evaluate(studio, "keys", key, "1") for key in (made, keys["secondary"])] == [(200, "1")] * 2


def test_programs_have_the_real_names_of_the_columns(page: Page, studio: StudioProcess) -> None:
    """Each language, for each endpoint, without the key (R-9.1)."""
    keys = publish(studio, "programs")
    panel = open_service(page, studio, "programs", "Consume")
    for title in ("Python 3", "JavaScript", "C#", "curl", "R"):
        panel.get_by_role("button", name=title, exact=True).click()
        expect(panel.get_by_role("region", name=f"Program in {title}")).to_contain_text("expression")
    panel.get_by_role("button", name="Classic").click()
    expect(panel.get_by_role("region", name="Program in Python 3")).to_contain_text("GlobalParameters")
    assert not any(key in page.content() for key in keys.values())


def test_settings_are_checked_saved_and_the_service_is_retired(page: Page, studio: StudioProcess) -> None:
    """A wrong number is told at its field; a retired service leaves the list until it is asked for (R-9.1)."""
    publish(studio, "settled")
    panel = open_service(page, studio, "settled", "Configure")
    rows = panel.get_by_label("Rows of a request")
    rows.fill("no number")
    expect(panel.get_by_text("Give a whole number")).to_be_visible()
    expect(panel.get_by_role("button", name="Save")).to_be_disabled()
    rows.fill("500")
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_text("settled is configured")).to_be_visible()
    assert studio.call("GET", "/api/services/settled").document["service"]["max_rows"] == 500
    panel.get_by_role("button", name="Retire settled").click()
    page.get_by_role("dialog").get_by_role("button", name="Retire").click()
    expect(page.get_by_role("note").filter(has_text="retired")).to_be_visible()
    page.get_by_role("navigation", name="Places").get_by_role("link", name="Services").click()
    publish(studio, "another")
    expect(page.get_by_role("link", name="another", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="settled")).to_have_count(0)
    page.get_by_role("checkbox", name="Show retired").check()
    expect(page.get_by_role("row").filter(has_text="settled")).to_contain_text("retired")


def test_a_failure_of_the_run_is_shown_with_its_node(page: Page, studio: StudioProcess, faults: Any) -> None:
    """Nothing is published; the place of the failure leads to the node (R-9.1)."""
    faults.expect("status of 422")
    page.goto(f"{studio.address}/#/experiments/failing")
    page.get_by_role("button", name="Publish …").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
    problem = page.get_by_role("dialog").get_by_role("alert")
    expect(problem).to_contain_text("KeyError", timeout=LOAD_MS)
    nodes = page.get_by_role("list", name="Nodes of the run")
    expect(
        nodes.get_by_role("listitem").filter(has_text="results").get_by_role("img", name="failed")
    ).to_be_visible()
    problem.get_by_role("button", name="node results").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert studio.call("GET", "/api/services/failing").status == 404
