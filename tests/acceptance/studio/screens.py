"""The screens of the studio: the workspace that they show, and the steps that lead to each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.acceptance.studio.models import TRAINED, write_experiment, write_people
from tests.acceptance.studio.studio_process import StudioProcess, copy_of
from tests.acceptance.studio.visualizing import open_port, rows

EXAMPLES = Path(__file__).parents[3] / "examples"
LONG_MS = 60_000


def write_workspace(folder: Path) -> Path:
    """Write a workspace that holds the diabetes example, once more before a run, the expressions, and models."""
    copy_of(EXAMPLES / "diabetes", folder)
    experiments = folder / "experiments"
    shutil.copytree(experiments / "diabetes", experiments / "draft")
    draft = experiments / "draft" / "experiment.yaml"
    draft.write_text(draft.read_text().replace("What tells diabetes", "Draft of a question"))
    copy_of(EXAMPLES / "expression" / "experiments" / "expression", experiments / "expression")
    write_people(folder)
    write_experiment(folder, "models", TRAINED)
    empty = experiments / "empty"
    empty.mkdir()
    (empty / "experiment.yaml").write_text("name: Nothing yet\nnodes: {}\n")
    return folder


def fill(studio: StudioProcess) -> None:
    """Run the example twice and train models, add datasets, publish a service and ask it."""
    studio.command("run", "diabetes")
    script = studio.folder / "experiments" / "diabetes" / "scripts" / "importance.py"
    kept = script.read_text()
    script.write_text(kept.replace("random_state=0", "random_state=1") + "\nprint('once more')\n")
    studio.command("run", "diabetes", "--to", "ranking")
    script.write_text(kept)
    studio.command("run", "models")
    for file in ("pima-indians-diabetes.csv", "measures.csv"):
        studio.command("dataset", "add", str(studio.folder / "data" / file))
    answer = studio.call("POST", "/api/services", {"experiment": "expression", "name": "expression"})
    assert answer.status == 201, answer.body
    key = answer.document["keys"]["primary"]
    body = {"inputs": {"input1": [{"expression": "6 * 7"}]}}
    asked = studio.call("POST", "/api/services/expression", body, {"Authorization": f"Bearer {key}"})
    assert asked.status == 200, asked.body


def _go(page: Page, studio: StudioProcess, address: str) -> None:
    page.goto(f"{studio.address}/#/{address}")


def _box(page: Page, name: str, state: str = "") -> None:
    expect(page.get_by_role("group", name=re.compile(rf"\b{name}, {state}")).first).to_be_visible()


def sign_in(page: Page, studio: StudioProcess) -> None:
    """Where one is asked for the token."""
    page.context.clear_cookies()
    page.goto(studio.address)
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def experiments(page: Page, studio: StudioProcess) -> None:
    """The list of experiments."""
    _go(page, studio, "experiments")
    expect(page.get_by_role("row")).to_have_count(6)


def empty_experiment(page: Page, studio: StudioProcess) -> None:
    """A canvas without nodes."""
    _go(page, studio, "experiments/empty")
    expect(page.get_by_text("Drag items here")).to_be_visible()


def canvas_before_a_run(page: Page, studio: StudioProcess) -> None:
    """A canvas whose experiment has not run; nothing is selected."""
    _go(page, studio, "experiments/draft")
    _box(page, "picture", "not run")


def canvas_after_a_run(page: Page, studio: StudioProcess) -> None:
    """A canvas after a run, with a script's node selected."""
    _go(page, studio, "experiments/diabetes")
    _box(page, "prepare", "(finished|reused)")
    page.get_by_role("group", name=re.compile(r"\bprepare, ")).click()
    expect(page.get_by_role("button", name="Visualize result_dataset", exact=True)).to_be_visible()


def script_editor(page: Page, studio: StudioProcess) -> None:
    """A script in the large editor, with what it has put out."""
    canvas_after_a_run(page, studio)
    page.get_by_role("group", name=re.compile(r"\bprepare, ")).dblclick()
    editor = page.get_by_role("dialog", name="prepare")
    expect(editor.get_by_role("textbox", name="Script of prepare")).to_contain_text(
        "def azureml_main", timeout=LONG_MS
    )
    editor.get_by_role("tab", name="Output").click()
    expect(editor.get_by_role("tabpanel", name="Output").get_by_role("table").first).to_be_visible()


