"""What models and their evaluations look like: numbers of the page equal those of the modules (R-4.4, UX 25, 67)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.acceptance.studio.canvas_page import port, shown
from tests.acceptance.studio.conftest import StartStudio
from tests.acceptance.studio.models import OTHER_KINDS, TRAINED, UNJOINED, write_experiment, write_people
from tests.acceptance.studio.studio_process import StudioProcess
from tests.acceptance.studio.visualizing import open_port, rows

pytestmark = pytest.mark.xdist_group("studio_models")


@pytest.fixture(scope="module")
def studio(start_studio: StartStudio, tmp_path_factory: pytest.TempPathFactory) -> StudioProcess:
    """A studio whose workspace has trained and evaluated models of each kind."""
    folder = tmp_path_factory.mktemp("studio") / "work"
    folder.mkdir()
    (folder / "studiolo.toml").write_text('name = "People"\n')
    write_people(folder)
    write_experiment(folder, "bought", TRAINED)
    write_experiment(folder, "kinds", OTHER_KINDS)
    write_experiment(folder, "unjoined", UNJOINED)
    studio = start_studio(folder)
    studio.command("run", "bought")
    studio.command("run", "kinds")
    return studio


def table_of(studio: StudioProcess, experiment: str, node: str, port: str) -> list[dict[str, Any]]:
    """The rows that a node of the last run of an experiment has put out."""
    run = studio.call("GET", f"/api/runs?experiment={experiment}").document[0]["number"]
    digest = studio.call("GET", f"/api/runs/{run}/nodes/{node}/ports/{port}").document["digest"]
    names = [one["name"] for one in studio.call("GET", f"/api/contents/{digest}/head").document["columns"]]
    page = studio.call("POST", f"/api/contents/{digest}/page", {"limit": 500}).document
    return [dict(zip(names, row, strict=True)) for row in page["rows"]]


def point_at(studio: StudioProcess, dataset: int, threshold: float) -> dict[str, Any]:
    """The point that the evaluation's curve of a dataset has at a threshold."""
    curves = table_of(studio, "bought", "evaluation", "evaluation_curves")
    near = (abs(row["Threshold"] - threshold) < 1e-9 for row in curves)
    return next(
        row for row, is_near in zip(curves, near, strict=True) if is_near and row["Dataset"] == dataset
    )


def cells(table: Locator) -> list[list[str]]:
    """The texts of a table's body, with the heads of its rows."""
    expect(table).to_be_visible()
    lines = table.locator("tbody tr").all()
    return [[text.strip() for text in line.locator("th, td").all_inner_texts()] for line in lines]


def counts(dialog: Locator, name: str) -> list[str]:
    """True positive, false negative, false positive, true negative at the threshold, for one dataset."""
    return dialog.get_by_role("table", name=f"Confusion of {name}").locator("td b").all_inner_texts()


def test_two_models_are_compared_by_metrics_and_curves(page: Page, studio: StudioProcess) -> None:
    """Both datasets stand side by side under the names of their nodes, the better value ticked (UX 67)."""
    dialog = open_port(page, studio, "bought", "evaluation", "evaluation_results")
    metrics = dialog.get_by_role("table", name="Metrics")
    for name in ("score_logistic", "score_forest"):
        expect(metrics.get_by_role("columnheader", name=name)).to_be_visible()
    one, other = table_of(studio, "bought", "evaluation", "evaluation_results")
    told = {name: (left, right) for name, left, right in cells(metrics)}
    assert told["AUC"] == (f"{one['AUC']:.4f}", f"{other['AUC']:.4f}")
    assert told["True Positive"] == (str(one["True Positive"]), str(other["True Positive"]))
    better = (
        metrics.get_by_role("row", name=re.compile("^AUC"))
        .get_by_role("cell")
        .filter(has=page.get_by_role("img", name="better"))
    )
    expect(better).to_have_text(f"{max(one['AUC'], other['AUC']):.4f}")
    for title in ("ROC curve", "Precision and recall", "Lift"):
        expect(
            dialog.get_by_role("img", name=re.compile(f"^{title}: .*score_logistic.*score_forest"))
        ).to_be_visible()
    lines = dialog.get_by_role("list", name="Lines of ROC curve")
    expect(lines).to_contain_text(f"AUC {one['AUC']:.4f}")
    expect(lines).to_contain_text(f"AUC {other['AUC']:.4f}")


