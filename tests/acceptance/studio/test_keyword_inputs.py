"""An input that a script takes by keyword, on the canvas: it has a port, and its line an end (R-1.9)."""

from __future__ import annotations

from typing import Any

from tests.acceptance.studio.canvas_page import edge, expect, is_saved, new_name, port, shown, written
from tests.acceptance.studio.studio_process import StudioProcess

DOCUMENT = """\
nodes:
  table: {module: enter-data-manually, parameters: {data: "a\\n1\\n"}}
  train:
    module: execute-python-script
    script: scripts/train.py
    inputs: {dataset1: table}
    outputs: {model: object}
  score:
    module: execute-python-script
    script: scripts/score.py
    inputs: {dataset1: table, model: train.model}
"""
TRAIN = "def azureml_main(rows, other=None):\n    return rows, None, {}\n"
SCORE = "def azureml_main(rows, other=None, *, model=None):\n    return rows\n"


def test_what_a_script_takes_by_keyword_is_drawn_and_can_be_cut(studio: StudioProcess, page: Any) -> None:
    """A connection that runs but is not on the canvas would be found by nobody."""
    name = new_name()
    folder = studio.folder / "experiments" / name
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "train.py").write_text(TRAIN)
    (folder / "scripts" / "score.py").write_text(SCORE)
    (folder / "experiment.yaml").write_text(DOCUMENT)
    canvas = shown(page, studio, name)
    expect(port(canvas, "score, input 4")).to_have_attribute(
        "aria-label", "score, input 4 model, model, any, connected"
    )
    line = edge(canvas, "train model", "score model")
    expect(line).to_be_attached()
    line.press("Enter")
    canvas.keyboard.press("Delete")
    expect(line).to_have_count(0)
    is_saved(canvas)
    assert written(studio, name)["nodes"]["score"]["inputs"] == {"dataset1": "table"}
    expect(port(canvas, "score, input 4")).to_have_count(0)