def visualize_table(page: Page, studio: StudioProcess) -> None:
    """A table with a column chosen."""
    dialog = open_port(page, studio, "diabetes", "prepare", "result_dataset")
    rows(dialog, 1)
    dialog.get_by_role("button", name="glucose", exact=True).click()
    expect(dialog.get_by_role("table", name="Statistics of glucose")).to_be_visible()
    expect(dialog.get_by_role("figure").or_(dialog.get_by_role("img")).first).to_be_visible()


def visualize_device(page: Page, studio: StudioProcess) -> None:
    """Text and pictures of a script."""
    dialog = open_port(page, studio, "diabetes", "picture", "python_device")
    picture = dialog.get_by_role("img").first
    expect(picture).to_be_visible()
    picture.evaluate("image => image.decode && image.decode()")


def evaluation(page: Page, studio: StudioProcess) -> None:
    """Two models beside each other: metrics, curves, a threshold."""
    dialog = open_port(page, studio, "models", "evaluation", "evaluation_results")
    expect(dialog.get_by_role("slider", name="Threshold")).to_be_visible()
    expect(dialog.get_by_role("img", name=re.compile("^Lift"))).to_be_visible()


def trained_model(page: Page, studio: StudioProcess) -> None:
    """What a model says of itself: settings and weights."""
    dialog = open_port(page, studio, "models", "train_logistic", "trained_model")
    expect(dialog.get_by_role("table", name="Feature weights")).to_be_visible()
    expect(dialog.get_by_text("trained model", exact=True)).to_be_visible()


def run_history(page: Page, studio: StudioProcess) -> None:
    """The runs of an experiment, above its bar."""
    _go(page, studio, "experiments/diabetes")
    _box(page, "prepare", "(finished|reused)")
    page.get_by_role("button", name="Run history").click()
    expect(page.get_by_role("dialog", name="Run history").get_by_role("listitem").nth(1)).to_be_visible()


def runs(page: Page, studio: StudioProcess) -> None:
    """All runs of the workspace."""
    _go(page, studio, "runs")
    expect(page.get_by_role("row").nth(2)).to_be_visible()


def locked_run(page: Page, studio: StudioProcess) -> None:
    """How the experiment was in a run."""
    _go(page, studio, "experiments/diabetes/runs/1")
    _box(page, "picture", "finished")
    page.get_by_role("group", name=re.compile(r"\branking, ")).click()
    expect(page.get_by_role("complementary", name="Properties").locator(".cm-line").first).to_be_visible()


def comparison(page: Page, studio: StudioProcess) -> None:
    """Two runs side by side."""
    _go(page, studio, "experiments/diabetes/compare/1/2")
    nodes = page.get_by_role("navigation", name="Nodes")
    expect(nodes).to_be_visible()
    nodes.get_by_role("button", name=re.compile("importance")).click()


def datasets(page: Page, studio: StudioProcess) -> None:
    """The list of datasets."""
    _go(page, studio, "datasets")
    expect(page.get_by_role("row")).to_have_count(3)


def dataset(page: Page, studio: StudioProcess) -> None:
    """One dataset."""
    _go(page, studio, "datasets/pima-indians-diabetes")
    rows(page, 1)


def services(page: Page, studio: StudioProcess) -> None:
    """The list of services."""
    _go(page, studio, "services")
    expect(page.get_by_role("row")).to_have_count(2)


def service(page: Page, studio: StudioProcess) -> None:
    """What is known of one service."""
    _go(page, studio, "services/expression")
    expect(page.get_by_role("tabpanel", name="Dashboard")).to_be_visible()


def settings(page: Page, studio: StudioProcess) -> None:
    """Facts of the workspace, and its environments."""
    _go(page, studio, "settings")
    expect(page.get_by_role("row").nth(1)).to_be_visible()


SCREENS: dict[str, Callable[[Page, StudioProcess], None]] = {
    screen.__name__.replace("_", "-"): screen
    for screen in (
        experiments,
        empty_experiment,
        canvas_before_a_run,
        canvas_after_a_run,
        script_editor,
        visualize_table,
        visualize_device,
        evaluation,
        trained_model,
        run_history,
        runs,
        locked_run,
        comparison,
        datasets,
        dataset,
        services,
        service,
        settings,
        sign_in,
    )
}
"""Name of each screen, and how it is reached on a page that is signed in."""