def test_a_threshold_is_moved_by_keyboard_and_says_what_becomes_of_the_rows(
    page: Page, studio: StudioProcess
) -> None:
    """At 0.5 the counts are those of the results; at 0 every row is called positive (UX 67)."""
    dialog = open_port(page, studio, "bought", "evaluation", "evaluation_results")
    slider = dialog.get_by_role("slider", name="Threshold")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^0\.5\. score_logistic: precision"))
    one, _ = table_of(studio, "bought", "evaluation", "evaluation_results")
    names = ("True Positive", "False Negative", "False Positive", "True Negative")
    assert counts(dialog, "score_logistic") == [str(one[name]) for name in names]
    matrix = dialog.get_by_role("table", name="Confusion of score_logistic")
    expect(matrix.get_by_role("rowheader", name="is yes")).to_be_visible()
    forest = point_at(studio, 2, 0.5)
    assert counts(dialog, "score_forest") == [str(forest[name]) for name in names]
    expect(dialog.get_by_role("region", name="At this threshold: score_forest")).to_contain_text(
        f"{forest['F1']:.4f}"
    )

    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^0\.49\."))
    point = point_at(studio, 1, 0.49)
    assert counts(dialog, "score_logistic") == [str(point[name]) for name in names]
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^0\. "))
    positives = one["True Positive"] + one["False Negative"]
    negatives = one["True Negative"] + one["False Positive"]
    assert counts(dialog, "score_logistic") == [str(positives), "0", str(negatives), "0"]


def test_every_port_of_an_evaluation_shows_it_and_its_table(page: Page, studio: StudioProcess) -> None:
    """Whichever port one happens to open; the plain table stays one tab away."""
    dialog = open_port(page, studio, "bought", "evaluation", "confusion_matrix")
    expect(dialog.get_by_role("table", name="Metrics")).to_be_visible()
    dialog.get_by_role("tab", name="Table").click()
    found = rows(dialog, 4)
    written = table_of(studio, "bought", "evaluation", "confusion_matrix")[:4]
    assert [row[:4] for row in found] == [[str(one) for one in list(row.values())[:4]] for row in written]


def test_several_classes_have_a_heat_table(page: Page, studio: StudioProcess) -> None:
    """Counts, and shares of the actual class (UX 67)."""
    dialog = open_port(page, studio, "kinds", "evaluate_cities", "evaluation_results")
    heat = dialog.get_by_role("table", name="Confusion matrix of score_cities")
    written = table_of(studio, "kinds", "evaluate_cities", "confusion_matrix")
    found = cells(heat)
    assert [row[0] for row in found] == ["Lima", "Oslo", "Rome"]
    texts = [cell.split() for row in found for cell in row[1:]]
    assert [int(one[0]) for one in texts] == [row["Count"] for row in written]
    assert [float(one[1]) for one in texts] == pytest.approx(
        [row["Fraction"] * 100 for row in written], abs=0.51
    )


def test_a_regression_has_a_histogram_of_its_errors(page: Page, studio: StudioProcess) -> None:
    """All rows stand in its bars (UX 67)."""
    dialog = open_port(page, studio, "kinds", "evaluate_visits", "evaluation_results")
    expect(dialog.get_by_role("img", name=re.compile("^Histogram of predicted minus actual"))).to_be_visible()
    dialog.get_by_role("button", name="Copy chart").click()
    page.get_by_role("menuitem", name="Copy as numbers").click()
    expect(page.get_by_text("The chart's numbers are copied.").last).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()").split("\n")[1:]
    assert sum(int(line.split("\t")[3]) for line in lines) == 240
    assert dict(cells(dialog.get_by_role("table", name="Metrics"))).keys() >= {"Mean Absolute Error"}


def test_an_evaluation_of_clusters_is_a_plain_table(page: Page, studio: StudioProcess) -> None:
    """Its rows are clusters, not datasets: there is nothing to draw."""
    dialog = open_port(page, studio, "kinds", "evaluate_groups", "evaluation_results")
    assert rows(dialog, 4)[3][0] == "Combined Evaluation"
    expect(dialog.get_by_role("tab")).to_have_count(0)


