"""Nodes of Execute R Script in experiments: the real jail, the R device, files of scripts, limits, the version of R (R-4.2)."""  # noqa: E501

from __future__ import annotations

import shutil
import threading
import zipfile
from pathlib import Path

import pytest

from studiolo import Workspace
from studiolo.environments import programs
from studiolo.environments.programs import Program, find_program, home_of_r
from studiolo.errors import Problems
from studiolo.scheduler.progress import NodeLogged, Progress

pytestmark = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")

PEOPLE = '  people: {module: enter-data-manually, parameters: {data: "age,city\\n30,Rome\\n,Oslo\\n"}}\n'


def experiment(workspace: Workspace, nodes: str, **scripts: str) -> str:
    """Write an experiment with the node people, further nodes, and R files under scripts/; give its name."""
    folder = workspace.path / "experiments" / "r"
    (folder / "scripts").mkdir(parents=True, exist_ok=True)
    (folder / "experiment.yaml").write_text("nodes:\n" + PEOPLE + nodes, encoding="utf-8")
    for name, text in scripts.items():
        (folder / "scripts" / f"{name}.R").write_text(text, encoding="utf-8")
    return "r"


def parameter_node(name: str, script: str, more: str = "") -> str:
    """Give a node whose script is its parameter."""
    lines = "".join(f"        {line}\n" for line in script.strip().splitlines())
    head = f"  {name}:\n    module: execute-r-script\n    inputs: {{dataset1: people}}\n{more}"
    return f"{head}    parameters:\n      script: |\n{lines}"


def test_a_script_in_a_file_gives_tables_and_pictures(workspace: Workspace) -> None:
    """R-4.2: two datasets and the R device, in the real jail; the file is a file of the experiment."""
    nodes = "  plot: {module: execute-r-script, script: scripts/plot.R, inputs: {dataset1: people}}\n"
    script = """azureml_main <- function(people, other) {
      print(people); message("città")
      plot(1:3); hist(c(1, 2, 2))
      svg("own.svg"); plot(1); dev.off()
      plot(3:1)
      people$old <- people$age > 20
      list(dataset1 = people, dataset2 = data.frame(n = nrow(people)))
    }"""
    node = workspace.run(experiment(workspace, nodes, plot=script))["plot"]
    assert node.state == "finished", node.error
    assert node.result_dataset.to_pandas()["old"].tolist() == [True, None]
    assert node.result_dataset2.to_pandas()["n"].tolist() == [2]
    assert node.log.decode().splitlines() == ["  age city", "1  30 Rome", "2  NA Oslo", "città"]
    assert [picture.name for picture in node.pictures] == [
        *("Rplot001.png", "Rplot002.png", "own.svg", "Rplot003.png")
    ]
    assert node.r_device.content.kind == "device"


def test_a_script_as_parameter_and_one_of_classic_with_a_bundle(workspace: Workspace) -> None:
    """R-4.2: the contract of classic, its src/ folder, and a bundle that the node names."""
    (workspace.path / "bundles").mkdir(exist_ok=True)
    with zipfile.ZipFile(workspace.path / "bundles" / "own.zip", "w") as bundle:
        bundle.writestr("own.R", "older <- function(x) x + 1\n")
    script = (
        'maml.mapOutputPort("d")\nsource("src/own.R")\nd <- maml.mapInputPort(1)\nd$age <- older(d$age)\n'
    )
    name = experiment(workspace, parameter_node("older", script, "    bundle: bundles/own.zip\n"))
    node = workspace.run(name)["older"]
    assert node.state == "finished", node.error
    assert node.result_dataset.to_pandas()["age"].tolist()[0] == 31


