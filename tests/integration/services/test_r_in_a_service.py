"""A published experiment with an R script answers requests; R's errors have the classic form (R-4.2, R-9.2)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from studiolo import Workspace
from studiolo.errors import ScriptError
from studiolo.services.bodies.failures import explanation
from studiolo.services.registry import Services
from tests.integration.services.conftest import write

pytestmark = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")

EXPERIMENT = """\
name: R score
nodes:
  rows: {module: import-data, parameters: {path: data/rows.csv}}
  score:
    module: execute-r-script
    script: scripts/score.R
    inputs: {dataset1: rows}
web_service:
  inputs: {input1: score.dataset1}
  outputs: {output1: score.result_dataset}
"""
SCRIPT = """\
azureml_main <- function(rows) {
  if (any(rows$x < 0)) stop("x is negative")
  rows$score <- rows$x * 2
  rows
}
"""


@pytest.fixture
def version(workspace: Workspace, services: Services) -> Any:
    """The experiment, published; its script is edited afterwards."""
    write(workspace, "experiments/r/experiment.yaml", EXPERIMENT)
    write(workspace, "experiments/r/scripts/score.R", SCRIPT)
    published = services.publish("r", "r-score").version
    write(workspace, "experiments/r/scripts/score.R", "azureml_main <- function() NULL\n")
    return published


def test_requests_are_answered_by_the_frozen_script(version: Any, answer: Callable[..., Any]) -> None:
    """R-9.1: a version holds the text of its scripts, those in R too; each request has an R of its own."""
    rows = [{"x": 10, "name": "z"}, {"x": 20, "name": "é"}]
    expected = {"output1": [[10, "z", 20.0], [20, "é", 40.0]]}
    assert answer(version, rows) == expected
    assert answer(version, rows) == expected


def test_an_error_in_r_has_the_number_that_clients_know(version: Any, answer: Callable[..., Any]) -> None:
    """Facts 1.3: users know error 63 of R scripts, as 85 of Python scripts."""
    with pytest.raises(ScriptError) as caught:
        answer(version, [{"x": -1, "name": "z"}])
    lines = explanation(caught.value).splitlines()
    assert lines[:4] == [
        "Error 0063: The following error occurred during evaluation of R script:",
        "---------- Start of error message from R ----------",
        "Error in azureml_main(dataframe1): x is negative",
        "  at scripts/score.R:2",
    ]
    assert lines[-1] == "----------- End of error message from R -----------"