def test_a_trained_model_shows_its_settings_and_weights(page: Page, studio: StudioProcess) -> None:
    """What it learnt can be read, sorted and searched without opening the object (R-4.4, UX 67)."""
    dialog = open_port(page, studio, "bought", "train_logistic", "trained_model")
    expect(dialog.get_by_text("trained model", exact=True)).to_be_visible()
    expect(dialog.get_by_role("heading", name="Two-Class Logistic Regression")).to_be_visible()
    settings = dict(cells(dialog.get_by_role("table", name="Settings")))
    assert settings["Label column"] == "bought"
    assert settings["Rows of training"] == "120"
    weights = dialog.get_by_role("table", name="Feature weights")
    found = cells(weights)
    assert found[0][0] == "Bias"
    assert {"age", "visits", "city_Rome"} <= {name for name, _ in found}
    weights.get_by_role("button", name="Weight").click()
    expect(weights.get_by_role("columnheader", name="Weight")).to_have_attribute("aria-sort", "descending")
    numbers = [float(number) for _, number in cells(weights)]
    assert numbers == sorted(numbers, reverse=True)
    assert weights.locator("svg rect").count() == len(numbers)
    weights.get_by_role("button", name="Feature").click()
    names = [name for name, _ in cells(weights)]
    assert names == sorted(names, key=str.lower)


def test_a_saved_model_still_says_what_it_is(page: Page, studio: StudioProcess) -> None:
    """It stands in the palette under Trained Models, and its page shows the same weights (UX 11, 56)."""
    dialog = open_port(page, studio, "bought", "train_logistic", "trained_model")
    dialog.get_by_role("button", name="Save as dataset").click()
    page.get_by_label("Name", exact=True).fill("who buys")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("who buys version 1 is a dataset now.")).to_be_visible()
    page.keyboard.press("Escape")
    models = page.get_by_role("treeitem", name="Trained Models")
    expect(models).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("treeitem", name="who buys", exact=True)).to_be_visible()
    page.goto(f"{studio.address}/#/datasets/who%20buys")
    expect(page.get_by_role("table", name="Feature weights")).to_contain_text("city_Rome")


def test_an_untrained_model_shows_its_settings(page: Page, studio: StudioProcess) -> None:
    """A learner's own settings, also those that nobody has touched."""
    dialog = open_port(page, studio, "bought", "forest", "untrained_model")
    expect(dialog.get_by_text("untrained model", exact=True)).to_be_visible()
    assert dict(cells(dialog.get_by_role("table", name="Settings")))["State"] == "untrained"


def test_columns_of_scores_and_labels_are_marked(page: Page, studio: StudioProcess) -> None:
    """The head of a column says what it is for (R-4.4)."""
    dialog = open_port(page, studio, "bought", "score_logistic", "scored_dataset")
    rows(dialog, 1)
    for column, role in (("bought", "label"), ("Scored Labels", "score"), ("Scored Probabilities", "score")):
        dialog.get_by_role("combobox", name="Find a column").fill(column)
        page.keyboard.press("Enter")
        head = dialog.get_by_role("columnheader", name=column, exact=True)
        expect(head.get_by_text(role, exact=True)).to_be_visible()
    expect(dialog.get_by_role("columnheader", name="visits").get_by_text("label", exact=True)).to_have_count(
        0
    )


@pytest.mark.parametrize(
    ("source", "fitting"),
    [
        ("learner, output 1", "train, input 1 untrained_model"),
        ("means, output 1", "group, input 1 untrained_model"),
    ],
)
def test_only_ports_that_take_what_a_port_holds_light_up(
    page: Page, studio: StudioProcess, source: str, fitting: str
) -> None:
    """A clustering model cannot go where a learner of labels is wanted (UX 24, 25)."""
    shown(page, studio, "unjoined")
    start = port(page, source)
    expect(start).to_have_attribute("aria-label", re.compile("untrained"))
    start.focus()
    page.keyboard.press("Enter")
    lit = page.locator(".canvas-port.is-linkable")
    expect(lit).to_have_count(1)
    expect(lit).to_have_attribute("aria-label", re.compile(f"^{fitting}, "))