def test_an_error_points_into_the_file(workspace: Workspace) -> None:
    """R-1.8 for R: the file as seen from the workspace, the line, and R's own stack."""
    nodes = "  bad: {module: execute-r-script, script: scripts/bad.R, inputs: {dataset1: people}}\n"
    script = "g <- function(x) {\n  x$age + 'a'\n}\nazureml_main <- function(d) g(d)\n"
    node = workspace.run(experiment(workspace, nodes, bad=script))["bad"]
    assert node.state == "failed"
    error = node.error
    assert error is not None
    assert (error.code, error.where.file, error.where.line) == (
        "r-script-raised",
        "experiments/r/scripts/bad.R",
        2,
    )
    assert "g(d) at scripts/bad.R:4" in error.traceback  # type: ignore[attr-defined]


def test_a_script_is_a_file_or_a_parameter(workspace: Workspace) -> None:
    """Of two texts nobody would know which one runs."""
    nodes = (
        "  two: {module: execute-r-script, script: scripts/x.R, parameters: {script: azureml_main <- 1}}\n"
        "  none: {module: apply-sql-transformation, script: scripts/x.R, inputs: {table1: people}}\n"
    )
    name = experiment(workspace, nodes, x="azureml_main <- function() NULL\n")
    with pytest.raises(Problems) as caught:
        workspace.run(name)
    assert [(one.code, one.where.node) for one in caught.value.problems] == [
        ("unexpected-value", "two"),
        ("unexpected-value", "none"),
    ]


def test_the_console_is_seen_while_the_script_runs(workspace: Workspace) -> None:
    """R-1.8: streamed; and a run that is cancelled ends R with it (R-3.4)."""
    name = experiment(
        workspace, parameter_node("slow", 'cat("begun\\n")\nmaml.mapOutputPort("x")\nrepeat {}\n')
    )
    seen = threading.Event()

    def listen(progress: Progress) -> None:
        if isinstance(progress, NodeLogged) and b"begun" in progress.text and not seen.is_set():
            seen.set()
            workspace.metadata.request_cancel(workspace.metadata.latest_run(name).number)  # type: ignore[union-attr]

    result = workspace.run(name, listener=listen)
    assert seen.is_set()
    assert result["slow"].state == "cancelled"


@pytest.mark.parametrize(
    ("limits", "script", "code"),
    [
        ("wall_seconds: 2", "Sys.sleep(60)", "wall-limit"),
        ("cpu_seconds: 2", "repeat {}", "cpu-limit"),
        ("memory_mb: 400", "x <- numeric(5e8)", "r-script-raised"),
    ],
)
def test_the_limits_of_a_node_hold_for_r(workspace: Workspace, limits: str, script: str, code: str) -> None:
    """R-1.9: time and memory are those of all processes of the job; R tells itself that memory ran out."""
    node_text = parameter_node("big", f"maml.mapOutputPort('x')\n{script}\n", f"    limits: {{{limits}}}\n")
    node = workspace.run(experiment(workspace, node_text))["big"]
    assert node.state == "failed"
    assert node.error is not None
    assert node.error.code == code
    assert code != "r-script-raised" or "memory_mb" in node.error.hint


def test_a_missing_r_is_told_before_the_run(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-3.2, R-4.2: where R is missing the node says so, and what installs it."""
    name = experiment(workspace, parameter_node("r", "maml.mapOutputPort('x')"))
    monkeypatch.setenv("PATH", str(workspace.path))
    with pytest.raises(Problems) as caught:
        workspace.run(name)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where.node) == ("missing-program", "r")
    assert problem.hint == "Install it: apt-get install r-base-core."
    assert home_of_r() is None
    assert find_program("Rscript") is None


def test_another_r_makes_the_node_run_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-3.3: the version of R is part of the fingerprint, and the reason says so."""
    name = experiment(workspace, parameter_node("r", "d <- data.frame(x = 1)\nmaml.mapOutputPort('d')"))
    workspace.run(name)
    assert workspace.run(name)["r"].state == "reused"
    found = find_program("Rscript")
    assert found is not None
    newer = Program(found.name, found.path, "Rscript (R) version 9.0.0")
    monkeypatch.setattr("studiolo.scheduler.preparing.find_program", lambda name: newer)
    node = workspace.run(name)["r"]
    assert node.state == "finished"
    assert node.reason == f"ran because Rscript changed from {found.version} to {newer.version}"


def test_the_doctor_lists_r(workspace: Workspace) -> None:
    """R-6.2: what the machine has is said in one place."""
    found = find_program("Rscript")
    assert found is not None
    (check,) = [check for check in workspace.doctor().checks if check.name == "R"]
    assert check.finding == f"{found.version}, {found.path}"


def test_the_home_of_an_r_elsewhere_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An R of one's own, as under /opt/R, is shown to the jail and named to it."""
    home = tmp_path / "R" / "lib" / "R"
    (home / "bin" / "exec").mkdir(parents=True)
    (tmp_path / "R" / "bin").mkdir()
    for path in (home / "bin" / "exec" / "R", tmp_path / "R" / "bin" / "Rscript"):
        path.write_text("#!/bin/sh\necho 'R version 1.2.3'\n")
        path.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "Rscript").symlink_to(tmp_path / "R" / "bin" / "Rscript")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    paths, variables = programs.shown_for_programs()
    assert str(home) in paths
    assert dict(variables)["STUDIOLO_R_HOME"] == str(home)
    found = find_program("Rscript")
    assert found is not None
    assert found.version == "R version 1.2.3"


def test_a_node_made_in_python_gets_a_file_of_r(workspace: Workspace) -> None:
    """R-3.6: an experiment written in Python is saved as the same files, scripts in R as .R."""
    made = workspace.new_experiment("made").remove("script")
    made.add("r", "execute-r-script", script="azureml_main <- function() data.frame(x = 1L)\n")
    made.save()
    assert (workspace.path / "experiments" / "made" / "scripts" / "r.R").is_file()
    assert workspace.run("made")["r"].result_dataset.to_pandas()["x"].tolist() == [1]


def test_a_package_of_the_bundle_is_installed_without_a_compiler(workspace: Workspace) -> None:
    """Facts 4.2: install.packages("src/x.zip", lib=".", repos=NULL) is how classic brought packages along."""
    (workspace.path / "bundles").mkdir(exist_ok=True)
    files = {
        "DESCRIPTION": "Package: own\nVersion: 0.1\nTitle: Own\nDescription: Doubles.\nAuthor: A\nLicense: GPL-2\n"
        "Maintainer: A <a@example.org>\nImports: utils\n",
        "NAMESPACE": "export(twice)\nimportFrom(utils, head)\n",
        "R/twice.R": "twice <- function(x) 2 * head(x, length(x))\n",
    }
    with zipfile.ZipFile(workspace.path / "own.zip", "w") as package:
        for name, text in files.items():
            package.writestr(f"own/{name}", text)
    with zipfile.ZipFile(workspace.path / "bundles" / "packages.zip", "w") as bundle:
        bundle.write(workspace.path / "own.zip", "own.zip")
        for name, text in {**files, "src/fast.c": "int x;\n"}.items():
            bundle.writestr(f"fast/{name}", text)
    script = """
        install.packages("src/own.zip", lib = ".", repos = NULL)
        library(own, lib.loc = ".")
        message(tryCatch(install.packages("src/fast", lib = ".", repos = NULL), error = conditionMessage))
        message(tryCatch(install.packages("praise"), error = function(error) "refused"))
        d <- data.frame(x = twice(4))
        maml.mapOutputPort("d")
    """
    name = experiment(workspace, parameter_node("r", script, "    bundle: bundles/packages.zip\n"))
    node = workspace.run(name)["r"]
    assert node.state == "finished", node.error
    assert node.result_dataset.to_pandas()["x"].tolist() == [8.0]
    assert node.log.decode().splitlines() == [
        "installed own in /box/work",
        '"src/fast" can\'t be installed: it holds code that has to be compiled; install it on the machine.',
        "refused",
    ]
